/* The fields of records (result/records.h): what can be named in columns, conditions and orders. */
#ifndef CAUCUS_RESULT_RECORD_FIELDS_H
#define CAUCUS_RESULT_RECORD_FIELDS_H

#include "result/result.h"

enum { CAUCUS_MOST_FIELDS = 128 };

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

typedef struct caucus_fields {
    size_t n;
    caucus_field of[CAUCUS_MOST_FIELDS];
} caucus_fields;

/* Everything that can be named of these results, the usual fields first; returns how many these are. fields: empty. */
size_t caucus_fields_list(caucus_result *const *results, size_t n_results, caucus_fields *fields);

/* The place of a name among fields; CAUCUS_INVALID, with the nearest one, for a name that there is not. */
caucus_status caucus_fields_find(const caucus_fields *fields, const char *name, size_t *field);

/* What a field differs between: CAUCUS_ON_CONFIG, CAUCUS_ON_COLLECTIVE, CAUCUS_ON_METHOD. */
unsigned caucus_field_dimensions(const caucus_field *field);

#endif
