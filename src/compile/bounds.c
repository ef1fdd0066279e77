#include "trial/bounds.h"
#include "bound/memo.h"
#include "trial/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An earlier method that is the same one, or the method itself: a single collective has nobody to know anything of. */
static uint32_t first_alike(const caucus_compiled *compiled, uint32_t method)
{
    const caucus_method *methods = compiled->config->bounds.methods;
    uint32_t first = compiled->n_collectives > 1 ? method : 0;
    while (methods[first].family != methods[method].family || methods[first].inequality != methods[method].inequality) {
        first++;
    }
    return first;
}

static caucus_bound_setting setting_of(const caucus_compiled *compiled, uint32_t m)
{
    const caucus_config *config = compiled->config;
    return (caucus_bound_setting){.consumers = config->consumers,
                                  .test = config->test,
                                  .epsilon = config->bounds.epsilon,
                                  .measured = config->bounds.measured,
                                  .slack = config->bounds.slack,
                                  .n_labels = compiled->n_labels,
                                  .n_collectives = compiled->n_collectives,
                                  .self = m,
                                  .sizes = compiled->sizes,
                                  .strategies = compiled->strategies,
                                  .targets = compiled->targets,
                                  .estimators = config->collectives[m].estimators,
                                  .n_cells = compiled->signals.of[m].n_cells,
                                  .image = compiled->signals.of[m].erased};
}

static caucus_status open_method(caucus_compiled *compiled, uint32_t m, uint32_t i, double delta, caucus_bound **bound)
{
    caucus_method method = compiled->config->bounds.methods[i];
    if (!caucus_bound_applies(method, compiled->strategies[m])) {
        return CAUCUS_OK;
    }
    TRY(caucus_bound_open(&compiled->guarantees[m].setting, method, delta, compiled->memos, bound));
    size_t scratch = caucus_bound_scratch(*bound);
    compiled->bound_scratch = scratch > compiled->bound_scratch ? scratch : compiled->bound_scratch;
    return CAUCUS_OK;
}

static caucus_status open_guarantee(caucus_compiled *compiled, uint32_t m)
{
    const caucus_bounds *bounds = &compiled->config->bounds;
    caucus_guarantee *guarantee = &compiled->guarantees[m];
    guarantee->setting = setting_of(compiled, m);
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->alone, "bounds", &guarantee->alone));
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->shared, "bounds", &guarantee->shared));
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->fixed, "bounds", &guarantee->fixed));
    TRY(caucus_alloc(bounds->n_methods, sizeof *guarantee->alike, "bounds", &guarantee->alike));
    for (uint32_t i = 0; i < bounds->n_methods; i++) {
        guarantee->fixed[i] = NAN;
        guarantee->alike[i] = first_alike(compiled, i);
        TRY(open_method(compiled, m, i, bounds->delta, &guarantee->alone[i]));
        if (compiled->n_collectives > 1) {
            TRY(open_method(compiled, m, i, bounds->delta / (double)compiled->n_collectives, &guarantee->shared[i]));
        }
    }
    return CAUCUS_OK;
}

static uint64_t *keep(uint64_t **to, const uint64_t *counts, size_t n)
{
    uint64_t *kept = *to;
    if (n > 0) {
        memcpy(kept, counts, n * sizeof *kept);
    }
    *to += n;
    return kept;
}

/* Keep a view of expected counts for trials that bring an epsilon of their own. */
static caucus_status keep_expectation(const caucus_compiled *compiled, uint32_t m, const caucus_bound_view *view,
                                      caucus_expectation **out)
{
    const size_t k = compiled->signals.of[m].n_cells;
    const size_t n = k * compiled->n_labels;
    const size_t n_crossed = compiled->crossing ? compiled->n_collectives * n : 0;
    caucus_expectation *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "expected counts", &made));
    *out = made;
    made->n_words = 4 * n + 3 * k + n_crossed;
    TRY(caucus_alloc(made->n_words, sizeof *made->memory, "expected counts", &made->memory));
    uint64_t *next = made->memory;
    made->view = *view;
    made->view.own = keep(&next, view->own, n);
    made->view.base = keep(&next, view->base, n);
    made->view.others = keep(&next, view->others, n);
    made->view.pooled = keep(&next, view->pooled, n);
    made->view.mass = keep(&next, view->mass, k);
    made->view.base_mass = keep(&next, view->base_mass, k);
    made->view.crossed = keep(&next, view->crossed, n_crossed);
    made->view.good = (uint32_t *)(void *)next;
    memcpy(next, view->good, k * sizeof *view->good);
    return CAUCUS_OK;
}

/* population bounds are one number a configuration, unless epsilon is measured: no data enter, and no level. */
static void fix_population_bounds(caucus_compiled *compiled, uint32_t m, const caucus_bound_view *view, double *scratch)
{
    caucus_guarantee *guarantee = &compiled->guarantees[m];
    for (uint32_t i = 0; i < compiled->config->bounds.n_methods; i++) {
        if (guarantee->alone[i] == NULL || compiled->config->bounds.methods[i].inequality != CAUCUS_POPULATION) {
            continue;
        }
        guarantee->fixed[i] = caucus_bound_value(guarantee->alone[i], view, scratch);
        caucus_bound_close(guarantee->alone[i]);
        caucus_bound_close(guarantee->shared[i]);
        guarantee->alone[i] = NULL;
        guarantee->shared[i] = NULL;
    }
}

/* Put the population in the place of draws, and keep what population bounds need of that. */
static caucus_status expect(caucus_compiled *compiled, caucus_trial *trial)
{
    caucus_draw_expected(trial);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        caucus_bound_view view = caucus_guarantee_view(trial, m);
        if (compiled->config->bounds.measured) {
            TRY(keep_expectation(compiled, m, &view, &compiled->guarantees[m].expected));
        } else {
            fix_population_bounds(compiled, m, &view, trial->bound_scratch);
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_guarantees_open(caucus_compiled *compiled)
{
    TRY(caucus_alloc(compiled->n_collectives, sizeof *compiled->guarantees, "bounds", &compiled->guarantees));
    TRY(caucus_memos_open(&compiled->memos));
    bool population = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        TRY(open_guarantee(compiled, m));
    }
    for (uint32_t i = 0; i < compiled->config->bounds.n_methods; i++) {
        population = population || compiled->config->bounds.methods[i].inequality == CAUCUS_POPULATION;
    }
    if (population) {
        caucus_trial *trial = NULL;
        TRY(caucus_trial_open(compiled, &trial));
        caucus_status status = expect(compiled, trial);
        caucus_trial_close(trial);
        TRY(status);
    }
    return CAUCUS_OK;
}

void caucus_guarantees_close(caucus_compiled *compiled)
{
    for (uint32_t m = 0; compiled->guarantees != NULL && m < compiled->n_collectives; m++) {
        caucus_guarantee *guarantee = &compiled->guarantees[m];
        for (uint32_t i = 0; i < compiled->config->bounds.n_methods; i++) {
            if (guarantee->alone != NULL) {
                caucus_bound_close(guarantee->alone[i]);
            }
            if (guarantee->shared != NULL) {
                caucus_bound_close(guarantee->shared[i]);
            }
        }
        if (guarantee->expected != NULL) {
            free(guarantee->expected->memory);
            free(guarantee->expected);
        }
        free(guarantee->alike);
        free(guarantee->fixed);
        free(guarantee->shared);
        free(guarantee->alone);
    }
    free(compiled->guarantees);
    caucus_memos_close(compiled->memos);
}
