/* From an experiment and a collective's own data to counts. */
#include "advice/advice.h"
#include "advice/members.h"
#include "base/text.h"
#include "experiment/experiment.h"
#include "math/hypergeometric.h"

#include <stdlib.h>
#include <string.h>

/* By its name; the first one without. */
static caucus_status find_collective(caucus_advice_inputs *inputs, const char *name)
{
    const caucus_config *config = inputs->config;
    const char **names = NULL;
    if (name == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(config->n_collectives, sizeof *names, "names", &names));
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        names[m] = config->collectives[m].name;
    }
    const caucus_status status =
        caucus_experiment_find_collective(inputs->experiment, name, names, config->n_collectives, &inputs->self);
    free(names);
    return status;
}

/* ---- people -------------------------------------------------------------------------------------------------- */

/* Count members, and what others hand in, with the bins that the population was read with. */
static caucus_status read_people(caucus_advice_inputs *inputs, const caucus_advice_options *options,
                                 caucus_member_counts *members, caucus_member_counts *others,
                                 caucus_cells *others_cells)
{
    caucus_status status = CAUCUS_OK;
    caucus_table_spec table = {0};
    caucus_table_parts parts = {0};
    const caucus_population *population = inputs->config->population;
    TRY_GOTO(caucus_experiment_table(inputs->experiment, &table, &parts), done);
    const caucus_people_spec mine = {.path = options->members,
                                     .weight = options->weight != NULL ? options->weight : table.weight,
                                     .only_known = true,
                                     .weight_optional = options->weight == NULL,
                                     .table = &table};
    TRY_GOTO(caucus_people_read(&mine, population, &inputs->cells, members), done);
    if (options->others != NULL) {
        const caucus_people_spec theirs = {.path = options->others, .weight = "count", .table = &table};
        TRY_GOTO(caucus_cells_init(population, others_cells), done);
        TRY_GOTO(caucus_people_read(&theirs, population, others_cells, others), done);
    }
done:
    caucus_table_parts_free(&parts, &table);
    return status;
}

/* ---- transformations ------------------------------------------------------------------------------------------- */

/* The cell that assignments lead to, or CAUCUS_NOWHERE where that is none of the cells. codes: room for one row. */
static uint32_t find_assigned(const caucus_cells *cells, uint32_t from, const caucus_assignment *set, uint32_t n,
                              uint32_t *codes)
{
    memcpy(codes, cells->codes + (size_t)from * cells->n_features, cells->n_features * sizeof *codes);
    for (uint32_t i = 0; i < n; i++) {
        codes[set[i].feature] = set[i].value;
    }
    return caucus_cells_find(cells, codes);
}

static caucus_status tabulate(caucus_advice_inputs *inputs, uint32_t j, uint32_t *codes)
{
    const caucus_collective *collective = &inputs->config->collectives[j];
    caucus_counts_collective *to = &inputs->counts.collectives[j];
    const caucus_cells *cells = &inputs->cells;
    TRY(caucus_alloc(cells->n_cells, sizeof *to->map, "a map", &to->map));
    for (uint32_t x = 0; x < cells->n_cells; x++) {
        to->map[x] = find_assigned(cells, x, collective->set, collective->n_set, codes);
    }
    to->outside = CAUCUS_NOWHERE;
    if (collective->strategy != CAUCUS_FEATURE_ONLY) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(cells->n_cells, sizeof *to->outside_map, "cells outside the signal set", &to->outside_map));
    uint32_t common = CAUCUS_NOWHERE;
    if (collective->n_outside == 0) {
        TRY(caucus_cells_common_outside(cells, inputs->config->population, collective, &common));
    }
    for (uint32_t x = 0; x < cells->n_cells; x++) {
        to->outside_map[x] = collective->n_outside == 0
                                 ? common
                                 : find_assigned(cells, x, collective->outside, collective->n_outside, codes);
    }
    return CAUCUS_OK;
}

/* ---- counts --------------------------------------------------------------------------------------------------- */

/* Of people by kind, less those who are taken already (or NULL), so many are drawn, so that the order of the file does
 * not matter. stream: of random numbers. */
static void draw_part(const caucus_advice_inputs *inputs, const caucus_counts_collective *mine, const uint64_t *taken,
                      uint64_t left, uint32_t stream, uint64_t *drawn)
{
    const size_t n = (size_t)inputs->counts.n_cells * inputs->counts.n_labels;
    uint64_t people = mine->members;
    for (size_t i = 0; taken != NULL && i < n; i++) {
        people -= taken[i];
    }
    for (size_t i = 0; i < n; i++) {
        const uint64_t here = mine->counts[i] - (taken != NULL ? taken[i] : 0);
        const caucus_place place = {
            .source = {inputs->config->key.seed, (uint32_t)((uint64_t)i >> 32), inputs->config->key.config},
            .stream = stream,
            .draw = (uint32_t)i};
        drawn[i] = caucus_draw_hypergeometric(place, here, people - here, left);
        people -= here;
        left -= drawn[i];
    }
}

/* Who of the members chooses the labels. */
static caucus_status draw_estimators(const caucus_advice_inputs *inputs, caucus_counts_collective *mine)
{
    const uint64_t estimators = inputs->config->collectives[inputs->self].estimators;
    const size_t n = (size_t)inputs->counts.n_cells * inputs->counts.n_labels;
    if (mine->strategy != CAUCUS_UNPLANT_ADAPTIVE) {
        return CAUCUS_OK;
    }
    if (estimators >= mine->members) {
        return caucus_fail(CAUCUS_INVALID,
                           "collective %s: the experiment has %llu estimators, but there are only %llu members; lower "
                           "them with --set collectives[%u].estimators=N",
                           inputs->config->collectives[inputs->self].name, (unsigned long long)estimators,
                           (unsigned long long)mine->members, inputs->self);
    }
    mine->estimators = estimators;
    TRY(caucus_alloc(n, sizeof *mine->estimator_counts, "counts of estimators", &mine->estimator_counts));
    draw_part(inputs, mine, NULL, estimators, 0, mine->estimator_counts);
    return CAUCUS_OK;
}

/* And who fixes how delta is shared. */
static caucus_status draw_pilot(const caucus_advice_inputs *inputs, caucus_counts_collective *mine)
{
    const uint64_t pilot = inputs->config->collectives[inputs->self].pilot;
    const size_t n = (size_t)inputs->counts.n_cells * inputs->counts.n_labels;
    if (pilot == 0) {
        return CAUCUS_OK;
    }
    if (pilot >= mine->members - mine->estimators) {
        return caucus_fail(CAUCUS_INVALID,
                           "collective %s: the experiment has a pilot of %llu, which leaves nobody of %llu members; "
                           "lower it with --set collectives[%u].pilot=N",
                           inputs->config->collectives[inputs->self].name, (unsigned long long)pilot,
                           (unsigned long long)(mine->members - mine->estimators), inputs->self);
    }
    mine->pilot = pilot;
    TRY(caucus_alloc(n, sizeof *mine->pilot_counts, "counts of a pilot", &mine->pilot_counts));
    draw_part(inputs, mine, mine->estimator_counts, pilot, 1, mine->pilot_counts);
    return CAUCUS_OK;
}

static caucus_status check_sizes(const caucus_advice_inputs *inputs, const char *members, const char *others)
{
    uint64_t elsewhere = 0;
    uint64_t own = inputs->counts.collectives[inputs->self].members;
    for (uint32_t j = 0; j < inputs->counts.n_collectives; j++) {
        elsewhere += j != inputs->self ? inputs->counts.collectives[j].members : 0;
    }
    if (own > inputs->counts.consumers - elsewhere) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: has %llu members, but the platform has %llu consumers and %llu of them belong to other "
                           "collectives; raise platform.consumers",
                           members, (unsigned long long)own, (unsigned long long)inputs->counts.consumers,
                           (unsigned long long)elsewhere);
    }
    if (others != NULL && inputs->counts.n_collectives == 1) {
        return caucus_fail(CAUCUS_INVALID, "%s: the experiment has no other collectives; leave --others out", others);
    }
    if (others != NULL && inputs->n_published != elsewhere) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s: counts add up to %llu, but the experiment's other collectives have %llu members; "
                           "correct the file, or their sizes with --set collectives[I].size=N",
                           others, (unsigned long long)inputs->n_published, (unsigned long long)elsewhere);
    }
    return CAUCUS_OK;
}

/* The cells of people who match a collective's affinity. */
static caucus_status mark_matching(caucus_advice_inputs *inputs, uint32_t j)
{
    const caucus_membership *membership = &inputs->config->collectives[j].membership;
    caucus_counts_collective *to = &inputs->counts.collectives[j];
    if (!(membership->affinity > 0)) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(inputs->cells.n_cells, sizeof *to->matching, "cells that match", &to->matching));
    for (uint32_t x = 0; x < inputs->cells.n_cells; x++) {
        to->matching[x] = caucus_cells_match(&inputs->cells, x, &membership->of);
    }
    return CAUCUS_OK;
}

static caucus_status fill_counts(caucus_advice_inputs *inputs, const caucus_member_counts *members, uint32_t n_read)
{
    const caucus_config *config = inputs->config;
    caucus_counts *counts = &inputs->counts;
    *counts = (caucus_counts){.consumers = config->consumers,
                              .test = config->test,
                              .delta = config->bounds.delta,
                              .epsilon = config->bounds.epsilon,
                              .slack = config->bounds.slack,
                              .without_replacement = config->without_replacement,
                              .n_cells = inputs->cells.n_cells,
                              .n_labels = config->population->n_labels,
                              .n_collectives = config->n_collectives};
    uint32_t *codes = NULL;
    caucus_status status = CAUCUS_OK;
    size_t n = (size_t)counts->n_cells * counts->n_labels;
    TRY_GOTO(caucus_alloc(counts->n_cells, sizeof *counts->raw_cells, "cells", &counts->raw_cells), done);
    for (uint32_t x = 0; x < config->population->n_cells; x++) {
        counts->raw_cells[x] = true;
    }
    TRY_GOTO(caucus_alloc(inputs->cells.n_features, sizeof *codes, "a cell", &codes), done);
    TRY_GOTO(caucus_alloc(counts->n_collectives, sizeof *counts->collectives, "collectives", &counts->collectives),
             done);
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        caucus_counts_collective *to = &counts->collectives[j];
        to->strategy = config->collectives[j].strategy;
        to->target = config->collectives[j].target;
        to->ratio = config->collectives[j].membership.ratio;
        to->affinity = config->collectives[j].membership.affinity;
        TRY_GOTO(mark_matching(inputs, j), done);
        to->members = j == inputs->self ? members->total : config->collectives[j].size;
        TRY_GOTO(caucus_alloc(n, sizeof *to->counts, "counts", &to->counts), done);
        TRY_GOTO(tabulate(inputs, j, codes), done);
    }
    caucus_counts_collective *mine = &counts->collectives[inputs->self];
    memcpy(mine->counts, members->counts, (size_t)n_read * counts->n_labels * sizeof *mine->counts);
    TRY_GOTO(draw_estimators(inputs, mine), done);
    status = draw_pilot(inputs, mine);
done:
    free(codes);
    return status;
}

static caucus_status fill_published(caucus_advice_inputs *inputs, const caucus_member_counts *others,
                                    const caucus_cells *others_cells)
{
    const uint32_t n_labels = inputs->counts.n_labels;
    inputs->n_published = others->total;
    TRY(caucus_alloc((size_t)inputs->cells.n_cells * n_labels, sizeof *inputs->published, "counts",
                     &inputs->published));
    for (uint32_t x = 0; x < inputs->cells.n_cells; x++) {
        uint32_t from = caucus_cells_find(others_cells, inputs->cells.codes + (size_t)x * inputs->cells.n_features);
        for (uint32_t y = 0; from != CAUCUS_NOWHERE && y < n_labels; y++) {
            inputs->published[(size_t)x * n_labels + y] = others->counts[(size_t)from * n_labels + y];
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_inputs(caucus_advice_inputs *inputs, const caucus_advice_options *options)
{
    caucus_status status = CAUCUS_OK;
    caucus_member_counts members = {0};
    caucus_member_counts others = {0};
    caucus_cells others_cells = {0};
    TRY_GOTO(caucus_cells_init(inputs->config->population, &inputs->cells), done);
    TRY_GOTO(read_people(inputs, options, &members, &others, &others_cells), done);
    const caucus_collective *me = &inputs->config->collectives[inputs->self];
    const uint32_t n_read = inputs->cells.n_cells;
    for (uint32_t x = 0; x < n_read; x++) { /* signal cells where nobody is yet */
        uint32_t image = 0;
        TRY_GOTO(caucus_cells_assign(&inputs->cells, x, me->set, me->n_set, &image), done);
    }
    inputs->n_unlabelled = members.n_unlabelled;
    TRY_GOTO(fill_counts(inputs, &members, n_read), done);
    if (options->others != NULL) {
        TRY_GOTO(fill_published(inputs, &others, &others_cells), done);
    }
    status = check_sizes(inputs, options->members, options->others);
done:
    caucus_cells_free(&others_cells);
    free(others.counts);
    free(members.counts);
    return status;
}

caucus_status caucus_advice_inputs_open(caucus_experiment *experiment, const caucus_advice_options *options,
                                        caucus_advice_inputs *inputs)
{
    caucus_status status = CAUCUS_OK;
    *inputs = (caucus_advice_inputs){.experiment = experiment, .index = options->config};
    TRY_GOTO(caucus_experiment_config(experiment, options->config, &inputs->config), failed);
    if (inputs->config->population->rows != NULL) {
        TRY_GOTO(caucus_fail(CAUCUS_INVALID,
                             "there are no bounds for people with real-valued features; cut the numbers "
                             "with bins and leave numeric out"),
                 failed);
    }
    TRY_GOTO(find_collective(inputs, options->collective), failed);
    TRY_GOTO(read_inputs(inputs, options), failed);
    return CAUCUS_OK;
failed:
    caucus_advice_inputs_close(inputs);
    return status;
}

void caucus_advice_inputs_close(caucus_advice_inputs *inputs)
{
    free(inputs->published);
    caucus_counts_free(&inputs->counts);
    caucus_cells_free(&inputs->cells);
    caucus_config_free(inputs->config);
    *inputs = (caucus_advice_inputs){0};
}

bool caucus_advice_allows(const caucus_advice_inputs *inputs, caucus_knowledge knowledge)
{
    if (inputs->counts.n_collectives == 1) { /* there is nobody else to know of */
        return knowledge == CAUCUS_TOTAL;
    }
    return knowledge < CAUCUS_AGGREGATE || (knowledge == CAUCUS_AGGREGATE && inputs->published != NULL);
}
