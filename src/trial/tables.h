/* The tables that a trial reads: a configuration compiled, so that a trial is table look-ups and integer sums.
 * Read-only once made (compile/compile.h): all threads share them, and devices have copies (run/cuda_tables.h). Shared
 * with devices. */
#ifndef CAUCUS_TRIAL_TABLES_H
#define CAUCUS_TRIAL_TABLES_H

#include "bound/value.h"
#include "config/cells.h"
#include "math/shared.h"
#include "training/training.h"
#include "trial/draw_plan.h"

/* ---- classes: people whom a trial need not tell apart ------------------------------------------------------------ */

/* What a partition may keep apart; a number identifies a column. M = number of collectives. */
enum { CAUCUS_RAW = 0, CAUCUS_LABEL = 1, CAUCUS_FIRST_COLUMN = 2 };

CAUCUS_SHARED uint32_t caucus_column_image(uint32_t collective)
{
    return CAUCUS_FIRST_COLUMN + 3 * collective; /* position of g(x) */
}

CAUCUS_SHARED uint32_t caucus_column_outside(uint32_t collective)
{
    return CAUCUS_FIRST_COLUMN + 3 * collective +
           1; /* position that a feature_only member with another label hands in */
}

CAUCUS_SHARED uint32_t caucus_column_member(uint32_t collective)
{
    return CAUCUS_FIRST_COLUMN + 3 * collective + 2; /* 1 for people who may join, else 0 */
}

/* 1 for people who match what collective's bounds know an affinity of, else 0. */
CAUCUS_SHARED uint32_t caucus_column_matching(uint32_t collective, uint32_t n_collectives)
{
    return CAUCUS_FIRST_COLUMN + 3 * n_collectives + collective;
}

CAUCUS_SHARED uint32_t caucus_n_columns(uint32_t n_collectives)
{
    return CAUCUS_FIRST_COLUMN + 4 * n_collectives;
}

typedef struct caucus_partition {
    uint32_t n_classes;
    uint32_t n_columns;
    uint64_t *weights;  /* [n_classes] people */
    uint32_t **columns; /* [column][class]; NULL for columns that it does not keep */
    uint32_t n_kinds;   /* of people: cells x labels */
    uint32_t *class_of; /* [n_kinds] CAUCUS_NOWHERE where nobody is; NULL on devices */
} caucus_partition;

/* ---- signals: where each collective's changes lead, and the positions at which counts matter --------------------- */

/* What members who miss a set feature hand in instead of a signal cell. The same weights serve every signal cell. */
typedef struct caucus_misses {
    uint32_t n_variants; /* products of the set features' values, the first feature's fastest; 0 without misses */
    double *weights;     /* [n_variants] probabilities */
    uint32_t *positions; /* [signal cell][variant] */
} caucus_misses;

/* One collective's transformation, tabulated. */
typedef struct caucus_signal {
    uint32_t n_cells;    /* k: cells of S_m = g_m(X); for erase every cell of X */
    uint32_t *positions; /* [n_cells] */
    uint32_t *index;     /* [position] its place in positions, or CAUCUS_NOWHERE */
    uint32_t *image;     /* [population cell] the cell g(x) */
    uint32_t *outside;   /* [population cell] the cell that feature_only hands in with another label; else NULL */
    uint32_t *erased;    /* erase: [n_cells] place of g(x) in positions; else NULL */
    caucus_misses misses;
} caucus_signal;

/* Positions are the cells at which counts are kept: first the union of all signal sets, then the others of the view. */
typedef struct caucus_signals {
    uint32_t n_collectives;
    caucus_signal *of; /* [collective] */
    caucus_cells cells;
    uint32_t n_union; /* positions that belong to a signal set */
    uint32_t n_positions;
    uint32_t *position; /* [cell] or CAUCUS_NOWHERE */
} caucus_signals;

/* ---- the whole configuration ------------------------------------------------------------------------------------- */

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
    uint8_t *reach; /* the setting's */
    double *ratios; /* the setting's, as are the next two */
    double *affinities;
    uint8_t *matching;
    caucus_bound **bounds; /* [reckoning][sharing] at delta, and at delta / M for the global and joint bounds; NULL:
                              fixed, or the same */
    double *fixed;         /* [reckoning][knowledge] where no data enter (population) */
    caucus_expectation *expected; /* what population bounds read where epsilon is measured, else NULL */
} caucus_guarantee;

/* Without replacement all groups share one urn. Collectives draw over classes that keep apart what anybody asks for; of
 * the people of no collective and the test points the first are drawn over those that these two need, the last over
 * their own. Who has been taken from an urn's classes is added up for the next one's. */
typedef struct caucus_urn {
    bool test_first;
    uint32_t n_classes[3]; /* of the collectives' urn, the first ones' and the last ones' */
    uint32_t *into[2];     /* [class] of the next urn */
} caucus_urn;

typedef struct caucus_compiled {
    const caucus_config *config;
    uint32_t index; /* of the configuration in its experiment */
    caucus_random_key key;
    uint32_t n_labels;
    uint32_t n_collectives;
    caucus_signals signals;
    uint32_t n_tracked; /* positions at which each collective's own counts are kept: the first of all positions */

    uint32_t *certain;       /* [position] the label that leads there in all trials, which then is not asked for who
                                stands there; else CAUCUS_NOWHERE */
    uint32_t *clean_certain; /* the same of the platform trained on clean, where the accuracy cost is asked for */

    /* Who is drawn. Other configurations share these. */
    uint32_t n_partitions;
    const caucus_partition **partitions;
    const caucus_partition *others;   /* group 0 */
    const caucus_partition **members; /* [collective] */
    const caucus_partition *test;     /* test points */
    uint32_t n_outcomes;              /* kinds of test points, by what decides success on them */
    uint32_t *outcomes;               /* [class of the test partition] its kind */
    uint32_t *outcome_classes;        /* [n_outcomes] the first class of the kind */
    uint64_t others_size;
    caucus_urn urn; /* without replacement */
    caucus_draws draws;
    uint32_t most_classes; /* of any partition, or variants of any miss */

    bool noisy;             /* some collective has noise: what is handed in is not what was planned */
    bool estimating;        /* some collective has estimators */
    bool piloting;          /* some collective has a pilot */
    bool matching;          /* some bound knows an affinity of a collective's members */
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
    uint32_t *method_upper;       /* [method] its reckoning from above, or CAUCUS_NOWHERE */
    caucus_guarantee *guarantees; /* [collective] */
    caucus_memos *memos;          /* limits that they share */
    size_t bound_scratch;         /* doubles */
    uint32_t most_signal_cells;   /* of any collective */
    size_t n_flips;               /* candidates of worst_case */

    struct caucus_rows *rows; /* of people with real-valued features: then all above but config, index, seed, n_labels
                                 and n_collectives is empty (rows/rows.h); else NULL */

    caucus_training *training;     /* of a classifier that is trained, over all positions; else NULL */
    caucus_training *raw_training; /* the same for everybody's raw data, where the accuracy cost is asked for */
} caucus_compiled;

#endif
