/* How many people have each combination of codes: a hash table from rows of ids to counts. It grows with the different
 * rows only, whatever the product of the columns' numbers of values. */
#ifndef CAUCUS_TALLY_H
#define CAUCUS_TALLY_H

#include "status.h"

typedef struct caucus_tally {
    uint32_t n_columns;
    uint32_t row_words; /* 64-bit words of a packed row of 16-bit ids */
    uint32_t n_rows;    /* different rows */
    uint32_t capacity;  /* of rows and counts */
    uint64_t *rows;     /* [row][word] */
    uint64_t *counts;   /* [row] */
    uint64_t n_slots;   /* a power of two */
    uint64_t *slots;    /* high half: of the hash; low half: row + 1, 0: free */
} caucus_tally;

caucus_status caucus_tally_init(caucus_tally *tally, uint32_t n_columns);
void caucus_tally_free(caucus_tally *tally);

/* Add to the count of a row. ids: row_words * 4 of them, those after n_columns zero. */
caucus_status caucus_tally_add(caucus_tally *tally, const uint16_t *ids, uint64_t count);

#endif
