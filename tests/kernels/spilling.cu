/* A kernel that cannot keep its values in registers: the build must refuse it (kernels/CMakeLists.txt). */
static __global__ void __launch_bounds__(1024, 2) spilling_kernel(const double *in, double *out)
{
    double held[96];
#pragma unroll
    for (int i = 0; i < 96; i++) {
        held[i] = in[i * 1024 + threadIdx.x];
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 96; i++) {
        out[i * 1024 + threadIdx.x] = held[i] * held[95 - i];
    }
}

void *spilling_kernels[] = {(void *)spilling_kernel};
