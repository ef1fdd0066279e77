/* The values of a compiled bound: what a trial, or a counts document, evaluates. Shared with devices. */
#ifndef CAUCUS_BOUND_VALUE_H
#define CAUCUS_BOUND_VALUE_H

#include "bound/family.h"
#include "bound/pilot.h"

struct caucus_bound {
    caucus_bound_setting setting;
    caucus_bound_kind kind;
    bool applies;
    bool from_base;      /* mass is taken over the base members: staircase with estimators, members with an affinity */
    bool weighed;        /* members have an affinity that is known */
    bool piloted;        /* a pilot decides how delta is shared */
    double pilot_share;  /* of the base pairs together */
    double mass_members; /* k_s */
    caucus_margin margin;
    caucus_family_rule rule;
    caucus_transfer last;   /* from the members to the test points */
    caucus_transfer nested; /* piloted: the same from those who prove, of nested sets */
    caucus_margin_other *others;
    uint8_t *reach; /* memory of the others' tables */
    caucus_memos *memos;
    bool owns_memos;
};

/* What one knowledge level keeps, and whom the budget pays for then. */
typedef struct caucus_bound_choice_made {
    double kept;
    caucus_spared spared;
    double nested; /* piloted: the most of those who prove in nested sets out of the budget's reach, over whom it pays
                      for */
} caucus_bound_choice_made;

/* What margins remember. */
CAUCUS_SHARED double *caucus_bound_known(const caucus_bound *bound, double *scratch)
{
    return scratch + CAUCUS_ROW(caucus_family_scratch(bound->setting.n_cells, bound->setting.n_collectives));
}

/* Nothing has been searched for outside. */
CAUCUS_SHARED void caucus_bound_forget_found(const caucus_bound *bound, double *scratch)
{
    double *found = caucus_margin_found(&bound->margin, caucus_bound_known(bound, scratch), 0);
    for (uint64_t i = 0; i < caucus_margin_found_size(&bound->margin); i++) {
        found[CAUCUS_AT(i)] = NAN;
    }
}

/* What a pilot decided lies behind. */
CAUCUS_SHARED caucus_pilot_plan caucus_bound_plan(const caucus_bound *bound, double *scratch)
{
    const caucus_margin *margin = &bound->margin;
    return caucus_pilot_plan_at(margin,
                                caucus_bound_known(bound, scratch) +
                                    CAUCUS_ROW(caucus_margin_known_size(margin) + caucus_margin_found_size(margin)));
}

/* Fill the leads of all cells, exact as far as they matter. */
CAUCUS_SHARED void caucus_bound_leads(const caucus_bound *bound, const caucus_bound_view *view,
                                      caucus_knowledge knowledge, caucus_spared spared, double budget, double *scratch)
{
    const caucus_margin *margin = &bound->margin;
    const double rounding = CAUCUS_TIE * margin->consumers;
    const bool staircase = bound->kind.family == CAUCUS_STAIRCASE;
    double *lead = scratch;
    const double *ranks = scratch + CAUCUS_ROW(6 * (uint64_t)margin->n_cells);
    const double threshold =
        bound->kind.side == CAUCUS_LOWER ? (staircase ? budget : 0) + rounding : (staircase ? budget : 0) - rounding;
    caucus_lead_query query;
    query.cell = 0;
    query.a = 0;
    query.b = 0;
    query.knowledge = knowledge;
    query.precision = CAUCUS_EXACT;
    query.pair = 0;
    query.known = caucus_bound_known(bound, scratch);
    query.levels = bound->piloted ? caucus_bound_plan(bound, scratch).levels : NULL;
    CAUCUS_ROLLED
    for (uint32_t x = 0; x < margin->n_cells; x++) {
        /* Without a budget only the side of the threshold matters. */
        lead[CAUCUS_AT(x)] = caucus_margin_judge(margin, view, x, bound->kind.side, query, spared, ranks, threshold,
                                                 (!staircase && budget > 0) || bound->weighed);
    }
}

CAUCUS_SHARED const uint64_t *caucus_bound_mass(const caucus_bound *bound, const caucus_bound_view *view)
{
    return bound->from_base ? view->base_mass : view->mass;
}

/* People whom an adversary has for all cells together: slack, and those who are not charged to cells. */
CAUCUS_SHARED double caucus_bound_budget(const caucus_bound *bound, const caucus_bound_view *view,
                                         caucus_knowledge knowledge, caucus_spared spared, const double *ranks)
{
    const caucus_margin *margin = &bound->margin;
    const double epsilon = bound->setting.measured ? view->epsilon : bound->setting.epsilon;
    const double slack = caucus_family_slack(&bound->rule, epsilon) * margin->consumers;
    return slack + (knowledge == CAUCUS_TOTAL      ? margin->others_size
                    : knowledge < CAUCUS_AGGREGATE ? caucus_margin_spared(margin, spared, ranks)
                                                   : 0);
}

/* Members kept at one level when these others are spared. */
CAUCUS_SHARED double caucus_bound_kept_with(const caucus_bound *bound, const caucus_bound_view *view,
                                            caucus_knowledge knowledge, caucus_spared spared, double *scratch)
{
    const caucus_margin *margin = &bound->margin;
    const double *ranks = scratch + CAUCUS_ROW(6 * (uint64_t)margin->n_cells);
    const double budget = caucus_bound_budget(bound, view, knowledge, spared, ranks);
    const uint64_t *mass = caucus_bound_mass(bound, view);
    caucus_bound_leads(bound, view, knowledge, spared, budget, scratch);
    if (bound->kind.side == CAUCUS_UPPER) {
        return caucus_family_reached(margin, bound->kind.family, budget, mass, scratch);
    }
    return bound->kind.family == CAUCUS_STAIRCASE
               ? caucus_family_staircase(&bound->rule, margin, view, mass, budget + CAUCUS_TIE * margin->consumers,
                                         scratch)
               : caucus_family_budget(&bound->rule, margin, budget, mass, scratch);
}

CAUCUS_SHARED bool caucus_bound_better(const caucus_bound *bound, double kept, double than)
{
    return bound->kind.side == CAUCUS_LOWER ? kept > than : kept < than;
}

/* Whether nothing can be better: everybody is kept, or nobody reached. */
CAUCUS_SHARED bool caucus_bound_done(const caucus_bound *bound, double kept, double everybody)
{
    return bound->kind.side == CAUCUS_LOWER ? kept >= everybody : kept <= 0;
}

/* Of those who prove, the ones in the largest set of the first cells in the pilot's order that no adversary can touch;
 * leads are in scratch. */
CAUCUS_SHARED double caucus_bound_untouched(const caucus_bound *bound, const caucus_bound_view *view, double budget,
                                            double *scratch)
{
    const double *order = caucus_bound_plan(bound, scratch).order;
    const double rounding = CAUCUS_TIE * bound->margin.consumers;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < bound->margin.n_cells; i++) {
        const uint32_t x = (uint32_t)order[CAUCUS_AT(i)];
        if (!(scratch[CAUCUS_AT(x)] > budget + rounding)) {
            break;
        }
        sum += view->base_mass[CAUCUS_AT(x)];
    }
    return (double)sum;
}

/* The best of one level over whom the budget pays for. */
CAUCUS_SHARED caucus_bound_choice_made caucus_bound_at_level(const caucus_bound *bound, const caucus_bound_view *view,
                                                             caucus_knowledge knowledge, double everybody,
                                                             double *scratch)
{
    const caucus_margin *margin = &bound->margin;
    double *ranks = scratch + CAUCUS_ROW(6 * (uint64_t)margin->n_cells);
    const bool charged = knowledge == CAUCUS_LABELS || knowledge == CAUCUS_STRATEGIES;
    uint32_t n_ranked = 0;
    caucus_spared spared;
    caucus_bound_choice_made best;
    if (knowledge == CAUCUS_TOTAL || (knowledge == CAUCUS_FULL && margin->pooled)) { /* full has a base of its own */
        caucus_margin_forget(margin, caucus_bound_known(bound, scratch), knowledge == CAUCUS_TOTAL);
    }
    for (uint32_t j = 0; j < margin->n_others; j++) {
        ranks[CAUCUS_AT(j)] = CAUCUS_NO_RANK;
    }
    if (charged && bound->kind.family == CAUCUS_BUDGET) {
        n_ranked = caucus_margin_rank(margin, view, bound->kind.side, knowledge == CAUCUS_LABELS, ranks);
    }
    spared.nested = n_ranked > CAUCUS_MOST_SUBSETS_OF;
    const uint32_t n_choices = spared.nested ? n_ranked + 1 : 1u << n_ranked;
    best.kept = bound->kind.side == CAUCUS_LOWER ? -INFINITY : INFINITY;
    best.spared = spared;
    best.nested = 0;
    CAUCUS_ROLLED
    for (spared.set = 0; spared.set < n_choices; spared.set++) {
        const double kept = caucus_bound_kept_with(bound, view, knowledge, spared, scratch);
#ifndef CAUCUS_DEVICE_CODE /* devices have no bounds with a pilot: run/cuda.c */
        if (bound->piloted) {
            const double budget = caucus_bound_budget(bound, view, knowledge, spared, ranks);
            best.nested = fmax(best.nested, caucus_bound_untouched(bound, view, budget, scratch));
        }
#endif
        if (caucus_bound_better(bound, kept, best.kept)) {
            best.kept = kept;
            best.spared = spared;
        }
        if (caucus_bound_done(bound, kept, everybody)) {
            break;
        }
    }
    return best;
}

/* Whether there is a bound for this view: not without members, nor where none but estimators are left. */
CAUCUS_SHARED bool caucus_bound_exists(const caucus_bound *bound, const caucus_bound_view *view)
{
    return bound->applies && view->n_own > 0 && view->n_base > 0;
}

#ifndef CAUCUS_DEVICE_CODE
/* As caucus_bound_keep, where a pilot decides how delta is shared; kept: the bound itself. */
CAUCUS_SHARED void caucus_bound_keep_piloted(const caucus_bound *bound, const caucus_bound_view *view, int highest,
                                             double *scratch, double *kept)
{
    double most = 0;
    double nested = 0;
    const caucus_pilot_plan plan = caucus_bound_plan(bound, scratch);
    caucus_pilot_decide(&bound->margin, view, bound->pilot_share, &plan);
    for (int level = CAUCUS_TOTAL; level <= highest; level++) {
        if (level == CAUCUS_TOTAL || bound->margin.n_others > 0) {
            const caucus_bound_choice_made made =
                caucus_bound_at_level(bound, view, (caucus_knowledge)level, INFINITY, scratch);
            most = fmax(most, made.kept);
            nested = fmax(nested, made.nested);
        }
        const double of_all = caucus_transfer_value_real(&bound->last, most, (double)view->n_own);
        const double of_nested = caucus_transfer_value_real(&bound->nested, nested, (double)view->n_base);
        kept[CAUCUS_AT(level)] = fmax(of_all, of_nested) / bound->last.k_to;
    }
}

/* From the kept base members who match and who do not to the test points; last is L or U of a share of the members. */
CAUCUS_SHARED double caucus_bound_weighed_value(const caucus_bound *bound, const caucus_bound_view *view,
                                                double matching, double others)
{
    const caucus_affinity *affinity = &bound->margin.affinity;
    const caucus_transfer *last = &bound->last;
    const double total = (double)view->n_base;
    const double test = (double)bound->setting.test;
    const double kept[2] = {matching, others};
    double share[2];
    for (int part = 0; part < 2; part++) {
        share[part] =
            caucus_clip(last->inequality == CAUCUS_POPULATION ? kept[part] / total
                                                              : caucus_transfer_value_real(last, kept[part], total));
    }
    const double factor = caucus_affinity_factor(affinity, view->n_matching, view->n_base, last->side);
    const double probability = caucus_affinity_weigh(affinity, factor, share[0], share[1]);
    return caucus_limit_prediction(last->inequality, probability, test, last->level_to, last->side) / test;
}

/* As caucus_bound_keep, for members with an affinity; kept: the bound itself. Those who match and those who do not are
 * counted apart, each against the whole budget. */
CAUCUS_SHARED void caucus_bound_keep_weighed(const caucus_bound *bound, const caucus_bound_view *view, int highest,
                                             double *scratch, double *kept)
{
    caucus_bound_view parts[2] = {*view, *view};
    double best[2];
    parts[0].base_mass = view->matching_mass;
    parts[1].base_mass = view->other_mass;
    for (int level = CAUCUS_TOTAL; level <= highest; level++) {
        for (int part = 0; part < 2 && (level == CAUCUS_TOTAL || bound->margin.n_others > 0); part++) {
            const double made =
                caucus_bound_at_level(bound, &parts[part], (caucus_knowledge)level, INFINITY, scratch).kept;
            best[part] = level == CAUCUS_TOTAL || caucus_bound_better(bound, made, best[part]) ? made : best[part];
        }
        kept[CAUCUS_AT(level)] = caucus_bound_weighed_value(bound, view, best[0], best[1]);
    }
}
#endif

/* kept: [knowledge] up to highest: the members whose cells are sure to obey (may obey, from above), which need not be
 * whole; for linear, with a pilot, and with an affinity, the bound itself; NaN where there is none. More knowledge
 * never makes it worse: all levels hold together, so that a level takes the best up to it. No failure. Threads may
 * share a bound: limits that are dear to compute are remembered in it, and remembering changes no result. */
CAUCUS_SHARED void caucus_bound_keep(const caucus_bound *bound, const caucus_bound_view *view, int highest,
                                     double *scratch, double *kept)
{
    const double epsilon = bound->setting.measured ? view->epsilon : bound->setting.epsilon;
    const uint64_t *mass = caucus_bound_mass(bound, view);
    const bool exists = caucus_bound_exists(bound, view);
    double best = exists ? (bound->kind.side == CAUCUS_LOWER ? -INFINITY : INFINITY) : NAN;
    uint64_t everybody = 0;
    bool done = !exists;
    if (exists && bound->kind.family == CAUCUS_LINEAR) {
        best = caucus_family_linear(&bound->rule, &bound->margin, view, bound->setting.strategies[bound->setting.self],
                                    epsilon);
        done = true;
    }
#ifndef CAUCUS_DEVICE_CODE
    if (exists && bound->piloted) {
        caucus_bound_keep_piloted(bound, view, highest, scratch, kept);
        return;
    }
    if (exists && bound->weighed) {
        caucus_bound_keep_weighed(bound, view, highest, scratch, kept);
        return;
    }
#endif
    for (uint32_t x = 0; !done && x < bound->margin.n_cells; x++) {
        everybody += mass[CAUCUS_AT(x)];
    }
    CAUCUS_ROLLED
    for (int level = CAUCUS_TOTAL; level <= highest; level++) {
        if (!done) {
            const double at_level =
                caucus_bound_at_level(bound, view, (caucus_knowledge)level, (double)everybody, scratch).kept;
            best = caucus_bound_better(bound, at_level, best) ? at_level : best;
            /* with nobody else there is nobody to know of */
            done = caucus_bound_done(bound, best, (double)everybody) || bound->margin.n_others == 0;
        }
        kept[CAUCUS_AT(level)] = best;
    }
}

/* From the kept members, of n_own of whom n_base are no estimators, to the test points: the bound on S_m. It may be
 * vacuous and is never clipped further. */
CAUCUS_SHARED double caucus_bound_conclude(const caucus_bound *bound, double kept, uint64_t n_own, uint64_t n_base)
{
    if (isnan(kept) || bound->kind.family == CAUCUS_LINEAR || bound->piloted || bound->weighed) {
        return kept;
    }
    return caucus_transfer_value_real(&bound->last, kept, (double)(bound->from_base ? n_base : n_own)) /
           bound->last.k_to;
}

#endif
