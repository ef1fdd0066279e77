/* Bounds: what a collective can guarantee from what it knows, and what is out of its reach (docs/bounds.md). One
 * general computation of leads; strategy, knowledge, inequality, family and side are data that plug in.
 *
 * A bound reads integer counts only, through a view, so that simulated trials, counts documents and (with weights in
 * the place of counts) the true population all use the same code. Shared with devices. */
#ifndef CAUCUS_BOUND_BOUND_H
#define CAUCUS_BOUND_BOUND_H

#include "config/config.h"

/* A bound from below, or from above. */
typedef enum caucus_side { CAUCUS_LOWER, CAUCUS_UPPER, CAUCUS_N_SIDES } caucus_side;

/* Where another collective may put people, among the cells of a setting. */
enum { CAUCUS_REACH_SIGNAL = 1, CAUCUS_REACH_OUTSIDE = 2 };

/* What members are assumed to do who may not act as planned (docs/bounds.md, "Noise that is known"). */
typedef struct caucus_assumed_noise {
    bool any;
    double act;     /* at least so likely a member acts and misses nothing */
    double abstain; /* at most so likely it hands in its raw data */
} caucus_assumed_noise;

/* The fixed part: everything about collective m that does not change from trial to trial. */
typedef struct caucus_bound_setting {
    uint64_t consumers; /* N */
    uint64_t test;      /* N_test */
    double epsilon;     /* suboptimality assumed of the platform */
    bool measured;      /* epsilon is that of each view instead */
    caucus_slack slack;
    bool without_replacement; /* consumers and test people are all different people of one table */
    uint32_t n_labels;        /* L */
    uint32_t n_collectives;   /* M */
    uint32_t self;            /* m */
    /* [collective] */
    const uint64_t *sizes;
    const caucus_strategy *strategies;
    const uint32_t *targets;
    const double *ratios;     /* Gamma of each membership, at least 1; NULL: members are a sample of everybody */
    const double *affinities; /* so many times as likely those who match are to join, where that is known; else 0; NULL:
                                 nowhere */
    const uint8_t *matching;  /* [cell] whether people there match m's affinity; unused without one */
    const uint8_t *reach;     /* [collective][cell] flags; row m is unused; NULL: everywhere */
    caucus_assumed_noise noise;
    uint64_t estimators;   /* n_e of m; 0 unless unplant_adaptive */
    uint64_t pilot;        /* n_p of m: members who only fix how delta is shared (pilot.h); 0: delta is shared alike */
    uint32_t n_cells;      /* k: cells of the signal set S_m; for erase all K cells */
    const uint32_t *image; /* erase: [cell] index of g(x) among the cells; else NULL */
} caucus_bound_setting;

/* The counts of one data set, as collective m is shown them. Which of them a knowledge level may use is the bound's
 * business. All arrays are over the cells x of the setting; label is the fastest axis. Unused arrays may be NULL.
 * Every frequency divides by an n_... of this view, every size is the setting's. For population any weights will do;
 * for the other inequalities the n_... are the setting's sizes: n_own = n_m, n_base = n_m less the estimators, n_pooled
 * = all members less m's estimators. Read by: own, good, base always; mass by all but staircase with estimators, which
 * reads base_mass; raw by noise; pooled by full; others by aggregate, full and linear (which takes all as known);
 * crossed by strategies, only rows of strategies that depend on no data. */
typedef struct caucus_bound_view {
    double epsilon;            /* suboptimality of the platform where it is measured, else unused */
    uint64_t n_own;            /* m's members: denominator of own, raw and mass */
    const uint64_t *own;       /* [cell][label] what m's members hand in by its plan (noise left out) */
    const uint64_t *mass;      /* [cell] members with g(member) = x; erase: members whose raw cell is x */
    const uint64_t *raw;       /* [cell][label] raw data of all members */
    uint64_t n_base;           /* members whose raw data serve as the base estimate: n_m, less the estimators */
    const uint64_t *base;      /* [cell][label] their raw data */
    const uint64_t *base_mass; /* [cell] mass over those members only (equal to mass without estimators) */
    const uint32_t *good;      /* [cell] the good label a: t, t', yhat[x], or ystar[g(x)] */
    const uint64_t *others;    /* [cell][label] submitted by all other collectives together (aggregate, full) */
    uint64_t n_others;         /* denominator of others: the other collectives' members */
    const uint64_t *pooled;    /* [cell][label] raw data of all collectives but m's estimators, as "full" pools them */
    uint64_t n_pooled;
    const uint64_t *crossed; /* [collective][cell][label] h_j applied to the base members' raw data; row m is unused */
    /* Bounds that a pilot serves (caucus_bound_is_piloted) read these too; to them base, base_mass and crossed are of
     * members who are neither in the pilot nor estimators. */
    uint64_t n_pilot;
    const uint64_t *pilot;      /* [cell][label] the pilot's raw data */
    const uint64_t *pilot_mass; /* [cell] mass over the pilot */
    /* Bounds of a collective with an affinity read these of the base members, in place of mass. */
    uint64_t n_matching;
    const uint64_t *matching_mass;    /* [cell] of those who match */
    const uint64_t *other_mass;       /* [cell] of those who do not */
    const uint64_t *matching_crossed; /* as crossed, of those who match */
} caucus_bound_view;

/* A family, an inequality and a side, compiled for a setting: the bounds of all five knowledge levels (value.h). */
typedef struct caucus_bound caucus_bound;

/* Limits that bounds opened with them share: memo.h. */
typedef struct caucus_memos caucus_memos;

/* What is compiled. */
typedef struct caucus_bound_kind {
    caucus_family family;
    caucus_inequality inequality;
    caucus_side side;
} caucus_bound_kind;

/* Compile. setting's arrays, and memos unless NULL, must outlive the bound. delta is the failure probability of the
 * whole bound (callers pass delta/M for global and joint bounds), shared by all its knowledge levels. */
caucus_status caucus_bound_open(const caucus_bound_setting *setting, caucus_bound_kind kind, double delta,
                                caucus_memos *memos, caucus_bound **bound);
void caucus_bound_close(caucus_bound *bound);

/* Doubles of scratch that one evaluation needs (value.h); the caller owns them, one part for each thread. */
size_t caucus_bound_scratch(const caucus_bound *bound);

/* Whether a pilot decides how a bound's delta is shared: then views are to have one. */
bool caucus_bound_is_piloted(const caucus_bound *bound);

/* Whether a family and inequality mean anything for a strategy from a side (linear: population only, not erase ...). */
bool caucus_bound_applies(caucus_bound_kind kind, caucus_strategy strategy);

#endif
