# Compiler options of all host code. Floating point must give the same bits everywhere: no contraction to FMA.
add_library(caucus_options INTERFACE)
target_link_libraries(caucus_options INTERFACE caucus_hardening)
target_compile_definitions(caucus_options INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE _GNU_SOURCE H5_USE_110_API
  CAUCUS_VERSION="${PROJECT_VERSION}")
target_compile_options(caucus_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes
  -Wmissing-prototypes -Wconversion -Wno-sign-conversion -ffp-contract=off -fno-math-errno
  $<$<BOOL:${CAUCUS_WERROR}>:-Werror>)
if(CAUCUS_SANITIZE)
  target_compile_options(caucus_options INTERFACE -fsanitize=${CAUCUS_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(caucus_options INTERFACE -fsanitize=${CAUCUS_SANITIZE})
endif()
