/* What a collective of a given size achieves: the trials of one configuration, with that size in it. */
#ifndef CAUCUS_SOLVE_EVALUATE_H
#define CAUCUS_SOLVE_EVALUATE_H

#include "run/cpu_batch.h"
#include "run/plan.h"
#include "solve/estimate.h"

#include <stdatomic.h>

/* The workspace of all evaluations of a plan. */
typedef struct caucus_evaluator {
    caucus_plan *plan;                   /* borrowed */
    const caucus_solve_options *options; /* borrowed: whom to tell about progress */
    caucus_estimator estimator;
    uint32_t n_quantities; /* success, the methods, and where asked for the methods from above */
    unsigned n_workers;
    double *values;                   /* [quantity][trial] */
    caucus_trial_batch **batches;     /* [worker] */
    caucus_block **rows;              /* [worker] results of its batch */
    atomic_uint_fast64_t unconverged; /* trials of the evaluation under way whose training did not converge */
    double converged;                 /* lowest share of those that did in any evaluation since it was set to NaN */
    double started;                   /* of the clock */
    double reported;                  /* seconds */
    atomic_bool stopped;
    caucus_solve_progress progress;
} caucus_evaluator;

caucus_status caucus_evaluator_open(caucus_plan *plan, const caucus_solve_options *options,
                                    const caucus_estimator *estimator, caucus_evaluator **evaluator);
void caucus_evaluator_close(caucus_evaluator *evaluator);

/* Compile configuration `config` with its collective `collective` at the given size. CAUCUS_INVALID where the
 * population has too few people for it. The caller frees it. */
caucus_status caucus_evaluator_compile(const caucus_evaluator *evaluator, uint64_t config, uint32_t collective,
                                       uint64_t size, caucus_compiled **compiled);

/* Estimates that no data enter, from a compiled configuration: estimates[quantity] and known[quantity] are set for
 * them. */
void caucus_evaluator_fixed(const caucus_evaluator *evaluator, const caucus_compiled *compiled, uint32_t collective,
                            caucus_estimate *estimates, bool *known);

/* Run all trials of a compiled configuration and estimate every quantity. The random numbers are those of the
 * configuration and the trial, whatever the size: common to all sizes. CAUCUS_STOPPED when asked to stop. */
caucus_status caucus_evaluator_run(caucus_evaluator *evaluator, caucus_compiled *compiled, uint32_t collective,
                                   caucus_estimate *estimates);

/* Tell about progress, when it is time again or `now`. */
void caucus_evaluator_report(caucus_evaluator *evaluator, bool now);

caucus_status caucus_evaluator_fail_stopped(void);

#endif
