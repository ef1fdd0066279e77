/* The records of summaries: one for each configuration, collective and bound method of one result or several, with
 * fields that are chosen, filtered and sorted by name. */
#ifndef CAUCUS_RESULT_RECORDS_H
#define CAUCUS_RESULT_RECORDS_H

#include "result/result.h"

/* What a field shows; `index` is an axis' place in the list of axes, or a summary variable. */
typedef enum caucus_field_kind {
    CAUCUS_FIELD_FILE,
    CAUCUS_FIELD_CONFIG,
    CAUCUS_FIELD_AXIS,
    CAUCUS_FIELD_COLLECTIVE,
    CAUCUS_FIELD_SIZE,
    CAUCUS_FIELD_METHOD,
    CAUCUS_FIELD_VARIABLE,
    CAUCUS_FIELD_TRIALS,
    CAUCUS_FIELD_DELTA
} caucus_field_kind;

typedef struct caucus_field {
    caucus_field_kind kind;
    int index;
    const char *name; /* of the results, or fixed */
    bool whole;       /* whole numbers */
} caucus_field;

/* text, or where that is NULL a number; borrowed from the results. */
typedef struct caucus_cell {
    const char *text;
    double number;
} caucus_cell;

typedef struct caucus_records caucus_records;

/* Choose fields: columns NULL for the usual ones, else names with commas between them. where: [n_where] conditions NAME
 * OP VALUE that all must hold, OP one of = != < <= > >=. sort: names with commas, each with - in front for the largest
 * first; NULL: as they come. CAUCUS_INVALID for names that there are not, with the nearest. Results are borrowed. */
caucus_status caucus_records_open(caucus_result *const *results, size_t n_results, const char *columns,
                                  const char *const *where, size_t n_where, const char *sort, caucus_records **records);
void caucus_records_close(caucus_records *records);

const caucus_field *caucus_records_fields(const caucus_records *records, size_t *n);

/* Hand every record that is asked for to a function, in order, with its number; cells [field]. Without sort they are
 * not kept in memory. */
caucus_status caucus_records_each(caucus_records *records,
                                  caucus_status (*take)(void *context, uint64_t number, const caucus_cell *cells),
                                  void *context);

#endif
