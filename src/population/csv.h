/* CSV files (RFC 4180), record by record, straight from the file's bytes in memory, or from memory where it is
 * compressed.
 *
 * Fields may be quoted; inside quotes stand separators, line ends and "" for one quote. Records end in LF or CRLF, the
 * last one also at the end of the file. A UTF-8 byte order mark is skipped. Blank lines are skipped where records have
 * more than one field. Anything else that the RFC has no meaning for is an error at file:line:column: records of
 * another length than the header's, text after a closing quote, a quote inside a bare field, a carriage return on its
 * own, a NUL byte, bytes that are no UTF-8. */
#ifndef CAUCUS_POPULATION_CSV_H
#define CAUCUS_POPULATION_CSV_H

#include "base/status.h"

typedef struct caucus_csv_field {
    const char *text; /* without quotes; not NUL-terminated; valid until the next record is read */
    size_t length;
    const char *start; /* where the field begins in the file: for caucus_csv_fail */
} caucus_csv_field;

typedef struct caucus_csv {
    char *path;
    char separator;
    uint32_t n_columns;
    char **names;             /* [column] from the header; some may be empty, or the same */
    caucus_csv_field *fields; /* [column] of the record read last */
    /* the rest is the reader's own */
    uint32_t capacity; /* of fields */
    const char *mapping;
    size_t mapping_bytes;
    size_t n_bytes;    /* of the mapping that are the file's, unpacked */
    const char *begin; /* after a byte order mark */
    const char *end;
    const char *at; /* where the next record begins */
    char *scratch;  /* fields of this record that had "" in them */
    size_t scratch_bytes;
} caucus_csv;

/* Read a file, check its encoding, and read the header.
 * separator: 0 takes the most frequent of , ; tab | in the header. The caller closes the reader. */
caucus_status caucus_csv_open(const char *path, char separator, caucus_csv **csv);
void caucus_csv_close(caucus_csv *csv);

/* Read the next record into csv->fields; *more is false at the end of the file. */
caucus_status caucus_csv_next(caucus_csv *csv, bool *more);

/* How many records are left at most: the lines. */
uint64_t caucus_csv_count(const caucus_csv *csv);

/* CAUCUS_INVALID with the message behind "path:line:column: " of a place in the file (a field's start). */
caucus_status caucus_csv_fail(const caucus_csv *csv, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put the same in front of this thread's message. */
void caucus_csv_prefix(const caucus_csv *csv, const char *where);

#endif
