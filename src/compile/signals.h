/* Signal sets: where each collective's changes lead, and the positions at which the platform's counts matter. */
#ifndef CAUCUS_SIGNAL_SET_H
#define CAUCUS_SIGNAL_SET_H

#include "config/cells.h"
#include "math/multinomial.h"

/* What members who miss a set feature hand in instead of a signal cell. The same weights serve every signal cell. */
typedef struct caucus_misses {
    uint32_t n_variants;  /* products of the set features' values; 0 without misses */
    uint64_t *weights;    /* [2 n_variants] heap of math/multinomial.h */
    caucus_chances *odds; /* [n_variants] at its inner nodes */
    uint32_t *positions;  /* [signal cell][variant] */
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

/* Which cells counts are kept at. */
typedef enum caucus_view {
    CAUCUS_VIEW_SIGNALS,    /* those of signal sets */
    CAUCUS_VIEW_POPULATION, /* and all of the population: erase, clean accuracy */
    CAUCUS_VIEW_ALL         /* and all that anybody may hand in: trained classifiers */
} caucus_view;

/* Positions are the cells at which counts are kept: first the union of all signal sets, then the others of the view. */
typedef struct caucus_signals {
    uint32_t n_collectives;
    caucus_signal *of; /* [collective] */
    caucus_cells cells;
    uint32_t n_union; /* positions that belong to a signal set */
    uint32_t n_positions;
    uint32_t *position; /* [cell] or CAUCUS_NOWHERE */
} caucus_signals;

/* Tabulate a configuration. CAUCUS_INVALID when outside stays in the signal set, no cell lies outside it, or misses
 * have too many variants. */
caucus_status caucus_signals_init(const caucus_config *config, caucus_view view, caucus_signals *signals);
void caucus_signals_free(caucus_signals *signals);

#endif
