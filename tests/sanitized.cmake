# The tests once more under sanitizers, in builds of their own: minutes of compiling, so that they are asked for.
# Who looks for a mistake has the presets debug and thread.
option(CAUCUS_SANITIZED_TESTS "Also run tests under AddressSanitizer and ThreadSanitizer, in builds of their own" OFF)

# What they need: all programs but the emulated device, which takes minutes to compile.
list(REMOVE_ITEM test_programs test_backend_cuda test_cuda_device)
add_custom_target(test_programs DEPENDS ${test_programs} caucus_command
  fuzz_experiment fuzz_csv fuzz_hdf5 fuzz_counts fuzz_members fuzz_result fuzz_segment)
if(NOT CAUCUS_SANITIZED_TESTS)
  return()
endif()

# A build with -fsanitize=KINDS whose tests of these names (regular expressions) pass.
function(add_sanitized_test name kinds)
  list(JOIN ARGN "|" names)
  add_test(NAME whole/${name}_sanitizer COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/${name}-sanitizer
    --build-generator Ninja --build-target test_programs
    --build-options -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 -DCAUCUS_SANITIZE=${kinds} -DCAUCUS_CUDA=OFF -DCAUCUS_WERROR=OFF
    --test-command ${CMAKE_CTEST_COMMAND} -j2 --output-on-failure -R "^(${names})$")
  set_tests_properties(whole/${name}_sanitizer PROPERTIES TIMEOUT 1500 RUN_SERIAL TRUE)
endfunction()

# Whatever takes no longer than a minute by itself.
list(REMOVE_ITEM c_tests run/backend_cuda kernels/cuda_device training/training result/store_crash)
add_sanitized_test(address "address,undefined" ${c_tests} "fuzz/.*" command/command)
# What several threads do together.
add_sanitized_test(thread thread result/store result/store_sums run/memory run/reproducible training/training_team
  bound/bound_threads "dense/.*")
