/* The categories of a column: the values that occurred, named and in order. */
#ifndef CAUCUS_POPULATION_TABLE_VALUES_H
#define CAUCUS_POPULATION_TABLE_VALUES_H

#include "population/table_builder.h"

/* Fill categories from a column: bins in order ("<25", "25..50", ">=50"), other values bytewise, missing last. Columns
 * of numbers or truth values alone are spelled as caucus_spell_number and caucus_spell_boolean say. drop: [id] values
 * that no row has any more, or NULL. final_ids: [id of first appearance, or bin] the id in categories, several may have
 * the same; the caller frees both, also on failure. */
caucus_status caucus_table_values_sort(const caucus_build_column *column, const caucus_missing_words *missing,
                                       const bool *drop, caucus_categories *categories, uint32_t **final_ids);

#endif
