/* The datasets of a result that have one row for each trial, written block by block in the order of configurations and
 * trials. Their chunks depend on the layout alone, not on blocks. */
#ifndef CAUCUS_TRIAL_DATASETS_H
#define CAUCUS_TRIAL_DATASETS_H

#include "result/netcdf.h"

typedef struct caucus_trial_datasets caucus_trial_datasets;

/* Make the datasets in a result under way. layout and netcdf are borrowed. */
caucus_status caucus_trial_datasets_open(const caucus_netcdf *netcdf, const caucus_layout *layout, const char *path,
                                         unsigned threads, caucus_trial_datasets **datasets);

/* Append the next block. */
caucus_status caucus_trial_datasets_add(caucus_trial_datasets *datasets, const caucus_block *block);

/* Write what is still pending, after the last block. */
caucus_status caucus_trial_datasets_finish(caucus_trial_datasets *datasets);
void caucus_trial_datasets_close(caucus_trial_datasets *datasets);

#endif
