/* What was found, in sentences. */
#ifndef CAUCUS_REPORT_WORDS_H
#define CAUCUS_REPORT_WORDS_H

#include "report/chart.h"

/* List items, one for each panel and collective: where along the axis its mean success reaches the goal, and where
 * the chosen method promises it: the 5 % quantile of its bound, since a collective meets one draw, not
 * the mean. */
void caucus_words_findings(const caucus_chart *chart, uint64_t most_panels, FILE *to);

/* The largest share of trials in which a method's bound was above the success, over configurations and collectives. */
typedef struct caucus_worst_rate {
    double rate, low, high; /* with its interval; NaN where there is none */
    uint64_t config;
    uint32_t collective;
    uint64_t n, n_significant; /* configurations and collectives; those whose interval lies above delta */
    double vacuous, tightness; /* means over them */
} caucus_worst_rate;
caucus_worst_rate caucus_words_worst_rate(const caucus_findings *findings, uint32_t method);

#endif
