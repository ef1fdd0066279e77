/* Critical masses, read back from the file that caucus solve wrote (docs/solve.md). */
#ifndef CAUCUS_REPORT_SOLUTION_H
#define CAUCUS_REPORT_SOLUTION_H

#include "result/metadata.h"

typedef struct caucus_masses {
    caucus_metadata about; /* without collectives, methods and sizes */
    char *collective;      /* whose size was looked for */
    char *statistic;       /* over trials */
    char *finished;
    double target, confidence;
    uint64_t n_quantities;
    char **quantities;  /* [quantity] success, then bounds */
    double *mass;       /* [config][quantity] NaN where no size reaches the target */
    double *low, *high; /* likewise: the interval of the size */
    double *value;      /* likewise: the estimate there, or at the largest size */
    uint64_t *largest;  /* [config] the largest size that is possible */
} caucus_masses;

caucus_status caucus_masses_read(const char *path, caucus_masses *masses);
void caucus_masses_free(caucus_masses *masses);

#endif
