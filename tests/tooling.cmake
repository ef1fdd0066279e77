# Tests of what is around the engine: the CUDA module, the installed library, and everything that Python drives.

# ---- CUDA: a fake module for what can be wrong, the real one where there is a device
add_library(fake_cuda_module MODULE fake_cuda_module.c)
add_library(not_a_cuda_module MODULE not_a_cuda_module.c)
set_target_properties(fake_cuda_module not_a_cuda_module PROPERTIES PREFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(fake_cuda_module PRIVATE caucus_options)
target_link_libraries(not_a_cuda_module PRIVATE caucus_options)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/broken_cuda_module.so "this is no shared object\n")
target_compile_definitions(test_devices PRIVATE FAKE_MODULE="$<TARGET_FILE:fake_cuda_module>"
  FAKE_OTHER="$<TARGET_FILE:not_a_cuda_module>" FAKE_BROKEN="${CMAKE_CURRENT_BINARY_DIR}/broken_cuda_module.so")
add_dependencies(test_devices fake_cuda_module not_a_cuda_module)
set_tests_properties(test_cuda_device PROPERTIES SKIP_RETURN_CODE 77)
if(TARGET caucus_cuda)
  add_dependencies(test_cuda_device caucus_cuda)
  list(TRANSFORM CAUCUS_CUDA_ARCHITECTURES REPLACE "-real" "" OUTPUT_VARIABLE architectures)
  file(GLOB kernel_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/kernels/*.cu)
  add_test(NAME kernels_do_not_spill COMMAND ${CMAKE_COMMAND} -DNVCC=${CMAKE_CUDA_COMPILER}
    "-DSOURCES=${kernel_sources}" "-DARCHITECTURES=${architectures}" -DINCLUDE=${CAUCUS_CUDA_INCLUDE}
    -DWORK=${CMAKE_CURRENT_BINARY_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/check-spills.cmake)
endif()
