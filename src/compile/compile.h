/* From a configuration to the tables of its trials. */
#ifndef CAUCUS_COMPILE_COMPILE_H
#define CAUCUS_COMPILE_COMPILE_H

#include "trial/tables.h"

/* Compile configuration `index` of an experiment, whose trials draw by its key; config is then owned by the result (and
 * freed on failure too). CAUCUS_INVALID for what only the data show: nobody who may join, fewer people than members. */
caucus_status caucus_compile(caucus_config *config, uint32_t index, caucus_compiled **compiled);
void caucus_compiled_free(caucus_compiled *compiled);

#endif
