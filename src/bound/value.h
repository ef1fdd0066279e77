/* The value of a compiled bound: what a trial, or a counts document, evaluates. Shared with devices. */
#ifndef CAUCUS_BOUND_VALUE_H
#define CAUCUS_BOUND_VALUE_H

#include "bound/family.h"

struct caucus_bound {
    caucus_bound_setting setting;
    caucus_method method;
    bool applies;
    bool from_base;      /* mass is taken over the base members: budget with estimators */
    double mass_members; /* k_s */
    caucus_margin margin;
    caucus_family_rule rule;
    caucus_transfer last; /* from the members to the test points */
    caucus_neighbour *neighbours;
    double *label_loss;
    caucus_memos *memos;
    bool owns_memos;
};

/* The count of members whose cells are sure to obey, which need not be whole; for linear the bound itself. NaN where
 * the method does not apply, or where the collective has no members (or none beside its estimators). No failure.
 * scratch: caucus_family_scratch of the setting's cells. Threads may share a bound: limits that are dear to compute are
 * remembered in it, and remembering changes no result. */
CAUCUS_SHARED double caucus_bound_kept(const caucus_bound *bound, const caucus_bound_view *view, double *scratch)
{
    if (!bound->applies || view->n_own == 0 || view->n_base == 0) {
        return NAN;
    }
    const double epsilon = bound->setting.measured ? view->epsilon : bound->setting.epsilon;
    if (bound->method.family == CAUCUS_LINEAR) {
        return caucus_family_linear(&bound->rule, &bound->margin, view, epsilon);
    }
    const bool staircase = bound->method.family == CAUCUS_STAIRCASE;
    const double budget = caucus_family_means(&bound->rule, epsilon);
    const double threshold = (staircase ? caucus_family_threshold(&bound->rule, epsilon) : 0) + CAUCUS_TIE;
    /* Without a budget only the sign of a lead matters. */
    caucus_family_leads(&bound->margin, view, threshold, !staircase && budget > 0, scratch);
    return staircase ? caucus_family_staircase(&bound->rule, &bound->margin, view, threshold, scratch)
                     : caucus_family_budget(&bound->rule, &bound->margin, budget,
                                            bound->from_base ? view->base_mass : view->mass, scratch);
}

/* From the kept members, of n_own of whom n_base are no estimators, to the test points: the lower bound on S_m. It may
 * be vacuous and is never clipped. */
CAUCUS_SHARED double caucus_bound_conclude(const caucus_bound *bound, double kept, uint64_t n_own, uint64_t n_base)
{
    if (isnan(kept) || bound->method.family == CAUCUS_LINEAR) {
        return kept;
    }
    return caucus_transfer_value_real(&bound->last, kept, (double)(bound->from_base ? n_base : n_own));
}

CAUCUS_SHARED double caucus_bound_value(const caucus_bound *bound, const caucus_bound_view *view, double *scratch)
{
    return caucus_bound_conclude(bound, caucus_bound_kept(bound, view, scratch), view->n_own, view->n_base);
}

#endif
