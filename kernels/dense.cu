/* Sessions of training on rows: the device memory, stream and cuBLAS handle that one thread trains with. */
#include "kernels/dense.h"

#include "config/config.h"
#include "kernels/slot_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of scores, and of hidden units, of a tile. */
static const uint64_t TILE_NUMBERS = 1 << 25;
static const uint32_t LEAST_TILE = 64;

static size_t real_bytes(uint32_t precision)
{
    return precision == CAUCUS_IN_DOUBLE ? sizeof(double) : sizeof(float);
}

static uint64_t widest(const caucus_dense_shape *shape)
{
    const uint64_t units = caucus_dense_units(shape);
    return units > shape->n_above ? units : shape->n_above;
}

static uint32_t tile_of(const caucus_dense_shape *shape)
{
    const uint64_t tile = TILE_NUMBERS / (widest(shape) * shape->batch);
    return (uint32_t)(tile < LEAST_TILE ? LEAST_TILE : tile);
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

bool caucus_dense_try(caucus_dense_session *s, cudaError_t error, const char *at)
{
    if (error != cudaSuccess && s->fault.error == 0) {
        (void)caucus_slot_fail(&s->fault, error, "%s", at);
    }
    return s->fault.error == 0;
}

bool caucus_dense_ready(caucus_dense_session *s)
{
    return s->fault.error == 0 && caucus_dense_try(s, cudaSetDevice(s->device), "turning to the device");
}

static int check(const void *session, caucus_cuda_fault *fault)
{
    *fault = ((const caucus_dense_session *)session)->fault;
    return fault->error;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static int make(caucus_dense_session *s, size_t bytes, const char *what, void **memory, caucus_cuda_fault *fault)
{
    *memory = NULL;
    if (s->n_pieces == CAUCUS_DENSE_PIECES) {
        return caucus_slot_fail(fault, cudaErrorMemoryAllocation, "keeping more pieces of memory than a session has");
    }
    bytes = bytes > 0 ? bytes : 1;
    CUDA_TRY(cudaMalloc(memory, bytes), fault, "allocating %llu bytes of device memory for %s",
             (unsigned long long)bytes, what);
    s->pieces[s->n_pieces++] = *memory;
    CUDA_TRY(cudaMemsetAsync(*memory, 0, bytes, s->stream), fault, "clearing memory for %s", what);
    return 0;
}

#define MAKE_TRY(bytes, what, memory)                                                                                  \
    do {                                                                                                               \
        const int made_ = make(s, (bytes), (what), (void **)(memory), fault);                                          \
        if (made_ != 0) {                                                                                              \
            return made_;                                                                                              \
        }                                                                                                              \
    } while (0)

/* Weights of all layers of one trial. */
static size_t parameters_of(const caucus_dense_shape *shape)
{
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(shape, layers);
    size_t n = 0;
    for (uint32_t i = 0; i < n_layers; i++) {
        n += (size_t)layers[i].n_in * layers[i].n_out;
    }
    return n;
}

static size_t chunks_of(const caucus_dense_shape *shape)
{
    return (parameters_of(shape) + CAUCUS_DENSE_CHUNK - 1) / CAUCUS_DENSE_CHUNK;
}

/* A row of the widest array that is moved at a time fits. */
static size_t stage_of(const caucus_dense_shape *shape)
{
    const size_t row = (size_t)shape->batch * sizeof(double);
    return row > CAUCUS_DENSE_STAGE ? row : (size_t)CAUCUS_DENSE_STAGE;
}

static int open_tile(caucus_dense_session *s, caucus_cuda_fault *fault)
{
    const caucus_dense_shape *shape = &s->shape;
    const size_t real = real_bytes(s->precision);
    const size_t row = shape->batch * real;
    const bool single = s->precision != CAUCUS_IN_DOUBLE;
    MAKE_TRY(parameters_of(shape) * row, "weights", &s->d_weights);
    MAKE_TRY(shape->tile * shape->n_hidden * row, "hidden units", &s->d_hidden);
    MAKE_TRY(shape->tile * shape->n_above * row, "hidden units", &s->d_above);
    MAKE_TRY(shape->tile * shape->n_outputs * row, "scores", &s->d_scores);
    MAKE_TRY(single ? (size_t)shape->n_columns * caucus_dense_units(shape) * row : 0, "slopes", &s->d_slopes);
    MAKE_TRY((size_t)shape->tile * shape->batch * sizeof(uint32_t), "labels", &s->d_best);
    return 0;
}

static int open_small(caucus_dense_session *s, caucus_cuda_fault *fault)
{
    const size_t batch = s->shape.batch;
    const size_t factors = CAUCUS_DENSE_SENT * batch * sizeof(double);
    const size_t places = CAUCUS_DENSE_SENT * batch * sizeof(uint32_t);
    s->most_chunks = chunks_of(&s->shape);
    s->stage_bytes = stage_of(&s->shape);
    MAKE_TRY((s->most_chunks + 1) * batch * sizeof(double), "sums", &s->d_parts);
    MAKE_TRY(factors, "factors", &s->d_factors);
    MAKE_TRY(places, "places", &s->d_places);
    MAKE_TRY(s->stage_bytes, "moves", &s->d_stage);
    MAKE_TRY((size_t)CAUCUS_DENSE_WORKSPACE, "cuBLAS", &s->d_workspace);
    CUDA_TRY(cudaMallocHost((void **)&s->pinned, factors + batch * sizeof(double)), fault,
             "pinning memory for factors");
    CUDA_TRY(cudaMallocHost((void **)&s->pinned_places, places), fault, "pinning memory for places");
    return 0;
}

#define CUBLAS_TRY(call, at)                                                                                           \
    do {                                                                                                               \
        const int status_ = (call);                                                                                    \
        if (status_ != 0) {                                                                                            \
            return caucus_cublas_fail(fault, s->cublas, status_, (at));                                                \
        }                                                                                                              \
    } while (0)

/* One stream, one handle and a workspace of the session's own: then equal calls give equal bits on a device. */
static int open_cublas(caucus_dense_session *s, caucus_cuda_fault *fault)
{
    s->cublas = caucus_cublas_open(fault);
    if (s->cublas == NULL) {
        return fault->error;
    }
    CUBLAS_TRY(s->cublas->create(&s->handle), "starting cuBLAS");
    CUBLAS_TRY(s->cublas->set_stream(s->handle, s->stream), "giving cuBLAS its stream");
    CUBLAS_TRY(s->cublas->set_workspace(s->handle, s->d_workspace, CAUCUS_DENSE_WORKSPACE), "giving cuBLAS its memory");
    return 0;
}

static int open_all(caucus_dense_session *s, caucus_cuda_fault *fault)
{
    CUDA_TRY(cudaSetDevice(s->device), fault, "setting up the device");
    CUDA_TRY(cudaStreamCreateWithFlags(&s->stream, cudaStreamNonBlocking), fault, "making a stream");
    int error = open_tile(s, fault);
    if (error == 0) {
        error = open_small(s, fault);
    }
    return error == 0 ? open_cublas(s, fault) : error;
}

void caucus_dense_close_session(void *session)
{
    caucus_dense_session *s = (caucus_dense_session *)session;
    if (s == NULL) {
        return;
    }
    (void)cudaSetDevice(s->device);
    if (s->handle != NULL) {
        (void)s->cublas->destroy(s->handle);
    }
    for (uint32_t i = 0; i < s->n_pieces; i++) {
        (void)cudaFree(s->pieces[i]);
    }
    (void)cudaFreeHost(s->pinned_places);
    (void)cudaFreeHost(s->pinned);
    if (s->stream != NULL) {
        (void)cudaStreamDestroy(s->stream);
    }
    (void)cudaGetLastError();
    free(s);
}

static int session_open(int device, uint32_t precision, caucus_dense_shape *shape, void **session,
                        caucus_cuda_fault *fault)
{
    caucus_dense_session *s = (caucus_dense_session *)calloc(1, sizeof *s);
    if (s == NULL) {
        return caucus_slot_fail(fault, cudaErrorMemoryAllocation, "allocating host memory for a session");
    }
    shape->tile = tile_of(shape);
    s->device = device;
    s->precision = precision;
    s->shape = *shape;
    const int error = open_all(s, fault);
    if (error != 0) {
        caucus_dense_close_session(s);
        return error;
    }
    *session = s;
    return 0;
}

static int session_vectors(void *session, size_t n, double **vectors, caucus_cuda_fault *fault)
{
    caucus_dense_session *s = (caucus_dense_session *)session;
    CUDA_TRY(cudaSetDevice(s->device), fault, "turning to the device");
    MAKE_TRY(n * sizeof(double), "the search", vectors);
    return 0;
}

static int session_share(void *session, const double *numbers, size_t n, const double **vector,
                         caucus_cuda_fault *fault)
{
    double *copy = NULL;
    const int error = session_vectors(session, n, &copy, fault);
    if (error != 0) {
        return error;
    }
    caucus_dense_operations.put(session, numbers, n, copy);
    *vector = copy;
    return check(session, fault);
}

/* ---- facts ------------------------------------------------------------------------------------------------------- */

static uint64_t session_bytes(const caucus_dense_need *need)
{
    caucus_dense_shape shape = need->shape;
    const uint64_t real = real_bytes(need->precision);
    const uint64_t batch = shape.batch;
    shape.tile = tile_of(&shape);
    const uint64_t rows = (uint64_t)(need->n_rows + need->n_other_rows) * shape.n_columns * real;
    const uint64_t people = (uint64_t)need->n_rows * (batch * real + sizeof(uint32_t));
    const uint64_t tile =
        (uint64_t)shape.tile * batch * ((shape.n_hidden + shape.n_above + shape.n_outputs) * real + sizeof(uint32_t));
    const uint64_t weights = 2 * (uint64_t)parameters_of(&shape) * batch * real;
    const uint64_t small = (chunks_of(&shape) + 2 * CAUCUS_DENSE_SENT + need->n_groups) * batch * sizeof(double);
    return rows + people + tile + weights + small + (need->n_vectors + need->n_shared) * sizeof(double) +
           stage_of(&shape) + CAUCUS_DENSE_WORKSPACE;
}

static int library(int device, uint32_t precision, char *text, caucus_cuda_fault *fault)
{
    int version[3] = {0, 0, 0};
    struct cudaDeviceProp properties;
    const caucus_cublas *cublas = caucus_cublas_open(fault);
    if (cublas == NULL) {
        return fault->error;
    }
    CUDA_TRY(cudaGetDeviceProperties(&properties, device), fault, "asking what the device is");
    if (precision == CAUCUS_IN_TF32 && properties.major < 8) {
        return caucus_slot_fail(fault, (cudaError_t)CAUCUS_CUDA_NO_PRECISION,
                                "compute capability %d.%d multiplies in double or single precision", properties.major,
                                properties.minor);
    }
    for (int i = 0; i < 3; i++) {
        const int status = cublas->property(i, &version[i]);
        if (status != 0) {
            return caucus_cublas_fail(fault, cublas, status, "asking cuBLAS for its version");
        }
    }
    snprintf(text, CAUCUS_CUDA_TEXT, "cuBLAS %d.%d.%d for %.200s", version[0], version[1], version[2], properties.name);
    return 0;
}

const caucus_cuda_dense caucus_dense_on_device = {
    library, session_bytes, session_open, session_vectors, session_share, check, &caucus_dense_operations};
