/* device_limits [--host]: what device 0, or one core of the processor, can do at most. JSON, one object a line. */
#include "timing.h"

#include <string.h>

enum { SKIPPED = 77 }; /* as tests without their device */

int main(int argc, char **argv)
{
    const int host = argc == 2 && strcmp(argv[1], "--host") == 0;
    limits_draws draws;
    if (argc > 1 && !host) {
        fprintf(stderr, "usage: device_limits [--host]\n");
        return 2;
    }
    if (limits_read_draws(LIMITS_CLASSES, &draws) != 0) {
        return 1;
    }
    if (host) {
        return limits_philox(1) != 0 || limits_samplers(1, &draws) != 0;
    }
    int n_devices = 0;
    cudaError_t error = cudaGetDeviceCount(&n_devices);
    if (error != cudaSuccess || n_devices == 0) {
        printf("{\"skipped\": \"%s\"}\n", error != cudaSuccess ? cudaGetErrorString(error) : "no CUDA device");
        return SKIPPED;
    }
    struct cudaDeviceProp properties;
    LIMITS_TRY(cudaGetDeviceProperties(&properties, 0));
    printf("{\"device\": \"%s\", \"multiprocessors\": %d}\n", properties.name, properties.multiProcessorCount);
    fflush(stdout);
    /* One part that fails does not stop the others. */
    int failed = limits_philox(0);
    failed |= limits_samplers(0, &draws);
    failed |= limits_memory();
#ifdef LIMITS_PRODUCTS
    failed |= limits_products();
#else
    fprintf(stderr, "device_limits: built without cuBLAS: no products\n");
#endif
    return failed;
}
