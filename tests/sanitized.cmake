# Tests once more under sanitizers, in builds of their own: minutes of compiling, so that they are asked for.
# Who looks for a mistake has the presets debug and thread.
set(CAUCUS_SANITIZED_TESTS "" CACHE STRING "Also run tests under these sanitizers, in builds of their own: address;thread")

# What they need: all programs but the emulated device, which takes minutes to compile.
list(REMOVE_ITEM test_programs test_backend_cuda test_cuda_device)
add_custom_target(address_programs DEPENDS ${test_programs} caucus_command
  fuzz_experiment fuzz_csv fuzz_hdf5 fuzz_counts fuzz_members fuzz_result fuzz_segment)
# What several threads do together.
set(thread_tests result/store result/store_sums run/memory training/training_team bound/bound_threads)
list(TRANSFORM thread_tests REPLACE "^.*/" "test_" OUTPUT_VARIABLE thread_programs)
list(APPEND thread_tests run/reproducible dense/dense_classifiers)
add_custom_target(thread_programs DEPENDS ${thread_programs} fit_rows caucus_command)

# A build with -fsanitize=KINDS whose tests of these names (regular expressions) pass. Where the sanitizer cannot start, as
# ThreadSanitizer cannot on kernels that spread addresses wider than it knows, the test says so and is skipped.
function(add_sanitized_test name kinds)
  include(CheckCSourceRuns)
  set(CMAKE_REQUIRED_FLAGS -fsanitize=${kinds})
  check_c_source_runs("int main(void) { return 0; }" CAUCUS_RUNS_${name}_SANITIZER)
  if(NOT CAUCUS_RUNS_${name}_SANITIZER)
    add_test(NAME whole/${name}_sanitizer COMMAND sh -c "echo 'skipped: programs made with -fsanitize=${kinds} do not run here'; exit 77")
    set_tests_properties(whole/${name}_sanitizer PROPERTIES SKIP_RETURN_CODE 77)
    return()
  endif()
  list(JOIN ARGN "|" names)
  add_test(NAME whole/${name}_sanitizer COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/${name}-sanitizer
    --build-generator Ninja --build-target ${name}_programs
    --build-options -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 -DCAUCUS_SANITIZE=${kinds} -DCAUCUS_CUDA=OFF -DCAUCUS_WERROR=OFF
    --test-command ${CMAKE_CTEST_COMMAND} -j2 --output-on-failure --no-tests=error -R "^(${names})$")
  set_tests_properties(whole/${name}_sanitizer PROPERTIES TIMEOUT 1500 RUN_SERIAL TRUE)
endfunction()

if("address" IN_LIST CAUCUS_SANITIZED_TESTS)
  # Whatever takes no longer than a minute by itself.
  list(REMOVE_ITEM c_tests run/backend_cuda kernels/cuda_device training/training result/store_crash)
  add_sanitized_test(address "address,undefined" ${c_tests} "fuzz/.*" command/command)
endif()
if("thread" IN_LIST CAUCUS_SANITIZED_TESTS)
  add_sanitized_test(thread thread ${thread_tests})
endif()
