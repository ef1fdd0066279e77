#include "advice/advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide; /* products of two counts */

static const double DEFAULT_GOAL = 0.9;

static const uint32_t GROWTH_QUARTERS[CAUCUS_N_GROWTHS] = {5, 6, 8}; /* 1.25, 1.5 and 2 times the members */

bool caucus_advice_guarantees(caucus_method method)
{
    return method.inequality != CAUCUS_POPULATION;
}

/* The inputs as one collective's case, with what the others have published in the place of their unknown counts. */
static caucus_status open_case(const caucus_advice_inputs *inputs, const caucus_counts *counts,
                               caucus_counts_case *opened, uint64_t **others)
{
    *others = NULL;
    TRY(caucus_counts_case_open(counts, inputs->self, opened));
    if (inputs->published == NULL) {
        return CAUCUS_OK;
    }
    const uint32_t n_labels = counts->n_labels;
    caucus_status status =
        caucus_alloc((size_t)opened->setting.n_cells * n_labels, sizeof **others, "counts of others", others);
    if (status != CAUCUS_OK) {
        caucus_counts_case_close(opened);
        return status;
    }
    for (uint32_t i = 0; i < opened->setting.n_cells; i++) {
        memcpy(*others + (size_t)i * n_labels, inputs->published + (size_t)opened->cells[i] * n_labels,
               n_labels * sizeof **others);
    }
    opened->view.others = *others;
    opened->view.n_others = inputs->n_published;
    return CAUCUS_OK;
}

static caucus_status evaluate(const caucus_advice *advice, const caucus_counts *counts, caucus_side side,
                              double *bounds)
{
    caucus_counts_case opened;
    uint64_t *others = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(open_case(advice->inputs, counts, &opened, &others));
    status = caucus_counts_case_bounds(&opened, advice->methods, advice->n_methods, side, counts->delta, bounds);
    free(others);
    caucus_counts_case_close(&opened);
    return status;
}

/* The best bound of finite data, of one knowledge level or (CAUCUS_N_KNOWLEDGE) of all; else of infinite data. Of equal
 * ones, the first assumes least; where all guarantee nothing, the last knows best what stands in the way. */
static caucus_advice_best best_of(const caucus_advice *advice, const double *bounds, uint32_t knowledge)
{
    caucus_advice_best best = {0};
    for (int infinite = 0; infinite < 2 && !best.exists; infinite++) {
        for (uint32_t i = 0; i < advice->n_methods; i++) {
            const caucus_method method = advice->methods[i];
            bool asked = knowledge == CAUCUS_N_KNOWLEDGE || method.knowledge == (caucus_knowledge)knowledge;
            if (asked && caucus_advice_guarantees(method) == !infinite && !isnan(bounds[i]) &&
                (!best.exists || bounds[i] > best.bound || (bounds[i] == best.bound && best.bound <= 0))) {
                best = (caucus_advice_best){true, bounds[i], method};
            }
        }
    }
    return best;
}

caucus_advice_best caucus_advice_best_of(const caucus_advice *advice, const double *bounds)
{
    return best_of(advice, bounds, CAUCUS_N_KNOWLEDGE);
}

/* ---- which methods --------------------------------------------------------------------------------------------- */

static caucus_status fail_knowledge(const caucus_advice_inputs *inputs, caucus_knowledge knowledge)
{
    const char *name = caucus_knowledge_names[knowledge];
    if (inputs->counts.n_collectives == 1) {
        return caucus_fail(CAUCUS_INVALID,
                           "knowledge %s: the experiment has no other collectives to know of; ask for "
                           "total",
                           name);
    }
    if (knowledge == CAUCUS_AGGREGATE) {
        return caucus_fail(CAUCUS_INVALID, "knowledge %s needs --others COUNTS.csv, what the others hand in", name);
    }
    return caucus_fail(CAUCUS_INVALID,
                       "knowledge %s needs the raw data of the other collectives; put everybody's counts into a "
                       "document and leave --collective out",
                       name);
}

static caucus_status choose_methods(caucus_advice *advice, const caucus_advice_options *options)
{
    const caucus_advice_inputs *inputs = advice->inputs;
    caucus_method_choice choice;
    caucus_method methods[CAUCUS_MOST_METHODS];
    TRY(caucus_method_choice_read(&options->choice, &choice));
    const uint32_t n = caucus_method_choice_list(&choice, methods);
    const caucus_strategy strategy = inputs->counts.collectives[inputs->self].strategy;
    for (uint32_t k = 0; options->choice.knowledge != NULL && k < CAUCUS_N_KNOWLEDGE; k++) {
        if (choice.knowledge[k] && !caucus_advice_allows(inputs, (caucus_knowledge)k)) {
            return fail_knowledge(inputs, (caucus_knowledge)k);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        bool allowed = caucus_advice_allows(inputs, methods[i].knowledge);
        allowed |= methods[i].family == CAUCUS_LINEAR && inputs->counts.n_collectives == 1; /* then full is total */
        const caucus_bound_kind kind = {methods[i].family, methods[i].inequality, CAUCUS_LOWER};
        if (allowed && caucus_bound_applies(kind, strategy)) {
            advice->methods[advice->n_methods++] = methods[i];
        }
    }
    return advice->n_methods > 0
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID,
                             "family linear has no bound for erase, nor beside other collectives whose data nobody "
                             "knows; ask for another family");
}

/* ---- what if --------------------------------------------------------------------------------------------------- */

/* Counts that add up to `to` instead of `from` with their shares kept: running sums are rounded down. */
static void resize(uint64_t *counts, size_t n, uint64_t from, uint64_t to)
{
    uint64_t before = 0;
    uint64_t done = 0;
    for (size_t i = 0; i < n; i++) {
        before += counts[i];
        uint64_t upto = from > 0 ? (uint64_t)((wide)before * to / from) : 0;
        counts[i] = upto - done;
        done = upto;
    }
}

static caucus_status copy_part(const uint64_t *counts, size_t n, uint64_t **copy)
{
    if (counts != NULL) {
        TRY(caucus_alloc(n, sizeof **copy, "counts", copy));
        memcpy(*copy, counts, n * sizeof *counts);
    }
    return CAUCUS_OK;
}

/* A copy of the counts in which the collective's own can be changed; the rest is shared with the inputs. */
static caucus_status copy_counts(const caucus_advice_inputs *inputs, caucus_counts *copy)
{
    *copy = inputs->counts;
    const size_t n = (size_t)copy->n_cells * copy->n_labels;
    caucus_counts_collective *collectives = NULL;
    TRY(caucus_alloc(copy->n_collectives, sizeof *collectives, "collectives", &collectives));
    memcpy(collectives, inputs->counts.collectives, copy->n_collectives * sizeof *collectives);
    copy->collectives = collectives;
    caucus_counts_collective *mine = &collectives[inputs->self];
    const uint64_t *counts = mine->counts;
    const uint64_t *estimators = mine->estimator_counts;
    const uint64_t *pilot = mine->pilot_counts;
    mine->counts = NULL;
    mine->estimator_counts = NULL;
    mine->pilot_counts = NULL;
    TRY(copy_part(counts, n, &mine->counts));
    TRY(copy_part(estimators, n, &mine->estimator_counts));
    return copy_part(pilot, n, &mine->pilot_counts);
}

static void free_copy(const caucus_advice_inputs *inputs, caucus_counts *copy)
{
    if (copy->collectives != NULL && copy->collectives != inputs->counts.collectives) {
        free(copy->collectives[inputs->self].counts);
        free(copy->collectives[inputs->self].estimator_counts);
        free(copy->collectives[inputs->self].pilot_counts);
        free(copy->collectives);
    }
}

uint64_t caucus_advice_room(const caucus_advice_inputs *inputs)
{
    uint64_t room = inputs->counts.consumers;
    for (uint32_t j = 0; j < inputs->counts.n_collectives; j++) {
        room -= j != inputs->self ? inputs->counts.collectives[j].members : 0;
    }
    return room;
}

/* So many of `to` members as part of `from` were: none stay none, else at least one. */
static uint64_t grown(uint64_t part, uint64_t from, uint64_t to)
{
    const uint64_t size = part > 0 ? (uint64_t)((double)part / (double)from * (double)to) : 0;
    return part > 0 && size == 0 ? 1 : size;
}

/* Estimators, the pilot and the rest grow each by itself, so that their shares are kept too. */
static void set_members(caucus_counts_collective *mine, size_t n, uint64_t members)
{
    uint64_t *const counts[] = {mine->estimator_counts, mine->pilot_counts};
    uint64_t *const sizes[] = {&mine->estimators, &mine->pilot};
    uint64_t rest_before = mine->members;
    uint64_t rest = members;
    for (int part = 0; part < 2; part++) {
        const uint64_t wanted = grown(*sizes[part], mine->members, members);
        const uint64_t size = wanted < rest ? wanted : rest;
        rest_before -= *sizes[part];
        rest -= size;
        for (size_t i = 0; counts[part] != NULL && i < n; i++) {
            mine->counts[i] -= counts[part][i];
        }
        if (counts[part] != NULL) {
            resize(counts[part], n, *sizes[part], size);
        }
        *sizes[part] = size;
    }
    resize(mine->counts, n, rest_before, rest);
    for (int part = 0; part < 2; part++) {
        for (size_t i = 0; counts[part] != NULL && i < n; i++) {
            mine->counts[i] += counts[part][i];
        }
    }
    mine->members = members;
}

caucus_status caucus_advice_bounds_at(const caucus_advice *advice, uint64_t members, double *bounds)
{
    caucus_counts copy = {0};
    caucus_status status = copy_counts(advice->inputs, &copy);
    if (status == CAUCUS_OK) {
        set_members(&copy.collectives[advice->inputs->self], (size_t)copy.n_cells * copy.n_labels, members);
        status = evaluate(advice, &copy, CAUCUS_LOWER, bounds);
    }
    free_copy(advice->inputs, &copy);
    return status;
}

static caucus_status try_growths(caucus_advice *advice)
{
    const uint64_t now = advice->inputs->counts.collectives[advice->inputs->self].members;
    for (uint32_t g = 0; g < CAUCUS_N_GROWTHS; g++) {
        caucus_advice_growth *growth = &advice->growths[g];
        double bounds[CAUCUS_MOST_METHODS];
        uint64_t members = now / 4 * GROWTH_QUARTERS[g] + now % 4 * GROWTH_QUARTERS[g] / 4;
        *growth = (caucus_advice_growth){.factor = GROWTH_QUARTERS[g] / 4.0, .members = members};
        if (members <= caucus_advice_room(advice->inputs)) {
            TRY(caucus_advice_bounds_at(advice, members, bounds));
            growth->best = caucus_advice_best_of(advice, bounds);
        }
    }
    return CAUCUS_OK;
}

static caucus_status try_targets(caucus_advice *advice)
{
    caucus_status status = CAUCUS_OK;
    caucus_counts copy = {0};
    double bounds[CAUCUS_MOST_METHODS];
    const caucus_advice_inputs *inputs = advice->inputs;
    if (inputs->counts.collectives[inputs->self].strategy == CAUCUS_ERASE) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(inputs->counts.n_labels, sizeof *advice->by_target, "targets", &advice->by_target));
    TRY_GOTO(copy_counts(inputs, &copy), done);
    for (uint32_t t = 0; t < copy.n_labels; t++) {
        copy.collectives[inputs->self].target = t;
        TRY_GOTO(evaluate(advice, &copy, CAUCUS_LOWER, bounds), done);
        advice->by_target[t] = best_of(advice, bounds, CAUCUS_N_KNOWLEDGE);
    }
done:
    free_copy(inputs, &copy);
    return status;
}

/* ---- how unlike everybody else members may be ------------------------------------------------------------------- */

static caucus_status withstands(const caucus_advice *advice, const caucus_advice_sensitivity *asked, double ratio,
                                bool *yes)
{
    caucus_counts copy = {0};
    double bounds[CAUCUS_MOST_METHODS];
    caucus_status status = copy_counts(advice->inputs, &copy);
    if (status == CAUCUS_OK) {
        copy.collectives[advice->inputs->self].ratio = ratio;
        status = evaluate(advice, &copy, CAUCUS_LOWER, bounds);
    }
    free_copy(advice->inputs, &copy);
    if (status == CAUCUS_OK) {
        const caucus_advice_best best = caucus_advice_best_of(advice, bounds);
        *yes = best.exists && caucus_advice_guarantees(best.method) && best.bound >= asked->goal && best.bound > 0;
    }
    return status;
}

/* Bounds fall as the ratio grows. Not asked where an affinity says how unlike others the members are. */
static caucus_status find_sensitivity(caucus_advice *advice)
{
    if (advice->inputs->counts.collectives[advice->inputs->self].affinity > 0) {
        return CAUCUS_OK;
    }
    const double most = 1e4;
    caucus_advice_sensitivity *found = &advice->sensitivity;
    double low = fmax(1.0, advice->inputs->counts.collectives[advice->inputs->self].ratio);
    double high = 1.1 * low;
    bool yes = false;
    found->goal = advice->best.exists && advice->best.bound >= advice->goal.goal ? advice->goal.goal : 0;
    TRY(withstands(advice, found, low, &yes));
    if (!yes) {
        return CAUCUS_OK;
    }
    while (yes && low < most) {
        found->ratio = low;
        TRY(withstands(advice, found, high, &yes));
        low = yes ? high : low;
        high = yes ? 2 * high : high;
    }
    while (!yes && high > 1.01 * low) {
        const double middle = sqrt(low * high);
        bool enough = false;
        TRY(withstands(advice, found, middle, &enough));
        *(enough ? &low : &high) = middle;
    }
    found->ratio = low;
    return CAUCUS_OK;
}

/* ---- which cells resist ----------------------------------------------------------------------------------------- */

static caucus_status explain_cells(caucus_advice *advice)
{
    caucus_counts_case opened;
    uint64_t *others = NULL;
    caucus_bound *bound = NULL;
    caucus_status status = CAUCUS_OK;
    const caucus_counts *counts = &advice->inputs->counts;
    TRY(open_case(advice->inputs, counts, &opened, &others));
    const uint32_t k = opened.setting.n_cells;
    advice->n_signal_cells = k;
    TRY_GOTO(caucus_alloc(k, sizeof *advice->signal_cells, "a signal set", &advice->signal_cells), done);
    TRY_GOTO(caucus_alloc(k, sizeof *advice->landing, "a signal set", &advice->landing), done);
    memcpy(advice->signal_cells, opened.cells, k * sizeof *opened.cells);
    memcpy(advice->landing, opened.view.mass, k * sizeof *opened.view.mass);
    if (advice->best.exists && advice->best.method.family != CAUCUS_LINEAR) {
        TRY_GOTO(caucus_alloc(k, sizeof *advice->accounts, "margins", &advice->accounts), done);
        const caucus_bound_kind kind = {advice->best.method.family, advice->best.method.inequality, CAUCUS_LOWER};
        TRY_GOTO(caucus_bound_open(&opened.setting, kind, counts->delta, NULL, &bound), done);
        status = caucus_bound_explain(bound, caucus_bound_is_piloted(bound) ? &opened.piloted : &opened.view,
                                      advice->best.method.knowledge, advice->accounts);
    }
done:
    caucus_bound_close(bound);
    free(others);
    caucus_counts_case_close(&opened);
    return status;
}

/* ---- how many members a goal takes -------------------------------------------------------------------------------
 * Bounds rise with members, as good as always: sizes are doubled until the goal is reached, and the smallest that
 * reaches it is then found by halving, to one in a hundred. */

typedef struct search {
    const caucus_advice *advice;
    uint32_t method;
    caucus_advice_goal *found;
} search;

static caucus_status look_at(search *s, uint64_t members, bool *reaches)
{
    double bounds[CAUCUS_MOST_METHODS];
    const caucus_advice *advice = s->advice;
    caucus_advice_best best = {0};
    TRY(caucus_advice_bounds_at(advice, members, bounds));
    if (s->method == advice->n_methods) {
        best = caucus_advice_best_of(advice, bounds);
    } else if (!isnan(bounds[s->method])) {
        best = (caucus_advice_best){true, bounds[s->method], advice->methods[s->method]};
    }
    *reaches = best.exists && caucus_advice_guarantees(best.method) && best.bound >= s->found->goal;
    if (*reaches || !s->found->reached) {
        s->found->reached = *reaches;
        s->found->members = members;
        s->found->best = best;
    }
    return CAUCUS_OK;
}

caucus_status caucus_advice_find_goal(const caucus_advice *advice, double goal, uint32_t method,
                                      caucus_advice_goal *found)
{
    const caucus_advice_inputs *inputs = advice->inputs;
    const caucus_counts_collective *mine = &inputs->counts.collectives[inputs->self];
    *found = (caucus_advice_goal){.goal = goal, .room = caucus_advice_room(inputs)};
    search s = {advice, method, found};
    uint64_t least = 1 + (mine->estimators > 0 ? 1 : 0) + (mine->pilot > 0 ? 1 : 0);
    uint64_t low = least - 1; /* does not reach it */
    uint64_t high = mine->members;
    bool reaches = false;
    TRY(look_at(&s, high, &reaches));
    while (!reaches && high < found->room) {
        low = high;
        high = high <= found->room / 2 ? 2 * high : found->room;
        TRY(look_at(&s, high, &reaches));
    }
    while (reaches && high - low > 1 && high - low > high / 100) {
        uint64_t middle = low + (high - low) / 2;
        bool enough = false;
        TRY(look_at(&s, middle, &enough));
        *(enough ? &high : &low) = middle;
    }
    return CAUCUS_OK;
}

caucus_status caucus_advice_start(const caucus_advice_inputs *inputs, const caucus_advice_options *options,
                                  caucus_advice *advice)
{
    *advice = (caucus_advice){.inputs = inputs, .members = options->members, .others = options->others};
    TRY(choose_methods(advice, options));
    TRY(evaluate(advice, &inputs->counts, CAUCUS_LOWER, advice->bounds));
    return evaluate(advice, &inputs->counts, CAUCUS_UPPER, advice->uppers);
}

caucus_status caucus_advice_open(const caucus_advice_inputs *inputs, const caucus_advice_options *options,
                                 caucus_advice *advice)
{
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_advice_start(inputs, options, advice), failed);
    advice->best = best_of(advice, advice->bounds, CAUCUS_N_KNOWLEDGE);
    for (uint32_t k = 0; k < CAUCUS_N_KNOWLEDGE; k++) {
        advice->by_knowledge[k] = best_of(advice, advice->bounds, k);
    }
    TRY_GOTO(try_growths(advice), failed);
    TRY_GOTO(caucus_advice_find_goal(advice, options->goal > 0 ? options->goal : DEFAULT_GOAL, advice->n_methods,
                                     &advice->goal),
             failed);
    TRY_GOTO(find_sensitivity(advice), failed);
    TRY_GOTO(try_targets(advice), failed);
    TRY_GOTO(explain_cells(advice), failed);
    return CAUCUS_OK;
failed:
    caucus_advice_close(advice);
    return status;
}

void caucus_advice_close(caucus_advice *advice)
{
    free(advice->accounts);
    free(advice->landing);
    free(advice->signal_cells);
    free(advice->by_target);
    *advice = (caucus_advice){0};
}
