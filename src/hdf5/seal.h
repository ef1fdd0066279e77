/* The seal at the end of a file: a CRC-32 of every page of what comes before, and one of themselves
 * (docs/result-file.md). HDF5 readers ignore what follows the end of their data. */
#ifndef CAUCUS_HDF5_SEAL_H
#define CAUCUS_HDF5_SEAL_H

#include "base/status.h"

typedef struct caucus_seal {
    uint64_t length;     /* of the data before the seal */
    uint64_t file_bytes; /* of the whole file */
    uint32_t page_bytes; /* a power of two; the last page may be shorter */
    uint64_t n_pages;
    uint32_t *sums; /* [page] */
} caucus_seal;

/* The seal of data in memory, as bytes to be written behind them; the caller frees it. */
caucus_status caucus_seal_make(const void *data, uint64_t length, void **seal, size_t *n_bytes);

/* Seal a file that has been written. descriptor: for reading and writing; path serves messages. */
caucus_status caucus_seal_append(int descriptor, const char *path);

/* Read the seal of an open file. CAUCUS_INVALID when it has none or a damaged one, or is no regular file; CAUCUS_FAILED
 * when it cannot be read. */
caucus_status caucus_seal_read(int descriptor, const char *path, caucus_seal *seal);
void caucus_seal_free(caucus_seal *seal);

/* Bytes of a page, and whether these are it. */
size_t caucus_seal_page_length(const caucus_seal *seal, uint64_t page);
bool caucus_seal_holds(const caucus_seal *seal, uint64_t page, const void *bytes);

/* Read n bytes at a place of a file. CAUCUS_FAILED when the system refuses, CAUCUS_INVALID when the file ends early. */
caucus_status caucus_seal_read_bytes(int descriptor, const char *path, uint64_t at, void *bytes, size_t n);

#endif
