/* Why a bound is what it is: each cell's margin, what it needs, and who stands against it. */
#ifndef CAUCUS_BOUND_EXPLAIN_H
#define CAUCUS_BOUND_EXPLAIN_H

#include "bound/bound.h"

typedef enum caucus_cell_state {
    CAUCUS_CELL_SAFE,
    CAUCUS_CELL_AT_RISK,   /* budget: leads, but by so little that the budget can buy it */
    CAUCUS_CELL_LOST,      /* does not lead by enough */
    CAUCUS_CELL_UNCERTAIN, /* erase, staircase: leads, but the members' data do not certify the label */
    CAUCUS_N_CELL_STATES
} caucus_cell_state;

extern const char *const caucus_cell_state_names[CAUCUS_N_CELL_STATES];

typedef struct caucus_cell_account {
    caucus_cell_state state;
    double margin; /* by which the good label is sure to lead its strongest rival; erase: the less of x and g(x) */
    double needed; /* more than this is safe */
    uint32_t good; /* labels */
    uint32_t rival;
    double own, rest, others; /* lead that the collective, the others outside all, the other collectives add; sum =
                                 margin */
} caucus_cell_account;

/* Fill accounts[cell of the bound's setting] by what the level of knowledge reckons with: its own limits or, where they
 * give more, those of a lower one. The bound is one from below and not of the family linear, there is one for this
 * view, and its epsilon is not measured. */
caucus_status caucus_bound_explain(const caucus_bound *bound, const caucus_bound_view *view, caucus_knowledge knowledge,
                                   caucus_cell_account *accounts);

#endif
