/* Bounds inside a run: what every collective could have guaranteed with the data of a trial. */
#ifndef CAUCUS_GUARANTEE_H
#define CAUCUS_GUARANTEE_H

#include "trial.h"

/* Compile the bounds of a configuration into compiled->guarantees, and the values of those that no data enter. */
caucus_status caucus_guarantees_open(caucus_compiled *compiled);
void caucus_guarantees_close(caucus_compiled *compiled);

/* Evaluate all methods for a trial whose groups have been drawn; fills lower_bound, global_bound and joint_bound. */
void caucus_guarantees_evaluate(caucus_trial *trial, caucus_trial_result *result);

/* Bytes that a trial needs for gathering views. */
size_t caucus_guarantee_space(const caucus_compiled *compiled);

/* The largest float that is not above x, so that a stored bound never claims more than was proved. */
float caucus_round_down(double x);

#endif
