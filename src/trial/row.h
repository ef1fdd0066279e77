/* A row: what one trial yields, the shape that rows of a run have, and where the values of one go. Shared with devices.
 */
#ifndef CAUCUS_TRIAL_ROW_H
#define CAUCUS_TRIAL_ROW_H

#include "math/shared.h"

#include <math.h> /* NAN */

/* How many values of each kind a trial has. */
typedef struct caucus_shape {
    uint32_t n_collectives; /* the most in any configuration */
    uint32_t n_methods;     /* bound methods */
    bool trained;           /* some configuration's classifier is trained, so there is `converged` */
    bool compared;          /* `accuracy_cost` is asked for */
    bool upper;             /* so are bounds from above */
    uint8_t until;          /* whose standard errors decide when it ends (config/until.h); 0: nothing does */
} caucus_shape;

/* lower_bound, global_bound and joint_bound may be NULL when there are no methods. */
typedef struct caucus_row {
    uint32_t *success_count; /* [collective] */
    float *lower_bound;      /* [collective][method] */
    float *upper_bound;      /* [collective][method]; NULL when not asked for */
    float *global_success;
    uint32_t *joint_count; /* test points on which every collective succeeds */
    float *accuracy;
    float *suboptimality;
    float *global_bound;  /* [method] */
    float *joint_bound;   /* [method] */
    float *global_upper;  /* [method] from above; NULL when not asked for */
    float *joint_upper;   /* [method] the same */
    float *converged;     /* 1 or 0, NaN where nothing is trained; NULL when no configuration trains */
    float *accuracy_cost; /* NULL when not asked for */
} caucus_row;

/* Joint success, as bounds on it are compared with. */
CAUCUS_SHARED float caucus_row_joint_success(const caucus_row *row, uint32_t test)
{
    return CAUCUS_NARROW((double)*row->joint_count / test);
}

/* Rows have the values of the largest configuration: mark the collectives that this one does not have. */
CAUCUS_SHARED void caucus_row_blank(const caucus_row *row, const caucus_shape *shape, uint32_t n_present)
{
    for (uint32_t m = n_present; m < shape->n_collectives; m++) {
        row->success_count[m] = UINT32_MAX;
        for (uint32_t i = 0; i < shape->n_methods; i++) {
            row->lower_bound[(size_t)m * shape->n_methods + i] = NAN;
            if (row->upper_bound != NULL) {
                row->upper_bound[(size_t)m * shape->n_methods + i] = NAN;
            }
        }
    }
}

#endif
