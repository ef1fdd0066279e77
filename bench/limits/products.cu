/* cuBLAS's double-precision product at the shapes of retraining: what dense training would be limited by. One-hot
 * columns of 6 features of 4 values over all 4,096 cells, for 4 labels of many trials at once. */
#include "timing.h"

#include <cublas_v2.h>

enum { CELLS = 4096, COLUMNS = 24, LABELS = 4, TRIALS = 1024, SQUARE = 4096 };

struct product {
    cublasHandle_t handle;
    cublasOperation_t transposed;
    int m, n, k, rows_a, times;
    double *d_a, *d_b, *d_c;
};

#define CUBLAS_TRY(call)                                                                                               \
    do {                                                                                                               \
        cublasStatus_t limits_status = (call);                                                                         \
        if (limits_status != CUBLAS_STATUS_SUCCESS) {                                                                  \
            fprintf(stderr, "device_limits: %s: %s\n", #call, cublasGetStatusString(limits_status));                   \
            return 1;                                                                                                  \
        }                                                                                                              \
    } while (0)

static int run_product(void *argument, cudaStream_t stream)
{
    const struct product *p = (const struct product *)argument;
    const double one = 1.0;
    const double zero = 0.0;
    CUBLAS_TRY(cublasSetStream(p->handle, stream));
    for (int i = 0; i < p->times; i++) {
        CUBLAS_TRY(cublasDgemm(p->handle, p->transposed, CUBLAS_OP_N, p->m, p->n, p->k, &one, p->d_a, p->rows_a, p->d_b,
                               p->k, &zero, p->d_c, p->m));
    }
    return 0;
}

static int report(const char *name, struct product *p)
{
    double seconds = 0.0;
    if (limits_time(run_product, p, &seconds) != 0) {
        return 1;
    }
    limits_print(name, 2.0 * p->m * p->n * p->k * p->times / seconds, "flop/s");
    return 0;
}

/* Values that are no zeros, on which some devices are faster. */
static __global__ void fill_kernel(double *d_values, size_t n)
{
    size_t stride = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) {
        d_values[i] = (double)((i * 2654435761u) & 0xffffffu) / 16777216.0 - 0.5;
    }
}

int limits_products(void)
{
    const size_t n_a = (size_t)SQUARE * SQUARE;
    const size_t n_c = (size_t)CELLS * LABELS * TRIALS > n_a ? (size_t)CELLS * LABELS * TRIALS : n_a;
    struct product p;
    CUBLAS_TRY(cublasCreate(&p.handle));
    LIMITS_TRY(cudaMalloc((void **)&p.d_a, n_a * sizeof(double)));
    LIMITS_TRY(cudaMalloc((void **)&p.d_b, n_c * sizeof(double)));
    LIMITS_TRY(cudaMalloc((void **)&p.d_c, n_c * sizeof(double)));
    fill_kernel<<<1024, LIMITS_BLOCK>>>(p.d_a, n_a);
    fill_kernel<<<1024, LIMITS_BLOCK>>>(p.d_b, n_c);
    LIMITS_TRY(cudaGetLastError());
    p.n = LABELS * TRIALS;
    p.times = 20;
    p.transposed = CUBLAS_OP_N; /* logits: [cell][column] times [column][label of trial] */
    p.m = CELLS;
    p.k = COLUMNS;
    p.rows_a = CELLS;
    if (report("product_logits", &p) != 0) {
        return 1;
    }
    p.transposed = CUBLAS_OP_T; /* gradient: [column][cell] times [cell][label of trial] */
    p.m = COLUMNS;
    p.k = CELLS;
    if (report("product_gradient", &p) != 0) {
        return 1;
    }
    p.transposed = CUBLAS_OP_N;
    p.m = p.n = p.k = p.rows_a = SQUARE;
    p.times = 2;
    if (report("product_square", &p) != 0) {
        return 1;
    }
    LIMITS_TRY(cudaFree(p.d_c));
    LIMITS_TRY(cudaFree(p.d_b));
    LIMITS_TRY(cudaFree(p.d_a));
    CUBLAS_TRY(cublasDestroy(p.handle));
    return 0;
}
