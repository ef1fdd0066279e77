/* Tabulates signal sets: where each collective's changes lead, and the positions at which counts matter. */
#ifndef CAUCUS_COMPILE_SIGNALS_H
#define CAUCUS_COMPILE_SIGNALS_H

#include "trial/tables.h"

/* Which cells counts are kept at. */
typedef enum caucus_view {
    CAUCUS_VIEW_SIGNALS,    /* those of signal sets */
    CAUCUS_VIEW_POPULATION, /* and all of the population: erase, clean accuracy */
    CAUCUS_VIEW_ALL         /* and all that anybody may hand in: trained classifiers */
} caucus_view;

/* Tabulate a configuration. CAUCUS_INVALID when outside stays in the signal set, no cell lies outside it, or misses
 * have too many variants. */
caucus_status caucus_signals_init(const caucus_config *config, caucus_view view, caucus_signals *signals);
void caucus_signals_free(caucus_signals *signals);

#endif
