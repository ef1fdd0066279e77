#include "kernels/slot.h"

#include "kernels/slot_memory.h"
#include "kernels/steps.h"

#include <cuda_runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an enqueued piece of work depends on besides what lies in memory: equal shapes are served by one graph. */
struct shape {
    uint64_t sent_bytes; /* orders and, when they are new, tables */
    uint64_t lane_group_bytes, team_bytes;
    uint32_t n_lane_groups, n_teams, way, n_rounds;
    uint32_t limits;
    caucus_shape shape;
    caucus_block d_rows;
};

/* A graph is made when a shape comes a second time: making one costs more than a launch of it saves, and the first time
 * CUDA may have a kernel to load, which it cannot while a stream is captured. */
struct replay {
    bool seen; /* shape holds something */
    struct shape shape;
    cudaGraphExec_t exec; /* NULL until the second time */
};

enum { WITH_TABLES, WITHOUT_TABLES, N_REPLAYS };

struct caucus_cuda_slot {
    int device;
    cudaStream_t stream;
    cudaEvent_t done;
    struct caucus_slot_memory memory;
    struct replay replays[N_REPLAYS];
};

static void forget(struct replay *replay)
{
    if (replay->exec != NULL) {
        (void)cudaGraphExecDestroy(replay->exec);
    }
    memset(replay, 0, sizeof *replay);
}

static void forget_all(caucus_cuda_slot *slot)
{
    for (int i = 0; i < N_REPLAYS; i++) {
        forget(&slot->replays[i]);
    }
}

/* ---- opening and room -------------------------------------------------------------------------------------------- */

static int open_slot(caucus_cuda_slot *slot, caucus_cuda_fault *fault)
{
    CUDA_TRY(cudaSetDevice(slot->device), fault, "setting up the device");
    CUDA_TRY(cudaStreamCreateWithFlags(&slot->stream, cudaStreamNonBlocking), fault, "making a stream");
    /* The host thread sleeps while it waits: there are more slots than cores at times. */
    CUDA_TRY(cudaEventCreateWithFlags(&slot->done, cudaEventBlockingSync | cudaEventDisableTiming), fault,
             "making an event");
    return 0;
}

int caucus_slot_open(int device, caucus_cuda_slot **out, caucus_cuda_fault *fault)
{
    caucus_cuda_slot *slot = (caucus_cuda_slot *)calloc(1, sizeof *slot);
    if (slot == NULL) {
        return caucus_slot_fail(fault, cudaErrorMemoryAllocation, "allocating host memory for a slot");
    }
    slot->device = device;
    caucus_slot_memory_init(&slot->memory);
    int error = open_slot(slot, fault);
    if (error != 0) {
        caucus_slot_close(slot);
        return error;
    }
    *out = slot;
    return 0;
}

void caucus_slot_close(caucus_cuda_slot *slot)
{
    if (slot == NULL) {
        return;
    }
    (void)cudaSetDevice(slot->device);
    forget_all(slot);
    caucus_slot_memory_release(&slot->memory);
    if (slot->done != NULL) {
        (void)cudaEventDestroy(slot->done);
    }
    if (slot->stream != NULL) {
        (void)cudaStreamDestroy(slot->stream);
    }
    (void)cudaGetLastError();
    free(slot);
}

int caucus_slot_reserve(caucus_cuda_slot *slot, const caucus_cuda_room *room, caucus_cuda_places *places,
                        caucus_cuda_fault *fault)
{
    CUDA_TRY(cudaSetDevice(slot->device), fault, "turning to the device");
    forget_all(slot); /* addresses may change */
    int error = caucus_slot_memory_grow(&slot->memory, room, slot->stream, fault);
    if (error != 0) {
        caucus_slot_memory_release(&slot->memory);
        return error;
    }
    const struct caucus_slot_memory *memory = &slot->memory;
    places->tables = (uint64_t)(uintptr_t)memory->tables.d_bytes_at + CAUCUS_CUDA_ORDER;
    places->staging = memory->tables.pinned + CAUCUS_CUDA_ORDER;
    places->rows = (uint64_t)(uintptr_t)memory->rows.d_bytes_at;
    places->rows_read = memory->rows.pinned;
    places->sums_read = (const uint64_t *)(const void *)memory->sums.pinned;
    return 0;
}

/* ---- work -------------------------------------------------------------------------------------------------------- */

static struct shape shape_of(const caucus_cuda_work *work)
{
    struct shape shape;
    memset(&shape, 0, sizeof shape);
    shape.sent_bytes = CAUCUS_CUDA_ORDER + (work->new_tables ? caucus_cuda_rounded(work->table_bytes) : 0);
    shape.lane_group_bytes = work->lane_group_bytes;
    shape.team_bytes = work->team_bytes;
    shape.n_lane_groups = work->n_lane_groups;
    shape.n_teams = work->n_teams;
    shape.way = work->way;
    shape.limits = work->limits ? 1 : 0;
    shape.n_rounds = work->n_rounds;
    shape.shape.n_collectives = work->shape.n_collectives; /* one by one: bytes between them would not compare */
    shape.shape.n_methods = work->shape.n_methods;
    shape.shape.trained = work->shape.trained;
    shape.shape.compared = work->shape.compared;
    shape.shape.upper = work->shape.upper;
    memcpy(&shape.d_rows, &work->d_rows, sizeof shape.d_rows);
    return shape;
}

static_assert(CAUCUS_CUDA_ROUNDS * sizeof(caucus_trials_order) <= CAUCUS_CUDA_ORDER, "orders lie before the tables");

/* Trials are dealt out to rounds in order. */
static void write_orders(const caucus_cuda_slot *slot, const caucus_cuda_work *work)
{
    const struct caucus_slot_buffer *tables = &slot->memory.tables;
    const bool summed = slot->memory.sums.d_bytes > 0;
    const uint64_t round = (uint64_t)work->n_lane_groups * CAUCUS_LANE_GROUP;
    for (uint32_t r = 0; r < work->n_rounds; r++) {
        const uint64_t first = r * round < work->n_trials ? r * round : work->n_trials;
        const uint64_t left = work->n_trials - first;
        caucus_trials_order order;
        memset(&order, 0, sizeof order);
        order.compiled = (const caucus_compiled *)(const void *)(tables->d_bytes_at + CAUCUS_CUDA_ORDER);
        order.first_trial = work->first_trial + (uint32_t)first;
        order.n_trials = (uint32_t)(left < round ? left : round);
        order.first_row = summed ? 0 : (uint32_t)first; /* sums are taken before the next round's output comes */
        memcpy(tables->pinned + r * sizeof order, &order, sizeof order);
    }
}

static int send(caucus_cuda_slot *slot, const struct shape *shape, caucus_cuda_fault *fault)
{
    const struct caucus_slot_memory *memory = &slot->memory;
    CUDA_TRY(cudaMemcpyAsync(memory->tables.d_bytes_at, memory->tables.pinned, shape->sent_bytes,
                             cudaMemcpyHostToDevice, slot->stream),
             fault, "sending tables");
    if (shape->sent_bytes > CAUCUS_CUDA_ORDER && memory->tables.d_bytes > shape->sent_bytes) {
        CUDA_TRY(cudaMemsetAsync(memory->tables.d_bytes_at + shape->sent_bytes, 0,
                                 memory->tables.d_bytes - shape->sent_bytes, slot->stream),
                 fault, "clearing limits");
    }
    if (memory->sums.d_bytes > 0) {
        CUDA_TRY(cudaMemsetAsync(memory->sums.d_bytes_at, 0, memory->sums.d_bytes, slot->stream), fault,
                 "clearing sums");
    }
    return 0;
}

static int fetch(caucus_cuda_slot *slot, caucus_cuda_fault *fault)
{
    const struct caucus_slot_memory *memory = &slot->memory;
    if (memory->rows.pinned_bytes > 0) {
        CUDA_TRY(cudaMemcpyAsync(memory->rows.pinned, memory->rows.d_bytes_at, memory->rows.pinned_bytes,
                                 cudaMemcpyDeviceToHost, slot->stream),
                 fault, "fetching trials");
    }
    if (memory->sums.pinned_bytes > 0) {
        CUDA_TRY(cudaMemcpyAsync(memory->sums.pinned, memory->sums.d_bytes_at, memory->sums.pinned_bytes,
                                 cudaMemcpyDeviceToHost, slot->stream),
                 fault, "fetching sums");
    }
    return 0;
}

/* Put a piece of work of this shape into the stream, or into the graph that it is being captured to. */
static int enqueue(caucus_cuda_slot *slot, const struct shape *shape, caucus_cuda_fault *fault)
{
    const struct caucus_slot_memory *memory = &slot->memory;
    int error = send(slot, shape, fault);
    if (error != 0) {
        return error;
    }
    const caucus_trials_order *d_orders = (const caucus_trials_order *)(const void *)memory->tables.d_bytes_at;
    if (shape->limits != 0 && shape->sent_bytes > CAUCUS_CUDA_ORDER) {
        CUDA_TRY((cudaError_t)caucus_windows_launch(d_orders, slot->stream), fault, "launching windows of limits");
    }
    caucus_trials_arguments arguments;
    memset(&arguments, 0, sizeof arguments);
    arguments.d_workspace = memory->workspace.d_bytes_at;
    arguments.lane_group_bytes = shape->lane_group_bytes;
    arguments.n_lane_groups = shape->n_lane_groups;
    arguments.d_teams = arguments.d_workspace + shape->n_lane_groups * shape->lane_group_bytes;
    arguments.team_bytes = shape->team_bytes;
    arguments.n_teams = shape->n_teams;
    arguments.way = shape->way;
    arguments.limits = shape->limits != 0;
    arguments.shape = shape->shape;
    arguments.d_rows = shape->d_rows;
    arguments.d_sums = (uint64_t *)(void *)memory->sums.d_bytes_at;
    for (uint32_t r = 0; r < shape->n_rounds; r++) {
        arguments.d_order = d_orders + r;
        CUDA_TRY((cudaError_t)caucus_trials_launch(&arguments, slot->stream), fault, "launching trials");
    }
    return fetch(slot, fault);
}

static int capture(caucus_cuda_slot *slot, struct replay *replay, caucus_cuda_fault *fault)
{
    cudaGraph_t graph = NULL;
    CUDA_TRY(cudaStreamBeginCapture(slot->stream, cudaStreamCaptureModeThreadLocal), fault, "beginning a graph");
    int error = enqueue(slot, &replay->shape, fault);
    cudaError_t ended = cudaStreamEndCapture(slot->stream, &graph); /* also after an error: the stream is used again */
    if (error == 0) {
        error = ended == cudaSuccess ? 0 : caucus_slot_fail(fault, ended, "ending a graph");
    }
    if (error == 0) {
        ended = cudaGraphInstantiate(&replay->exec, graph, 0);
        error = ended == cudaSuccess ? 0 : caucus_slot_fail(fault, ended, "preparing a graph");
    }
    if (graph != NULL) {
        (void)cudaGraphDestroy(graph);
    }
    return error;
}

static int start(caucus_cuda_slot *slot, struct replay *replay, const struct shape *shape, caucus_cuda_fault *fault)
{
    if (!replay->seen || memcmp(&replay->shape, shape, sizeof *shape) != 0) {
        forget(replay);
        memcpy(&replay->shape, shape, sizeof *shape);
        replay->seen = true;
        return enqueue(slot, shape, fault);
    }
    if (replay->exec == NULL) {
        int error = capture(slot, replay, fault);
        if (error != 0) {
            return error;
        }
    }
    CUDA_TRY(cudaGraphLaunch(replay->exec, slot->stream), fault, "launching a graph of trials");
    return 0;
}

int caucus_slot_run(caucus_cuda_slot *slot, const caucus_cuda_work *work, caucus_cuda_fault *fault)
{
    CUDA_TRY(cudaSetDevice(slot->device), fault, "turning to the device");
    write_orders(slot, work);
    const struct shape shape = shape_of(work);
    int error = start(slot, &slot->replays[work->new_tables ? WITH_TABLES : WITHOUT_TABLES], &shape, fault);
    if (error != 0) {
        return error;
    }
    CUDA_TRY(cudaEventRecord(slot->done, slot->stream), fault, "marking the end of trials");
    CUDA_TRY(cudaEventSynchronize(slot->done), fault, "running trials");
    return 0;
}
