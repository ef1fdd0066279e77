/* With which probability the rest of a group takes those whom the other classes leave it, as integers. */
#ifndef CAUCUS_COMPILE_DRAW_WINDOWS_H
#define CAUCUS_COMPILE_DRAW_WINDOWS_H

#include "compile/distribution.h"
#include "trial/draw_plan.h"

/* Thresholds of P(j) / P(mode) for a law of the rest; fills group->rest_taken. */
caucus_status caucus_draw_thresholds_add(caucus_group *group, const caucus_law *law);

/* Without replacement: `total` people, `rest` of them in the rest; `taken` have been drawn and `size` are drawn now. */
bool caucus_draw_windows_fit(uint64_t total, uint64_t rest, uint64_t taken, uint64_t size);

/* Fills rest_left, rest_taken and rest_stays for a group of which `rest` people are in the rest and `taken` have been
 * drawn. taken and the group's size together are less than its people. */
caucus_status caucus_draw_windows_add(caucus_group *group, uint64_t rest, uint64_t taken);

#endif
