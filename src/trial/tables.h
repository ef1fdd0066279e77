/* A configuration compiled to tables, so that a trial is table look-ups and integer sums. Read-only once made: all
 * threads share it. */
#ifndef CAUCUS_COMPILED_H
#define CAUCUS_COMPILED_H

#include "bound/value.h"
#include "compile/partition.h"
#include "compile/signals.h"
#include "training/training.h"
#include "trial/draw_plan.h"

/* Expected counts of one collective in the shape of caucus_bound_view, for population bounds that change from trial to
 * trial with a measured epsilon. */
typedef struct caucus_expectation {
    caucus_bound_view view; /* its arrays are parts of memory; good is the last */
    size_t n_words;
    uint64_t *memory;
} caucus_expectation;

/* What methods have in common that differ in knowledge only: one evaluation gives all levels up to the highest. */
typedef struct caucus_reckoning {
    caucus_bound_kind kind;
    uint32_t highest;
} caucus_reckoning;

/* Bounds of one collective. */
typedef struct caucus_guarantee {
    caucus_bound_setting setting;
    uint8_t *reach;        /* the setting's */
    double *ratios;        /* the setting's */
    caucus_bound **bounds; /* [reckoning][sharing] at delta, and at delta / M for the global and joint bounds; NULL:
                              fixed, or the same */
    double *fixed;         /* [reckoning][knowledge] where no data enter (population) */
    caucus_expectation *expected; /* what population bounds read where epsilon is measured, else NULL */
} caucus_guarantee;

typedef struct caucus_compiled {
    const caucus_config *config;
    uint32_t index; /* of the configuration in its experiment */
    uint64_t seed;
    uint32_t n_labels;
    uint32_t n_collectives;
    caucus_signals signals;
    uint32_t n_tracked; /* positions at which each collective's own counts are kept: the first of all positions */

    /* Who is drawn. Without replacement everybody is drawn over partitions[0]. */
    uint32_t n_partitions;
    caucus_partition *partitions;
    const caucus_partition *others;   /* group 0 */
    const caucus_partition **members; /* [collective] */
    const caucus_partition *test;     /* test points */
    uint64_t others_size;
    caucus_draws draws;
    uint32_t most_classes; /* of any partition, or variants of any miss */

    bool noisy;             /* some collective has noise: what is handed in is not what was planned */
    bool estimating;        /* some collective has estimators */
    bool crossing;          /* some bound applies others' strategies to a collective's own data */
    size_t *crossed_offset; /* [collective] where its part of a trial's crossed counts begins */
    size_t n_crossed;
    double *global_weights; /* [collective] omega */

    uint64_t *sizes; /* [collective] for the bounds' settings */
    caucus_strategy *strategies;
    uint32_t *targets;
    uint32_t n_reckonings;
    caucus_reckoning *reckonings;
    uint32_t *method_reckoning;   /* [method] */
    caucus_guarantee *guarantees; /* [collective] */
    caucus_memos *memos;          /* limits that they share */
    size_t bound_scratch;         /* doubles */
    uint32_t most_signal_cells;   /* of any collective */
    size_t n_flips;               /* candidates of worst_case */

    caucus_training *training;     /* of a classifier that is trained, over all positions; else NULL */
    caucus_training *raw_training; /* the same for everybody's raw data, where the accuracy cost is asked for */

    struct caucus_crowd *crowd; /* tables of the person-by-person path, else NULL */
} caucus_compiled;

/* Compile; config is then owned by the result (and freed on failure too). CAUCUS_INVALID for what only the data show:
 * nobody who may join, fewer people than members. */
caucus_status caucus_compile(caucus_config *config, uint32_t index, uint64_t seed, caucus_compiled **compiled);
void caucus_compiled_free(caucus_compiled *compiled);

/* The population as collective m draws its members: those who match its predicate, or everybody with a preference for
 * them. weights: [cell][label]. CAUCUS_INVALID when nobody matches. */
caucus_status caucus_member_weights(const caucus_compiled *compiled, uint32_t m, uint64_t *weights);

/* Whether a strategy's labels depend on its members' data. */
CAUCUS_SHARED bool caucus_strategy_adapts(caucus_strategy strategy)
{
    return strategy == CAUCUS_UNPLANT_NAIVE || strategy == CAUCUS_UNPLANT_ADAPTIVE || strategy == CAUCUS_ERASE;
}

static inline bool caucus_collective_is_noisy(const caucus_collective *collective)
{
    return collective->compliance < 1.0 || collective->miss > 0.0;
}

#endif
