/* Kernels over a tile of rows: what lies between two products. */
#include "kernels/dense_launch.h"

/* So that an array of registers is none of memory; who plays the device has no such registers. */
#ifdef __CUDACC__
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED
#endif

#define LAUNCH_SOFTMAX(most, n, arguments)                                                                             \
    do {                                                                                                               \
        if (single) {                                                                                                  \
            CAUCUS_LAUNCH((softmax_kernel<float, (most)>), blocks_of(n), THREADS, 0, stream, *(arguments));            \
        } else {                                                                                                       \
            CAUCUS_LAUNCH((softmax_kernel<double, (most)>), blocks_of(n), THREADS, 0, stream, *(arguments));           \
        }                                                                                                              \
    } while (0)

/* ---- precision --------------------------------------------------------------------------------------------------- */

template <typename real> static __global__ void narrow_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n) {
        ((real *)a.to)[i] = (real)((const double *)a.from)[i];
    }
}

void caucus_dense_narrow_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(narrow_kernel, arguments->n, arguments);
}

template <typename real> static __global__ void count_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n) {
        ((real *)a.to)[i] = (real)((const uint32_t *)a.from)[i];
    }
}

void caucus_dense_count_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(count_kernel, arguments->n, arguments);
}

template <typename real> static __global__ void widen_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n) {
        ((double *)a.to)[i] = (double)((const real *)a.from)[i];
    }
}

template <typename real> static __global__ void collect_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n) {
        ((double *)a.to)[i] += (double)((const real *)a.from)[i];
    }
}

void caucus_dense_widen_launch(const arguments_of *arguments, bool single, bool add, cudaStream_t stream)
{
    if (add) {
        LAUNCH_REAL(collect_kernel, arguments->n, arguments);
    } else {
        LAUNCH_REAL(widen_kernel, arguments->n, arguments);
    }
}

/* ---- slopes ------------------------------------------------------------------------------------------------------ */

static __device__ uint32_t label_of(const arguments_of *a, size_t row, uint32_t b)
{
    const uint32_t label = a->labels[row];
    return label < CAUCUS_DENSE_VARYING ? label : a->varying[(size_t)(label - CAUCUS_DENSE_VARYING) * a->width + b];
}

/* A row of a trial: where its scores are, of how many people, and what label they have. */
template <typename real> struct one_row {
    real *scores; /* [output], `width` apart */
    real people;
    uint32_t label;
};

template <typename real> static __device__ one_row<real> row_of(const arguments_of *a, size_t i)
{
    const size_t row = i / a->width;
    const uint32_t b = (uint32_t)(i % a->width);
    return {(real *)a->to + row * a->n_out * a->width + b, ((const real *)a->from)[i], label_of(a, row, b)};
}

/* Two labels: the probability of label 1. A thread has a row of a trial, here and below. */
template <typename real> static __global__ void logistic_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        const one_row<real> row = row_of<real>(&a, i);
        const real x = *row.scores;
        const real e = (real)exp(x < 0 ? x : -x);
        const real q = row.people / (1 + e);
        *row.scores = (x < 0 ? e * q : q) - (row.label == 1 ? row.people : 0);
    }
}

/* Up to MOST outputs: all scores of the row stay in registers, so that they are read and written once. */
template <typename real, uint32_t MOST> static __global__ void softmax_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i >= a.n * a.width) {
        return;
    }
    const one_row<real> row = row_of<real>(&a, i);
    real part[MOST];
    real most = 0;
    UNROLLED
    for (uint32_t k = 0; k < MOST; k++) {
        part[k] = k < a.n_out ? row.scores[(size_t)k * a.width] : 0;
        most = part[k] > most ? part[k] : most;
    }
    real sum = (real)exp(-most);
    UNROLLED
    for (uint32_t k = 0; k < MOST; k++) {
        if (k < a.n_out) {
            part[k] = (real)exp(part[k] - most);
            sum += part[k];
        }
    }
    const real each = row.people / sum;
    UNROLLED
    for (uint32_t k = 0; k < MOST; k++) {
        if (k < a.n_out) {
            row.scores[(size_t)k * a.width] = part[k] * each - (k + 1 == row.label ? row.people : 0);
        }
    }
}

/* Of any number of outputs. */
template <typename real> static __global__ void long_softmax_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i >= a.n * a.width) {
        return;
    }
    const one_row<real> row = row_of<real>(&a, i);
    real most = 0;
    for (uint32_t k = 0; k < a.n_out; k++) {
        const real score = row.scores[(size_t)k * a.width];
        most = score > most ? score : most;
    }
    real sum = (real)exp(-most);
    for (uint32_t k = 0; k < a.n_out; k++) {
        const real e = (real)exp(row.scores[(size_t)k * a.width] - most);
        row.scores[(size_t)k * a.width] = e;
        sum += e;
    }
    const real each = row.people / sum;
    for (uint32_t k = 0; k < a.n_out; k++) {
        real *score = row.scores + (size_t)k * a.width;
        *score = *score * each - (k + 1 == row.label ? row.people : 0);
    }
}

enum { FEW_OUTPUTS = 4, MORE_OUTPUTS = 16 };

void caucus_dense_softmax_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    const size_t n = arguments->n * arguments->width;
    if (arguments->n_out == 1) {
        LAUNCH_REAL(logistic_kernel, n, arguments);
    } else if (arguments->n_out <= FEW_OUTPUTS) {
        LAUNCH_SOFTMAX(FEW_OUTPUTS, n, arguments);
    } else if (arguments->n_out <= MORE_OUTPUTS) {
        LAUNCH_SOFTMAX(MORE_OUTPUTS, n, arguments);
    } else {
        LAUNCH_REAL(long_softmax_kernel, n, arguments);
    }
}

template <typename real> static __global__ void squares_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        const one_row<real> row = row_of<real>(&a, i);
        for (uint32_t k = 0; k < a.n_out; k++) {
            real *score = row.scores + (size_t)k * a.width;
            *score = (*score + 1) * row.people - (k + 1 == row.label ? 2 * row.people : 0);
        }
    }
}

void caucus_dense_squares_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(squares_kernel, arguments->n * arguments->width, arguments);
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

template <typename real> static __global__ void best_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i >= a.n * a.width) {
        return;
    }
    const real *s = (const real *)a.from + i / a.width * a.n_out * a.width + i % a.width;
    double most = 0;
    uint32_t best = 0;
    bool tied = false;
    if (a.share != 0) { /* the scores of all labels add up to 2 - labels */
        most = 1.0 - a.n_out;
        for (uint32_t k = 0; k < a.n_out; k++) {
            most -= (double)s[(size_t)k * a.width];
        }
    }
    for (uint32_t k = 0; k < a.n_out; k++) {
        const double score = (double)s[(size_t)k * a.width];
        tied = score > most ? false : tied || score == most;
        best = score > most ? k + 1 : best;
        most = score > most ? score : most;
    }
    ((uint32_t *)a.to)[i] = tied ? CAUCUS_DENSE_VARYING : best;
}

void caucus_dense_best_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(best_kernel, arguments->n * arguments->width, arguments);
}
