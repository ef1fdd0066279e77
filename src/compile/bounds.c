#include "compile/bounds.h"

#include "bound/memo.h"
#include "compile/expected.h"
#include "trial/bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Methods that differ in knowledge only are reckoned together. Gives the method's reckoning from a side. */
static uint32_t find_reckoning(caucus_compiled *compiled, caucus_method method, caucus_side side)
{
    uint32_t r = 0;
    while (r < compiled->n_reckonings && (compiled->reckonings[r].kind.family != method.family ||
                                          compiled->reckonings[r].kind.inequality != method.inequality ||
                                          compiled->reckonings[r].kind.side != side)) {
        r++;
    }
    caucus_reckoning *reckoning = &compiled->reckonings[r];
    if (r == compiled->n_reckonings) {
        reckoning->kind = (caucus_bound_kind){method.family, method.inequality, side};
        compiled->n_reckonings++;
    }
    reckoning->highest = method.knowledge > reckoning->highest ? method.knowledge : reckoning->highest;
    return r;
}

static caucus_status list_reckonings(caucus_compiled *compiled)
{
    const caucus_bounds *bounds = &compiled->config->bounds;
    TRY(caucus_alloc(2 * (size_t)bounds->n_methods, sizeof *compiled->reckonings, "bounds", &compiled->reckonings));
    TRY(caucus_alloc(bounds->n_methods, sizeof *compiled->method_reckoning, "bounds", &compiled->method_reckoning));
    TRY(caucus_alloc(bounds->n_methods, sizeof *compiled->method_upper, "bounds", &compiled->method_upper));
    for (uint32_t i = 0; i < bounds->n_methods; i++) {
        const caucus_method method = bounds->methods[i];
        const bool from_above = bounds->upper && method.family != CAUCUS_LINEAR;
        compiled->method_reckoning[i] = find_reckoning(compiled, method, CAUCUS_LOWER);
        compiled->method_upper[i] = from_above ? find_reckoning(compiled, method, CAUCUS_UPPER) : CAUCUS_NOWHERE;
    }
    return CAUCUS_OK;
}

/* Where collective j may put people, as flags of positions. */
static void flag_reach(const caucus_compiled *compiled, uint32_t j, uint8_t *flags)
{
    const caucus_signals *signals = &compiled->signals;
    const caucus_signal *signal = &signals->of[j];
    memset(flags, 0, signals->n_positions);
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        flags[signal->positions[s]] |= CAUCUS_REACH_SIGNAL;
    }
    for (uint32_t cell = 0; signal->outside != NULL && cell < compiled->config->population->n_cells; cell++) {
        const uint32_t position = signals->position[signal->outside[cell]];
        if (position != CAUCUS_NOWHERE) {
            flags[position] |= CAUCUS_REACH_OUTSIDE;
        }
    }
}

static caucus_status fill_reach(const caucus_compiled *compiled, uint32_t m, uint8_t **reach)
{
    const caucus_signal *mine = &compiled->signals.of[m];
    uint8_t *flags = NULL;
    TRY(caucus_alloc((size_t)compiled->n_collectives * mine->n_cells, sizeof **reach, "reach of collectives", reach));
    TRY(caucus_alloc(compiled->signals.n_positions, sizeof *flags, "reach of a collective", &flags));
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        flag_reach(compiled, j, flags);
        for (uint32_t s = 0; s < mine->n_cells; s++) {
            (*reach)[(size_t)j * mine->n_cells + s] = flags[mine->positions[s]];
        }
    }
    free(flags);
    return CAUCUS_OK;
}

/* Which cells of the signal set are of people who match m's affinity. */
static caucus_status fill_matching(const caucus_compiled *compiled, uint32_t m, uint8_t **matching)
{
    const caucus_signals *signals = &compiled->signals;
    const caucus_signal *mine = &signals->of[m];
    TRY(caucus_alloc(mine->n_cells, sizeof **matching, "cells that match", matching));
    for (uint32_t cell = 0; cell < signals->cells.n_cells; cell++) {
        const uint32_t position = signals->position[cell];
        const uint32_t s = position != CAUCUS_NOWHERE ? mine->index[position] : CAUCUS_NOWHERE;
        if (s != CAUCUS_NOWHERE) {
            const caucus_predicate *of = &compiled->config->collectives[m].membership.of;
            (*matching)[s] = caucus_cells_match(&signals->cells, cell, of) ? 1 : 0;
        }
    }
    return CAUCUS_OK;
}

static caucus_assumed_noise noise_of(const caucus_config *config, uint32_t m)
{
    const caucus_bounds *bounds = &config->bounds;
    if (!bounds->noisy) {
        return (caucus_assumed_noise){0};
    }
    double act = bounds->compliance;
    for (uint32_t i = 0; i < config->collectives[m].n_set; i++) {
        act *= 1 - bounds->miss;
    }
    return (caucus_assumed_noise){.any = true, .act = act, .abstain = 1 - bounds->compliance};
}

static caucus_status open_setting(const caucus_compiled *compiled, uint32_t m, caucus_guarantee *guarantee)
{
    const caucus_config *config = compiled->config;
    TRY(fill_reach(compiled, m, &guarantee->reach));
    TRY(fill_matching(compiled, m, &guarantee->matching));
    TRY(caucus_alloc(compiled->n_collectives, sizeof *guarantee->ratios, "membership ratios", &guarantee->ratios));
    TRY(caucus_alloc(compiled->n_collectives, sizeof *guarantee->affinities, "affinities", &guarantee->affinities));
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        guarantee->ratios[j] = fmax(1.0, config->collectives[j].membership.ratio);
        guarantee->affinities[j] = config->collectives[j].membership.affinity;
    }
    guarantee->setting = (caucus_bound_setting){.consumers = config->consumers,
                                                .test = config->test,
                                                .epsilon = config->bounds.epsilon,
                                                .measured = config->bounds.measured,
                                                .slack = config->bounds.slack,
                                                .without_replacement = config->without_replacement,
                                                .n_labels = compiled->n_labels,
                                                .n_collectives = compiled->n_collectives,
                                                .self = m,
                                                .sizes = compiled->sizes,
                                                .strategies = compiled->strategies,
                                                .targets = compiled->targets,
                                                .ratios = guarantee->ratios,
                                                .affinities = guarantee->affinities,
                                                .matching = guarantee->matching,
                                                .reach = guarantee->reach,
                                                .noise = noise_of(config, m),
                                                .estimators = config->collectives[m].estimators,
                                                .pilot = config->collectives[m].pilot,
                                                .n_cells = compiled->signals.of[m].n_cells,
                                                .image = compiled->signals.of[m].erased};
    return CAUCUS_OK;
}

static caucus_status open_reckoning(caucus_compiled *compiled, uint32_t m, uint32_t r, uint32_t sharing)
{
    caucus_guarantee *guarantee = &compiled->guarantees[m];
    caucus_bound **bound = &guarantee->bounds[2 * r + sharing];
    const double delta = compiled->config->bounds.delta / (sharing != 0 ? (double)compiled->n_collectives : 1.0);
    TRY(caucus_bound_open(&guarantee->setting, compiled->reckonings[r].kind, delta, compiled->memos, bound));
    const size_t scratch = caucus_bound_scratch(*bound);
    compiled->bound_scratch = scratch > compiled->bound_scratch ? scratch : compiled->bound_scratch;
    return CAUCUS_OK;
}

static caucus_status open_guarantee(caucus_compiled *compiled, uint32_t m)
{
    caucus_guarantee *guarantee = &compiled->guarantees[m];
    const size_t n = compiled->n_reckonings;
    TRY(open_setting(compiled, m, guarantee));
    TRY(caucus_alloc(2 * n, sizeof *guarantee->bounds, "bounds", &guarantee->bounds));
    TRY(caucus_alloc(n * CAUCUS_N_KNOWLEDGE, sizeof *guarantee->fixed, "bounds", &guarantee->fixed));
    for (uint32_t r = 0; r < n; r++) {
        TRY(open_reckoning(compiled, m, r, 0));
        if (compiled->n_collectives > 1) {
            TRY(open_reckoning(compiled, m, r, 1));
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
    const bool matches = view->matching_mass != NULL;
    made->n_words = 5 * n + 3 * k + n_crossed + (matches ? 2 * k + n_crossed : 0);
    TRY(caucus_alloc(made->n_words, sizeof *made->memory, "expected counts", &made->memory));
    uint64_t *next = made->memory;
    made->view = *view;
    made->view.own = keep(&next, view->own, n);
    made->view.raw = keep(&next, compiled->config->bounds.noisy ? view->raw : view->base, n);
    made->view.base = keep(&next, view->base, n);
    made->view.others = keep(&next, view->others, n);
    made->view.pooled = keep(&next, view->pooled, n);
    made->view.mass = keep(&next, view->mass, k);
    made->view.base_mass = keep(&next, view->base_mass, k);
    made->view.crossed = keep(&next, view->crossed, n_crossed);
    if (matches) {
        made->view.matching_mass = keep(&next, view->matching_mass, k);
        made->view.other_mass = keep(&next, view->other_mass, k);
        made->view.matching_crossed = keep(&next, view->matching_crossed, n_crossed);
    }
    made->view.good = (uint32_t *)(void *)next;
    memcpy(next, view->good, k * sizeof *view->good);
    return CAUCUS_OK;
}

/* population bounds are one number a configuration, unless epsilon is measured: no data enter, and no level. */
static void fix_population_bounds(caucus_compiled *compiled, uint32_t m, const caucus_bound_view *view, double *scratch)
{
    caucus_guarantee *guarantee = &compiled->guarantees[m];
    for (uint32_t r = 0; r < compiled->n_reckonings; r++) {
        double *fixed = &guarantee->fixed[(size_t)r * CAUCUS_N_KNOWLEDGE];
        caucus_bound **bounds = &guarantee->bounds[2 * r];
        if (compiled->reckonings[r].kind.inequality != CAUCUS_POPULATION) {
            continue;
        }
        caucus_bound_keep(bounds[0], view, (int)compiled->reckonings[r].highest, scratch, fixed);
        for (uint32_t k = 0; k <= compiled->reckonings[r].highest; k++) {
            fixed[k] = caucus_bound_conclude(bounds[0], fixed[k], view->n_own, view->n_base);
        }
        caucus_bound_close(bounds[0]);
        caucus_bound_close(bounds[1]);
        bounds[0] = NULL;
        bounds[1] = NULL;
    }
}

/* Put the population in the place of draws, and keep what population bounds need of that. */
static caucus_status expect(caucus_compiled *compiled, caucus_trial *trial)
{
    caucus_expected_draw(trial);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const bool matching = caucus_guarantee_has(compiled, m, CAUCUS_READS_MATCHING);
        const caucus_bound_view view =
            caucus_guarantee_view_for(trial, m, matching ? CAUCUS_READS_MATCHING : CAUCUS_READS_TRIAL);
        if (compiled->config->bounds.measured) {
            TRY(keep_expectation(compiled, m, &view, &compiled->guarantees[m].expected));
        } else {
            fix_population_bounds(compiled, m, &view, trial->bound_scratch);
        }
    }
    return CAUCUS_OK;
}

/* ---- windows of limits ------------------------------------------------------------------------------------------ */

static double share_of(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

/* Both limits of a table's counts at an entry. */
static void mark_both(caucus_memos *memos, const caucus_transfer *lower, const caucus_transfer *upper, uint64_t count,
                      uint64_t total)
{
    caucus_memos_mark(memos, lower, share_of(count, total));
    caucus_memos_mark(memos, upper, share_of(count, total));
}

/* Every limit of a margin that the expected counts would ask for, at every cell and label. */
static void mark_margin(caucus_memos *memos, const caucus_bound *bound, const caucus_bound_view *view)
{
    const caucus_margin *margin = &bound->margin;
    const uint64_t n = (uint64_t)margin->n_cells * margin->n_labels;
    for (uint64_t entry = 0; entry < n; entry++) {
        const uint64_t rivals = margin->own_noisy ? view->raw[entry] : view->own[entry];
        caucus_memos_mark(memos, &margin->own_lower, share_of(view->own[entry], view->n_own));
        caucus_memos_mark(memos, &margin->own_upper, share_of(rivals, view->n_own));
        mark_both(memos, &margin->base.lower, &margin->base.upper, view->base[entry], view->n_base);
        mark_both(memos, &margin->pool.lower, &margin->pool.upper, view->pooled[entry], view->n_pooled);
        for (uint32_t j = 0; bound->setting.n_collectives > 1 && j < margin->n_others; j++) {
            const caucus_margin_other *other = &margin->others[j];
            if (other->lower.memo != NULL) {
                mark_both(memos, &other->lower, &other->upper, view->crossed[other->row * n + entry], view->n_base);
            }
        }
        if (bound->rule.image != NULL && bound->kind.family == CAUCUS_STAIRCASE) {
            mark_both(memos, &bound->rule.certify_lower, &bound->rule.certify_upper, view->base[entry], view->n_base);
        }
    }
}

/* Members whose cells obey: none, all, one cell's, or all but one cell's; what else there may be is computed each time.
 */
static void mark_last(caucus_memos *memos, const caucus_bound *bound, const caucus_bound_view *view)
{
    const uint64_t *mass = bound->from_base ? view->base_mass : view->mass;
    const uint64_t whole = bound->from_base ? view->n_base : view->n_own;
    uint64_t sum = 0;
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        sum += mass[x];
    }
    caucus_memos_mark(memos, &bound->last, 0.0);
    caucus_memos_mark(memos, &bound->last, share_of(sum, whole));
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        caucus_memos_mark(memos, &bound->last, share_of(mass[x], whole));
        caucus_memos_mark(memos, &bound->last, share_of(sum - mass[x], whole));
    }
}

static void mark(caucus_compiled *compiled, uint32_t m, const caucus_bound_view *view)
{
    for (uint32_t i = 0; i < 2 * compiled->n_reckonings; i++) {
        const caucus_bound *bound = caucus_guarantee_bound(compiled, m, i / 2, i % 2);
        if (bound != NULL && bound->kind.inequality >= CAUCUS_KL && bound->applies) {
            mark_margin(compiled->memos, bound, view);
            mark_last(compiled->memos, bound, view);
        }
    }
}

caucus_status caucus_guarantees_mark(caucus_compiled *compiled, bool for_device)
{
    caucus_trial *trial = NULL;
    if (!caucus_memos_are_dear(compiled->memos) || (!for_device && caucus_memos_are_whole(compiled->memos))) {
        return CAUCUS_OK;
    }
    TRY(caucus_trial_open(compiled, &trial));
    caucus_expected_draw(trial);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_bound_view view = caucus_guarantee_view(trial, m);
        mark(compiled, m, &view);
    }
    caucus_trial_close(trial);
    return caucus_memos_make_room(compiled->memos);
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

caucus_status caucus_guarantees_open(caucus_compiled *compiled)
{
    TRY(caucus_alloc(compiled->n_collectives, sizeof *compiled->guarantees, "bounds", &compiled->guarantees));
    TRY(caucus_memos_open(&compiled->memos));
    bool population = false;
    TRY(list_reckonings(compiled));
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
    return caucus_guarantees_mark(compiled, false);
}

void caucus_guarantees_close(caucus_compiled *compiled)
{
    for (uint32_t m = 0; compiled->guarantees != NULL && m < compiled->n_collectives; m++) {
        caucus_guarantee *guarantee = &compiled->guarantees[m];
        for (uint32_t i = 0; guarantee->bounds != NULL && i < 2 * compiled->n_reckonings; i++) {
            caucus_bound_close(guarantee->bounds[i]);
        }
        if (guarantee->expected != NULL) {
            free(guarantee->expected->memory);
            free(guarantee->expected);
        }
        free(guarantee->fixed);
        free(guarantee->bounds);
        free(guarantee->matching);
        free(guarantee->affinities);
        free(guarantee->ratios);
        free(guarantee->reach);
    }
    free(compiled->guarantees);
    free(compiled->method_upper);
    free(compiled->method_reckoning);
    free(compiled->reckonings);
    caucus_memos_close(compiled->memos);
}
