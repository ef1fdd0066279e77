/* Kernels over vectors of the solver: one number of each trial after another. */
#include "kernels/dense_launch.h"

/* ---- sums: of chunks, then of these, so that their order is always the same ---------------------------------------
 */

static __device__ size_t chunks_of(const arguments_of *a)
{
    return (a->n + CAUCUS_DENSE_CHUNK - 1) / CAUCUS_DENSE_CHUNK;
}

/* The rows of a thread's chunk. */
static __device__ bool own_chunk(const arguments_of *a, size_t *first, size_t *end, uint32_t *b)
{
    const size_t i = own_index();
    *first = i / a->width * CAUCUS_DENSE_CHUNK;
    *end = *first + CAUCUS_DENSE_CHUNK < a->n ? *first + CAUCUS_DENSE_CHUNK : a->n;
    *b = (uint32_t)(i % a->width);
    return *first < a->n;
}

static __global__ void dots_kernel(const __grid_constant__ arguments_of a)
{
    size_t first = 0;
    size_t end = 0;
    uint32_t b = 0;
    if (own_chunk(&a, &first, &end, &b)) {
        const double *x = (const double *)a.from;
        const double *y = (const double *)a.by;
        double sum = 0;
        for (size_t i = first; i < end; i++) {
            sum += x[i * a.width + b] * y[i * a.width + b];
        }
        ((double *)a.too)[own_index()] = sum;
    }
}

static __global__ void largest_kernel(const __grid_constant__ arguments_of a)
{
    size_t first = 0;
    size_t end = 0;
    uint32_t b = 0;
    if (own_chunk(&a, &first, &end, &b)) {
        const double *x = (const double *)a.from;
        double most = 0;
        for (size_t i = first; i < end; i++) {
            const double value = x[i * a.width + b];
            const double size = value < 0 ? -value : value;
            most = size <= most ? most : size; /* NaN stays */
        }
        ((double *)a.too)[own_index()] = most;
    }
}

static __global__ void sum_kernel(const __grid_constant__ arguments_of a)
{
    const size_t b = own_index();
    if (b < a.width) {
        const double *parts = (const double *)a.too;
        double sum = 0;
        for (size_t chunk = 0; chunk < chunks_of(&a); chunk++) {
            sum += parts[chunk * a.width + b];
        }
        ((double *)a.to)[b] = sum;
    }
}

static __global__ void most_kernel(const __grid_constant__ arguments_of a)
{
    const size_t b = own_index();
    if (b < a.width) {
        const double *parts = (const double *)a.too;
        double most = 0;
        for (size_t chunk = 0; chunk < chunks_of(&a); chunk++) {
            const double size = parts[chunk * a.width + b];
            most = size <= most ? most : size;
        }
        ((double *)a.to)[b] = most;
    }
}

void caucus_dense_dots_launch(const arguments_of *arguments, bool largest, cudaStream_t stream)
{
    const size_t n = (arguments->n + CAUCUS_DENSE_CHUNK - 1) / CAUCUS_DENSE_CHUNK * arguments->width;
    if (largest) {
        CAUCUS_LAUNCH(largest_kernel, blocks_of(n), THREADS, 0, stream, *arguments);
        CAUCUS_LAUNCH(most_kernel, blocks_of(arguments->width), THREADS, 0, stream, *arguments);
    } else {
        CAUCUS_LAUNCH(dots_kernel, blocks_of(n), THREADS, 0, stream, *arguments);
        CAUCUS_LAUNCH(sum_kernel, blocks_of(arguments->width), THREADS, 0, stream, *arguments);
    }
}

/* ---- number by number -------------------------------------------------------------------------------------------- */

static __global__ void add_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        ((double *)a.to)[i] = ((const double *)a.by)[i] + a.factors[i % a.width] * ((const double *)a.from)[i];
    }
}

void caucus_dense_add_launch(const arguments_of *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(add_kernel, blocks_of(arguments->n * arguments->width), THREADS, 0, stream, *arguments);
}

static __global__ void scale_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        ((double *)a.to)[i] = a.factors[i % a.width] * ((const double *)a.from)[i];
    }
}

void caucus_dense_scale_launch(const arguments_of *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(scale_kernel, blocks_of(arguments->n * arguments->width), THREADS, 0, stream, *arguments);
}

static __global__ void spread_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        ((double *)a.to)[i] = ((const double *)a.from)[i / a.width];
    }
}

void caucus_dense_spread_launch(const arguments_of *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(spread_kernel, blocks_of(arguments->n * arguments->width), THREADS, 0, stream, *arguments);
}

static __global__ void move_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        const double target = ((const double *)a.from)[i];
        double *own = (double *)a.to + i;
        const bool go = a.factors[i % a.width] != 0;
        ((double *)a.too)[i] = go ? target - *own : 0;
        *own = go ? target : *own;
    }
}

void caucus_dense_move_launch(const arguments_of *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(move_kernel, blocks_of(arguments->n * arguments->width), THREADS, 0, stream, *arguments);
}

static __global__ void scatter_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.width) {
        const uint32_t place = a.places[i % a.width];
        if (place != UINT32_MAX) {
            ((double *)a.to)[i / a.width * a.other + place] = ((const double *)a.from)[i];
        }
    }
}

void caucus_dense_scatter_launch(const arguments_of *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(scatter_kernel, blocks_of(arguments->n * arguments->width), THREADS, 0, stream, *arguments);
}

/* A thread has an input of a trial, with all its outputs. */
static __global__ void penalise_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i >= a.n * a.width) {
        return;
    }
    const size_t first = i / a.width * a.n_out * a.width + i % a.width;
    const double *weights = (const double *)a.from + first;
    double *gradient = (double *)a.to + first;
    double sum = 0;
    for (uint32_t k = 0; a.share != 0 && k < a.n_out; k++) {
        sum += weights[(size_t)k * a.width];
    }
    for (uint32_t k = 0; k < a.n_out; k++) {
        gradient[(size_t)k * a.width] += a.penalty * (weights[(size_t)k * a.width] - a.share * sum);
    }
}

void caucus_dense_penalise_launch(const arguments_of *arguments, cudaStream_t stream)
{
    CAUCUS_LAUNCH(penalise_kernel, blocks_of(arguments->n * arguments->width), THREADS, 0, stream, *arguments);
}

/* ---- masking ----------------------------------------------------------------------------------------------------- */

template <typename value> static __global__ void keep_kernel_of(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.other) {
        ((value *)a.to)[i] = ((const value *)a.from)[i / a.other * a.width + a.places[i % a.other]];
    }
}

void caucus_dense_keep_launch(const arguments_of *arguments, uint32_t bytes, cudaStream_t stream)
{
    const unsigned blocks = blocks_of(arguments->n * arguments->other);
    if (bytes == sizeof(uint64_t)) {
        CAUCUS_LAUNCH(keep_kernel_of<uint64_t>, blocks, THREADS, 0, stream, *arguments);
    } else {
        CAUCUS_LAUNCH(keep_kernel_of<uint32_t>, blocks, THREADS, 0, stream, *arguments);
    }
}

template <typename value> static __global__ void copy_kernel_of(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n) {
        ((value *)a.to)[i] = ((const value *)a.from)[i];
    }
}

void caucus_dense_copy_launch(const arguments_of *arguments, uint32_t bytes, cudaStream_t stream)
{
    if (bytes == sizeof(uint64_t)) {
        CAUCUS_LAUNCH(copy_kernel_of<uint64_t>, blocks_of(arguments->n), THREADS, 0, stream, *arguments);
    } else {
        CAUCUS_LAUNCH(copy_kernel_of<uint32_t>, blocks_of(arguments->n), THREADS, 0, stream, *arguments);
    }
}
