/* The group `summary` of a result: a dataset for each variable with a row for each configuration, read and written many
 * configurations at a time. */
#ifndef CAUCUS_RESULT_SUMMARY_DATASETS_H
#define CAUCUS_RESULT_SUMMARY_DATASETS_H

#include "result/layout.h"
#include "result/netcdf.h"
#include "result/summary.h"

typedef struct caucus_summary_datasets caucus_summary_datasets;

/* Make the group in a result under way, with coordinates of its own. from_sums: quantiles are those of histograms,
 * whose resolution is said. path serves messages and is borrowed, like shape. */
caucus_status caucus_summary_datasets_make(const caucus_netcdf *netcdf, const caucus_layout *layout,
                                           const caucus_shape *shape, bool from_sums, const char *path,
                                           caucus_summary_datasets **datasets);

/* The summary of the next configuration, from the first one on. */
caucus_status caucus_summary_datasets_add(caucus_summary_datasets *datasets, const caucus_summary *summary);

/* Write what is still gathered, after the last configuration. */
caucus_status caucus_summary_datasets_finish(caucus_summary_datasets *datasets);

/* Open the group of a file for n_configs configurations. CAUCUS_INVALID when a dataset is missing or misshapen. */
caucus_status caucus_summary_datasets_open(hid_t file, const caucus_shape *shape, uint64_t n_configs, const char *path,
                                           caucus_summary_datasets **datasets);

/* The values of a configuration; fast when configurations are asked for in order. Leaves n_trials alone. */
caucus_status caucus_summary_datasets_read(caucus_summary_datasets *datasets, uint64_t config, caucus_summary *summary);

void caucus_summary_datasets_close(caucus_summary_datasets *datasets);

#endif
