/* Results, finished or not, behind caucus_result. */
#ifndef CAUCUS_RESULT_RESULT_H
#define CAUCUS_RESULT_RESULT_H

#include "base/number.h"
#include "result/memory.h"
#include "result/metadata.h"
#include "result/parts.h"
#include "result/summary_datasets.h"

typedef struct caucus_kept_array { /* read or computed once, then kept until the result is closed */
    struct caucus_kept_array *next;
    const char *name; /* of a variable: static */
    void *values;
} caucus_kept_array;

struct caucus_result {
    char *path;
    caucus_metadata skeleton;
    uint64_t n_blocks; /* in a configuration */
    uint64_t bytes;    /* of the file, or of the segments */
    uint64_t blocks_done;
    bool complete;
    /* a finished file */
    hid_t file;
    caucus_summary_datasets *summaries;
    char *finished; /* when; NULL for parts */
    uint8_t *done;  /* [config][block] */
    /* a run in memory, which has `finished` and `done` too */
    caucus_memory *memory;
    /* the parts of an unfinished run */
    caucus_parts *parts;
    caucus_notices notices;
    caucus_contributors contributors; /* of a finished file; of parts: caucus_parts_contributors */
    caucus_summarizer *summarizer;    /* of trials; made when first needed, like all below */
    caucus_block *block;              /* of trials */
    uint64_t *sums;                   /* of a configuration */
    caucus_kept_array *arrays;        /* that were asked for by name */
};

/* Open again what there is now: the parts of a run that goes on may have become a result meanwhile. */
caucus_status caucus_result_reopen(caucus_result *result);

/* Whether what failed may succeed after that: parts were read, and are moved by their run. */
bool caucus_result_moves(const caucus_result *result, caucus_status status);

/* The summary of a configuration: read from a file, computed from parts. n_trials is 0 where there are none. */
caucus_status caucus_result_summary(caucus_result *result, uint64_t config, caucus_summary *summary);

/* Trials of a configuration that are there. */
uint64_t caucus_result_trials(const caucus_result *result, uint64_t config);

/* Whether a configuration has a collective. */
bool caucus_result_has(const caucus_result *result, const caucus_summary *summary, uint64_t config,
                       uint32_t collective);

/* The numbers about a configuration's platform that a summary shows beside its collectives: summary variables into
 * fields; returns how many. Those of trainings where there are any, of accuracy where its cost is asked for. */
enum { CAUCUS_PLATFORM_FIELDS = 4 };
uint32_t caucus_result_platform_fields(const caucus_shape *shape, int fields[CAUCUS_PLATFORM_FIELDS]);

/* A configuration's value on an axis: a number printed so that it reads back the same, or the word itself. */
const char *caucus_result_axis_value(const caucus_coordinate *axis, uint64_t config, char number[CAUCUS_NUMBER_BYTES]);

#endif
