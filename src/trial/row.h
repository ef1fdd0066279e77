/* Where results of a trial go. Shared with devices. */
#ifndef CAUCUS_TRIAL_RESULT_H
#define CAUCUS_TRIAL_RESULT_H

#include <stdint.h>

/* lower_bound, global_bound and joint_bound may be NULL when there are no methods. */
typedef struct caucus_trial_result {
    uint32_t *success_count; /* [collective] */
    float *lower_bound;      /* [collective][method] */
    float *global_success;
    float *joint_success;
    float *accuracy;
    float *suboptimality;
    float *global_bound;  /* [method] */
    float *joint_bound;   /* [method] */
    float *converged;     /* 1 or 0, NaN where nothing is trained; NULL when no configuration trains */
    float *accuracy_cost; /* NULL when not asked for */
} caucus_trial_result;

#endif
