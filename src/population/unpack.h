/* Files that are compressed, unpacked into memory: gzip by zlib, Zstandard by libzstd, xz by liblzma. */
#ifndef CAUCUS_POPULATION_UNPACK_H
#define CAUCUS_POPULATION_UNPACK_H

#include "population/file_kind.h"

/* Unpack bytes of a file of kind gzip, zstd or xz, all members of it, into memory that the caller gives back by
 * munmap(*out, *capacity); *length of it are the file's. CAUCUS_INVALID for bytes that are damaged or cut off. */
caucus_status caucus_file_unpack(const char *path, caucus_file_kind kind, const void *bytes, size_t n_bytes, char **out,
                                 size_t *length, size_t *capacity);

#endif
