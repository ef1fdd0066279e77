# cmake --install: program, libraries, header, CUDA module, pkg-config file.
include(GNUInstallDirs)
set(CAUCUS_MODULE_INSTALL ${CMAKE_INSTALL_LIBDIR}/caucus)

# Where the program looks for its module once installed: from its own folder (a tree that was moved keeps working), and,
# for programs of others that hold the library, where it was installed.
file(RELATIVE_PATH beside ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_PREFIX}/${CAUCUS_MODULE_INSTALL})
set_property(SOURCE src/run/cuda_module.c TARGET_DIRECTORY caucus_run APPEND PROPERTY COMPILE_DEFINITIONS
  CAUCUS_MODULE_BESIDE="${beside}/" CAUCUS_MODULE_FOLDER="${CMAKE_INSTALL_PREFIX}/${CAUCUS_MODULE_INSTALL}")

install(TARGETS caucus_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS caucus caucus_shared ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/caucus.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET caucus_cuda)
  install(TARGETS caucus_cuda LIBRARY DESTINATION ${CAUCUS_MODULE_INSTALL})
endif()

# Man pages are made of the help texts, where help2man is there; shells complete what the program says of itself.
find_program(CAUCUS_HELP2MAN help2man)
if(CAUCUS_HELP2MAN)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/man.made
    COMMAND ${CMAKE_SOURCE_DIR}/cmake/man-pages.sh ${CAUCUS_HELP2MAN} $<TARGET_FILE:caucus_command> ${CMAKE_BINARY_DIR}/man
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/man.made
    DEPENDS caucus_command ${CMAKE_SOURCE_DIR}/cmake/man-pages.sh VERBATIM)
  add_custom_target(man ALL DEPENDS ${CMAKE_BINARY_DIR}/man.made)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
else()
  message(STATUS "no man pages: there is no help2man")
endif()
install(FILES cmake/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME caucus)
install(FILES cmake/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _caucus)

# Whoever links the static library links what it stands on (pkg-config --static).
set(CAUCUS_PRIVATE_LIBRARIES "")
foreach(library ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES} ${DEFLATE_LIBRARY} -lpthread -ldl -lm)
  string(APPEND CAUCUS_PRIVATE_LIBRARIES " ${library}")
endforeach()
if(CAUCUS_SANITIZE)
  string(APPEND CAUCUS_PRIVATE_LIBRARIES " -fsanitize=${CAUCUS_SANITIZE}")
endif()
file(RELATIVE_PATH CAUCUS_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/caucus.pc.in caucus.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/caucus.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
