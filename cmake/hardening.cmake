# What makes a mistake in memory a crash instead of a way in, for every program and module that is built.
#
# caucus_hardening is for host code in C and C++; the CUDA module, whose compiler takes other options, uses
# CAUCUS_HARDENED_LINK and CAUCUS_HARDENED_COMPILE by itself.

# CMake pads the search path of built programs with an empty element, which is the current directory to the loader. Both
# built and installed files have the folders of the libraries that they were linked with, where the system has no others.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

set(CAUCUS_HARDENED_COMPILE -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND CAUCUS_HARDENED_COMPILE -fcf-protection)
endif()
set(CAUCUS_HARDENED_LINK LINKER:-z,relro,-z,now,-z,noexecstack)

add_library(caucus_hardening INTERFACE)
target_compile_options(caucus_hardening INTERFACE ${CAUCUS_HARDENED_COMPILE}
  $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-fPIE>)
target_link_options(caucus_hardening INTERFACE ${CAUCUS_HARDENED_LINK}
  $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
# Sanitizers bring checks of their own, and without optimization there is nothing to fortify.
if(NOT CAUCUS_SANITIZE)
  target_compile_options(caucus_hardening INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
endif()
