/* Where a network's trainings begin, when a platform retrains from the network that it has. */
#ifndef CAUCUS_TRAINING_EXPECTED_START_H
#define CAUCUS_TRAINING_EXPECTED_START_H

#include "training/training.h"

/* Move the start of a training to where training ends from there on the expected counts [cell][label] times scale. */
caucus_status caucus_expected_start(caucus_training *training, const uint64_t *expected, double scale);

#endif
