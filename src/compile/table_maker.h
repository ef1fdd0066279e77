/* Making the tables that draws look up. */
#ifndef CAUCUS_COMPILE_TABLE_MAKER_H
#define CAUCUS_COMPILE_TABLE_MAKER_H

#include "compile/distribution.h"

typedef struct caucus_table_maker caucus_table_maker;

/* For n_trials trials, 0: many, each of which looks a table up once and a ladder up to n_classes times. Only how tables
 * are looked up depends on them, not what is found. */
caucus_status caucus_table_maker_open(uint64_t n_trials, uint32_t n_classes, caucus_table_maker **maker);
void caucus_table_maker_close(caucus_table_maker *maker);

/* The table of a law; the same law again is the same table. */
caucus_status caucus_make_table(caucus_table_maker *maker, const caucus_law *law, uint32_t *table);

/* The number of a law among the wide ones, for its probabilities. Its deviation is at least CAUCUS_WIDE_DEVIATION. */
caucus_status caucus_make_wide(caucus_table_maker *maker, const caucus_law *law, uint32_t *wide);

/* Digits of counts up to most. */
uint32_t caucus_ladder_digits(uint64_t most);

/* The ladder of p for counts up to most; larger ones take longer. The same p again with as many digits is the same
 * ladder. */
caucus_status caucus_make_ladder(caucus_table_maker *maker, double p, double q, uint64_t most, uint32_t *ladder);

/* Draws i with probability weights[i] / their sum, which is over 0 and at most 2^63. */
caucus_status caucus_make_choice(caucus_table_maker *maker, const uint64_t *weights, uint32_t n, uint32_t *table);

/* What has been made, for good: the maker is empty then. */
void caucus_table_maker_finish(caucus_table_maker *maker, caucus_tables *tables);
void caucus_tables_free(caucus_tables *tables);

#endif
