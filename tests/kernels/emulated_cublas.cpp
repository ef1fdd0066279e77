/* The part of cuBLAS that the module uses, played on the CPU beside the emulated CUDA runtime. It adds up in an order
 * of its own, waits in the stream as a device's products do, and refuses what cuBLAS refuses. */
#include "cuda_runtime_api.h"

#include <cstdlib>
#include <cstring>

/* cuBLAS's own numbers (cublas_api.h, library_types.h). */
enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum { PLAIN = 0, TRANSPOSED = 1 };
enum { FLOATS = 0, DOUBLES = 1 };
enum { IN_SINGLE = 68, IN_DOUBLE = 70, IN_TF32 = 77 };

struct emulated_cublas {
    cudaStream_t stream;
    bool workspace; /* its own: without, products of several streams could differ */
};

struct product {
    int of_b, m, n, k, lda, ldb, ldc, computed;
    const void *a, *b;
    void *c;
    double alpha, beta;
};

template <typename real> static real rounded(real x, int)
{
    return x;
}

/* TF32 has 10 bits behind the point. */
template <> float rounded(float x, int computed)
{
    if (computed == IN_TF32) {
        uint32_t bits;
        std::memcpy(&bits, &x, sizeof bits);
        bits = (bits + 0x1000u) & ~0x1fffu;
        std::memcpy(&x, &bits, sizeof bits);
    }
    return x;
}

/* From the last row of b to the first: another order than most libraries have. */
template <typename real> static void multiply(const product &p)
{
    for (int j = 0; j < p.n; j++) {
        real *c = static_cast<real *>(p.c) + (size_t)j * p.ldc;
        for (int i = 0; i < p.m; i++) {
            c[i] = p.beta == 0 ? 0 : (real)p.beta * c[i];
        }
        for (int l = p.k - 1; l >= 0; l--) {
            const real *a = static_cast<const real *>(p.a) + (size_t)l * p.lda;
            const real *b = static_cast<const real *>(p.b);
            const real factor =
                rounded(p.of_b == PLAIN ? b[(size_t)j * p.ldb + l] : b[(size_t)l * p.ldb + j], p.computed);
            for (int i = 0; i < p.m; i++) {
                c[i] += (real)p.alpha * rounded(a[i], p.computed) * factor;
            }
        }
    }
}

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED int cublasCreate_v2(emulated_cublas **handle)
{
    const char *plays = std::getenv("EMULATED_CUDA");
    if (plays != nullptr && std::strstr(plays, "cublas=0") != nullptr) {
        return NOT_INITIALIZED;
    }
    *handle = new emulated_cublas{nullptr, false};
    return SUCCESS;
}

EXPORTED int cublasDestroy_v2(emulated_cublas *handle)
{
    delete handle;
    return SUCCESS;
}

EXPORTED int cublasSetStream_v2(emulated_cublas *handle, cudaStream_t stream)
{
    handle->stream = stream;
    handle->workspace = false; /* cuBLAS goes back to its own */
    return SUCCESS;
}

EXPORTED int cublasSetWorkspace_v2(emulated_cublas *handle, void *workspace, size_t bytes)
{
    handle->workspace = workspace != nullptr && bytes > 0;
    return (uintptr_t)workspace % 256 == 0 ? SUCCESS : INVALID_VALUE;
}

EXPORTED int cublasGetProperty(int which, int *value)
{
    static const int version[] = {13, 0, 0};
    *value = which >= 0 && which < 3 ? version[which] : 0;
    return SUCCESS;
}

EXPORTED const char *cublasGetStatusString(int status)
{
    return status == NOT_INITIALIZED ? "the library was not initialized"
                                     : "an unsupported value or parameter was passed";
}

EXPORTED int cublasGemmEx(emulated_cublas *handle, int of_a, int of_b, int m, int n, int k, const void *alpha,
                          const void *a, int type_a, int lda, const void *b, int type_b, int ldb, const void *beta,
                          void *c, int type_c, int ldc, int computed, int)
{
    if (handle == nullptr || handle->stream == nullptr || !handle->workspace) {
        return NOT_INITIALIZED;
    }
    const bool doubles = computed == IN_DOUBLE;
    const int type = doubles ? DOUBLES : FLOATS;
    if (of_a != PLAIN || type_a != type || type_b != type || type_c != type ||
        (!doubles && computed != IN_SINGLE && computed != IN_TF32)) {
        return NOT_SUPPORTED;
    }
    if (m < 1 || n < 1 || k < 1 || lda < m || ldb < (of_b == PLAIN ? k : n) || ldc < m) {
        return INVALID_VALUE;
    }
    const double factor = doubles ? *static_cast<const double *>(alpha) : *static_cast<const float *>(alpha);
    const double before = doubles ? *static_cast<const double *>(beta) : *static_cast<const float *>(beta);
    const product p{of_b, m, n, k, lda, ldb, ldc, computed, a, b, c, factor, before};
    const auto *head = reinterpret_cast<const emulated_stream_head *>(handle->stream);
    const cudaError_t error = head->put(handle->stream, [=] { doubles ? multiply<double>(p) : multiply<float>(p); });
    return error == cudaSuccess ? SUCCESS : NOT_SUPPORTED;
}
