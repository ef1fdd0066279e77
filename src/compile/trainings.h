/* The trainings that a configuration's trials have. */
#ifndef CAUCUS_COMPILE_TRAININGS_H
#define CAUCUS_COMPILE_TRAININGS_H

#include "trial/tables.h"

/* Fix the trainings of a configuration over all its positions, each with the counts that it is expected to have; closed
 * by caucus_training_close. CAUCUS_INVALID for what does not fit into memory. */
caucus_status caucus_trainings_open(caucus_compiled *compiled);

#endif
