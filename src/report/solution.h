/* Critical masses, read back from the file that caucus solve wrote (docs/solve.md). */
#ifndef CAUCUS_REPORT_SOLUTION_H
#define CAUCUS_REPORT_SOLUTION_H

#include "report/bars.h"
#include "result/metadata.h"

typedef struct caucus_masses {
    caucus_metadata about; /* without collectives, methods and sizes */
    char *collective;      /* whose size was looked for */
    char *statistic;       /* over trials */
    char *finished;
    double target, confidence;
    uint64_t n_quantities;
    char **quantities;  /* [quantity] success, bounds from below, and bounds from above: upper/ and the counterpart's
                           name */
    double *mass;       /* [config][quantity] NaN where no size reaches the target */
    double *low, *high; /* likewise: the interval of the size */
    double *value;      /* likewise: the estimate there, or at the largest size */
    uint64_t *largest;  /* [config] the largest size that is possible */
} caucus_masses;

caucus_status caucus_masses_read(const char *path, caucus_masses *masses);
void caucus_masses_free(caucus_masses *masses);

/* CAUCUS_INVALID for choices that belong to curves. */
caucus_status caucus_masses_check_options(const char *path, const caucus_report_options *options);

/* Whether a file is one of critical masses; other results are not, and neither is a file that is not there. */
caucus_status caucus_masses_are_in(const char *path, bool *are);

/* Whether there are bounds from above; whether a quantity is one; the one beside a quantity, 0 where there is none. */
bool caucus_masses_have_above(const caucus_masses *masses);
bool caucus_masses_is_above(const caucus_masses *masses, uint64_t quantity);
uint64_t caucus_masses_find_above(const caucus_masses *masses, uint64_t quantity);

/* Sizes below the first number cannot reach the target, whatever the others turn out to be; from there up to the second
 * the members' data leave it open. NaN: there is no such number. */
typedef struct caucus_undecided {
    double impossible_below, until;
} caucus_undecided;
caucus_undecided caucus_masses_undecided(const caucus_masses *masses, uint64_t config, uint64_t quantity);

/* Bars of all quantities, configuration by configuration, up to about `most`: a dot for a size, a bar for its interval.
 * Returns in *n_left how many configurations were left out. */
caucus_status caucus_masses_bars(const caucus_masses *masses, size_t most, caucus_bars *bars, uint64_t *n_left);

#endif
