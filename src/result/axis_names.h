/* Names of sweep axes as dataset names: netCDF forbids some characters, CF lists separate names by blanks, and a result
 * has datasets of its own. */
#ifndef CAUCUS_RESULT_AXIS_NAMES_H
#define CAUCUS_RESULT_AXIS_NAMES_H

#include "experiment/experiment.h"

/* One name for each axis, all different; freed with caucus_axis_names_free. An axis keeps its name where it can; else
 * bad characters become "_", and a name that is taken gets "axis_" in front. */
caucus_status caucus_axis_names(const caucus_axis *axes, uint32_t n_axes, char ***names);
void caucus_axis_names_free(char **names, uint32_t n_axes);

#endif
