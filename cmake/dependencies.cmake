# Libraries that the engine stands on, all of them Debian packages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 1.10 REQUIRED COMPONENTS C HL)
pkg_check_modules(LIBFYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(UNPACKERS REQUIRED IMPORTED_TARGET zlib libzstd liblzma)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)
find_path(DEFLATE_INCLUDE libdeflate.h REQUIRED)
find_library(DEFLATE_LIBRARY deflate REQUIRED)

# OpenBLAS trains platforms on real-valued features. It is opened at run time, when it is first needed.
set(CAUCUS_OPENBLAS AUTO CACHE STRING "Train on real-valued features by OpenBLAS: AUTO (where it is found), ON, OFF")
set_property(CACHE CAUCUS_OPENBLAS PROPERTY STRINGS AUTO ON OFF)
if(NOT CAUCUS_OPENBLAS STREQUAL OFF)
  find_library(OPENBLAS_LIBRARY openblas)
  if(NOT OPENBLAS_LIBRARY AND CAUCUS_OPENBLAS STREQUAL ON)
    message(FATAL_ERROR "OpenBLAS was not found: install libopenblas-pthread-dev (Debian), or configure with "
      "-DCAUCUS_OPENBLAS=OFF")
  endif()
endif()
if(OPENBLAS_LIBRARY)
  message(STATUS "OpenBLAS: ${OPENBLAS_LIBRARY}")
else()
  message(STATUS "OpenBLAS: none, so nothing is trained on real-valued features")
endif()

add_library(caucus_dependencies INTERFACE)
target_include_directories(caucus_dependencies SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS} ${RANDOM123_INCLUDE} ${XXHASH_INCLUDE}
  ${DEFLATE_INCLUDE})
target_link_libraries(caucus_dependencies INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES} PkgConfig::LIBFYAML PkgConfig::UNPACKERS
  ${DEFLATE_LIBRARY} Threads::Threads m ${CMAKE_DL_LIBS})
