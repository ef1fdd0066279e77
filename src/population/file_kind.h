/* What kind of file a table is in, by its first bytes. */
#ifndef CAUCUS_POPULATION_FILE_KIND_H
#define CAUCUS_POPULATION_FILE_KIND_H

#include "base/status.h"

typedef enum caucus_file_kind {
    CAUCUS_FILE_TEXT,
    CAUCUS_FILE_HDF5,
    CAUCUS_FILE_GZIP,
    CAUCUS_FILE_ZSTD,
    CAUCUS_FILE_XZ
} caucus_file_kind;

enum { CAUCUS_FILE_HEAD = 512 }; /* bytes from the beginning that tell the kinds apart */

/* CAUCUS_INVALID with what to do for what is no regular file, and for kinds that are no table for caucus: spreadsheets,
 * Parquet, pickles, pointers of Git LFS, and others. CAUCUS_FAILED when the file cannot be read. */
caucus_status caucus_file_kind_find(const char *path, caucus_file_kind *kind);

/* The same check of bytes that were compressed; what kind they are is left to the caller to bear. */
caucus_status caucus_file_kind_check(const char *path, const char *head, size_t length);

/* The kind of bytes that caucus_file_kind_check lets pass. */
caucus_file_kind caucus_file_kind_of(const char *head, size_t length);

#endif
