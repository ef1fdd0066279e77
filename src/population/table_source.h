/* Rows of a table, one after another, whatever kind of file they come from. */
#ifndef CAUCUS_POPULATION_TABLE_SOURCE_H
#define CAUCUS_POPULATION_TABLE_SOURCE_H

#include "base/status.h"

typedef enum caucus_value_kind {
    CAUCUS_ABSENT, /* what the file itself marks as missing: a null string, NaN, pandas' code -1 */
    CAUCUS_TEXT,
    CAUCUS_SIGNED,
    CAUCUS_UNSIGNED,
    CAUCUS_SINGLE, /* a real number of single precision, as a double */
    CAUCUS_DOUBLE
} caucus_value_kind;

/* One field. Texts are not NUL-terminated, and valid until the next row is read. Truth values are texts. */
typedef struct caucus_value {
    caucus_value_kind kind;
    size_t length;
    union {
        const char *text;
        int64_t integer;
        uint64_t natural;
        double real; /* finite or infinite, never -0 */
    };
} caucus_value;

typedef struct caucus_table_place {
    const char *path;
    char separator; /* CSV: 0 finds out among , ; tab | from the header */
    const char
        *group; /* HDF5: the group or dataset that holds the columns; NULL: the root, or the only table there is */
} caucus_table_place;

typedef struct caucus_table_source caucus_table_source;

/* What a kind of file has to do. */
typedef struct caucus_table_source_kind {
    caucus_status (*select)(caucus_table_source *source, const uint32_t *names);
    caucus_status (*next)(caucus_table_source *source, bool *more);
    void (*prefix)(const caucus_table_source *source, uint32_t column);
    const char *(*object)(const caucus_table_source *source, uint32_t column); /* where in the file; NULL: rows only */
    void (*close)(caucus_table_source *source);
} caucus_table_source_kind;

struct caucus_table_source {
    const caucus_table_source_kind *kind;
    const char *path; /* borrowed from the place */
    bool checked;     /* texts are known to be UTF-8 without NUL */
    uint32_t n_names;
    char **names;    /* [name] of columns; in a CSV file some may be empty, or the same */
    bool *aside;     /* [name] no feature unless it is asked for: row numbers and other coordinates */
    uint64_t n_rows; /* that there are at most, once columns are chosen; 0: unknown */
    uint64_t bytes;  /* of memory that the file takes while it is open, where that grows with it */
    uint32_t n_columns;
    caucus_value *values; /* [column] of the row read last */
};

/* Open a table and list its columns. CAUCUS_INVALID for what is no table, with what to do. The caller closes it. The
 * thread's numeric locale must be "C" while a source is open. */
caucus_status caucus_table_source_open(const caucus_table_place *place, caucus_table_source **source);
void caucus_table_source_close(caucus_table_source *source);

/* Choose the columns that rows are to have, as positions in names; once, before the first row. */
caucus_status caucus_table_source_select(caucus_table_source *source, uint32_t n_columns, const uint32_t *names);

/* Read the next row into values; *more is false behind the last one. */
caucus_status caucus_table_source_next(caucus_table_source *source, bool *more);

/* Put the place of a column of this row in front of this thread's message. */
void caucus_table_source_prefix(const caucus_table_source *source, uint32_t column);

/* Position of a column's name, or n_names; the first where several have it. */
uint32_t caucus_table_source_find(const caucus_table_source *source, const char *name);

/* The text of a value as categories spell it: number needs room for it, and the text may lie there. ABSENT: "". */
const char *caucus_value_text(const caucus_value *value, char number[], size_t *length);

/* ---- the kinds (table_csv.c, table_hdf5.c, and table_isolated.c, which reads HDF5 in a process of its own) ---- */

caucus_status caucus_table_csv_open(const caucus_table_place *place, caucus_table_source **source);
caucus_status caucus_table_hdf5_open(const caucus_table_place *place, caucus_table_source **source);
caucus_status caucus_table_isolated_open(const caucus_table_place *place, caucus_table_source **source);

#endif
