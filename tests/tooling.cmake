# Tests of what is around the engine: the CUDA module, the installed library, and everything that Python drives.

# ---- CUDA: a fake module for what can be wrong, the real one where there is a device
add_library(fake_cuda_module MODULE run/fake_cuda_module.c)
add_library(not_a_cuda_module MODULE run/not_a_cuda_module.c)
set_target_properties(fake_cuda_module not_a_cuda_module PROPERTIES PREFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
target_include_directories(fake_cuda_module PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include
  ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(fake_cuda_module PRIVATE caucus_options)
target_link_libraries(not_a_cuda_module PRIVATE caucus_options)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/broken_cuda_module.so "this is no shared object\n")
target_compile_definitions(test_devices PRIVATE FAKE_MODULE="$<TARGET_FILE:fake_cuda_module>"
  FAKE_OTHER="$<TARGET_FILE:not_a_cuda_module>" FAKE_BROKEN="${CMAKE_CURRENT_BINARY_DIR}/broken_cuda_module.so")
add_dependencies(test_devices fake_cuda_module not_a_cuda_module)
set_tests_properties(kernels/cuda_device PROPERTIES SKIP_RETURN_CODE 77)
if(TARGET caucus_cuda)
  add_dependencies(test_cuda_device caucus_cuda)
  # The build refuses kernels that spill registers (kernels/CMakeLists.txt); here that it would.
  add_test(NAME kernels/spilling_is_refused COMMAND ${CMAKE_CUDA_COMPILER} -cubin -arch=sm_80 -O3
    -Xptxas=--warn-on-spills,--warning-as-error -o ${CMAKE_CURRENT_BINARY_DIR}/spilling.cubin
    ${CMAKE_CURRENT_SOURCE_DIR}/kernels/spilling.cu)
  set_tests_properties(kernels/spilling_is_refused PROPERTIES PASS_REGULAR_EXPRESSION "Registers are spilled")
endif()

# ---- what makes system calls and allocations of the program fail (LD_PRELOAD)
foreach(name iofault memfault)
  add_library(${name} MODULE faults/${name}.c)
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  target_compile_options(${name} PRIVATE -Wall -Wextra -O1)
  target_link_libraries(${name} PRIVATE caucus_hardening ${CMAKE_DL_LIBS})
endforeach()

# ---- tests in Python: each tests/ROOM/test_*.py is one test.
set(python_modules numpy scipy h5py xarray h5netcdf netCDF4 sklearn matplotlib)

# Those of the modules that this Python lacks.
function(find_missing_modules result)
  set(missing ${ARGN})
  if(CAUCUS_PYTHON)
    list(JOIN ARGN "', '" names)
    execute_process(COMMAND ${CAUCUS_PYTHON} -c
      "import importlib.util as u; print(*[m for m in ['${names}'] if u.find_spec(m) is None], sep=';', end='')"
      OUTPUT_VARIABLE missing RESULT_VARIABLE failed ERROR_QUIET)
    if(failed)
      set(missing ${ARGN})
    endif()
  endif()
  set(${result} ${missing} PARENT_SCOPE)
endfunction()

file(GLOB python_tests CONFIGURE_DEPENDS */test_*.py)
find_missing_modules(missing_modules pytest ${python_modules})
foreach(source ${python_tests})
  caucus_test_name(name ${source})
  # A test needs the modules that it names, xarray's engines among them.
  file(READ ${source} text)
  string(TOLOWER "pytest ${text}" text)
  set(python_missing)
  foreach(module ${missing_modules})
    string(TOLOWER ${module} word)
    if(text MATCHES ${word})
      list(APPEND python_missing ${module})
    endif()
  endforeach()
  if(python_missing)
    list(JOIN python_missing " " missing)
    add_test(NAME ${name} COMMAND sh -c "echo 'skipped: ${CAUCUS_PYTHON} lacks ${missing}'; exit 77")
  else()
    add_test(NAME ${name} COMMAND ${CAUCUS_PYTHON} -B -m pytest -q -p no:cacheprovider ${source})
  endif()
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77
    ENVIRONMENT "${CAUCUS_TEST_ENVIRONMENT};CAUCUS_BUILD_DIR=${CMAKE_BINARY_DIR};CAUCUS=$<TARGET_FILE:caucus_command>;CAUCUS_SOURCE=${CMAKE_SOURCE_DIR};PYTHONPATH=")
endforeach()

# A cluster wants the machine for itself: its tasks are stopped in the middle of their work.
set_tests_properties(cluster/slurm PROPERTIES RUN_SERIAL TRUE)

# ---- the same tests for hours: not part of ctest
set(soak_environment ${CMAKE_COMMAND} -E env ${CAUCUS_TEST_ENVIRONMENT} CAUCUS=$<TARGET_FILE:caucus_command>
  CAUCUS_SOURCE=${CMAKE_SOURCE_DIR} CAUCUS_BUILD_DIR=${CMAKE_BINARY_DIR})
set(soak_tests ${CAUCUS_PYTHON} -B -m pytest -q -s -p no:cacheprovider)
# Every allocation of every command fails, once and for good.
add_custom_target(soak-memory
  COMMAND ${soak_environment} CAUCUS_SOAK_STRIDE=1 CAUCUS_SOAK_WORKERS=2 ${soak_tests}
  ${CMAKE_CURRENT_SOURCE_DIR}/whole/test_memory.py
  DEPENDS caucus_command iofault memfault USES_TERMINAL VERBATIM)
# 200 kills, 2,100 damaged files, readers beside runs for ten minutes.
add_custom_target(soak
  COMMAND ${soak_environment} CAUCUS_SOAK_KILLS=40 CAUCUS_SOAK_FLIPS=700 CAUCUS_SOAK_READERS=120 ${soak_tests}
  ${CMAKE_CURRENT_SOURCE_DIR}/whole/test_kills.py ${CMAKE_CURRENT_SOURCE_DIR}/whole/test_flips.py
  ${CMAKE_CURRENT_SOURCE_DIR}/whole/test_readers.py
  DEPENDS caucus_command iofault memfault USES_TERMINAL VERBATIM)

# ---- the installed library, linked by a program of somebody else's
add_test(NAME command/install_and_link COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/command/check-install.sh ${CMAKE_COMMAND}
  ${CMAKE_C_COMPILER} ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
set_tests_properties(command/install_and_link PROPERTIES SKIP_RETURN_CODE 77)

add_subdirectory(fuzz)
add_subdirectory(kernels/emulated_cuda)
set_tests_properties(run/backend_cuda PROPERTIES SKIP_RETURN_CODE 77)
if(TARGET emulated_cuda)
  add_dependencies(test_backend_cuda emulated_cuda)
endif()
