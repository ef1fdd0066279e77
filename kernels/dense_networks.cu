/* Kernels over a tile of rows: hidden layers. */
#include "kernels/dense_launch.h"

template <typename real> static __global__ void squash_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    if (i < a.n * a.n_out * a.width) {
        ((real *)a.to)[i] = (real)tanh(((real *)a.to)[i]);
    }
}

void caucus_dense_squash_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(squash_kernel, arguments->n * arguments->n_out * arguments->width, arguments);
}

/* A thread has a unit of a row of a trial, in these three. */
template <typename real> static __global__ void ascend_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    const size_t units = (size_t)a.n_out * a.width;
    if (i >= a.n * units) {
        return;
    }
    const size_t row = i / units;
    const size_t unit = i % units; /* [unit][width] */
    const uint32_t b = (uint32_t)(unit % a.width);
    const real *below = (const real *)a.from + row * a.n_in * a.width + b;
    const real *weights = (const real *)a.by + unit;
    real sum = weights[a.n_in * units];
    for (uint32_t h = 0; h < a.n_in; h++) {
        sum += below[(size_t)h * a.width] * weights[h * units];
    }
    ((real *)a.to)[i] = a.share != 0 ? (real)tanh(sum) : sum;
}

void caucus_dense_ascend_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(ascend_kernel, arguments->n * arguments->n_out * arguments->width, arguments);
}

/* A thread has a weight of a trial, and goes through the rows. */
template <typename real> static __global__ void weigh_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    const size_t units = (size_t)a.n_out * a.width;
    if (i >= (a.n_in + 1) * units) {
        return;
    }
    const uint32_t h = (uint32_t)(i / units);
    const size_t unit = i % units;
    const uint32_t b = (uint32_t)(unit % a.width);
    const real *slopes = (const real *)a.from + unit;
    const real *below = (const real *)a.to + (size_t)h * a.width + b;
    double sum = 0;
    for (size_t row = 0; row < a.n; row++) {
        const real slope = slopes[row * units];
        sum += (double)(h < a.n_in ? below[row * a.n_in * a.width] * slope : slope);
    }
    ((double *)a.too)[i] += sum;
}

template <typename real> static __global__ void descend_kernel(const __grid_constant__ arguments_of a)
{
    const size_t i = own_index();
    const size_t below = (size_t)a.n_in * a.width;
    const size_t units = (size_t)a.n_out * a.width;
    if (i >= a.n * below) {
        return;
    }
    const size_t row = i / below;
    const uint32_t h = (uint32_t)(i % below / a.width);
    const uint32_t b = (uint32_t)(i % a.width);
    const real *slopes = (const real *)a.from + row * units + b;
    const real *weights = (const real *)a.by + h * units + b;
    real sum = 0;
    for (uint32_t k = 0; k < a.n_out; k++) {
        sum += slopes[(size_t)k * a.width] * weights[(size_t)k * a.width];
    }
    real *own = (real *)a.to + i;
    *own = sum * (1 - *own * *own);
}

void caucus_dense_descend_launch(const arguments_of *arguments, bool single, cudaStream_t stream)
{
    LAUNCH_REAL(weigh_kernel, (size_t)(arguments->n_in + 1) * arguments->n_out * arguments->width, arguments);
    LAUNCH_REAL(descend_kernel, arguments->n * arguments->n_in * arguments->width, arguments);
}
