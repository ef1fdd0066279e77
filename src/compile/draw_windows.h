/* With which probability the rest of a group takes those whom the other classes leave it, as integers. */
#ifndef CAUCUS_COMPILE_DRAW_WINDOWS_H
#define CAUCUS_COMPILE_DRAW_WINDOWS_H

#include "compile/distribution.h"
#include "trial/draw_plan.h"

/* Thresholds of P(j) / P(mode) for a law of a link's rest; fills link->takes. */
caucus_status caucus_draw_thresholds_add(caucus_group *group, const caucus_law *law, caucus_draw_link *link);

/* Without replacement: `total` people, `rest` of them in the rest; `taken` have been drawn and `size` are drawn now. */
bool caucus_draw_windows_fit(uint64_t total, uint64_t rest, uint64_t taken, uint64_t size);

/* Fills left, takes and stays of a link whose rest had link->people at the beginning, after `taken` people have been
 * drawn from the group's. taken and the group's size together are less than these. */
caucus_status caucus_draw_windows_add(caucus_group *group, uint64_t taken, caucus_draw_link *link);

#endif
