/* From a configuration to the tables of its trials. */
#ifndef CAUCUS_COMPILE_COMPILE_H
#define CAUCUS_COMPILE_COMPILE_H

#include "trial/tables.h"

/* Compile configuration `index` of an experiment, whose trials draw by its key; config is then owned by the result (and
 * freed on failure too). CAUCUS_INVALID for what only the data show: nobody who may join, fewer people than members. */
caucus_status caucus_compile(caucus_config *config, uint32_t index, caucus_compiled **compiled);

/* The same but for the tables of draws, which are most of the work: enough to plan with, not to run. */
caucus_status caucus_compile_outline(caucus_config *config, uint32_t index, caucus_compiled **compiled);

/* Add the tables of draws, where they are missing. */
caucus_status caucus_compile_draws(caucus_compiled *compiled);
void caucus_compiled_free(caucus_compiled *compiled);

#endif
