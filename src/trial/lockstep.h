/* All lanes of a group at a time: loops over lanes are innermost and without branches, so that compilers turn them into
 * vector instructions. array + CAUCUS_ROW(i) is the row of element i, a lane each; lanes that have no trial go along.
 */
#ifndef CAUCUS_LOCKSTEP_H
#define CAUCUS_LOCKSTEP_H

#include "math/shared.h"

#include <string.h>

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared */
#define CAUCUS_EACH_LANE(i) for (uint32_t i = 0; i < CAUCUS_LANES; i++)

/* Numbers of all lanes that a function keeps for itself. */
typedef caucus_count caucus_lane_counts[CAUCUS_LANES] __attribute__((aligned(64)));
typedef uint32_t caucus_lane_words[CAUCUS_LANES] __attribute__((aligned(64)));
typedef double caucus_lane_doubles[CAUCUS_LANES] __attribute__((aligned(64)));

#endif
