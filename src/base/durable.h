/* Files that are there whole or not at all: written under a temporary name, forced to the disk, then renamed. */
#ifndef CAUCUS_DURABLE_H
#define CAUCUS_DURABLE_H

#include "base/status.h"

/* One piece of a file's content. */
typedef struct caucus_piece {
    const void *bytes;
    size_t size;
} caucus_piece;

/* Force temporary to the disk, give it the name path (replacing what is there), and force the directory. */
caucus_status caucus_durable_publish(const char *temporary, const char *path);

/* Force a file to the disk; or a directory, which some file systems cannot: then a rename is as durable as it gets. */
caucus_status caucus_durable_sync(const char *path, bool directory);
caucus_status caucus_durable_sync_directory_of(const char *path);

/* Write the pieces to PATH.tmp, which must not exist, and publish it; a failed attempt leaves nothing behind. */
caucus_status caucus_durable_write(const char *path, const caucus_piece *pieces, size_t n_pieces);

/* The directory that holds path; the caller frees it. NULL when out of memory. */
char *caucus_durable_directory(const char *path);

#endif
