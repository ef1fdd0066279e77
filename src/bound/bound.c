#include "bound/bound.h"

#include "bound/memo.h"
#include "bound/value.h"

#include <stdlib.h>

bool caucus_bound_applies(caucus_method method, caucus_strategy strategy)
{
    if (method.family != CAUCUS_LINEAR) {
        return true;
    }
    return method.inequality == CAUCUS_POPULATION &&
           (strategy == CAUCUS_FEATURE_LABEL || strategy == CAUCUS_UNPLANT_NAIVE);
}

/* What the strategy does depends on the members' data, so that knowing it by name does not tell what is handed in. */
static bool depends_on_data(caucus_strategy strategy)
{
    return strategy == CAUCUS_UNPLANT_NAIVE || strategy == CAUCUS_UNPLANT_ADAPTIVE || strategy == CAUCUS_ERASE;
}

/* E: how many one-sided events share delta. The staircase also spends events on what the collective itself hands in. */
static double count_events(const caucus_bound_setting *setting, caucus_method method)
{
    double k = setting->n_cells;
    double labels = setting->n_labels;
    double groups = method.knowledge == CAUCUS_STRATEGIES ? setting->n_collectives : 1;
    bool staircase = method.family == CAUCUS_STAIRCASE;
    switch (setting->strategies[setting->self]) {
    case CAUCUS_FEATURE_ONLY_KEEP:
        return 2 + (staircase ? 2 * k * labels : 0) + 2 * k * labels * groups;
    case CAUCUS_UNPLANT_ADAPTIVE:
        return 2 + (staircase ? 2 * k : 0) + 4 * k * groups;
    case CAUCUS_ERASE:
        return 2 + 3 * k * labels + (staircase ? 2 * k : 0) + 2 * k * labels * (groups - 1);
    default:
        return 2 + (staircase ? 2 * k : 0) + 2 * k * labels * groups;
    }
}

static caucus_status check_collectives(const caucus_bound_setting *setting, uint64_t *members)
{
    *members = 0;
    for (uint32_t j = 0; j < setting->n_collectives; j++) {
        if (setting->sizes[j] > setting->consumers - *members) {
            return caucus_fail(
                CAUCUS_INVALID,
                "collectives up to number %u have more members than the %llu consumers; make them smaller", j,
                (unsigned long long)setting->consumers);
        }
        *members += setting->sizes[j];
        if (setting->strategies[j] != CAUCUS_ERASE && setting->targets[j] >= setting->n_labels) {
            return caucus_fail(CAUCUS_INVALID, "target %u of collective %u is none of the %u labels (0 to %u)",
                               setting->targets[j], j, setting->n_labels, setting->n_labels - 1);
        }
    }
    return CAUCUS_OK;
}

static caucus_status check_setting(const caucus_bound_setting *setting, double delta, uint64_t *members)
{
    if (!(delta > 0 && delta < 1)) {
        return caucus_fail(CAUCUS_INVALID, "delta is %g; it must lie between 0 and 1", delta);
    }
    if (!setting->measured && !(setting->epsilon >= 0 && setting->epsilon < 1)) {
        return caucus_fail(CAUCUS_INVALID, "epsilon is %g; it must be at least 0 and below 1", setting->epsilon);
    }
    if (setting->test == 0 || setting->consumers == 0) {
        return caucus_fail(CAUCUS_INVALID, "a bound needs at least one consumer and one test point");
    }
    if (setting->n_labels < 2 || setting->n_cells < 1 || setting->self >= setting->n_collectives) {
        return caucus_fail(CAUCUS_INVALID,
                           "a bound needs two labels, a cell and a collective; it got %u, %u, number %u of %u",
                           setting->n_labels, setting->n_cells, setting->self, setting->n_collectives);
    }
    TRY(check_collectives(setting, members));
    if (setting->estimators > setting->sizes[setting->self]) {
        return caucus_fail(CAUCUS_INVALID, "estimators are %llu of only %llu members; use fewer",
                           (unsigned long long)setting->estimators, (unsigned long long)setting->sizes[setting->self]);
    }
    if (setting->strategies[setting->self] != CAUCUS_ERASE) {
        return CAUCUS_OK;
    }
    for (uint32_t x = 0; x < setting->n_cells; x++) {
        uint32_t image = setting->image != NULL ? setting->image[x] : setting->n_cells;
        if (image >= setting->n_cells || setting->image[image] != image) {
            return caucus_fail(
                CAUCUS_INVALID,
                "erase needs a transformation that maps each of its images to itself; cell %u breaks that", x);
        }
    }
    return CAUCUS_OK;
}

/* Limits from k_from to k_to draws; with a memo where computing is dear. */
static caucus_status open_transfer(caucus_memos *memos, caucus_inequality inequality, int side, double k_from,
                                   double k_to, double level, double level_from, caucus_transfer *transfer)
{
    *transfer = (caucus_transfer){inequality, side, k_from, level_from, k_to, level, 0, NULL};
    if (inequality == CAUCUS_HOEFFDING) {
        transfer->radius = caucus_transfer_compute(transfer, 0);
    }
    if (caucus_transfer_is_cheap(transfer)) {
        return CAUCUS_OK;
    }
    return caucus_memos_share(memos, transfer);
}

static caucus_status open_both(caucus_memos *memos, caucus_inequality inequality, double k_from, double k_to,
                               double level, caucus_transfer *lower, caucus_transfer *upper)
{
    TRY(open_transfer(memos, inequality, CAUCUS_LOWER, k_from, k_to, level, level, lower));
    return open_transfer(memos, inequality, CAUCUS_UPPER, k_from, k_to, level, level, upper);
}

/* The other collectives, as far as the knowledge goes. */
static caucus_status open_others(caucus_bound *bound, double base_draws, double level)
{
    const caucus_bound_setting *setting = &bound->setting;
    caucus_margin *margin = &bound->margin;
    TRY(caucus_alloc(setting->n_labels, sizeof *bound->label_loss, "losses of labels", &bound->label_loss));
    TRY(caucus_alloc(setting->n_collectives, sizeof *bound->neighbours, "other collectives", &bound->neighbours));
    margin->label_loss = bound->label_loss;
    margin->neighbours = bound->neighbours;
    for (uint32_t j = 0; j < setting->n_collectives; j++) {
        if (j == setting->self || setting->sizes[j] == 0) {
            continue;
        }
        double weight = (double)setting->sizes[j] / (double)setting->consumers;
        margin->others_weight += weight;
        if (bound->method.knowledge == CAUCUS_STRATEGIES && !depends_on_data(setting->strategies[j])) {
            caucus_neighbour *neighbour = &bound->neighbours[margin->n_neighbours++];
            neighbour->row = j;
            neighbour->weight = weight;
            TRY(open_both(bound->memos, bound->method.inequality, base_draws, (double)setting->sizes[j], level,
                          &neighbour->lower, &neighbour->upper));
        } else if (bound->method.knowledge == CAUCUS_LABELS || bound->method.knowledge == CAUCUS_STRATEGIES) {
            bool plants = setting->strategies[j] == CAUCUS_FEATURE_LABEL;
            for (uint32_t label = 0; label < setting->n_labels; label++) {
                bound->label_loss[label] += plants && setting->targets[j] != label ? 0 : weight;
            }
        }
    }
    margin->others_exact = bound->method.knowledge >= CAUCUS_AGGREGATE && margin->others_weight > 0;
    return CAUCUS_OK;
}

static caucus_status open_margin(caucus_bound *bound, uint64_t members, double level)
{
    const caucus_bound_setting *setting = &bound->setting;
    caucus_margin *margin = &bound->margin;
    caucus_inequality inequality = bound->method.inequality;
    caucus_strategy strategy = setting->strategies[setting->self];
    double own = (double)setting->sizes[setting->self];
    double base_draws = (double)(setting->sizes[setting->self] - setting->estimators);
    double rest = (double)(setting->consumers - members);
    margin->n_labels = setting->n_labels;
    margin->n_cells = setting->n_cells;
    margin->one_rival = strategy == CAUCUS_UNPLANT_ADAPTIVE;
    margin->rival = setting->targets[setting->self];
    margin->own_weight = own / (double)setting->consumers;
    margin->own_exact = bound->method.family == CAUCUS_BUDGET;
    margin->own_rivals = strategy == CAUCUS_FEATURE_ONLY_KEEP;
    margin->rest_weight = rest / (double)setting->consumers;
    margin->pooled = bound->method.knowledge == CAUCUS_FULL;
    if (!margin->own_exact) {
        TRY(open_transfer(bound->memos, inequality, CAUCUS_LOWER, own, own, level, level, &margin->own_lower));
    }
    if (!margin->own_exact && margin->own_rivals) {
        TRY(open_transfer(bound->memos, inequality, CAUCUS_UPPER, own, own, level, level, &margin->own_upper));
    }
    double rest_draws = margin->pooled ? (double)(members - setting->estimators) : base_draws;
    TRY(open_both(bound->memos, inequality, rest_draws, rest, level, &margin->base_lower, &margin->base_upper));
    return open_others(bound, base_draws, level);
}

static caucus_status open_rule(caucus_bound *bound, double level)
{
    const caucus_bound_setting *setting = &bound->setting;
    bound->rule.adversary = bound->method.knowledge == CAUCUS_TOTAL ? bound->margin.others_weight : 0;
    bound->rule.contamination = setting->slack == CAUCUS_CONTAMINATION;
    if (setting->strategies[setting->self] != CAUCUS_ERASE) {
        return CAUCUS_OK;
    }
    bound->rule.image = setting->image;
    if (bound->method.family != CAUCUS_STAIRCASE) {
        return CAUCUS_OK;
    }
    return open_both(bound->memos, bound->method.inequality, (double)setting->sizes[setting->self], INFINITY, level,
                     &bound->rule.certify_lower, &bound->rule.certify_upper);
}

static caucus_status compile(caucus_bound *bound, uint64_t members, double delta)
{
    const caucus_bound_setting *setting = &bound->setting;
    caucus_strategy strategy = setting->strategies[setting->self];
    double level = log(count_events(setting, bound->method) / delta);
    if (strategy == CAUCUS_UNPLANT_NAIVE) { /* its choice among the L-1 other labels depends on the data */
        level += log((double)setting->n_labels - 1);
    }
    TRY(open_margin(bound, members, level));
    TRY(open_rule(bound, level));
    bool budget = bound->method.family == CAUCUS_BUDGET;
    bound->from_base = budget && strategy == CAUCUS_UNPLANT_ADAPTIVE;
    bound->mass_members = (double)(setting->sizes[setting->self] - (bound->from_base ? setting->estimators : 0));
    /* The cells that budget takes off may depend on the data: all subsets of cells are covered. */
    double level_mass = level + (budget ? setting->n_cells * 0.69314718055994530942 : 0);
    return open_transfer(bound->memos, bound->method.inequality, CAUCUS_LOWER, bound->mass_members,
                         (double)setting->test, level, level_mass, &bound->last);
}

caucus_status caucus_bound_open(const caucus_bound_setting *setting, caucus_method method, double delta,
                                caucus_memos *memos, caucus_bound **bound)
{
    uint64_t members = 0;
    TRY(check_setting(setting, delta, &members));
    caucus_bound *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a bound", &opened));
    opened->setting = *setting;
    opened->method = method;
    opened->applies = caucus_bound_applies(method, setting->strategies[setting->self]) &&
                      setting->sizes[setting->self] > setting->estimators;
    opened->memos = memos;
    opened->owns_memos = memos == NULL;
    caucus_status status = opened->owns_memos ? caucus_memos_open(&opened->memos) : CAUCUS_OK;
    if (status == CAUCUS_OK) {
        status = compile(opened, members, delta);
    }
    if (status != CAUCUS_OK) {
        caucus_bound_close(opened);
        return status;
    }
    *bound = opened;
    return CAUCUS_OK;
}

void caucus_bound_close(caucus_bound *bound)
{
    if (bound == NULL) {
        return;
    }
    if (bound->owns_memos) {
        caucus_memos_close(bound->memos);
    }
    free(bound->neighbours);
    free(bound->label_loss);
    free(bound);
}

size_t caucus_bound_scratch(const caucus_bound *bound)
{
    return (size_t)caucus_family_scratch(bound->setting.n_cells);
}
