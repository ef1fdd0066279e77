#include "bound/bound.h"

#include "bound/levels.h"
#include "bound/memo.h"
#include "bound/reach.h"
#include "bound/value.h"
#include "config/strategy.h"

#include <math.h>
#include <stdlib.h>

bool caucus_bound_applies(caucus_bound_kind kind, caucus_strategy strategy)
{
    const bool erases = strategy == CAUCUS_ERASE;
    if (kind.family == CAUCUS_LINEAR) {
        return kind.inequality == CAUCUS_POPULATION && kind.side == CAUCUS_LOWER && !erases;
    }
    /* One step leaves no fixed set of cells for the staircase to stand on. */
    return !(kind.family == CAUCUS_STAIRCASE && kind.inequality >= CAUCUS_HYPERGEOMETRIC) &&
           !(kind.side == CAUCUS_UPPER && erases);
}

bool caucus_bound_is_piloted(const caucus_bound *bound)
{
    return bound->piloted;
}

static double ratio_of(const caucus_bound_setting *setting, uint32_t j)
{
    return setting->ratios != NULL ? setting->ratios[j] : 1;
}

static double affinity_of(const caucus_bound_setting *setting, uint32_t j)
{
    return setting->affinities != NULL ? setting->affinities[j] : 0;
}

static bool anybody_biased(const caucus_bound_setting *setting)
{
    bool biased = false;
    for (uint32_t j = 0; j < setting->n_collectives; j++) {
        biased = biased || ratio_of(setting, j) > 1 || affinity_of(setting, j) > 0;
    }
    return biased;
}

/* ---- what a setting must be ------------------------------------------------------------------------------------ */

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
        if (!(ratio_of(setting, j) >= 1)) {
            return caucus_fail(CAUCUS_INVALID,
                               "the membership ratio of collective %u is %g; it says how many times as likely as "
                               "others people may be to join, 1 or more",
                               j, ratio_of(setting, j));
        }
        const double affinity = affinity_of(setting, j);
        if (!(affinity >= 0 && isfinite(affinity)) || (affinity > 0 && ratio_of(setting, j) > 1)) {
            return caucus_fail(CAUCUS_INVALID,
                               "the affinity of collective %u is %g; it says how many times as likely as others those "
                               "are to join who match, above 0, and takes no ratio beside it",
                               j, affinity);
        }
    }
    if (affinity_of(setting, setting->self) > 0 && (setting->matching == NULL || setting->without_replacement)) {
        return caucus_fail(CAUCUS_INVALID, "an affinity needs to know which cells match, and people drawn with "
                                           "replacement");
    }
    return CAUCUS_OK;
}

static caucus_status check_images(const caucus_bound_setting *setting)
{
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
    if (setting->pilot > setting->sizes[setting->self] - setting->estimators) {
        return caucus_fail(CAUCUS_INVALID, "a pilot of %llu leaves nobody of %llu members; use fewer",
                           (unsigned long long)setting->pilot, (unsigned long long)setting->sizes[setting->self]);
    }
    if (setting->pilot > 0 && !caucus_strategy_takes_pilot(setting->strategies[setting->self])) {
        return caucus_fail(CAUCUS_INVALID, "a pilot serves no bound of %s, whose labels all members' data choose",
                           caucus_strategy_names[setting->strategies[setting->self]]);
    }
    return check_images(setting);
}

/* ---- limits ---------------------------------------------------------------------------------------------------- */

typedef struct opener { /* of limits at one level */
    caucus_bound *bound;
    double level;
} opener;

static caucus_status open_transfer(caucus_memos *memos, caucus_transfer *transfer)
{
    if (transfer->inequality == CAUCUS_HOEFFDING && transfer->k_to > 0) {
        caucus_transfer plain = *transfer;
        plain.ratio = 1;
        transfer->radius =
            isinf(plain.k_to) ? caucus_transfer_compute(&plain, 0) : caucus_transfer_compute(&plain, 0) / plain.k_to;
    }
    /* bernstein's are cheap one by one, but for many trials at a time a table is faster */
    const bool remembered = !caucus_transfer_is_cheap(transfer) || transfer->inequality == CAUCUS_BERNSTEIN;
    return remembered ? caucus_memos_share(memos, transfer) : CAUCUS_OK;
}

static caucus_status open_both(const opener *open, double k_from, double k_to, double ratio, caucus_transfer *lower,
                               caucus_transfer *upper)
{
    const caucus_transfer transfer = {.inequality = open->bound->kind.inequality,
                                      .k_from = k_from,
                                      .level_from = open->level,
                                      .k_to = k_to,
                                      .level_to = open->level,
                                      .ratio = ratio,
                                      .chance = -1};
    *lower = transfer;
    *upper = transfer;
    lower->side = CAUCUS_LOWER;
    upper->side = CAUCUS_UPPER;
    TRY(open_transfer(open->bound->memos, lower));
    return open_transfer(open->bound->memos, upper);
}

static caucus_status open_base(const opener *open, double k_from, double ratio, caucus_margin_base *base)
{
    const double rest = open->bound->margin.rest_size;
    if (!open->bound->margin.joint) {
        return open_both(open, k_from, rest, ratio, &base->lower, &base->upper);
    }
    base->lead = (caucus_lead_transfer){
        .k_from = k_from, .k_to = rest, .level = open->level, .spread = sqrt(2 * caucus_exp(-open->level))};
    if (open->bound->piloted && base == &open->bound->margin.base) {
        return CAUCUS_OK; /* its levels are others in each trial: nothing is met twice */
    }
    return caucus_memos_share_lead(open->bound->memos, &base->lead);
}

/* What the collective itself hands in, where that is not certain: what its members have limits what it would hand in,
 * or with members who may fail to act, the draw of who acts does. */
static caucus_status open_own(const opener *open)
{
    caucus_margin *margin = &open->bound->margin;
    const caucus_assumed_noise *noise = &open->bound->setting.noise;
    if (!noise->any) {
        return open_both(open, margin->own_size, margin->own_size, 1, &margin->own_lower, &margin->own_upper);
    }
    const caucus_transfer drawn = {
        .inequality = open->bound->kind.inequality, .k_from = margin->own_size, .level_to = open->level, .ratio = 1};
    margin->own_lower = drawn;
    margin->own_lower.side = CAUCUS_LOWER;
    margin->own_lower.chance = noise->act;
    margin->own_upper = drawn;
    margin->own_upper.side = CAUCUS_UPPER;
    margin->own_upper.chance = noise->abstain;
    TRY(open_transfer(open->bound->memos, &margin->own_lower));
    return open_transfer(open->bound->memos, &margin->own_upper);
}

/* Members whose raw data limit what others do. */
static double proving(const caucus_bound *bound)
{
    const caucus_bound_setting *setting = &bound->setting;
    return (double)(setting->sizes[setting->self] - setting->estimators - (bound->piloted ? setting->pilot : 0));
}

/* ---- the other collectives ------------------------------------------------------------------------------------- */

/* [cell][label], then [label]: what collective j can hand in. */
static void fill_reach(const caucus_bound_setting *setting, uint32_t j, uint8_t *reach, uint8_t *can)
{
    const caucus_strategy strategy = setting->strategies[j];
    const uint32_t target = setting->targets[j];
    for (uint32_t x = 0; x < setting->n_cells; x++) {
        const unsigned flags = setting->reach != NULL ? setting->reach[(size_t)j * setting->n_cells + x]
                                                      : CAUCUS_REACH_SIGNAL | CAUCUS_REACH_OUTSIDE;
        for (uint32_t y = 0; y < setting->n_labels; y++) {
            reach[(size_t)x * setting->n_labels + y] =
                setting->noise.any || caucus_reach_at(strategy, target, flags, y);
        }
    }
    for (uint32_t y = 0; y < setting->n_labels; y++) {
        can[y] = setting->noise.any || caucus_reach_label(strategy, target, y);
    }
}

static caucus_status open_others(const opener *open)
{
    caucus_bound *bound = open->bound;
    const caucus_bound_setting *setting = &bound->setting;
    caucus_margin *margin = &bound->margin;
    const size_t table = (size_t)(setting->n_cells + 1) * setting->n_labels;
    const double base = proving(bound);
    TRY(caucus_alloc(setting->n_collectives, sizeof *bound->others, "other collectives", &bound->others));
    TRY(caucus_alloc(setting->n_collectives * table, sizeof *bound->reach, "reach of collectives", &bound->reach));
    margin->others = bound->others;
    for (uint32_t j = 0; j < setting->n_collectives; j++) {
        if (j == setting->self || setting->sizes[j] == 0) {
            continue;
        }
        caucus_margin_other *other = &bound->others[margin->n_others];
        uint8_t *reach = bound->reach + margin->n_others * table;
        uint8_t *can = reach + table - setting->n_labels;
        fill_reach(setting, j, reach, can);
        *other = (caucus_margin_other){.row = j,
                                       .size = (double)setting->sizes[j],
                                       .by_data = setting->noise.any || affinity_of(setting, j) > 0 ||
                                                  caucus_strategy_adapts(setting->strategies[j]),
                                       .reach = reach,
                                       .can = can};
        if (!other->by_data) {
            TRY(open_both(open, base, other->size, ratio_of(setting, setting->self) * ratio_of(setting, j),
                          &other->lower, &other->upper));
        }
        margin->others_size += other->size;
        margin->n_others++;
    }
    return CAUCUS_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static caucus_pairs pairs_of(caucus_strategy strategy, caucus_side side)
{
    if (!caucus_strategy_unplants(strategy)) {
        return CAUCUS_PAIRS_GOOD;
    }
    return side == CAUCUS_LOWER ? CAUCUS_PAIRS_TARGET : CAUCUS_PAIRS_ANY;
}

static caucus_status open_margin(const opener *open, uint64_t members)
{
    caucus_bound *bound = open->bound;
    const caucus_bound_setting *setting = &bound->setting;
    caucus_margin *margin = &bound->margin;
    const caucus_strategy strategy = setting->strategies[setting->self];
    margin->n_labels = setting->n_labels;
    margin->n_cells = setting->n_cells;
    margin->pairs = pairs_of(strategy, bound->kind.side);
    margin->target = setting->targets[setting->self];
    margin->consumers = (double)setting->consumers;
    margin->own_size = (double)setting->sizes[setting->self];
    margin->own_exact = bound->kind.family != CAUCUS_STAIRCASE;
    margin->own_rivals = strategy == CAUCUS_FEATURE_ONLY_KEEP;
    margin->own_noisy = setting->noise.any;
    margin->own_stays = setting->noise.any && strategy == CAUCUS_FEATURE_ONLY_KEEP;
    margin->rest_size = (double)(setting->consumers - members);
    margin->joint = bound->kind.inequality == CAUCUS_HYPERGEOMETRIC_JOINT;
    margin->pooled = setting->n_collectives > 1 && !anybody_biased(setting);
    if (bound->kind.family == CAUCUS_STAIRCASE || setting->noise.any) {
        TRY(open_own(open));
    }
    if (bound->weighed) {
        margin->affinity =
            (caucus_affinity){.times = affinity_of(setting, setting->self), .matching = setting->matching};
        TRY(open_both(open, proving(bound), INFINITY, 1, &margin->affinity.lower, &margin->affinity.upper));
    }
    const double pool = (double)(members - setting->estimators);
    TRY(open_base(open, proving(bound), ratio_of(setting, setting->self), &margin->base));
    if (margin->pooled) {
        TRY(open_base(open, pool, 1, &margin->pool));
    }
    return open_others(open);
}

static caucus_status open_rule(const opener *open)
{
    caucus_bound *bound = open->bound;
    const caucus_bound_setting *setting = &bound->setting;
    bound->rule.contamination = setting->slack == CAUCUS_CONTAMINATION;
    if (setting->strategies[setting->self] != CAUCUS_ERASE) {
        return CAUCUS_OK;
    }
    bound->rule.image = setting->image;
    if (bound->kind.family != CAUCUS_STAIRCASE) {
        return CAUCUS_OK;
    }
    return open_both(open, (double)setting->sizes[setting->self], INFINITY, 1, &bound->rule.certify_lower,
                     &bound->rule.certify_upper);
}

/* One exact step from some of the members to the test points. */
static caucus_transfer exact_step(const caucus_bound *bound, double from, double level)
{
    return (caucus_transfer){.inequality = CAUCUS_HYPERGEOMETRIC,
                             .side = bound->kind.side,
                             .k_from = from,
                             .level_from = level,
                             .k_to = (double)bound->setting.test,
                             .ratio = 1,
                             .chance = -1};
}

static caucus_status compile_piloted(caucus_bound *bound, uint64_t members, double delta)
{
    const caucus_bound_setting *setting = &bound->setting;
    const caucus_pilot_levels levels = caucus_pilot_levels_of(setting, bound->kind, delta);
    const opener open = {bound, levels.each};
    bound->mass_members = (double)setting->sizes[setting->self];
    bound->pilot_share = levels.pairs;
    TRY(open_margin(&open, members));
    TRY(open_rule(&open));
    bound->last = exact_step(bound, bound->mass_members, levels.mass);
    bound->nested = exact_step(bound, proving(bound), levels.nested);
    TRY(open_transfer(bound->memos, &bound->last));
    return open_transfer(bound->memos, &bound->nested);
}

static caucus_status compile(caucus_bound *bound, uint64_t members, double delta)
{
    const caucus_bound_setting *setting = &bound->setting;
    const bool adaptive = setting->strategies[setting->self] == CAUCUS_UNPLANT_ADAPTIVE;
    /* Which cells a staircase certifies depends on the labels that the estimators chose, and so on who they are. */
    bound->from_base = (bound->kind.family == CAUCUS_STAIRCASE && adaptive) || bound->weighed;
    const uint64_t mass = setting->sizes[setting->self] - (bound->from_base ? setting->estimators : 0);
    const caucus_levels levels = caucus_levels_of(setting, bound->kind, delta, mass);
    const opener open = {bound, levels.each};
    bound->mass_members = (double)mass;
    TRY(open_margin(&open, members));
    TRY(open_rule(&open));
    const bool exact = bound->kind.inequality >= CAUCUS_HYPERGEOMETRIC;
    bound->last =
        (caucus_transfer){.inequality = exact && levels.two_steps ? CAUCUS_CLOPPER_PEARSON : bound->kind.inequality,
                          .side = bound->kind.side,
                          .k_from = bound->mass_members,
                          .level_from = levels.mass,
                          .k_to = bound->weighed ? INFINITY : (double)setting->test,
                          .level_to = levels.each,
                          .ratio = ratio_of(setting, setting->self),
                          .chance = -1};
    if (bound->last.inequality == CAUCUS_HYPERGEOMETRIC_JOINT) {
        bound->last.inequality = CAUCUS_HYPERGEOMETRIC;
    }
    return open_transfer(bound->memos, &bound->last);
}

/* The bound for which a pilot is drawn. */
static bool takes_pilot(const caucus_bound_setting *setting, caucus_bound_kind kind)
{
    return setting->pilot > 0 && kind.inequality == CAUCUS_HYPERGEOMETRIC_JOINT && kind.side == CAUCUS_LOWER;
}

/* Whether there is anything to compute: limits need members, exact steps a sample of everybody. */
static bool exists(const caucus_bound_setting *setting, caucus_bound_kind kind)
{
    const caucus_strategy strategy = setting->strategies[setting->self];
    const uint64_t pilot = takes_pilot(setting, kind) ? setting->pilot : 0;
    if (!caucus_bound_applies(kind, strategy) || setting->sizes[setting->self] <= setting->estimators + pilot) {
        return false;
    }
    const bool needs_sample = kind.inequality >= CAUCUS_HYPERGEOMETRIC || kind.family == CAUCUS_LINEAR;
    if (needs_sample && anybody_biased(setting)) {
        return false;
    }
    return !setting->noise.any ||
           (kind.family == CAUCUS_BUDGET && kind.side == CAUCUS_LOWER && strategy != CAUCUS_ERASE);
}

caucus_status caucus_bound_open(const caucus_bound_setting *setting, caucus_bound_kind kind, double delta,
                                caucus_memos *memos, caucus_bound **bound)
{
    uint64_t members = 0;
    TRY(check_setting(setting, delta, &members));
    caucus_bound *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a bound", &opened));
    opened->setting = *setting;
    opened->kind = kind;
    opened->applies = exists(setting, kind);
    opened->piloted = takes_pilot(setting, kind);
    opened->weighed = opened->applies && affinity_of(setting, setting->self) > 0;
    opened->memos = memos;
    opened->owns_memos = memos == NULL;
    caucus_status status = opened->owns_memos ? caucus_memos_open(&opened->memos) : CAUCUS_OK;
    if (status == CAUCUS_OK && opened->applies) {
        status = opened->piloted ? compile_piloted(opened, members, delta) : compile(opened, members, delta);
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
    free(bound->others);
    free(bound->reach);
    free(bound);
}

size_t caucus_bound_scratch(const caucus_bound *bound)
{
    return (size_t)(caucus_family_scratch(bound->setting.n_cells, bound->setting.n_collectives) +
                    caucus_margin_known_size(&bound->margin) + caucus_margin_found_size(&bound->margin) +
                    (bound->piloted ? caucus_pilot_scratch(&bound->margin) : 0));
}
