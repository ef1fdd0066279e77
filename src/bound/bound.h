/* Bounds: what a collective can guarantee from what it knows (docs/bounds.md, "Margin and slack" and "Families").
 * One general margin computation; strategy, knowledge, inequality and family are data that plug in.
 *
 * A bound reads integer counts only, through a view, so that simulated trials, counts documents and (with weights in
 * the place of counts) the true population all use the same code. */
#ifndef CAUCUS_BOUND_BOUND_H
#define CAUCUS_BOUND_BOUND_H

#include "config/config.h"

/* The fixed part: everything about collective m that does not change from trial to trial. */
typedef struct caucus_bound_setting {
    uint64_t consumers; /* N */
    uint64_t test;      /* N_test */
    double epsilon;     /* suboptimality assumed of the platform */
    bool measured;      /* epsilon is that of each view instead */
    caucus_slack slack;
    uint32_t n_labels;      /* L */
    uint32_t n_collectives; /* M */
    uint32_t self;          /* m */
    /* [collective] */
    const uint64_t *sizes;
    const caucus_strategy *strategies;
    const uint32_t *targets;
    uint64_t estimators;   /* n_e of m; 0 unless unplant_adaptive */
    uint32_t n_cells;      /* k: cells of the signal set S_m; for erase all K cells */
    const uint32_t *image; /* erase: [cell] index of g(x) among the cells; else NULL */
} caucus_bound_setting;

/* The counts of one data set, as collective m is shown them. Which of them a knowledge level may use is the bound's
 * business. All arrays are over the cells x of the setting; label is the fastest axis. Unused arrays may be NULL.
 * Every frequency divides by an n_... of this view, every weight w_j uses the setting's sizes. For population any
 * weights will do; for the other inequalities the n_... are the setting's sizes: n_own = n_m, n_base = n_m less the
 * estimators, n_pooled = all members less m's estimators. Read by: own, good always; mass for staircase and, but for
 * estimators, budget; base_mass for budget with estimators; base and pooled by knowledge; others by aggregate, full and
 * linear (which takes all as known); crossed by strategies, only rows of feature_label, feature_only and
 * feature_only_keep. */
typedef struct caucus_bound_view {
    double epsilon;            /* suboptimality of the platform where it is measured, else unused */
    uint64_t n_own;            /* m's members: denominator of own and mass */
    const uint64_t *own;       /* [cell][label] what m's members hand in by its plan (noise left out) */
    const uint64_t *mass;      /* [cell] members with g(member) = x; erase: members whose raw cell is x */
    uint64_t n_base;           /* members whose raw data serve as the base estimate: n_m, less the estimators */
    const uint64_t *base;      /* [cell][label] their raw data */
    const uint64_t *base_mass; /* [cell] mass over those members only (equal to mass without estimators) */
    const uint32_t *good;      /* [cell] the good label a: t, yhat[x], or ystar[g(x)] */
    const uint64_t *others;    /* [cell][label] submitted by all other collectives together (aggregate, full) */
    uint64_t n_others; /* denominator of others: the other collectives' members; counts times (sum w_j) / n_others */
    const uint64_t *pooled; /* [cell][label] raw data of all collectives but m's estimators, as "full" pools them */
    uint64_t n_pooled;
    const uint64_t *crossed; /* [collective][cell][label] h_j applied to the base members' raw data; row m is unused */
} caucus_bound_view;

/* A method compiled for a setting: levels, radii, slack (bound/value.h). */
typedef struct caucus_bound caucus_bound;

/* Limits that bounds opened with them share: bound/memo.h. */
typedef struct caucus_memos caucus_memos;

/* Compile. setting's arrays, and memos unless NULL, must outlive the bound. delta is the failure probability of the
 * whole bound (callers pass delta/M for global and joint bounds). */
caucus_status caucus_bound_open(const caucus_bound_setting *setting, caucus_method method, double delta,
                                caucus_memos *memos, caucus_bound **bound);
void caucus_bound_close(caucus_bound *bound);

/* Doubles of scratch that one evaluation needs (caucus_bound_value); the caller owns them, one part for each thread. */
size_t caucus_bound_scratch(const caucus_bound *bound);

/* Whether a method means anything for a strategy (linear: population only, planting only...). */
bool caucus_bound_applies(caucus_method method, caucus_strategy strategy);

#endif
