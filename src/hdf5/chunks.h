/* Chunks compressed by several threads and stored by one, in the order they came: what any HDF5 reader takes for its
 * own shuffle and deflate filters, at a multiple of their speed. */
#ifndef CAUCUS_CHUNK_WRITER_H
#define CAUCUS_CHUNK_WRITER_H

#include "hdf5/file.h"
#include "trial/block.h"

typedef struct caucus_chunk_writer caucus_chunk_writer;

/* level: 0 (no filters) to 9, as the datasets' filters were declared. path serves messages. */
caucus_status caucus_chunk_writer_open(unsigned threads, unsigned level, size_t max_chunk_bytes, const char *path,
                                       caucus_chunk_writer **writer);
void caucus_chunk_writer_close(caucus_chunk_writer *writer); /* without finishing: drops what is queued */

/* Queue a chunk of four-byte values; bytes are copied. offset: its first element in the dataset. Errors may be those of
 * an earlier chunk. */
caucus_status caucus_chunk_writer_add(caucus_chunk_writer *writer, hid_t dataset, int rank, const hsize_t *offset,
                                      const void *bytes, size_t n_bytes);

/* Store all that is queued. */
caucus_status caucus_chunk_writer_finish(caucus_chunk_writer *writer);

/* Declare the filters of a dataset to be written so. */
caucus_status caucus_chunk_filters(hid_t properties, unsigned level);

#endif
