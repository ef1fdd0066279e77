#include "bound/explain.h"

#include "bound/value.h"

#include <stdlib.h>

const char *const caucus_cell_state_names[CAUCUS_N_CELL_STATES] = {"safe", "at risk", "lost", "uncertain"};

/* The margin with only one of its groups left. */
typedef enum group { OWN, REST, OTHERS } group;

static double lead_of(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell, uint32_t rival,
                      group kept, const double *no_loss)
{
    caucus_margin only = *margin;
    only.own_weight = kept == OWN ? only.own_weight : 0;
    only.rest_weight = kept == REST ? only.rest_weight : 0;
    if (kept != OTHERS) {
        only.others_exact = false;
        only.n_neighbours = 0;
        only.label_loss = no_loss;
    }
    return caucus_margin_support(&only, view, cell, view->good[cell], CAUCUS_LOWER, CAUCUS_EXACT) -
           caucus_margin_support(&only, view, cell, rival, CAUCUS_UPPER, CAUCUS_EXACT);
}

static uint32_t strongest_rival(const caucus_margin *margin, const caucus_bound_view *view, uint32_t cell)
{
    uint32_t good = view->good[cell];
    uint32_t best = good == 0 ? 1 : 0;
    if (margin->one_rival) {
        return margin->rival;
    }
    double most = -INFINITY;
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        double support =
            label != good ? caucus_margin_support(margin, view, cell, label, CAUCUS_UPPER, CAUCUS_EXACT) : -INFINITY;
        if (support > most) {
            most = support;
            best = label;
        }
    }
    return best;
}

static caucus_cell_state judge(caucus_family family, double needed, double margin, bool certified)
{
    if (family == CAUCUS_BUDGET) {
        if (!(margin > CAUCUS_TIE)) {
            return CAUCUS_CELL_LOST;
        }
        return needed > 0 && margin <= needed + CAUCUS_TIE ? CAUCUS_CELL_AT_RISK : CAUCUS_CELL_SAFE;
    }
    if (!(margin > needed + CAUCUS_TIE)) {
        return CAUCUS_CELL_LOST;
    }
    return certified ? CAUCUS_CELL_SAFE : CAUCUS_CELL_UNCERTAIN;
}

static caucus_cell_account account_for(const caucus_bound *bound, const caucus_bound_view *view, uint32_t cell,
                                       const double *no_loss)
{
    const caucus_margin *margin = &bound->margin;
    const caucus_family_rule *rule = &bound->rule;
    const caucus_family family = bound->method.family;
    const double needed = family == CAUCUS_BUDGET ? caucus_family_means(rule, bound->setting.epsilon)
                                                  : caucus_family_threshold(rule, bound->setting.epsilon);
    uint32_t at = cell;
    bool certified = true;
    double lead = caucus_margin_at(margin, view, cell);
    if (rule->image != NULL && rule->image[cell] != cell) { /* the same answer is needed at both */
        double there = caucus_margin_at(margin, view, rule->image[cell]);
        at = there < lead ? rule->image[cell] : cell;
        lead = there < lead ? there : lead;
    }
    if (rule->image != NULL && family == CAUCUS_STAIRCASE) {
        certified = caucus_family_certified(rule, margin, view, rule->image[cell]);
    }
    caucus_cell_account account = {.state = judge(family, needed, lead, certified),
                                   .margin = lead,
                                   .needed = needed,
                                   .good = view->good[cell],
                                   .rival = strongest_rival(margin, view, at)};
    account.own = lead_of(margin, view, at, account.rival, OWN, no_loss);
    account.rest = lead_of(margin, view, at, account.rival, REST, no_loss);
    account.others = lead_of(margin, view, at, account.rival, OTHERS, no_loss);
    return account;
}

caucus_status caucus_bound_explain(const caucus_bound *bound, const caucus_bound_view *view,
                                   caucus_cell_account *accounts)
{
    double *no_loss = NULL; /* [label] */
    TRY(caucus_alloc(bound->margin.n_labels, sizeof *no_loss, "a margin", &no_loss));
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        accounts[x] = account_for(bound, view, x, no_loss);
    }
    free(no_loss);
    return CAUCUS_OK;
}
