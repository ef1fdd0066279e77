/* What the engine and its CUDA module agree on. The module is a shared object that is opened only when a device is
 * looked for, so that a machine without CUDA needs none of its libraries; all that it exports is one table of C
 * functions. */
#ifndef CAUCUS_KERNELS_MODULE_H
#define CAUCUS_KERNELS_MODULE_H

#include "dense/operations.h"
#include "trial/block.h"
#include "trial/row.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up with every change of this file, and of the structures that it passes on: a module of another version is
 * refused. */
enum { CAUCUS_CUDA_ABI = 5 };

enum { CAUCUS_CUDA_TEXT = 256 };

/* Bytes in front of the tables on the device: which trials to run, round by round. A multiple of 256, the boundary that
 * cudaMalloc keeps. */
enum { CAUCUS_CUDA_ORDER = 1024, CAUCUS_CUDA_ROUNDS = 32 };

/* Errors are CUDA's own numbers (cudaError_t), 0 for success; these are the module's. */
enum {
    CAUCUS_CUDA_WRONG_WORDS = -1, /* the probe kernel ran, and its random numbers are wrong */
    CAUCUS_CUDA_NO_CUBLAS = -2,   /* there is no cuBLAS; why, the fault says */
    CAUCUS_CUDA_CUBLAS = -3,      /* cuBLAS failed; how, the fault says */
    CAUCUS_CUDA_NO_PRECISION = -4 /* the device does not multiply in this precision */
};

typedef struct caucus_cuda_device {
    char name[CAUCUS_CUDA_TEXT];
    int32_t major, minor;          /* compute capability */
    uint64_t memory_total;         /* bytes */
    uint64_t memory_free;          /* bytes; 0 when probe_error came before it could be asked */
    int32_t probe_error;           /* 0: a kernel of this module ran on the device and gave known answers */
    uint32_t n_processors;         /* multiprocessors */
    uint32_t lane_groups_resident; /* groups of trials that one of them holds at a time, of the kernel that it holds
                                      most of */
} caucus_cuda_device;

/* ---- slots: one unit of work in flight on a device ----------------------------------------------------------------
 */

typedef struct caucus_cuda_slot caucus_cuda_slot;

/* What a slot has room for, in bytes. */
typedef struct caucus_cuda_room {
    uint64_t tables;    /* of a configuration; on the device and pinned */
    uint64_t blanks;    /* behind the tables; on the device, zero when tables are new */
    uint64_t workspace; /* of all groups, then of all teams; on the device */
    uint64_t rows;      /* the trials' output, or that of a round where sums are kept; on the device */
    uint64_t rows_read; /* pinned; the first bytes of rows, or 0 when they are only summed */
    uint64_t sums;      /* words of sums over trials, on the device and pinned; 0: none are kept */
} caucus_cuda_room;

/* Tables are sent in few different sizes, so that graphs can be used again: up to an eighth more. */
static inline uint64_t caucus_cuda_rounded(uint64_t bytes)
{
    uint64_t step = 4096;
    while (step * 16 <= bytes) {
        step *= 2;
    }
    return (bytes + step - 1) / step * step;
}

/* Bytes that a room takes on the device. */
static inline uint64_t caucus_cuda_room_bytes(const caucus_cuda_room *room)
{
    return CAUCUS_CUDA_ORDER + caucus_cuda_rounded(room->tables) + room->blanks + room->workspace + room->rows +
           room->sums;
}

/* Where a slot's memory lies, until its room changes. */
typedef struct caucus_cuda_places {
    uint64_t tables;                /* address on the device */
    unsigned char *staging;         /* what is sent there; pinned */
    uint64_t rows;                  /* the trials' output, or that of a round where sums are kept; on the device */
    const unsigned char *rows_read; /* what was there when the work was done; pinned */
    const uint64_t *sums_read;      /* likewise */
} caucus_cuda_places;

/* One piece of work: trials of one configuration, done in rounds of at most n_lane_groups groups. The first pieces are
 * put into the slot's stream as they are; when a piece differs from one before in its trials and tables alone, it is
 * replayed from a graph. */
typedef struct caucus_cuda_work {
    uint32_t first_trial, n_trials;
    bool new_tables;           /* staging has changed: it is to be sent, and the blanks are to be cleared */
    uint64_t table_bytes;      /* of staging */
    uint64_t lane_group_bytes; /* workspace of a group of CAUCUS_LANE_GROUP trials */
    uint32_t n_lane_groups;    /* that the workspace is for */
    uint64_t team_bytes;       /* workspace of a team, a multiple of 64; 0 where nothing is trained */
    uint32_t n_teams;          /* that train; 0 where the configuration trains nothing */
    uint32_t way;              /* caucus_way of its trainings */
    bool limits;               /* some bound needs limits that are dear to compute */
    uint32_t n_rounds;         /* enough for n_trials; the last ones may have nothing to do */
    caucus_shape shape;        /* of the rows */
    caucus_block d_rows;       /* its arrays lie in the slot's rows on the device, or are NULL */
} caucus_cuda_work;

/* What went wrong: CUDA's number, and in words at what ("allocating 12 bytes of device memory for the workspace"). */
typedef struct caucus_cuda_fault {
    int32_t error;
    char at[CAUCUS_CUDA_TEXT];
} caucus_cuda_fault;

/* ---- training on rows ----------------------------------------------------------------------------------------------
 */

/* Sessions of dense/operations.h on a device, with cuBLAS. */
typedef struct caucus_cuda_dense {
    /* What multiplies on a device, in words of CAUCUS_CUDA_TEXT; precision: caucus_products. */
    int (*library)(int device, uint32_t precision, char *text, caucus_cuda_fault *fault);

    /* Bytes that a session takes of a device. */
    uint64_t (*bytes)(const caucus_dense_need *need);

    int (*open)(int device, uint32_t precision, caucus_dense_shape *shape, void **session, caucus_cuda_fault *fault);
    int (*vectors)(void *session, size_t n, double **vectors, caucus_cuda_fault *fault);
    int (*share)(void *session, const double *numbers, size_t n, const double **vector, caucus_cuda_fault *fault);

    /* The first thing that went wrong; 0: nothing. */
    int (*check)(const void *session, caucus_cuda_fault *fault);

    /* All others, but those that tell what went wrong in caucus' own way. */
    const caucus_operations *operations;
} caucus_cuda_dense;

typedef struct caucus_cuda_module {
    uint32_t abi_version;      /* CAUCUS_CUDA_ABI; first, and there in every version */
    const char *architectures; /* that the kernels were compiled for, as CMake lists them */

    /* Versions as 1000 * major + 10 * minor; driver 0 when none is installed. */
    int (*versions)(int *driver, int *runtime);

    /* Devices that CUDA shows to this process; *count is 0 on errors. */
    int (*device_count)(int *count);

    /* Describe device index and try a kernel on it. A kernel that fails is told in probe_error, not by the return
     * value. */
    int (*device_describe)(int index, caucus_cuda_device *device);

    /* Bytes that are free on a device at this moment. */
    int (*device_free)(int index, uint64_t *bytes);

    /* Never NULL; static storage. */
    const char *(*error_text)(int error);

    /* The functions on slots return 0, or the error that fault then tells more of. A slot serves one thread at a time.
     *
     * slot_open makes one without memory. slot_close takes NULL too, and a slot whose device is lost. */
    int (*slot_open)(int device, caucus_cuda_slot **slot, caucus_cuda_fault *fault);
    void (*slot_close)(caucus_cuda_slot *slot);

    /* Make every part of a slot's room at least as large as asked for; what is there is lost, tables too. When memory
     * does not suffice the slot has none left. */
    int (*slot_reserve)(caucus_cuda_slot *slot, const caucus_cuda_room *room, caucus_cuda_places *places,
                        caucus_cuda_fault *fault);

    /* Do a piece of work and wait for it: rows_read and sums_read then hold its output. */
    int (*slot_run)(caucus_cuda_slot *slot, const caucus_cuda_work *work, caucus_cuda_fault *fault);

    const caucus_cuda_dense *dense;
} caucus_cuda_module;

/* The one symbol that the shared object exports. */
#define CAUCUS_CUDA_MODULE_SYMBOL "caucus_cuda_module_get"
__attribute__((visibility("default"))) const caucus_cuda_module *caucus_cuda_module_get(void);

#ifdef __cplusplus
}
#endif
#endif
