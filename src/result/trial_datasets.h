/* The datasets of a result that have one row for each trial, written a stripe at a time: one chunk of each. */
#ifndef CAUCUS_RESULT_TRIAL_DATASETS_H
#define CAUCUS_RESULT_TRIAL_DATASETS_H

#include "result/layout.h"
#include "result/netcdf.h"
#include "result/stripe_packer.h"

typedef struct caucus_trial_datasets caucus_trial_datasets;

/* Make the datasets in a result under way. path serves messages and is borrowed. */
caucus_status caucus_trial_datasets_open(const caucus_netcdf *netcdf, const caucus_layout *layout, const char *path,
                                         caucus_trial_datasets **datasets);
void caucus_trial_datasets_close(caucus_trial_datasets *datasets);

caucus_status caucus_trial_datasets_write(const caucus_trial_datasets *datasets, uint64_t stripe,
                                          const caucus_stripe_chunks *chunks);

#endif
