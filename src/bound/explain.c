#include "bound/explain.h"

#include "bound/value.h"

#include <stdlib.h>

const char *const caucus_cell_state_names[CAUCUS_N_CELL_STATES] = {"safe", "at risk", "lost", "uncertain"};

/* What a bound came from. */
typedef struct reckoning {
    const caucus_bound *bound;
    const caucus_bound_view *view;
    caucus_knowledge knowledge;
    caucus_spared spared;
    const double *ranks;  /* [other] */
    double needed;        /* people */
    const double *levels; /* that a pilot chose, or NULL */
} reckoning;

/* The groups of which only one is left in a margin. */
typedef enum group { OWN, REST, OTHERS, ALL } group;

static caucus_margin margin_of(const reckoning *by, group kept)
{
    caucus_margin only = by->bound->margin;
    if (kept != OWN && kept != ALL) {
        only.own_exact = true; /* and of no size */
        only.own_noisy = false;
        only.own_stays = false;
        only.own_size = 0;
    }
    only.rest_size = kept == REST || kept == ALL ? only.rest_size : 0;
    if (kept != OTHERS && kept != ALL) {
        only.n_others = 0;
        only.others_size = 0;
    }
    return only;
}

static double lead_of(const reckoning *by, group kept, uint32_t cell, uint32_t rival)
{
    const caucus_margin margin = margin_of(by, kept);
    const uint32_t good = by->view->good[cell];
    const caucus_lead_query query = {.cell = cell,
                                     .a = good,
                                     .b = rival,
                                     .knowledge = by->knowledge,
                                     .precision = CAUCUS_EXACT,
                                     .pair = margin.pairs == CAUCUS_PAIRS_GOOD ? rival : good,
                                     .levels = by->levels};
    return caucus_margin_lead(&margin, by->view, &query, by->spared, by->ranks);
}

/* The rival over whom the good label is sure to lead by least. */
static double strongest_rival(const reckoning *by, uint32_t cell, uint32_t *rival)
{
    const caucus_margin *margin = &by->bound->margin;
    double least = INFINITY;
    for (uint32_t label = 0; label < margin->n_labels; label++) {
        const bool competes =
            label != by->view->good[cell] && (margin->pairs == CAUCUS_PAIRS_GOOD || label == margin->target);
        const double lead = competes ? lead_of(by, ALL, cell, label) : INFINITY;
        if (lead < least) {
            least = lead;
            *rival = label;
        }
    }
    return least;
}

static caucus_cell_state judge(const reckoning *by, double lead, bool certified)
{
    const double rounding = CAUCUS_TIE * by->bound->margin.consumers;
    if (by->bound->kind.family == CAUCUS_BUDGET) {
        if (!(lead > rounding)) {
            return CAUCUS_CELL_LOST;
        }
        return by->needed > 0 && lead <= by->needed + rounding ? CAUCUS_CELL_AT_RISK : CAUCUS_CELL_SAFE;
    }
    if (!(lead > by->needed + rounding)) {
        return CAUCUS_CELL_LOST;
    }
    return certified ? CAUCUS_CELL_SAFE : CAUCUS_CELL_UNCERTAIN;
}

static caucus_cell_account account_for(const reckoning *by, uint32_t cell)
{
    const caucus_family_rule *rule = &by->bound->rule;
    const double consumers = by->bound->margin.consumers;
    uint32_t at = cell;
    bool certified = true;
    caucus_cell_account account = {.needed = by->needed / consumers, .good = by->view->good[cell]};
    double lead = strongest_rival(by, cell, &account.rival);
    if (rule->image != NULL && rule->image[cell] != cell) { /* the same answer is needed at both */
        uint32_t rival = 0;
        const double there = strongest_rival(by, rule->image[cell], &rival);
        if (there < lead) {
            at = rule->image[cell];
            lead = there;
            account.rival = rival;
        }
    }
    if (rule->image != NULL && by->bound->kind.family == CAUCUS_STAIRCASE) {
        certified = caucus_family_certified(rule, &by->bound->margin, by->view, rule->image[cell]);
    }
    account.state = judge(by, lead, certified);
    account.margin = lead / consumers;
    account.own = lead_of(by, OWN, at, account.rival) / consumers;
    account.rest = lead_of(by, REST, at, account.rival) / consumers;
    account.others = lead_of(by, OTHERS, at, account.rival) / consumers;
    return account;
}

/* The level that gives the bound, and whom the budget pays for there. */
static void trace(reckoning *by, double *scratch)
{
    const caucus_margin *margin = &by->bound->margin;
    double *ranks = scratch + 6 * (size_t)margin->n_cells;
    const int highest = (int)by->knowledge;
    double best = -INFINITY;
    if (by->bound->piloted) {
        const caucus_pilot_plan plan = caucus_bound_plan(by->bound, scratch);
        caucus_pilot_decide(margin, by->view, by->bound->pilot_share, &plan);
        by->levels = plan.levels;
    }
    for (int level = CAUCUS_TOTAL; level <= highest; level++) {
        const caucus_bound_choice_made made =
            caucus_bound_at_level(by->bound, by->view, (caucus_knowledge)level, INFINITY, scratch);
        if (made.kept > best || level == highest) {
            best = made.kept > best ? made.kept : best;
            by->knowledge = made.kept >= best ? (caucus_knowledge)level : by->knowledge;
            by->spared = made.kept >= best ? made.spared : by->spared;
        }
    }
    for (uint32_t j = 0; j < margin->n_others; j++) {
        ranks[j] = CAUCUS_NO_RANK;
    }
    if (by->bound->kind.family == CAUCUS_BUDGET &&
        (by->knowledge == CAUCUS_LABELS || by->knowledge == CAUCUS_STRATEGIES)) {
        caucus_margin_rank(margin, by->view, CAUCUS_LOWER, by->knowledge == CAUCUS_LABELS, ranks);
    }
    by->ranks = ranks;
    by->needed =
        caucus_family_slack(&by->bound->rule, by->bound->setting.epsilon) * margin->consumers +
        (by->knowledge == CAUCUS_TOTAL ? margin->others_size : caucus_margin_spared(margin, by->spared, ranks));
}

caucus_status caucus_bound_explain(const caucus_bound *bound, const caucus_bound_view *view, caucus_knowledge knowledge,
                                   caucus_cell_account *accounts)
{
    double *scratch = NULL;
    reckoning by = {.bound = bound, .view = view, .knowledge = knowledge};
    TRY(caucus_alloc(caucus_bound_scratch(bound), sizeof *scratch, "a bound", &scratch));
    trace(&by, scratch);
    for (uint32_t x = 0; x < bound->margin.n_cells; x++) {
        accounts[x] = account_for(&by, x);
    }
    free(scratch);
    return CAUCUS_OK;
}
