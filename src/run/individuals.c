#include "run/individuals.h"

#include "trial/strategy.h"
#include "trial/success.h"

#include <stdlib.h>
#include <string.h>

/* A kind of person is a raw (cell, label), numbered cell * L + label. */
struct caucus_crowd {
    uint64_t n_kinds;
    uint64_t **cumulative; /* [group] people of kinds 0..i, as group draws them with replacement; [M + 1] the test */
    uint32_t n_people;     /* without replacement: everybody by name */
    uint32_t *kind;        /* [person] */
};

struct caucus_crowd_space {
    uint32_t *drawn; /* kinds of the people of the group at hand */
    uint32_t *left;  /* without replacement: people to choose from */
    bool *taken;     /* [person] */
    uint32_t *codes; /* one cell's features */
};

__extension__ typedef unsigned __int128 wide;

static const char TOO_MANY[] = "drawing by individuals is for fewer than 2^32 people; use counts, which cost the same "
                               "for any number";

/* Running sums of the weights with which collective m (or anybody, m >= M) draws kinds. */
static caucus_status sum_weights(const caucus_compiled *compiled, uint32_t m, uint64_t n_kinds, uint64_t **cumulative)
{
    const caucus_population *population = compiled->config->population;
    TRY(caucus_alloc(n_kinds, sizeof **cumulative, "running sums", cumulative));
    uint64_t *weights = *cumulative;
    if (m < compiled->n_collectives && compiled->config->collectives[m].members.n_terms > 0) {
        TRY(caucus_member_weights(compiled, m, weights));
    } else {
        memcpy(weights, population->weights, n_kinds * sizeof *weights);
    }
    for (uint64_t i = 1; i < n_kinds; i++) {
        weights[i] += weights[i - 1];
    }
    return CAUCUS_OK;
}

static caucus_status name_people(const caucus_population *population, caucus_crowd *crowd)
{
    if (population->total > UINT32_MAX) {
        return caucus_fail(CAUCUS_INVALID, "%s", TOO_MANY);
    }
    crowd->n_people = (uint32_t)population->total;
    TRY(caucus_alloc(crowd->n_people, sizeof *crowd->kind, "people", &crowd->kind));
    uint32_t person = 0;
    for (uint64_t kind = 0; kind < crowd->n_kinds; kind++) {
        for (uint64_t i = 0; i < population->weights[kind]; i++) {
            crowd->kind[person++] = (uint32_t)kind;
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_crowd_open(const caucus_compiled *compiled, caucus_crowd **out)
{
    const caucus_config *config = compiled->config;
    if (config->consumers > UINT32_MAX) {
        return caucus_fail(CAUCUS_INVALID, "%s", TOO_MANY);
    }
    caucus_crowd *crowd = NULL;
    TRY(caucus_alloc(1, sizeof *crowd, "people", &crowd));
    *out = crowd;
    crowd->n_kinds = config->population->n_cells * config->population->n_labels;
    if (config->without_replacement) {
        return name_people(config->population, crowd);
    }
    uint32_t n = compiled->n_collectives + 1; /* the last one serves the others and the test */
    TRY(caucus_alloc(n + 1, sizeof *crowd->cumulative, "running sums", &crowd->cumulative));
    for (uint32_t m = 0; m < n; m++) {
        TRY(sum_weights(compiled, m, crowd->n_kinds, &crowd->cumulative[m]));
    }
    return CAUCUS_OK;
}

void caucus_crowd_close(caucus_crowd *crowd)
{
    if (crowd == NULL) {
        return;
    }
    for (uint32_t m = 0; crowd->cumulative != NULL && crowd->cumulative[m] != NULL; m++) {
        free(crowd->cumulative[m]);
    }
    free(crowd->cumulative);
    free(crowd->kind);
    free(crowd);
}

caucus_status caucus_crowd_space_open(const caucus_compiled *compiled, caucus_crowd_space **out)
{
    const caucus_config *config = compiled->config;
    uint64_t most = config->consumers > config->test ? config->consumers : config->test;
    caucus_crowd_space *space = NULL;
    TRY(caucus_alloc(1, sizeof *space, "people", &space));
    *out = space;
    TRY(caucus_alloc(most, sizeof *space->drawn, "people", &space->drawn));
    TRY(caucus_alloc(compiled->crowd->n_people, sizeof *space->left, "people", &space->left));
    TRY(caucus_alloc(compiled->crowd->n_people, sizeof *space->taken, "people", &space->taken));
    return caucus_alloc(config->population->n_features, sizeof *space->codes, "features", &space->codes);
}

void caucus_crowd_space_close(caucus_crowd_space *space)
{
    if (space == NULL) {
        return;
    }
    free(space->codes);
    free(space->taken);
    free(space->left);
    free(space->drawn);
    free(space);
}

/* A uniform integer below n; the 64 bits behind it leave a bias of 2^-64 at most on any kind. */
static uint64_t below(caucus_place place, uint64_t n)
{
    caucus_words words = caucus_random(place, 0);
    uint64_t bits = (uint64_t)words.w[0] << 32 | words.w[1];
    return (uint64_t)(((wide)bits * n) >> 64);
}

static uint32_t kind_at(const uint64_t *cumulative, uint64_t n_kinds, uint64_t ticket)
{
    uint64_t low = 0;
    uint64_t high = n_kinds - 1;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (ticket < cumulative[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return (uint32_t)low;
}

/* Shuffle n out of those left who may join collective m (anybody when m >= M) to the front, and take them. */
static void pick_from_urn(caucus_trial *trial, uint32_t m, caucus_place place, uint64_t n, uint32_t *kinds)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_crowd *crowd = compiled->crowd;
    caucus_crowd_space *space = trial->crowd;
    uint32_t n_left = 0;
    for (uint32_t person = 0; person < crowd->n_people; person++) {
        bool may_join = m >= compiled->n_collectives ||
                        caucus_cells_match(&compiled->signals.cells, crowd->kind[person] / compiled->n_labels,
                                           &compiled->config->collectives[m].members);
        if (may_join && !space->taken[person]) {
            space->left[n_left++] = person;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        place.draw = i;
        uint32_t j = i + (uint32_t)below(place, n_left - i);
        uint32_t person = space->left[j];
        space->left[j] = space->left[i];
        space->left[i] = person;
        space->taken[person] = true;
        kinds[i] = crowd->kind[person];
    }
}

static void pick(caucus_trial *trial, uint32_t m, caucus_place place, uint64_t n, uint32_t *kinds)
{
    const caucus_crowd *crowd = trial->compiled->crowd;
    if (trial->compiled->config->without_replacement) {
        pick_from_urn(trial, m, place, n, kinds);
        return;
    }
    const uint64_t *cumulative = crowd->cumulative[m];
    for (uint32_t i = 0; i < n; i++) {
        place.draw = i;
        kinds[i] = kind_at(cumulative, crowd->n_kinds, below(place, cumulative[crowd->n_kinds - 1]));
    }
}

/* Where a cell is counted after assignments; each is missed (uniform over the feature's values) with probability miss.
 */
static uint32_t position_after(caucus_trial *trial, uint32_t cell, const caucus_assignment *assignments, uint32_t n,
                               double miss, caucus_place place)
{
    const caucus_signals *signals = &trial->compiled->signals;
    const caucus_population *population = trial->compiled->config->population;
    uint32_t *codes = trial->crowd->codes;
    memcpy(codes, signals->cells.codes + (size_t)cell * signals->cells.n_features,
           signals->cells.n_features * sizeof *codes);
    for (uint32_t i = 0; i < n; i++) {
        codes[assignments[i].feature] = assignments[i].value;
        if (miss == 0.0) {
            continue;
        }
        caucus_words words = caucus_random(place, i);
        if (caucus_uniform_first(words) < miss) {
            uint32_t n_values = population->features[assignments[i].feature].n_values;
            codes[assignments[i].feature] = (uint32_t)(caucus_uniform_second(words) * n_values);
        }
    }
    uint32_t found = caucus_cells_find(&signals->cells, codes);
    return found == CAUCUS_NOWHERE ? CAUCUS_NOWHERE : signals->position[found];
}

static uint32_t image_of(caucus_trial *trial, uint32_t m, uint32_t cell)
{
    const caucus_collective *collective = &trial->compiled->config->collectives[m];
    return position_after(trial, cell, collective->set, collective->n_set, 0.0, (caucus_place){0});
}

/* Where a feature_only member with another label goes; only the tabulated cell knows when the experiment named none. */
static uint32_t outside_of(const caucus_compiled *compiled, uint32_t m, uint32_t cell)
{
    const uint32_t *outside = compiled->signals.of[m].outside;
    return outside == NULL ? CAUCUS_NOWHERE : compiled->signals.position[outside[cell]];
}

static void tally_member(caucus_trial *trial, uint32_t m, uint32_t kind, bool estimator)
{
    const caucus_compiled *compiled = trial->compiled;
    uint32_t cell = kind / compiled->n_labels;
    uint32_t label = kind % compiled->n_labels;
    uint32_t raw = compiled->signals.position[cell];
    caucus_strategy_count(trial, m, raw, label, image_of(trial, m, cell), 1, estimator ? 1 : 0);
    for (uint32_t j = 0; compiled->crossing && !estimator && j < compiled->n_collectives; j++) {
        if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
            caucus_strategy_cross(trial, m, j, raw, label, image_of(trial, j, cell), outside_of(compiled, j, cell), 1);
        }
    }
}

static void member_submits(caucus_trial *trial, uint32_t m, uint32_t person, uint32_t kind)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_collective *collective = &compiled->config->collectives[m];
    uint32_t cell = kind / compiled->n_labels;
    uint32_t label = kind % compiled->n_labels;
    uint32_t raw = compiled->signals.position[cell];
    caucus_record plan =
        caucus_strategy_act(trial, m, raw, label, image_of(trial, m, cell), outside_of(compiled, m, cell));
    if (compiled->noisy && plan.position < compiled->n_tracked) {
        trial->planned[caucus_tracked_row(compiled, m, plan.position) + plan.label]++;
    }
    caucus_place place = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_COMPLIANCE);
    place.draw = person;
    if (caucus_uniform_first(caucus_random(place, 0)) >= collective->compliance) {
        caucus_strategy_submit(trial, m, raw, label, 1);
        return;
    }
    uint32_t position = plan.position;
    if (plan.marked) {
        place.stream = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_MISSES).stream;
        position = position_after(trial, cell, collective->set, collective->n_set, collective->miss, place);
    }
    caucus_strategy_submit(trial, m, position, plan.label, 1);
}

static void draw_collective(caucus_trial *trial, uint32_t m)
{
    const caucus_collective *collective = &trial->compiled->config->collectives[m];
    uint32_t *kinds = trial->crowd->drawn;
    pick(trial, m, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_ESTIMATORS), collective->estimators, kinds);
    pick(trial, m, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_REST), collective->size - collective->estimators,
         kinds + collective->estimators);
    trial->n_members[m] = collective->size;
    trial->n_estimators[m] = collective->estimators;
    for (uint32_t i = 0; i < collective->size; i++) {
        tally_member(trial, m, kinds[i], i < collective->estimators);
    }
    caucus_strategy_choose(trial, m);
    for (uint32_t i = 0; i < collective->size; i++) {
        member_submits(trial, m, i, kinds[i]);
    }
}

void caucus_crowd_draw(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t anybody = compiled->n_collectives;
    uint32_t *kinds = trial->crowd->drawn;
    memset(trial->crowd->taken, 0, compiled->crowd->n_people * sizeof *trial->crowd->taken);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        draw_collective(trial, m);
    }
    pick(trial, anybody, caucus_trial_place(trial, 0, CAUCUS_DRAW_REST), compiled->others_size, kinds);
    for (uint64_t i = 0; i < compiled->others_size; i++) {
        uint32_t position = compiled->signals.position[kinds[i] / compiled->n_labels];
        caucus_strategy_abstain(trial, position, kinds[i] % compiled->n_labels, 1);
    }
}

void caucus_crowd_test(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t M = compiled->n_collectives;
    uint32_t *kinds = trial->crowd->drawn;
    pick(trial, M, caucus_trial_place(trial, M + 1, 0), compiled->config->test, kinds);
    caucus_success_clear(trial);
    for (uint32_t i = 0; i < compiled->config->test; i++) {
        uint32_t cell = kinds[i] / compiled->n_labels;
        uint32_t raw = compiled->signals.position[cell];
        bool all = true;
        for (uint32_t m = 0; m < M; m++) {
            bool success = caucus_success_at(trial, m, raw, image_of(trial, m, cell));
            trial->success[m] += success;
            all = all && success;
        }
        *trial->joint += all;
        const uint32_t label = kinds[i] % compiled->n_labels;
        *trial->correct += compiled->config->accuracy && trial->leader[raw] == label;
        *trial->clean_correct += compiled->config->accuracy_cost && trial->clean_leader[raw] == label;
    }
}
