/* People of a table counted by the cells and labels of a population that is already known. */
#ifndef CAUCUS_ADVICE_MEMBERS_H
#define CAUCUS_ADVICE_MEMBERS_H

#include "config/cells.h"
#include "population/table.h"

typedef struct caucus_people_spec {
    const char *path; /* table with a column for each feature of the population, and its label */
    const char *weight;
    bool only_known;                /* cells that the population has nobody in are an error */
    bool weight_optional;           /* without such a column, each row is one person */
    const caucus_table_spec *table; /* how the population was read: bins, missing values, rows without a label */
} caucus_people_spec;

typedef struct caucus_member_counts {
    uint64_t total;
    uint64_t n_unlabelled; /* people without a label, left out as the population leaves them out */
    uint64_t *counts;      /* [cell][label] of the cells when reading ended */
} caucus_member_counts;

/* Count the rows. Cells that the population has nobody in are added to cells, or refused. CAUCUS_INVALID with
 * file:line:column and the nearest value for values that the population does not know. The caller frees counts. */
caucus_status caucus_people_read(const caucus_people_spec *spec, const caucus_population *population,
                                 caucus_cells *cells, caucus_member_counts *people);

#endif
