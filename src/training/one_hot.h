/* The one-hot design of a configuration: what a trained classifier sees of a cell.
 *
 * Columns are the constant (column 0), one for each value of each feature that some cell has and, with interactions,
 * one for each pair of values of two features that some cell has. A row of the design matrix has a few ones, the same
 * number in every cell, so the product with it is a sum. Columns that depend on the same few features are added up once
 * for each of those features' combinations, a *pattern*: a cell belongs to one pattern in each *group* of features, and
 * its score is the sum of its patterns' scores. On a full grid of six features in two groups that is one addition for a
 * cell and label instead of six; it is the same sum in any population. */
#ifndef CAUCUS_TRAINING_ONE_HOT_H
#define CAUCUS_TRAINING_ONE_HOT_H

#include "base/status.h"

typedef struct caucus_design {
    uint32_t n_cells;
    uint32_t n_columns; /* the constant included */
    uint32_t n_groups;
    uint32_t n_patterns;             /* of all groups, numbered through */
    uint32_t n_ones;                 /* in each cell's row, the constant included */
    uint32_t *cell_patterns;         /* [cell][group] */
    uint32_t *pattern_columns;       /* by pattern_column_starts */
    uint32_t *pattern_column_starts; /* [pattern + 1] */
    uint32_t *pattern_cells;         /* by pattern_cell_starts; ascending in each */
    uint64_t *pattern_cell_starts;   /* [pattern + 1] */
    uint32_t *column_patterns;       /* by column_starts; ascending in each */
    uint32_t *column_starts;         /* [column + 1] */
    uint32_t *column_feature;        /* [column] the first of its features; 0 for the constant */
} caucus_design;

/* codes: [cell][feature], all different; at least one cell and one feature. interactions: pairs too. CAUCUS_INVALID
 * when there are more than 2^31 patterns and columns together. */
caucus_status caucus_design_init(uint32_t n_cells, uint32_t n_features, const uint32_t *codes, bool interactions,
                                 caucus_design *design);
void caucus_design_free(caucus_design *design);

/* Bytes that init takes at its peak for so many cells and features, about. */
size_t caucus_design_bytes(uint32_t n_cells, uint32_t n_features, bool interactions);

/* The columns of the design that are 1 in a cell, the constant's included: [n_ones]. */
void caucus_design_columns(const caucus_design *design, uint32_t cell, uint32_t *columns);

#endif
