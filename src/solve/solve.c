/* Critical mass (docs/solve.md): how large a collective must be, over a sweep of everything else. */
#include "solve/solve.h"

#include "base/claim.h"
#include "base/clock.h"
#include "base/text.h"
#include "compile/compile.h"
#include "config/method.h"
#include "experiment/experiment.h"
#include "solve/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double DEFAULT_TARGET = 0.9;
static const double DEFAULT_CONFIDENCE = 0.95;

/* ---- what is asked ---------------------------------------------------------------------------------------------- */

/* Defaults in, nonsense out. */
static caucus_status read_options(const caucus_solve_options *given, caucus_solve_options *options)
{
    *options = given != NULL ? *given : (caucus_solve_options){0};
    options->target = options->target == 0 ? DEFAULT_TARGET : options->target;
    options->confidence = options->confidence == 0 ? DEFAULT_CONFIDENCE : options->confidence;
    options->statistic = options->statistic == NULL ? "mean" : options->statistic;
    if (!(options->target > 0 && options->target <= 1)) {
        return caucus_fail(CAUCUS_INVALID, "target %g: success is a share, so a target lies above 0 and is at most 1",
                           options->target);
    }
    return CAUCUS_OK;
}

/* ---- sizes that are possible ------------------------------------------------------------------------------------- */

static caucus_status can_compile(const caucus_evaluator *evaluator, const caucus_search_setting *setting, uint64_t size,
                                 bool *possible)
{
    caucus_compiled *compiled = NULL;
    caucus_status status = caucus_evaluator_compile(evaluator, setting->config, setting->collective, size, &compiled);
    caucus_compiled_free(compiled);
    *possible = status == CAUCUS_OK;
    return status == CAUCUS_FAILED ? status : CAUCUS_OK;
}

/* Without replacement a collective of particular members can use up the people there are: the largest size below that
 * still has enough. */
static caucus_status limit_by_people(const caucus_evaluator *evaluator, caucus_search_setting *setting)
{
    bool possible = false;
    TRY(can_compile(evaluator, setting, setting->most, &possible));
    if (possible) {
        return CAUCUS_OK;
    }
    uint64_t low = setting->least - 1;
    uint64_t high = setting->most;
    while (high - low > 1) {
        uint64_t between = low + (high - low) / 2;
        TRY(can_compile(evaluator, setting, between, &possible));
        *(possible ? &low : &high) = between;
    }
    setting->most = low;
    return CAUCUS_OK;
}

/* From one member (or one more than its estimators and pilot) to everybody who is in no other collective. */
static caucus_status find_range(const caucus_evaluator *evaluator, caucus_search_setting *setting)
{
    caucus_config *config = NULL;
    TRY(caucus_experiment_config(evaluator->plan->experiment, setting->config, &config));
    if (config->population->rows != NULL) {
        caucus_config_free(config);
        return caucus_fail(CAUCUS_INVALID,
                           "caucus solve does not search on people with real-valued features; sweep the "
                           "collective's share and read where success reaches the target");
    }
    setting->least = 1;
    setting->most = 0;
    bool particular = false;
    if (setting->collective < config->n_collectives) {
        const caucus_collective *collective = &config->collectives[setting->collective];
        setting->least = collective->estimators + collective->pilot + 1;
        setting->most = config->consumers;
        for (uint32_t m = 0; m < config->n_collectives; m++) {
            setting->most -= m != setting->collective ? config->collectives[m].size : 0;
            particular = particular || config->collectives[m].members.n_terms > 0;
        }
    }
    particular = particular && config->without_replacement && setting->most >= setting->least;
    caucus_config_free(config);
    return particular ? limit_by_people(evaluator, setting) : CAUCUS_OK;
}

/* ---- the solution ------------------------------------------------------------------------------------------------ */

static caucus_status name_quantities(const caucus_plan *plan, caucus_solution *solution)
{
    TRY(caucus_alloc(solution->n_quantities, sizeof *solution->names, "names", &solution->names));
    for (uint32_t q = 0; q < solution->n_quantities; q++) {
        const caucus_method *method = q > 0 ? &plan->layout.methods[(q - 1) % solution->n_methods] : NULL;
        char name[CAUCUS_METHOD_BYTES];
        char above[CAUCUS_METHOD_BYTES + 8];
        if (method != NULL) {
            caucus_method_name(method, name);
            snprintf(above, sizeof above, "upper/%s", name);
        }
        solution->names[q] = caucus_text_copy(method == NULL ? "success" : q > solution->n_methods ? above : name);
        if (solution->names[q] == NULL) {
            return caucus_fail_memory(solution->n_quantities, "names");
        }
    }
    return CAUCUS_OK;
}

static caucus_status solution_open(const caucus_plan *plan, const caucus_solve_options *options, uint32_t collective,
                                   caucus_solution **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_solution *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a solution", &made));
    made->experiment = plan->experiment;
    made->n_configs = plan->layout.n_configs;
    made->n_trials = plan->layout.n_trials;
    made->n_methods = plan->layout.n_methods;
    made->n_quantities = 1 + (plan->layout.upper ? 2 : 1) * made->n_methods;
    made->target = options->target;
    made->confidence = options->confidence;
    made->delta = plan->layout.delta;
    made->collective = caucus_text_copy(plan->layout.collective_names[collective]);
    made->statistic = caucus_text_copy(options->statistic);
    if (made->collective == NULL || made->statistic == NULL) {
        TRY_GOTO(caucus_fail_memory(64, "names"), failed);
    }
    TRY_GOTO(name_quantities(plan, made), failed);
    TRY_GOTO(caucus_alloc(made->n_configs, made->n_quantities * sizeof *made->masses, "a solution", &made->masses),
             failed);
    TRY_GOTO(caucus_alloc(made->n_configs, sizeof *made->consumers, "a solution", &made->consumers), failed);
    memcpy(made->consumers, plan->layout.consumers, made->n_configs * sizeof *made->consumers);
    *out = made;
    return CAUCUS_OK;
failed:
    caucus_solution_close(made);
    return status;
}

void caucus_solution_close(caucus_solution *solution)
{
    if (solution == NULL) {
        return;
    }
    for (uint32_t q = 0; solution->names != NULL && q < solution->n_quantities; q++) {
        free(solution->names[q]);
    }
    free(solution->names);
    caucus_experiment_close(solution->recalled);
    free(solution->consumers);
    free(solution->masses);
    free(solution->statistic);
    free(solution->collective);
    free(solution);
}

uint64_t caucus_solution_configs(const caucus_solution *solution)
{
    return solution->n_configs;
}

uint32_t caucus_solution_quantities(const caucus_solution *solution)
{
    return solution->n_quantities;
}

caucus_critical_mass caucus_solution_get(const caucus_solution *solution, uint64_t config, uint32_t quantity)
{
    return solution->masses[config * solution->n_quantities + quantity];
}

const char *caucus_solution_axis_word(const caucus_solution *solution, uint64_t config, uint32_t axis)
{
    return solution->experiment->axes[axis].words[caucus_experiment_axis_position(solution->experiment, axis, config)];
}

static caucus_status solve_configs(caucus_evaluator *evaluator, uint32_t collective, caucus_solution *solution)
{
    for (uint64_t c = 0; c < solution->n_configs; c++) {
        caucus_search_setting setting = {.config = c, .collective = collective, .target = solution->target};
        caucus_critical_mass *masses = &solution->masses[c * solution->n_quantities];
        for (uint32_t q = 0; q < solution->n_quantities; q++) {
            masses[q].quantity = solution->names[q];
        }
        TRY(find_range(evaluator, &setting));
        TRY(caucus_search_config(evaluator, &setting, masses));
        evaluator->progress.configs_done++;
        caucus_evaluator_report(evaluator, c + 1 == solution->n_configs);
        if (evaluator->stopped) {
            return caucus_evaluator_fail_stopped();
        }
    }
    return CAUCUS_OK;
}

/* From before the search on, so that its answer is not lost at the end. */
static caucus_status claim_output(const caucus_solve_options *options, caucus_claim **claim)
{
    if (options->output == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_claim_check_place(options->output));
    TRY(options->force ? CAUCUS_OK : caucus_claim_check_free(options->output));
    TRY(caucus_claim_open(options->output, claim));
    return options->force ? CAUCUS_OK : caucus_claim_check_free(options->output);
}

caucus_status caucus_solve(caucus_plan *plan, const caucus_solve_options *given, caucus_solution **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_solve_options options;
    caucus_estimator estimator;
    caucus_evaluator *evaluator = NULL;
    caucus_solution *made = NULL;
    caucus_claim *claim = NULL;
    uint32_t collective = 0;
    char started[CAUCUS_CLOCK_BYTES];
    caucus_clock_stamp(started);
    TRY(read_options(given, &options));
    TRY(caucus_estimator_init(options.statistic, options.confidence, plan->layout.n_trials, &estimator));
    if (plan->experiment->until.of != 0) {
        return caucus_fail(CAUCUS_INVALID, "a search does not add trials until they are enough: leave `until` out "
                                           "(--set until=null), and give their number by --trials");
    }
    if (plan->backend != &caucus_backend_cpu) {
        return caucus_fail(CAUCUS_INVALID, "critical masses are searched on the CPU only: use --device cpu");
    }
    if (options.collective != NULL) {
        TRY(caucus_experiment_find_collective(plan->experiment, options.collective,
                                              (const char *const *)plan->layout.collective_names,
                                              plan->layout.n_collectives, &collective));
    }
    TRY(caucus_experiment_size_is_free(plan->experiment, collective, plan->layout.collective_names[collective]));
    TRY_GOTO(claim_output(&options, &claim), done);
    TRY_GOTO(solution_open(plan, &options, collective, &made), done);
    TRY_GOTO(caucus_evaluator_open(plan, &options, &estimator, &evaluator), done);
    TRY_GOTO(solve_configs(evaluator, collective, made), done);
    if (claim != NULL) {
        TRY_GOTO(caucus_solution_write(made, plan, started, claim, options.force), done);
    }
    *out = made;
    made = NULL;
done:
    caucus_evaluator_close(evaluator);
    caucus_solution_close(made);
    caucus_claim_close(claim);
    return status;
}
