/* Drawing a group of people over rows: whom it is drawn from, and how often each row is. */
#ifndef CAUCUS_ROWS_GROUP_H
#define CAUCUS_ROWS_GROUP_H

#include "math/multinomial.h"
#include "population/row_table.h"

typedef struct caucus_row_group {
    uint32_t n;           /* rows that people may be of */
    uint32_t *rows;       /* [n] in the table, rising */
    bool equal;           /* all rows are one person, and as likely to be drawn */
    caucus_chances *odds; /* [n] at the inner nodes of the heap of math/multinomial.h */
    uint64_t *cumulative; /* [n] weights of the rows up to each: people, times what makes them likelier */
} caucus_row_group;

/* The weight of all its rows, and of one. */
static inline uint64_t caucus_row_group_weight(const caucus_row_group *group)
{
    return group->n > 0 ? group->cumulative[group->n - 1] : 0;
}

static inline uint64_t caucus_row_group_weight_of(const caucus_row_group *group, uint32_t i)
{
    return group->cumulative[i] - (i > 0 ? group->cumulative[i - 1] : 0);
}

/* What a thread draws in. */
typedef struct caucus_row_urn {
    const caucus_row_table *table;
    uint64_t *heap;    /* [2 rows] */
    uint64_t *left;    /* [2 rows] heap of people that may still be drawn */
    uint64_t *taken;   /* [row of the table] without replacement: people drawn so far */
    uint32_t *shuffle; /* [row] */
} caucus_row_urn;

/* A group over the rows whose weight is not 0, weights: [row of the table]; plain: they are those of the table. */
caucus_status caucus_row_group_open(const caucus_row_table *table, const uint64_t *weights, bool plain,
                                    caucus_row_group *group);
void caucus_row_group_close(caucus_row_group *group);

caucus_status caucus_row_urn_open(const caucus_row_table *table, caucus_row_urn *urn);
void caucus_row_urn_close(caucus_row_urn *urn);

/* Draw `size` people with replacement into counts [n], which are overwritten. Draws up to a few for each row are row
 * numbers one after another; of more people the counts are drawn. */
void caucus_row_group_draw(const caucus_row_group *group, caucus_row_urn *urn, caucus_place place, uint64_t size,
                           uint64_t *counts);

/* The same without replacement, from those whom the urn has not given yet; there must be so many. */
void caucus_row_group_take(const caucus_row_group *group, caucus_row_urn *urn, caucus_place place, uint64_t size,
                           uint64_t *counts);

/* One person with replacement, as number `person` at this place: her position in the group. */
uint32_t caucus_row_group_pick(const caucus_row_group *group, caucus_place place, uint32_t person);

#endif
