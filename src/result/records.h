/* The records of summaries: one for each configuration, collective and bound method of one result or several, with
 * fields that are chosen, filtered and sorted by name. Where nothing that is named differs between methods, or between
 * collectives, there is one record for all of them. */
#ifndef CAUCUS_RESULT_RECORDS_H
#define CAUCUS_RESULT_RECORDS_H

#include "result/record_fields.h"

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
