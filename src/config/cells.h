/* The cells of one configuration: those of its population, and those that only the collectives' changes lead to. */
#ifndef CAUCUS_CONFIG_CELLS_H
#define CAUCUS_CONFIG_CELLS_H

#include "config/config.h"

#define CAUCUS_NOWHERE UINT32_MAX /* a cell or position that nobody needs to keep apart */

typedef struct caucus_cells {
    uint32_t n_features;
    uint32_t n_cells;
    uint32_t capacity;
    uint32_t *codes;  /* [cell][feature]; the population's cells come first, in its order */
    uint32_t *slots;  /* open-addressing index over codes; CAUCUS_NOWHERE is free */
    uint32_t n_slots; /* a power of two */
} caucus_cells;

caucus_status caucus_cells_init(const caucus_population *population, caucus_cells *cells);
void caucus_cells_free(caucus_cells *cells);

/* The cell with these codes, or CAUCUS_NOWHERE. */
uint32_t caucus_cells_find(const caucus_cells *cells, const uint32_t *codes);

/* The cell that assignments lead to from a cell, added when new. */
caucus_status caucus_cells_assign(caucus_cells *cells, uint32_t from, const caucus_assignment *assignments,
                                  uint32_t n_assignments, uint32_t *to);

/* Whether a collective's g leaves a cell where it is: exactly the cells of g(X), since g sets features to values. */
bool caucus_cells_marked(const caucus_cells *cells, uint32_t cell, const caucus_collective *collective);

/* What feature_only members with another label hand in where the experiment names nothing: the population's most
 * frequent cell outside the signal set. CAUCUS_INVALID when there is none. */
caucus_status caucus_cells_common_outside(const caucus_cells *cells, const caucus_population *population,
                                          const caucus_collective *collective, uint32_t *outside);

/* Whether a cell meets a predicate. */
bool caucus_cells_match(const caucus_cells *cells, uint32_t cell, const caucus_predicate *predicate);

#endif
