/* Bounds inside a run: what every collective could have guaranteed with the data of a trial. Shared with devices. */
#ifndef CAUCUS_TRIAL_BOUNDS_H
#define CAUCUS_TRIAL_BOUNDS_H

#include "math/portable_math.h"
#include "trial/goals_upper.h"
#include "trial/trial.h"

CAUCUS_SHARED void caucus_guarantee_gather_masses(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t L = compiled->n_labels;
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        const size_t row = (size_t)m * compiled->n_tracked + signal->positions[s];
        uint64_t mass = trial->mass[CAUCUS_AT(row)];
        uint64_t base_mass = trial->base_mass[CAUCUS_AT(row)];
        if (compiled->strategies[m] == CAUCUS_ERASE) { /* its members stay where they are */
            mass = 0;
            for (uint32_t y = 0; y < L; y++) {
                mass += trial->raw[CAUCUS_AT(row * L + y)];
            }
            base_mass = mass;
        }
        trial->view_good[CAUCUS_AT(s)] = trial->good[CAUCUS_AT(row)];
        trial->view_mass[CAUCUS_AT(s)] = mass;
        trial->view_base_mass[CAUCUS_AT(s)] = base_mass;
    }
}

CAUCUS_SHARED void caucus_guarantee_gather_counts(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t L = compiled->n_labels;
    for (uint32_t i = 0; i < signal->n_cells * L; i++) {
        const uint32_t position = signal->positions[i / L];
        const size_t own = CAUCUS_AT(caucus_tracked_row(compiled, m, position) + i % L);
        uint64_t pooled = 0;
        uint64_t others = 0;
        for (uint32_t j = 0; j < compiled->n_collectives; j++) {
            const size_t from = CAUCUS_AT(caucus_tracked_row(compiled, j, position) + i % L);
            pooled += j == m ? trial->base[from] : trial->raw[from];
            others += j == m ? 0 : trial->submitted[from];
        }
        trial->view_own[CAUCUS_AT(i)] = trial->planned[own];
        if (compiled->config->bounds.noisy) {
            trial->view_raw[CAUCUS_AT(i)] = trial->raw[own];
        }
        trial->view_base[CAUCUS_AT(i)] = trial->base[own];
        trial->view_others[CAUCUS_AT(i)] = others;
        trial->view_pooled[CAUCUS_AT(i)] = pooled;
    }
}

/* Where a view's crossed counts lie: the trial's own, where these are as wide as a view's. */
CAUCUS_SHARED uint64_t *caucus_guarantee_crossed(const caucus_trial *trial, uint32_t m)
{
#if CAUCUS_COUNT_BITS == 64
    return trial->crossed + CAUCUS_ROW(trial->compiled->crossed_offset[m]);
#else
    (void)m;
    return trial->view_crossed;
#endif
}

CAUCUS_SHARED void caucus_guarantee_gather_crossed(const caucus_trial *trial, uint32_t m)
{
    if (CAUCUS_COUNT_BITS == 64 || !trial->compiled->crossing) {
        return;
    }
    const caucus_compiled *compiled = trial->compiled;
    const caucus_count *crossed = trial->crossed + CAUCUS_ROW(compiled->crossed_offset[m]);
    const size_t n = (size_t)compiled->n_collectives * compiled->signals.of[m].n_cells * compiled->n_labels;
    for (size_t i = 0; i < n; i++) {
        trial->view_crossed[CAUCUS_AT(i)] = crossed[CAUCUS_AT(i)];
    }
}

CAUCUS_SHARED caucus_bound_view caucus_guarantee_view(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    uint64_t members = 0;
    caucus_guarantee_gather_masses(trial, m);
    caucus_guarantee_gather_counts(trial, m);
    caucus_guarantee_gather_crossed(trial, m);
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        members += trial->n_members[CAUCUS_AT(j)];
    }
    caucus_bound_view view;
    view.epsilon = trial->spent[CAUCUS_AT(0)];
    view.n_own = trial->n_members[CAUCUS_AT(m)];
    view.own = trial->view_own;
    view.raw = trial->view_raw;
    view.mass = trial->view_mass;
    view.n_base = view.n_own - trial->n_estimators[CAUCUS_AT(m)];
    view.base = trial->view_base;
    view.base_mass = trial->view_base_mass;
    view.good = trial->view_good;
    view.others = trial->view_others;
    view.n_others = members - view.n_own;
    view.pooled = trial->view_pooled;
    view.n_pooled = members - trial->n_estimators[CAUCUS_AT(m)];
    view.crossed = caucus_guarantee_crossed(trial, m);
    view.n_pilot = 0;
    view.pilot = NULL;
    view.pilot_mass = NULL;
    view.n_matching = 0;
    view.matching_mass = NULL;
    view.other_mass = NULL;
    view.matching_crossed = NULL;
    return view;
}

#ifndef CAUCUS_DEVICE_CODE /* devices have no pilots: run/cuda.c */
/* The same without the pilot, as bounds that it serves read it. It is taken off the trial's crossed counts for good. */
CAUCUS_SHARED caucus_bound_view caucus_guarantee_piloted_view(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t L = compiled->n_labels;
    const size_t n_crossed = (size_t)compiled->n_collectives * signal->n_cells * L;
    for (size_t i = 0; compiled->crossing && i < n_crossed; i++) {
        const size_t at = CAUCUS_AT(compiled->crossed_offset[m] + i);
        trial->crossed[at] -= trial->pilot_crossed[at];
        trial->pilot_crossed[at] = 0;
    }
    caucus_bound_view view = caucus_guarantee_view(trial, m);
    view.n_pilot = compiled->config->collectives[m].pilot;
    view.n_base -= view.n_pilot;
    view.pilot = trial->view_pilot;
    view.pilot_mass = trial->view_pilot_mass;
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        const uint32_t position = signal->positions[s];
        const uint64_t mass = trial->pilot_mass[CAUCUS_AT((size_t)m * compiled->n_tracked + position)];
        trial->view_pilot_mass[CAUCUS_AT(s)] = mass;
        trial->view_base_mass[CAUCUS_AT(s)] -= mass;
        for (uint32_t y = 0; y < L; y++) {
            const uint64_t n = trial->pilot[CAUCUS_AT(caucus_tracked_row(compiled, m, position) + y)];
            trial->view_pilot[CAUCUS_AT((size_t)s * L + y)] = n;
            trial->view_base[CAUCUS_AT((size_t)s * L + y)] -= n;
        }
    }
    return view;
}
#endif

#ifndef CAUCUS_DEVICE_CODE /* devices know of no affinities: run/cuda.c */
/* The same with those of the base members counted apart who match what m's bounds know an affinity of. */
CAUCUS_SHARED caucus_bound_view caucus_guarantee_matching_view(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_signal *signal = &compiled->signals.of[m];
    const bool erases = compiled->strategies[m] == CAUCUS_ERASE; /* its members stay where they are */
    const size_t n_crossed = (size_t)compiled->n_collectives * signal->n_cells * compiled->n_labels;
    caucus_bound_view view = caucus_guarantee_view(trial, m);
    view.n_matching = 0;
    view.matching_mass = trial->view_matching_mass;
    view.other_mass = trial->view_other_mass;
    view.matching_crossed = trial->view_matching_crossed;
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        const uint64_t mass = view.base_mass[CAUCUS_AT(s)];
        const size_t row = (size_t)m * compiled->n_tracked + signal->positions[s];
        uint64_t matching = trial->matching_mass[CAUCUS_AT(row)];
        view.n_matching += matching;
        if (erases) {
            matching = compiled->guarantees[m].matching[s] != 0 ? mass : 0;
        }
        trial->view_matching_mass[CAUCUS_AT(s)] = matching;
        trial->view_other_mass[CAUCUS_AT(s)] = mass - matching;
    }
    for (size_t i = 0; compiled->crossing && i < n_crossed; i++) {
        trial->view_matching_crossed[CAUCUS_AT(i)] =
            trial->matching_crossed[CAUCUS_AT(compiled->crossed_offset[m] + i)];
    }
    return view;
}
#endif

/* A view of expected counts, with the trial's epsilon. What others do is already in the trial's own view: population
 * bounds with neighbours read expected crossed counts, which are copied over the trial's, no longer needed then. */
CAUCUS_SHARED caucus_bound_view caucus_guarantee_expected_view(const caucus_trial *trial, uint32_t m)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_bound_view *expected = &compiled->guarantees[m].expected->view;
    const uint32_t k = compiled->signals.of[m].n_cells;
    const uint32_t n = k * compiled->n_labels;
    for (uint32_t i = 0; i < n; i++) {
        trial->view_own[CAUCUS_AT(i)] = expected->own[i];
        if (compiled->config->bounds.noisy) {
            trial->view_raw[CAUCUS_AT(i)] = expected->raw[i];
        }
        trial->view_base[CAUCUS_AT(i)] = expected->base[i];
        trial->view_others[CAUCUS_AT(i)] = expected->others[i];
        trial->view_pooled[CAUCUS_AT(i)] = expected->pooled[i];
    }
    for (uint32_t s = 0; s < k; s++) {
        trial->view_mass[CAUCUS_AT(s)] = expected->mass[s];
        trial->view_base_mass[CAUCUS_AT(s)] = expected->base_mass[s];
        trial->view_good[CAUCUS_AT(s)] = expected->good[s];
    }
    uint64_t *crossed = caucus_guarantee_crossed(trial, m);
    for (size_t i = 0; compiled->crossing && i < (size_t)compiled->n_collectives * n; i++) {
        crossed[CAUCUS_AT(i)] = expected->crossed[i];
    }
    caucus_bound_view view = *expected;
#ifndef CAUCUS_DEVICE_CODE
    if (expected->matching_mass != NULL) {
        for (uint32_t s = 0; s < k; s++) {
            trial->view_matching_mass[CAUCUS_AT(s)] = expected->matching_mass[s];
            trial->view_other_mass[CAUCUS_AT(s)] = expected->other_mass[s];
        }
        for (size_t i = 0; compiled->crossing && i < (size_t)compiled->n_collectives * n; i++) {
            trial->view_matching_crossed[CAUCUS_AT(i)] = expected->matching_crossed[i];
        }
        view.matching_mass = trial->view_matching_mass;
        view.other_mass = trial->view_other_mass;
        view.matching_crossed = trial->view_matching_crossed;
    }
#endif
    view.epsilon = trial->spent[CAUCUS_AT(0)];
    view.own = trial->view_own;
    view.raw = trial->view_raw;
    view.base = trial->view_base;
    view.others = trial->view_others;
    view.pooled = trial->view_pooled;
    view.mass = trial->view_mass;
    view.base_mass = trial->view_base_mass;
    view.good = trial->view_good;
    view.crossed = crossed;
    return view;
}

/* What a bound reads: views are made in this order, each in the place of the one before. */
enum { CAUCUS_READS_TRIAL, CAUCUS_READS_MATCHING, CAUCUS_READS_PILOT, CAUCUS_READS_EXPECTED, CAUCUS_N_READS };

/* Whether a reckoning reads expected counts in each trial: population with a measured epsilon. */
CAUCUS_SHARED bool caucus_guarantee_expects(const caucus_compiled *compiled, uint32_t r)
{
    return compiled->config->bounds.measured && compiled->reckonings[r].kind.inequality == CAUCUS_POPULATION;
}

CAUCUS_SHARED int caucus_guarantee_reads(const caucus_compiled *compiled, uint32_t r, const caucus_bound *bound)
{
    return caucus_guarantee_expects(compiled, r) ? CAUCUS_READS_EXPECTED
           : bound->weighed                      ? CAUCUS_READS_MATCHING
           : bound->piloted                      ? CAUCUS_READS_PILOT
                                                 : CAUCUS_READS_TRIAL;
}

/* Whether some bound of a collective reads a kind of view. */
CAUCUS_SHARED bool caucus_guarantee_has(const caucus_compiled *compiled, uint32_t m, int reads)
{
    const caucus_collective *collective = &compiled->config->collectives[m];
    return reads == CAUCUS_READS_EXPECTED   ? compiled->guarantees[m].expected != NULL
           : reads == CAUCUS_READS_PILOT    ? compiled->piloting && collective->pilot > 0
           : reads == CAUCUS_READS_MATCHING ? compiled->matching && collective->membership.affinity > 0
                                            : true;
}

CAUCUS_SHARED caucus_bound_view caucus_guarantee_view_for(const caucus_trial *trial, uint32_t m, int reads)
{
#ifndef CAUCUS_DEVICE_CODE
    if (reads == CAUCUS_READS_PILOT) {
        return caucus_guarantee_piloted_view(trial, m);
    }
    if (reads == CAUCUS_READS_MATCHING) {
        return caucus_guarantee_matching_view(trial, m);
    }
#endif
    return reads == CAUCUS_READS_EXPECTED ? caucus_guarantee_expected_view(trial, m) : caucus_guarantee_view(trial, m);
}

/* Every reckoning is evaluated by itself and, among several collectives, once more at the level that they share for the
 * global and joint bounds. NULL: fixed for the configuration. */
CAUCUS_SHARED const caucus_bound *caucus_guarantee_bound(const caucus_compiled *compiled, uint32_t m, uint32_t r,
                                                         uint32_t sharing)
{
    return compiled->guarantees[m].bounds[2 * r + sharing];
}

/* First element of a trial's kept for these levels of knowledge. */
CAUCUS_SHARED size_t caucus_guarantee_kept(const caucus_compiled *compiled, uint32_t m, uint32_t r, uint32_t sharing)
{
    return CAUCUS_N_KNOWLEDGE * (2 * ((size_t)m * compiled->n_reckonings + r) + sharing);
}

/* A kernel may define how it evaluates a bound. */
#if !defined(CAUCUS_KEEP_BOUND) || !defined(CAUCUS_DEVICE_CODE)
#undef CAUCUS_KEEP_BOUND
#define CAUCUS_KEEP_BOUND caucus_bound_keep
#endif

/* First half, for a trial whose platform is trained: the members that each reckoning keeps; fills kept. */
CAUCUS_SHARED void caucus_guarantees_keep(const caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t most_sharing = compiled->n_collectives > 1 ? 1 : 0;
    CAUCUS_ROLLED
    for (uint32_t m = 0; compiled->n_reckonings > 0 && m < compiled->n_collectives; m++) {
        CAUCUS_ROLLED
        for (int reads = 0; reads < CAUCUS_N_READS; reads++) {
            if (!caucus_guarantee_has(compiled, m, reads)) {
                continue;
            }
            const caucus_bound_view view = caucus_guarantee_view_for(trial, m, reads);
            CAUCUS_ROLLED
            for (uint32_t i = 0; i < compiled->n_reckonings * (1 + most_sharing); i++) {
                const uint32_t r = i / (1 + most_sharing);
                const uint32_t sharing = i % (1 + most_sharing);
                const caucus_bound *bound = caucus_guarantee_bound(compiled, m, r, sharing);
                if (bound != NULL && caucus_guarantee_reads(compiled, r, bound) == reads) {
                    CAUCUS_KEEP_BOUND(bound, &view, (int)compiled->reckonings[r].highest, trial->bound_scratch,
                                      trial->kept + CAUCUS_ROW(caucus_guarantee_kept(compiled, m, r, sharing)));
                }
            }
        }
    }
}

CAUCUS_SHARED double caucus_guarantee_value(const caucus_trial *trial, uint32_t m, uint32_t r, uint32_t knowledge,
                                            uint32_t sharing)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_guarantee *guarantee = &compiled->guarantees[m];
    const caucus_bound *bound = caucus_guarantee_bound(compiled, m, r, sharing);
    if (bound == NULL) {
        return guarantee->fixed[r * CAUCUS_N_KNOWLEDGE + knowledge];
    }
    uint64_t n_own = trial->n_members[CAUCUS_AT(m)];
    uint64_t n_base = n_own - trial->n_estimators[CAUCUS_AT(m)];
    if (caucus_guarantee_expects(compiled, r)) {
        n_own = guarantee->expected->view.n_own;
        n_base = guarantee->expected->view.n_base;
    }
    const size_t kept = caucus_guarantee_kept(compiled, m, r, sharing) + knowledge;
    return caucus_bound_conclude(bound, trial->kept[CAUCUS_AT(kept)], n_own, n_base);
}

/* A method's bounds from above: one for each collective, and those on all of them together. */
CAUCUS_SHARED void caucus_guarantees_conclude_upper(const caucus_trial *trial, const caucus_row *result, uint32_t i)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t M = compiled->n_collectives;
    const uint32_t r = compiled->method_upper[i];
    const uint32_t knowledge = compiled->config->bounds.methods[i].knowledge;
    caucus_goals_upper goals = caucus_goals_upper_none();
    CAUCUS_ROLLED
    for (uint32_t evaluation = 0; evaluation < (M > 1 ? 2 * M : M); evaluation++) {
        const uint32_t m = M > 1 ? evaluation / 2 : evaluation;
        const uint32_t sharing = M > 1 ? evaluation % 2 : 0;
        const double value = r != CAUCUS_NOWHERE ? caucus_guarantee_value(trial, m, r, knowledge, sharing) : NAN;
        CAUCUS_TOGETHER();
        if (sharing == 0) {
            result->upper_bound[(size_t)m * compiled->config->bounds.n_methods + i] = caucus_round_up(value);
        }
        if (sharing == 1 || M == 1) {
            caucus_goals_upper_add(&goals, compiled->global_weights[m], value);
        }
    }
    caucus_goals_upper_report(&goals, result, i);
}

/* Second half: fills the bounds of a row from kept. */
CAUCUS_SHARED void caucus_guarantees_conclude(const caucus_trial *trial, const caucus_row *result)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t M = compiled->n_collectives;
    const uint32_t n_methods = compiled->config->bounds.n_methods;
    CAUCUS_ROLLED
    for (uint32_t i = 0; i < n_methods; i++) {
        const uint32_t r = compiled->method_reckoning[i];
        const uint32_t knowledge = compiled->config->bounds.methods[i].knowledge;
        double global = 0.0;
        double missing = 0.0; /* sum of 1 - LB */
        CAUCUS_ROLLED
        for (uint32_t evaluation = 0; evaluation < (M > 1 ? 2 * M : M); evaluation++) {
            const uint32_t m = M > 1 ? evaluation / 2 : evaluation;
            const uint32_t sharing = M > 1 ? evaluation % 2 : 0;
            const double value = caucus_guarantee_value(trial, m, r, knowledge, sharing);
            CAUCUS_TOGETHER();
            if (sharing == 0) {
                result->lower_bound[(size_t)m * n_methods + i] = caucus_round_down(value);
            }
            if (sharing == 1 || M == 1) {
                global += compiled->global_weights[m] * value;
                missing += 1.0 - value;
            }
        }
        result->global_bound[i] = caucus_round_down(global);
        result->joint_bound[i] = caucus_round_down(1.0 - missing);
        if (compiled->config->bounds.upper) {
            caucus_guarantees_conclude_upper(trial, result, i);
        }
    }
}

#endif
