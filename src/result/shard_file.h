/* The file of a shard as what a merged result reads: rows of trials, chunks, sums. */
#ifndef CAUCUS_RESULT_SHARD_FILE_H
#define CAUCUS_RESULT_SHARD_FILE_H

#include "result/identity.h"
#include "result/stripe_packer.h"

typedef struct caucus_shard_file caucus_shard_file;

/* path and identity (the file's own) are borrowed. */
caucus_status caucus_shard_file_open(const char *path, const caucus_identity *identity, caucus_shard_file **file);
void caucus_shard_file_close(caucus_shard_file *file);

/* Configurations, trials and stripes are the shard's own, from 0. Rows go to rows `row` and up of a block; chunks are
 * valid until the next call; words are added. */
caucus_status caucus_shard_file_read_rows(caucus_shard_file *file, uint64_t config, uint64_t trial, uint64_t n,
                                          const caucus_block *to, uint64_t row);
caucus_status caucus_shard_file_read_chunks(caucus_shard_file *file, uint64_t stripe, caucus_stripe_chunks *chunks);
caucus_status caucus_shard_file_read_sums(caucus_shard_file *file, uint64_t config, uint64_t *words);

#endif
