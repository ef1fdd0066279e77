/* Partitions of raw people (x, y) into classes that a trial need not tell apart (theory, "without drawing people").
 *
 * A class is a combination of column values: where a person stands, where each change would take it, its label. A group
 * draws counts over the classes of its partition; the fewer columns it needs, the fewer the classes. */
#ifndef CAUCUS_PARTITION_H
#define CAUCUS_PARTITION_H

#include "config/cells.h"
#include "math/multinomial.h"

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

CAUCUS_SHARED uint32_t caucus_n_columns(uint32_t n_collectives)
{
    return CAUCUS_FIRST_COLUMN + 3 * n_collectives;
}

typedef struct caucus_partition {
    uint32_t n_classes;
    uint32_t n_columns;
    uint64_t *weights;    /* [2 n_classes] heap of math/multinomial.h */
    caucus_chances *odds; /* [n_classes] at its inner nodes */
    uint32_t **columns;   /* [column][class]; NULL for columns that it does not keep */
} caucus_partition;

/* Values of columns for every cell of the population, and who has which weight. */
typedef struct caucus_people {
    uint32_t n_cells;
    uint32_t n_labels;
    const uint64_t *weights; /* [cell][label] */
    uint32_t n_columns;
    const uint32_t *const *columns; /* [column][cell]; NULL: not kept; the label column is never read */
    bool keep_label;
    bool label_nowhere; /* keep the label also of people whose raw column is CAUCUS_NOWHERE */
} caucus_people;

/* Group people of positive weight; classes are in order of first appearance. CAUCUS_INVALID when nobody has weight. */
caucus_status caucus_partition_init(const caucus_people *people, caucus_partition *partition);
void caucus_partition_free(caucus_partition *partition);

#endif
