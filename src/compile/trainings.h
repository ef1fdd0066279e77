/* The trainings that a configuration's trials have. */
#ifndef CAUCUS_COMPILE_TRAININGS_H
#define CAUCUS_COMPILE_TRAININGS_H

#include "trial/tables.h"

/* Fix the trainings of a configuration over all its positions, but for what they begin with; closed by
 * caucus_training_close. CAUCUS_INVALID for what does not fit into memory. */
caucus_status caucus_trainings_open(caucus_compiled *compiled);

/* Have them begin with the counts that are expected, for which collectives are drawn: after the tables of draws. */
caucus_status caucus_trainings_begin(const caucus_compiled *compiled);

#endif
