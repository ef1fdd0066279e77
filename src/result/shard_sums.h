/* The sums of a shard that keeps no single trials: its file has them beside the summary that is made of them, so that
 * those of several shards can be added up. */
#ifndef CAUCUS_RESULT_SHARD_SUMS_H
#define CAUCUS_RESULT_SHARD_SUMS_H

#include "result/layout.h"
#include "result/netcdf.h"

typedef struct caucus_shard_sums caucus_shard_sums;

/* Make the group of sums in a result under way; then add each configuration's words in order. */
caucus_status caucus_shard_sums_make(const caucus_netcdf *netcdf, const caucus_layout *layout, const char *path,
                                     caucus_shard_sums **sums);
caucus_status caucus_shard_sums_add(caucus_shard_sums *sums, uint64_t config, const uint64_t *words);

/* Open those of a file; add the words of a configuration to others. */
caucus_status caucus_shard_sums_open(hid_t file, const caucus_shape *shape, uint64_t n_configs, const char *path,
                                     caucus_shard_sums **sums);
caucus_status caucus_shard_sums_read(caucus_shard_sums *sums, uint64_t config, uint64_t *words);

void caucus_shard_sums_close(caucus_shard_sums *sums);

#endif
