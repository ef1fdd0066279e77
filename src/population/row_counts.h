/* How many people have each combination of codes: a hash table from rows of ids to counts. It grows with the different
 * rows only, whatever the product of the columns' numbers of values. */
#ifndef CAUCUS_POPULATION_ROW_COUNTS_H
#define CAUCUS_POPULATION_ROW_COUNTS_H

#include "base/status.h"

/* Rows wait in batches, so that the cache misses of a large table overlap instead of following one another. */
enum { CAUCUS_TALLY_BATCH = 32 };

typedef struct caucus_row_counts {
    uint32_t n_columns;
    uint32_t row_words;   /* 64-bit words of a packed row of 16-bit ids */
    uint32_t entry_words; /* of a row and its count */
    uint32_t n_rows;      /* different rows */
    uint32_t capacity;    /* of entries */
    uint64_t *entries;    /* [row][word], the count last */
    uint64_t n_slots;     /* a power of two, at least twice the rows */
    uint64_t *slots;      /* high half: of the hash; low half: row + 1, 0: free */
    uint32_t n_waiting;
    uint64_t *waiting;                   /* [waiting][word], as entries */
    uint64_t hashes[CAUCUS_TALLY_BATCH]; /* [waiting] */
} caucus_row_counts;

caucus_status caucus_row_counts_init(caucus_row_counts *tally, uint32_t n_columns);
void caucus_row_counts_free(caucus_row_counts *tally);

/* Add to the count of a row. ids: row_words * 4 of them, those after n_columns zero. Counted for certain after the next
 * flush. */
caucus_status caucus_row_counts_add(caucus_row_counts *tally, const uint16_t *ids, uint64_t count);
caucus_status caucus_row_counts_flush(caucus_row_counts *tally);

/* The id of a column in a row, and the row's count. */
uint16_t caucus_row_counts_id(const caucus_row_counts *tally, uint32_t row, uint32_t column);
uint64_t caucus_row_counts_count(const caucus_row_counts *tally, uint32_t row);

#endif
