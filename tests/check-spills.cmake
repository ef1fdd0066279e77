# Compiles each kernel file for each architecture and fails when ptxas spills registers to memory.
# cmake -DNVCC=... -DSOURCES=a.cu;b.cu -DARCHITECTURES=75;80 -DINCLUDE=... -DHEADERS=... -DWORK=... -P check-spills.cmake
set(n_functions 0)
foreach(source ${SOURCES})
  foreach(architecture ${ARCHITECTURES})
    execute_process(COMMAND ${NVCC} -cubin -arch=sm_${architecture} -O3 -fmad=false -std=c++17
        -DCAUCUS_CUDA_ARCHITECTURES="${architecture}" -isystem ${INCLUDE} -I ${HEADERS} -Xptxas=-v -o ${WORK}/spills.cubin ${source}
      OUTPUT_VARIABLE out ERROR_VARIABLE out RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "${source} does not compile for ${architecture}:\n${out}")
    endif()
    string(REGEX MATCHALL "[0-9]+ bytes spill (stores|loads)" spills "${out}")
    foreach(spill ${spills})
      math(EXPR n_functions "${n_functions} + 1")
      if(NOT spill MATCHES "^0 ")
        message(FATAL_ERROR "${source} spills on ${architecture}: ${spill}\n${out}")
      endif()
    endforeach()
  endforeach()
endforeach()
if(n_functions EQUAL 0)
  message(FATAL_ERROR "ptxas reported on no kernel at all")
endif()
message(STATUS "no spills: ${n_functions} figures of ptxas looked at")
