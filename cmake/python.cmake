# The Python package: installed beside the program, and as a wheel that carries the program (target wheel).
set(CAUCUS_PYTHON_INSTALL lib/python3/dist-packages CACHE STRING "Where cmake --install puts the Python package")
install(DIRECTORY python/src/caucus DESTINATION ${CAUCUS_PYTHON_INSTALL} PATTERN __pycache__ EXCLUDE)
install(DIRECTORY experiments data DESTINATION ${CMAKE_INSTALL_DATADIR}/caucus PATTERN figures EXCLUDE PATTERN figures.sh EXCLUDE)

# Debian's python3 comes first, since its packages are the ones that ./quickstart installs; another python3 on PATH (pyenv,
# conda) often has none of them.
find_program(CAUCUS_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(CAUCUS_PYTHON python3)
mark_as_advanced(CAUCUS_PYTHON)
if(CAUCUS_PYTHON)
  # It runs where the program does.
  string(TOLOWER "${CMAKE_SYSTEM_NAME}_${CMAKE_SYSTEM_PROCESSOR}" platform)
  file(WRITE ${CMAKE_BINARY_DIR}/wheel.cfg "[bdist_wheel]\nplat_name = ${platform}\n")
  set(CAUCUS_WHEEL_FOLDER ${CMAKE_BINARY_DIR}/wheel)
  add_custom_target(wheel
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${CAUCUS_WHEEL_FOLDER}
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_SOURCE_DIR}/python ${CAUCUS_WHEEL_FOLDER}/source
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_SOURCE_DIR}/experiments ${CAUCUS_WHEEL_FOLDER}/source/src/caucus/experiments
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_SOURCE_DIR}/data ${CAUCUS_WHEEL_FOLDER}/source/src/caucus/data
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CAUCUS_WHEEL_FOLDER}/source/src/caucus/bin
    COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:caucus_command> ${CAUCUS_WHEEL_FOLDER}/source/src/caucus/bin
    COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_BINARY_DIR}/wheel.cfg ${CAUCUS_WHEEL_FOLDER}/source/setup.cfg
    COMMAND ${CAUCUS_PYTHON} -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir ${CAUCUS_WHEEL_FOLDER}
      ${CAUCUS_WHEEL_FOLDER}/source
    DEPENDS caucus_command VERBATIM)
endif()
