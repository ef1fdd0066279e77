/* What was found, in sentences. */
#ifndef CAUCUS_REPORT_WORDS_H
#define CAUCUS_REPORT_WORDS_H

#include "report/chart.h"

/* List items, at most `most`, one for each case and collective. Over an axis: with how many members, or where along it,
 * the mean success reaches the goal, and where the chosen method promises that: the 5 % quantile of its bound, since a
 * collective meets one draw, not the mean. Without an axis: success and promise of each configuration. Returns how many
 * sentences were left out. */
uint64_t caucus_words_findings(const caucus_chart *chart, uint64_t most, FILE *to);

/* "All of them reach 0.9 together in 4 of 12 configurations": a paragraph, for several collectives. */
void caucus_words_together(const caucus_chart *chart, FILE *to);

/* A paragraph on how far published points agree, where there are any. */
void caucus_words_agreement(const caucus_chart *chart, FILE *to);

/* The largest share of trials in which a method's bound was above the success, over configurations. */
typedef struct caucus_worst_rate {
    double rate, low, high; /* with its interval; NaN where there is none */
    uint64_t config;
    uint32_t collective;
    uint64_t n, n_significant; /* configurations and collectives; those whose interval lies above delta */
    double vacuous, tightness; /* means over them */
    double upper;              /* largest rate at which the bound from above is broken; NaN: there is none */
} caucus_worst_rate;

/* Of one collective, or of all of them: CAUCUS_NO_AXIS. */
caucus_worst_rate caucus_words_worst_rate(const caucus_findings *findings, uint32_t collective, uint32_t method);

#endif
