/* Running a plan as often as it takes: once, or in rounds of ever more trials. */
#include "base/stop.h"
#include "result/store.h"
#include "run/run.h"

#include <math.h>

void caucus_run_stop(void)
{
    caucus_stop_request();
}

static caucus_status check_options(const caucus_plan *plan, const caucus_run_options *options, bool in_memory)
{
    if (in_memory ? options->output != NULL : options->output == NULL && options->trials == NULL) {
        return caucus_fail(CAUCUS_INVALID, in_memory
                                               ? "a run in memory writes no file: leave output away"
                                               : "a run needs an output file, or a function that takes its trials");
    }
    if (options->output == NULL && (options->resume || options->force)) {
        return caucus_fail(CAUCUS_INVALID, "resume and force are about an output file, and there is none");
    }
    if (options->trials != NULL && !plan->layout.experiment->output.trials) {
        return caucus_fail(CAUCUS_INVALID, "the experiment keeps summaries only (output.trials), so no trials can be "
                                           "handed over: set output.trials=true");
    }
    return CAUCUS_OK;
}

/* Blocks as the finished ones of a run that resumes have them; and where sums grow, whole blocks of what is there. */
static caucus_status fit_blocks(caucus_plan *plan, const caucus_run_options *options)
{
    uint32_t found = 0;
    uint64_t finished = 0;
    uint64_t begun = 0;
    if (!options->resume) {
        return CAUCUS_OK;
    }
    TRY(caucus_store_find_block_trials(options->output, &found));
    TRY(caucus_store_find_trials(options->output, &finished, &begun));
    if (found == 0 && !plan->experiment->output.trials && finished > 0 && finished < plan->layout.n_trials) {
        found = plan->layout.block_trials;
        while (finished % found != 0) {
            found--;
        }
    }
    if (found > 0) {
        TRY(caucus_plan_set_block(plan, found));
        TRY(caucus_plan_check_memory(plan));
    }
    return CAUCUS_OK;
}

static caucus_status run_to_file(caucus_plan *plan, const caucus_run_options *options)
{
    TRY(fit_blocks(plan, options));
    return caucus_run_once(plan, options, NULL);
}

/* The largest standard error of all configurations of a result. */
static caucus_status read_error(const char *path, double *error)
{
    caucus_result *result = NULL;
    caucus_array array;
    TRY(caucus_result_open(path, &result));
    const caucus_status status = caucus_result_array(result, "summary/standard_error", &array);
    *error = 0;
    for (uint64_t c = 0; status == CAUCUS_OK && c < array.shape[0]; c++) {
        *error = fmax(*error, ((const double *)array.values)[c]);
    }
    caucus_result_close(result);
    return status;
}

/* Rounds of ever more trials until the standard errors are small enough (docs/statistics.md). Each is a run whose
 * result the next one lets grow, so that the last one is what a run of so many trials gives, and stopping loses
 * nothing. */
static caucus_status run_rounds(caucus_plan *plan, const caucus_run_options *options)
{
    const caucus_experiment *experiment = plan->experiment;
    const caucus_until *until = &experiment->until;
    caucus_run_options round = *options;
    uint64_t trials = experiment->trials;
    double error = 0;
    if (options->resume) {
        uint64_t finished = 0;
        uint64_t begun = 0;
        TRY(caucus_store_find_trials(options->output, &finished, &begun));
        trials = caucus_until_round(until, trials, begun > finished ? begun : finished);
    }
    for (;;) {
        TRY(caucus_plan_set_trials(plan, trials));
        TRY(run_to_file(plan, &round));
        TRY(read_error(options->output, &error));
        if (error <= until->standard_error || trials >= until->most) {
            return CAUCUS_OK;
        }
        if (caucus_stop_requested()) {
            return caucus_fail(CAUCUS_STOPPED,
                               "stopped; %llu trials of each configuration are saved: go on with --resume",
                               (unsigned long long)trials);
        }
        trials = caucus_until_next(until, trials);
        round.resume = true;
        round.force = false;
    }
}

static caucus_status check_until(const caucus_plan *plan, const caucus_run_options *options)
{
    return plan->experiment->until.of == 0 || (options->output != NULL && options->trials == NULL)
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "an experiment with `until` needs a result file, which its rounds let grow, "
                             "and hands over no trials: leave `until` out (until=null)");
}

caucus_status caucus_run(caucus_plan *plan, const caucus_run_options *options)
{
    TRY(check_options(plan, options, false));
    TRY(check_until(plan, options));
    const caucus_status status =
        plan->experiment->until.of != 0 ? run_rounds(plan, options) : run_to_file(plan, options);
    caucus_stop_forget();
    return status;
}

caucus_status caucus_run_in_memory(caucus_plan *plan, const caucus_run_options *options, caucus_result **result)
{
    static const caucus_run_options none = {0};
    const caucus_run_options *given = options != NULL ? options : &none;
    TRY(check_options(plan, given, true));
    TRY(check_until(plan, given));
    const caucus_status status = caucus_run_once(plan, given, result);
    caucus_stop_forget();
    return status;
}
