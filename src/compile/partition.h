/* Partitions of raw people (x, y) into classes that a trial need not tell apart (docs/engine.md, "Drawing without
 * people").
 *
 * A class is a combination of column values: where a person stands, where each change would take it, its label. A group
 * draws counts over the classes of its partition; the fewer columns it needs, the fewer the classes. */
#ifndef CAUCUS_COMPILE_PARTITION_H
#define CAUCUS_COMPILE_PARTITION_H

#include "trial/tables.h"

/* Values of columns for every cell of the population, and who has which weight. */
typedef struct caucus_partition_people {
    uint32_t n_cells;
    uint32_t n_labels;
    const uint64_t *weights; /* [cell][label] */
    uint32_t n_columns;
    const uint32_t *const *columns; /* [column][cell]; NULL: not kept; the label column is never read */
    bool keep_label;
    bool label_nowhere;    /* keep the label also of people whose raw column is CAUCUS_NOWHERE */
    const uint32_t *right; /* [cell] where only one label matters it, else CAUCUS_NOWHERE; NULL: nowhere */
    uint32_t labels[2];    /* what the other labels there, and that one, are kept as */
} caucus_partition_people;

/* Group people of positive weight; classes are in order of first appearance. CAUCUS_INVALID when nobody has weight. */
caucus_status caucus_partition_init(const caucus_partition_people *people, caucus_partition *partition);
void caucus_partition_free(caucus_partition *partition);

#endif
