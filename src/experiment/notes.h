/* What a person should know about an experiment's data though nothing is wrong with them. */
#ifndef CAUCUS_EXPERIMENT_NOTES_H
#define CAUCUS_EXPERIMENT_NOTES_H

#include "experiment/experiment.h"

/* Add what there is to say of a population when it is loaded, of a configuration when it was read, of the sweep. What
 * was said before is not said again. */
caucus_status caucus_notes_population(caucus_experiment *experiment, const caucus_population *population);
caucus_status caucus_notes_config(caucus_experiment *experiment, const caucus_config *config);
caucus_status caucus_notes_sweep(caucus_experiment *experiment);

#endif
