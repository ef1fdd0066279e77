/* The most telling configurations of a summary that has more than fit a terminal: extremes of success, bounds that
 * failed, where success crosses a half, and some evenly between. */
#ifndef CAUCUS_RESULT_TELLING_H
#define CAUCUS_RESULT_TELLING_H

#include "result/result.h"

/* chosen: [config]; about as many are set as give `most` rows of collectives. most 0, or enough for all: all of them.
 */
caucus_status caucus_telling_choose(caucus_result *result, uint64_t most, bool *chosen);

#endif
