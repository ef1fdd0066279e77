/* Blocks: the rows of trials that are computed together; and what a row holds as data, one entry for each array, so
 * that segments, result and summary treat all of them by one loop. Every value takes four bytes (uint32 or float32).
 * Shared with devices. */
#ifndef CAUCUS_TRIAL_BLOCK_H
#define CAUCUS_TRIAL_BLOCK_H

#include "base/status.h"
#include "trial/row.h"

/* The results of one block: rows of trials first_trial .. first_trial + n_trials - 1 of one configuration. In a run
 * that keeps no single trials sums takes the place of the arrays, which are NULL then; else sums is NULL. */
typedef struct caucus_block {
    uint64_t config;
    uint64_t index;       /* of the block in its configuration */
    uint64_t first_trial; /* index * block_trials */
    uint32_t n_trials;
    uint32_t *success_count; /* [trial][collective] test points with the success event; UINT32_MAX: absent */
    float *lower_bound;      /* [trial][collective][method]; NaN: does not apply */
    float *upper_bound;      /* the same; NULL when not asked for */
    float *global_success;   /* [trial] */
    uint32_t *joint_count;   /* [trial] test points on which every collective succeeds */
    float *accuracy;         /* [trial] NaN when not asked for */
    float *suboptimality;    /* [trial] */
    float *global_bound;     /* [trial][method] */
    float *joint_bound;      /* [trial][method] */
    float *global_upper;     /* [trial][method] from above; NULL when not asked for */
    float *joint_upper;      /* [trial][method] the same */
    float *converged;        /* [trial] 1 or 0; NaN where nothing is trained; NULL when no configuration trains */
    float *accuracy_cost;    /* [trial] NULL when not asked for */
    uint64_t *sums;          /* the words of trial/sums.h for these trials; zero when a backend gets the block */
} caucus_block;

/* The dimensions of a dataset, as a set of bits; datasets always have them in this order. */
enum {
    CAUCUS_ON_CONFIG = 1 << 0,
    CAUCUS_ON_BLOCK = 1 << 1,
    CAUCUS_ON_TRIAL = 1 << 2,
    CAUCUS_ON_COLLECTIVE = 1 << 3,
    CAUCUS_ON_METHOD = 1 << 4,
    CAUCUS_N_DIMENSIONS = 5
};

enum {
    CAUCUS_SUCCESS_COUNT,
    CAUCUS_LOWER_BOUND,
    CAUCUS_UPPER_BOUND,
    CAUCUS_GLOBAL_SUCCESS,
    CAUCUS_JOINT_COUNT,
    CAUCUS_ACCURACY,
    CAUCUS_SUBOPTIMALITY,
    CAUCUS_GLOBAL_BOUND,
    CAUCUS_JOINT_BOUND,
    CAUCUS_GLOBAL_UPPER,
    CAUCUS_JOINT_UPPER,
    CAUCUS_CONVERGED,
    CAUCUS_ACCURACY_COST,
    CAUCUS_N_VARIABLES
};

/* What a run must have for a variable to be there, as a set of bits. */
enum {
    CAUCUS_NEEDS_TRAINED = 1 << 0,
    CAUCUS_NEEDS_COMPARED = 1 << 1,
    CAUCUS_NEEDS_UPPER = 1 << 2,
    CAUCUS_NEEDS_UNTIL = 1 << 3
};

/* Values of something over collectives and methods, as dimensions say; 0 where the shape lacks what it needs. */
size_t caucus_shape_width(const caucus_shape *shape, unsigned dimensions, unsigned needs);

enum { CAUCUS_VALUE_BYTES = 4 };

typedef struct caucus_variable {
    const char *name;
    const char *long_name;
    unsigned dimensions; /* of the result's dataset; in a block the same without config */
    unsigned needs;      /* CAUCUS_NEEDS_... */
    bool integer;        /* uint32, else float32 */
    size_t field;        /* offset of its pointer in caucus_block */
} caucus_variable;

extern const caucus_variable caucus_variables[CAUCUS_N_VARIABLES];

/* Values that one trial has of it; 0 when it is absent or there are no methods to have them. */
size_t caucus_variable_width(const caucus_variable *variable, const caucus_shape *shape);

/* Of all variables together. */
size_t caucus_row_bytes(const caucus_shape *shape);

/* Its array in a block; NULL when it has no values. */
void *caucus_variable_data(const caucus_variable *variable, const caucus_block *block);

/* Arrays for n_rows trials in one allocation, freed with free(). */
caucus_status caucus_block_alloc_rows(uint32_t n_rows, const caucus_shape *shape, caucus_block **block);

/* The same for the sums of any number of trials, of zeros. */
caucus_status caucus_block_alloc_sums(const caucus_shape *shape, caucus_block **block);

/* n_trials rows of a block from `first` on, in its arrays; where they belong is for the caller to say. */
caucus_block caucus_block_part(const caucus_block *block, const caucus_shape *shape, uint32_t first, uint32_t n_trials);

/* Copy all rows of a block to rows `row` and up of another one. */
void caucus_block_copy(const caucus_block *from, const caucus_shape *shape, const caucus_block *to, uint64_t row);

/* Element n of an array that may be absent. */
CAUCUS_SHARED float *caucus_block_element(float *array, size_t n)
{
    return array != NULL ? array + n : NULL;
}

/* Where the values of row i lie in a block's arrays. */
CAUCUS_SHARED caucus_row caucus_block_row(const caucus_block *block, const caucus_shape *shape, uint32_t i)
{
    const size_t collectives = (size_t)i * shape->n_collectives;
    const size_t methods = (size_t)i * shape->n_methods;
    caucus_row row;
    row.success_count = block->success_count + collectives;
    row.lower_bound = caucus_block_element(block->lower_bound, collectives * shape->n_methods);
    row.upper_bound = caucus_block_element(block->upper_bound, collectives * shape->n_methods);
    row.global_success = block->global_success + i;
    row.joint_count = block->joint_count + i;
    row.accuracy = block->accuracy + i;
    row.suboptimality = block->suboptimality + i;
    row.global_bound = caucus_block_element(block->global_bound, methods);
    row.joint_bound = caucus_block_element(block->joint_bound, methods);
    row.global_upper = caucus_block_element(block->global_upper, methods);
    row.joint_upper = caucus_block_element(block->joint_upper, methods);
    row.converged = caucus_block_element(block->converged, i);
    row.accuracy_cost = caucus_block_element(block->accuracy_cost, i);
    return row;
}

#endif
