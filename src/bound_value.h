/* The value of a compiled bound: what a trial, or a counts document, evaluates. */
#ifndef CAUCUS_BOUND_VALUE_H
#define CAUCUS_BOUND_VALUE_H

#include "bound_family.h"

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

/* The lower bound on S_m; may be vacuous, never clipped. NaN where the method does not apply, or where the collective
 * has no members (or none beside its estimators). No failure. scratch: caucus_family_scratch of the setting's cells.
 * Threads may share a bound: limits that are dear to compute are remembered in it, and remembering changes no result.
 */
CAUCUS_SHARED double caucus_bound_value(const caucus_bound *bound, const caucus_bound_view *view, double *scratch)
{
    if (!bound->applies || view->n_own == 0 || view->n_base == 0) {
        return NAN;
    }
    const double epsilon = bound->setting.measured ? view->epsilon : bound->setting.epsilon;
    double kept = 0;
    if (bound->method.family == CAUCUS_LINEAR) {
        return caucus_family_linear(&bound->rule, &bound->margin, view, epsilon);
    }
    if (bound->method.family == CAUCUS_STAIRCASE) {
        kept = caucus_family_staircase(&bound->rule, &bound->margin, view, epsilon, scratch);
    } else {
        kept = caucus_family_budget(&bound->rule, &bound->margin, view, epsilon,
                                    bound->from_base ? view->base_mass : view->mass, scratch);
    }
    double total = (double)(bound->from_base ? view->n_base : view->n_own);
    return caucus_transfer_value_real(&bound->last, kept, total);
}

#endif
