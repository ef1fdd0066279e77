# How sources look and, where CAUCUS_TIDY asks for it, since that takes minutes, what clang-tidy thinks of them.
option(CAUCUS_TIDY "Test that clang-tidy finds nothing (minutes)" OFF)
find_program(CAUCUS_CLANG_FORMAT NAMES clang-format-14 clang-format)
find_program(CAUCUS_RUN_CLANG_TIDY NAMES run-clang-tidy-14 run-clang-tidy)
mark_as_advanced(CAUCUS_CLANG_FORMAT CAUCUS_RUN_CLANG_TIDY)

add_test(NAME style/format COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/check-format.sh ${CAUCUS_CLANG_FORMAT}
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(style/format PROPERTIES SKIP_RETURN_CODE 77)

if(CAUCUS_RUN_CLANG_TIDY)
  set(tidy ${CAUCUS_RUN_CLANG_TIDY} -quiet -p ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/src/.*[.]c$)
  add_custom_target(tidy COMMAND ${tidy} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
else()
  set(tidy sh -c "echo 'skipped: there is no run-clang-tidy'; exit 77")
endif()
if(CAUCUS_TIDY)
  add_test(NAME style/tidy COMMAND ${tidy} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  include(ProcessorCount)
  ProcessorCount(cores)
  set_tests_properties(style/tidy PROPERTIES SKIP_RETURN_CODE 77 PROCESSORS ${cores} COST 1000)
endif()
