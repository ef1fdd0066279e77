/* The summary of a configuration: means, quantiles, violation and vacuous rates over its trials
 * (docs/result-file.md, "Summary"). Sums run in the order of trials and in double, so that a summary depends on the
 * trials alone.
 *
 * Violations compare float32 bounds with exact success rates: the engine rounds bounds down when it stores them, so a
 * bound that holds is never counted as violated. */
#ifndef CAUCUS_RESULT_SUMMARY_H
#define CAUCUS_RESULT_SUMMARY_H

#include "trial/block.h"
#include "trial/sums.h"

enum {
    /* [collective] */
    CAUCUS_SUCCESS_MEAN,
    CAUCUS_SUCCESS_STD,
    CAUCUS_SUCCESS_Q05,
    CAUCUS_SUCCESS_MEDIAN,
    CAUCUS_SUCCESS_Q95,
    /* [collective][method] */
    CAUCUS_BOUND_MEAN,
    CAUCUS_BOUND_Q05,
    CAUCUS_BOUND_MEDIAN,
    CAUCUS_BOUND_Q95,
    CAUCUS_TIGHTNESS_MEAN,
    CAUCUS_VIOLATION_RATE,
    CAUCUS_VIOLATION_LOW,
    CAUCUS_VIOLATION_HIGH,
    CAUCUS_VACUOUS_RATE,
    CAUCUS_UPPER_MEAN,
    CAUCUS_UPPER_VIOLATION_RATE,
    CAUCUS_UPPER_VIOLATION_LOW,
    CAUCUS_UPPER_VIOLATION_HIGH,
    CAUCUS_UPPER_VACUOUS_RATE,
    /* one number */
    CAUCUS_GLOBAL_SUCCESS_MEAN,
    CAUCUS_GLOBAL_SUCCESS_STD,
    CAUCUS_JOINT_SUCCESS_MEAN,
    CAUCUS_ACCURACY_MEAN,
    CAUCUS_SUBOPTIMALITY_MEAN,
    CAUCUS_CONVERGED_RATE,
    CAUCUS_ACCURACY_COST_MEAN,
    CAUCUS_STANDARD_ERROR,
    /* [method] */
    CAUCUS_GLOBAL_BOUND_MEAN,
    CAUCUS_JOINT_BOUND_MEAN,
    CAUCUS_GLOBAL_VIOLATION_RATE,
    CAUCUS_JOINT_VIOLATION_RATE,
    CAUCUS_GLOBAL_UPPER_MEAN,
    CAUCUS_JOINT_UPPER_MEAN,
    CAUCUS_GLOBAL_UPPER_VIOLATION_RATE,
    CAUCUS_JOINT_UPPER_VIOLATION_RATE,
    CAUCUS_N_SUMMARY
};

typedef struct caucus_summary_variable {
    const char *name;
    const char *long_name;
    unsigned dimensions; /* CAUCUS_ON_... of the result's dataset */
    unsigned needs;      /* CAUCUS_NEEDS_... */
} caucus_summary_variable;

extern const caucus_summary_variable caucus_summary_variables[CAUCUS_N_SUMMARY];

/* What has one value a trial, whether trials are kept or their sums: its variable, and the summary that its mean is. */
typedef struct caucus_summary_single {
    int variable, mean;
} caucus_summary_single;

extern const caucus_summary_single caucus_summary_singles[CAUCUS_SUMS_SINGLES];

/* The summary of one configuration; NaN for what is absent or has no trials. One allocation, freed with free(). */
typedef struct caucus_summary {
    uint64_t n_trials;
    double *values[CAUCUS_N_SUMMARY];
} caucus_summary;

caucus_status caucus_summary_alloc(const caucus_shape *shape, caucus_summary **summary);

/* Values of a variable in one configuration; 0 where it is absent. */
size_t caucus_summary_width(int variable, const caucus_shape *shape);

/* Of all its values in one configuration. */
uint64_t caucus_summary_bytes(const caucus_shape *shape);

/* The levels of the quantiles, and the confidence of the intervals of violation rates. */
enum { CAUCUS_SUMMARY_LEVELS = 3 };
extern const double caucus_summary_levels[CAUCUS_SUMMARY_LEVELS];
extern const double caucus_summary_confidence;

/* Working memory to summarise configurations of up to max_trials trials. Where the bounds of a configuration would take
 * more than budget bytes they are summarised in several passes over its blocks. */
typedef struct caucus_summarizer caucus_summarizer;

/* Bytes of it. */
uint64_t caucus_summarizer_bytes(uint64_t max_trials, const caucus_shape *shape, unsigned threads, uint64_t budget);

caucus_status caucus_summarizer_open(uint64_t max_trials, const caucus_shape *shape, unsigned threads, uint64_t budget,
                                     caucus_summarizer **summarizer);
void caucus_summarizer_close(caucus_summarizer *summarizer);

/* For one configuration of N_test test points: for each pass < passes: begin, add all its blocks in the order of their
 * trials, end. The summary is complete after the last pass. */
uint32_t caucus_summarizer_passes(const caucus_summarizer *summarizer);
void caucus_summarizer_begin(caucus_summarizer *summarizer, uint32_t test, uint32_t pass);
void caucus_summarizer_add(caucus_summarizer *summarizer, const caucus_block *block);
void caucus_summarizer_end(caucus_summarizer *summarizer, caucus_summary *summary);

#endif
