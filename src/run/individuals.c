#include "run/individuals.h"

#include "compile/classes.h"
#include "trial/strategy.h"
#include "trial/success.h"

#include <stdlib.h>
#include <string.h>

/* A kind of person is a raw (cell, label), numbered cell * L + label. */
struct caucus_individuals {
    const caucus_compiled *compiled;
    uint64_t n_kinds;
    uint64_t **cumulative; /* [group] people of kinds 0..i, as group draws them with replacement; [M + 1] NULL */
    uint32_t n_people;     /* without replacement: everybody by name */
    uint32_t *kind;        /* [person] */
};

struct caucus_individuals_space {
    const caucus_individuals *individuals;
    uint32_t *drawn; /* kinds of the people of the group at hand */
    uint32_t *left;  /* without replacement: people to choose from */
    bool *taken;     /* [person] */
    uint32_t *codes; /* one cell's features */
};

__extension__ typedef unsigned __int128 wide;

static uint64_t count_kinds(const caucus_compiled *compiled)
{
    return compiled->config->population->n_cells * compiled->n_labels;
}

/* People who have names: an experiment has fewer than 2^32 (experiment/section_platform.c). */
static uint32_t count_people(const caucus_compiled *compiled)
{
    return compiled->config->without_replacement ? (uint32_t)compiled->config->population->total : 0;
}

/* The most who are drawn at a time. */
static uint64_t most_drawn(const caucus_compiled *compiled)
{
    const caucus_config *config = compiled->config;
    return config->consumers > config->test ? config->consumers : config->test;
}

size_t caucus_individuals_bytes(const caucus_compiled *compiled)
{
    const uint64_t sums = compiled->config->without_replacement ? 0 : compiled->n_collectives + 1;
    return count_people(compiled) * sizeof(uint32_t) + sums * count_kinds(compiled) * sizeof(uint64_t);
}

size_t caucus_individuals_space_bytes(const caucus_compiled *compiled)
{
    return most_drawn(compiled) * sizeof(uint32_t) + count_people(compiled) * (sizeof(uint32_t) + sizeof(bool));
}

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

static caucus_status name_people(const caucus_population *population, caucus_individuals *individuals)
{
    individuals->n_people = count_people(individuals->compiled);
    TRY(caucus_alloc(individuals->n_people, sizeof *individuals->kind, "people", &individuals->kind));
    uint32_t person = 0;
    for (uint64_t kind = 0; kind < individuals->n_kinds; kind++) {
        for (uint64_t i = 0; i < population->weights[kind]; i++) {
            individuals->kind[person++] = (uint32_t)kind;
        }
    }
    return CAUCUS_OK;
}

static caucus_status fill(caucus_individuals *individuals)
{
    const caucus_compiled *compiled = individuals->compiled;
    if (compiled->config->without_replacement) {
        return name_people(compiled->config->population, individuals);
    }
    const uint32_t n = compiled->n_collectives + 1; /* the last one serves the others and the test */
    TRY(caucus_alloc(n + 1, sizeof *individuals->cumulative, "running sums", &individuals->cumulative));
    for (uint32_t m = 0; m < n; m++) {
        TRY(sum_weights(compiled, m, individuals->n_kinds, &individuals->cumulative[m]));
    }
    return CAUCUS_OK;
}

caucus_status caucus_individuals_open(const caucus_compiled *compiled, caucus_individuals **individuals)
{
    caucus_individuals *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "people", &made));
    made->compiled = compiled;
    made->n_kinds = count_kinds(compiled);
    const caucus_status status = fill(made);
    if (status != CAUCUS_OK) {
        caucus_individuals_close(made);
        return status;
    }
    *individuals = made;
    return CAUCUS_OK;
}

void caucus_individuals_close(caucus_individuals *individuals)
{
    if (individuals == NULL) {
        return;
    }
    for (uint32_t m = 0; individuals->cumulative != NULL && individuals->cumulative[m] != NULL; m++) {
        free(individuals->cumulative[m]);
    }
    free(individuals->cumulative);
    free(individuals->kind);
    free(individuals);
}

caucus_status caucus_individuals_space_open(const caucus_individuals *individuals, caucus_individuals_space **space)
{
    caucus_status status = CAUCUS_OK;
    const caucus_compiled *compiled = individuals->compiled;
    const uint32_t n_features = compiled->config->population->n_features;
    caucus_individuals_space *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "people", &made));
    made->individuals = individuals;
    TRY_GOTO(caucus_alloc(most_drawn(compiled), sizeof *made->drawn, "people", &made->drawn), failed);
    TRY_GOTO(caucus_alloc(individuals->n_people, sizeof *made->left, "people", &made->left), failed);
    TRY_GOTO(caucus_alloc(individuals->n_people, sizeof *made->taken, "people", &made->taken), failed);
    TRY_GOTO(caucus_alloc(n_features, sizeof *made->codes, "features", &made->codes), failed);
    *space = made;
    return CAUCUS_OK;
failed:
    caucus_individuals_space_close(made);
    return status;
}

void caucus_individuals_space_close(caucus_individuals_space *space)
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
static void pick_from_urn(caucus_individuals_space *space, uint32_t m, caucus_place place, uint64_t n, uint32_t *kinds)
{
    const caucus_individuals *individuals = space->individuals;
    const caucus_compiled *compiled = individuals->compiled;
    uint32_t n_left = 0;
    for (uint32_t person = 0; person < individuals->n_people; person++) {
        bool may_join = m >= compiled->n_collectives ||
                        caucus_cells_match(&compiled->signals.cells, individuals->kind[person] / compiled->n_labels,
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
        kinds[i] = individuals->kind[person];
    }
}

static void pick(caucus_individuals_space *space, uint32_t m, caucus_place place, uint64_t n, uint32_t *kinds)
{
    const caucus_individuals *individuals = space->individuals;
    if (individuals->compiled->config->without_replacement) {
        pick_from_urn(space, m, place, n, kinds);
        return;
    }
    const uint64_t *cumulative = individuals->cumulative[m];
    for (uint32_t i = 0; i < n; i++) {
        place.draw = i;
        kinds[i] = kind_at(cumulative, individuals->n_kinds, below(place, cumulative[individuals->n_kinds - 1]));
    }
}

/* Where a cell is counted after assignments; each is missed (uniform over the feature's values) with probability miss.
 */
static uint32_t position_after(caucus_individuals_space *space, uint32_t cell, const caucus_assignment *assignments,
                               uint32_t n, double miss, caucus_place place)
{
    const caucus_signals *signals = &space->individuals->compiled->signals;
    const caucus_population *population = space->individuals->compiled->config->population;
    uint32_t *codes = space->codes;
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

static uint32_t image_of(caucus_individuals_space *space, uint32_t m, uint32_t cell)
{
    const caucus_collective *collective = &space->individuals->compiled->config->collectives[m];
    return position_after(space, cell, collective->set, collective->n_set, 0.0, (caucus_place){0});
}

/* Where a feature_only member with another label goes; only the tabulated cell knows when the experiment named none. */
static uint32_t outside_of(const caucus_compiled *compiled, uint32_t m, uint32_t cell)
{
    const uint32_t *outside = compiled->signals.of[m].outside;
    return outside == NULL ? CAUCUS_NOWHERE : compiled->signals.position[outside[cell]];
}

/* What a member is drawn for, besides acting. */
typedef enum duty { NONE, ESTIMATES, PILOTS } duty;

static void tally_member(caucus_individuals_space *space, caucus_trial *trial, uint32_t m, uint32_t kind, duty has)
{
    const bool estimator = has == ESTIMATES;
    const caucus_compiled *compiled = trial->compiled;
    uint32_t cell = kind / compiled->n_labels;
    uint32_t label = kind % compiled->n_labels;
    uint32_t raw = compiled->signals.position[cell];
    caucus_strategy_count(trial, m, raw, label, image_of(space, m, cell), 1, estimator ? 1 : 0);
    if (has == PILOTS) {
        caucus_strategy_count_pilot(trial, m, raw, label, image_of(space, m, cell), 1);
    }
    const caucus_membership *membership = &compiled->config->collectives[m].membership;
    const bool matching = compiled->matching && !estimator && membership->affinity > 0 &&
                          caucus_cells_match(&compiled->signals.cells, cell, &membership->of);
    if (matching) {
        caucus_strategy_count_matching(trial, m, image_of(space, m, cell), 1);
    }
    for (uint32_t j = 0; compiled->crossing && !estimator && j < compiled->n_collectives; j++) {
        if (j != m && !caucus_strategy_adapts(compiled->strategies[j])) {
            const uint32_t image = image_of(space, j, cell);
            const uint32_t outside = outside_of(compiled, j, cell);
            caucus_strategy_cross(trial, trial->crossed, m, j, raw, label, image, outside, 1);
            if (has == PILOTS) {
                caucus_strategy_cross(trial, trial->pilot_crossed, m, j, raw, label, image, outside, 1);
            }
            if (matching) {
                caucus_strategy_cross(trial, trial->matching_crossed, m, j, raw, label, image, outside, 1);
            }
        }
    }
}

static void member_submits(caucus_individuals_space *space, caucus_trial *trial, uint32_t m, uint32_t person,
                           uint32_t kind)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_collective *collective = &compiled->config->collectives[m];
    uint32_t cell = kind / compiled->n_labels;
    uint32_t label = kind % compiled->n_labels;
    uint32_t raw = compiled->signals.position[cell];
    caucus_record record =
        caucus_strategy_act(trial, m, raw, label, image_of(space, m, cell), outside_of(compiled, m, cell));
    if (compiled->noisy && record.position < compiled->n_tracked) {
        trial->planned[caucus_tracked_row(compiled, m, record.position) + record.label]++;
    }
    caucus_place place = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_COMPLIANCE);
    place.draw = person;
    if (caucus_uniform_first(caucus_random(place, 0)) >= collective->compliance) {
        caucus_strategy_submit(trial, m, raw, label, 1);
        return;
    }
    uint32_t position = record.position;
    if (record.marked) {
        place.stream = caucus_trial_place(trial, m + 1, CAUCUS_DRAW_MISSES).stream;
        position = position_after(space, cell, collective->set, collective->n_set, collective->miss, place);
    }
    caucus_strategy_submit(trial, m, position, record.label, 1);
}

static void draw_collective(caucus_individuals_space *space, caucus_trial *trial, uint32_t m)
{
    const caucus_collective *collective = &trial->compiled->config->collectives[m];
    uint32_t *kinds = space->drawn;
    pick(space, m, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_ESTIMATORS), collective->estimators, kinds);
    pick(space, m, caucus_trial_place(trial, m + 1, CAUCUS_DRAW_REST), collective->size - collective->estimators,
         kinds + collective->estimators);
    trial->n_members[m] = collective->size;
    trial->n_estimators[m] = collective->estimators;
    for (uint32_t i = 0; i < collective->size; i++) {
        tally_member(space, trial, m, kinds[i],
                     i < collective->estimators                       ? ESTIMATES
                     : i < collective->estimators + collective->pilot ? PILOTS
                                                                      : NONE);
    }
    caucus_strategy_choose(trial, m);
    for (uint32_t i = 0; i < collective->size; i++) {
        member_submits(space, trial, m, i, kinds[i]);
    }
}

void caucus_individuals_draw(caucus_individuals_space *space, caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t anybody = compiled->n_collectives;
    uint32_t *kinds = space->drawn;
    memset(space->taken, 0, space->individuals->n_people * sizeof *space->taken);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        draw_collective(space, trial, m);
    }
    pick(space, anybody, caucus_trial_place(trial, 0, CAUCUS_DRAW_REST), compiled->others_size, kinds);
    for (uint64_t i = 0; i < compiled->others_size; i++) {
        uint32_t position = compiled->signals.position[kinds[i] / compiled->n_labels];
        caucus_strategy_abstain(trial, position, kinds[i] % compiled->n_labels, 1);
    }
}

void caucus_individuals_test(caucus_individuals_space *space, caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    const uint32_t M = compiled->n_collectives;
    uint32_t *kinds = space->drawn;
    pick(space, M, caucus_trial_place(trial, M + 1, 0), compiled->config->test, kinds);
    caucus_success_clear(trial);
    for (uint32_t i = 0; i < compiled->config->test; i++) {
        uint32_t cell = kinds[i] / compiled->n_labels;
        uint32_t raw = compiled->signals.position[cell];
        bool all = true;
        for (uint32_t m = 0; m < M; m++) {
            bool success = caucus_success_at(trial, m, raw, image_of(space, m, cell));
            trial->success[m] += success;
            all = all && success;
        }
        *trial->joint += all;
        const uint32_t label = kinds[i] % compiled->n_labels;
        *trial->correct += compiled->config->accuracy && trial->leader[raw] == label;
        *trial->clean_correct += compiled->config->accuracy_cost && trial->clean_leader[raw] == label;
    }
}
