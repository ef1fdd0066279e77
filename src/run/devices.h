/* Devices that trials could run on, and the choice of one. */
#ifndef CAUCUS_RUN_DEVICES_H
#define CAUCUS_RUN_DEVICES_H

#include "base/status.h"

typedef struct caucus_backend caucus_backend;

enum { CAUCUS_MOST_DEVICES = 64, CAUCUS_DEVICE_TEXT = 1024, CAUCUS_DEVICE_NAME = 288 };

/* One of the CUDA devices that trials run on. */
typedef struct caucus_device_part {
    int index;                     /* as CUDA counts them */
    char name[CAUCUS_DEVICE_NAME]; /* "cuda:0 (NVIDIA H100)" */
    uint64_t memory_free;          /* bytes, when it was asked */
    uint32_t n_processors;
    uint32_t lane_groups_resident; /* groups of trials that a processor holds at a time */
} caucus_device_part;

typedef struct caucus_device {
    const caucus_backend *backend;        /* what runs trials on it (run/backend.h) */
    unsigned n_parts;                     /* CUDA devices; 0 for the CPU */
    caucus_device_part *parts;            /* [n_parts] */
    char description[CAUCUS_DEVICE_TEXT]; /* in words: "CPU: AMD EPYC 7763, 2 cores" */
} caucus_device;

/* Choose by "cpu", "cuda" (the first usable one), "cuda:I", "cuda:all" (all usable ones) or "auto" (the CPU, until it
 * is known what there is to do: run/choice.h); NULL means "auto". CAUCUS_INVALID for any other text; CAUCUS_FAILED when
 * a CUDA device is asked for and cannot be had, with the reason and the remedy. */
caucus_status caucus_device_choose(const char *spec, caucus_device *device);
void caucus_device_free(caucus_device *device);

/* Whether a spec leaves the choice to caucus. */
bool caucus_device_is_auto(const char *spec);

/* Whether there are CUDA devices at all: without starting one, which takes a while. */
bool caucus_device_is_there(void);

/* Cores that this process may run on: the default number of threads. At least 1. */
unsigned caucus_device_cores(void);

#endif
