#include "advice/counts.h"
#include "bound/value.h"
#include "config/strategy.h"

#include <stdlib.h>
#include <string.h>

/* One collective's strategy with all that it has learnt from its own members. */
typedef struct conduct {
    caucus_strategy strategy;
    const uint32_t *map;
    uint32_t target; /* that it plants or, adaptive, unplants; naive: t' */
    uint32_t outside;
    const uint32_t *outside_map; /* [cell] or NULL */
    uint32_t *learnt;            /* [cell] adaptive: yhat, erase: ystar; else NULL */
} conduct;

typedef struct storage { /* of a case; tables over its cells, rows as in caucus_bound_view */
    uint64_t *own;
    uint64_t *mass;
    uint64_t *raw;
    uint64_t *base;
    uint64_t *base_mass;
    uint64_t *others;
    uint64_t *pooled;
    uint64_t *crossed;
    uint64_t *pilot; /* with one, else NULL: from here on of the pilot, and of the members without it */
    uint64_t *pilot_mass;
    uint64_t *proving;
    uint64_t *proving_mass;
    uint64_t *proving_crossed;
    uint64_t *sheet; /* [document cell][label] work space */
    uint32_t *good;
    uint32_t *image;
    uint64_t *sizes;
    caucus_strategy *strategies;
    uint32_t *targets;
    double *ratios;
    double *affinities;
    uint8_t *reach;
    uint8_t *matching;
    uint64_t *matching_mass; /* with an affinity, else NULL */
    uint64_t *other_mass;
    uint64_t *matching_crossed;
    uint64_t *matching_counts; /* [document cell][label] */
} storage;

/* t' of unplant_naive: over the members whose raw cell lies in the signal set. */
static caucus_status find_naive_target(const caucus_counts *counts, const caucus_counts_collective *collective,
                                       uint32_t *target)
{
    uint64_t *sums = NULL;
    bool *signal = NULL;
    caucus_status status = caucus_alloc(counts->n_labels, sizeof *sums, "sums over labels", &sums);
    if (status == CAUCUS_OK) {
        TRY_GOTO(caucus_alloc(counts->n_cells, sizeof *signal, "a signal set", &signal), done);
        for (uint32_t x = 0; x < counts->n_cells; x++) {
            if (caucus_counts_is_raw(counts, x) && collective->map[x] != CAUCUS_NOWHERE) {
                signal[collective->map[x]] = true;
            }
        }
        for (uint32_t x = 0; x < counts->n_cells; x++) {
            for (uint32_t label = 0; signal[x] && label < counts->n_labels; label++) {
                sums[label] += collective->counts[(size_t)x * counts->n_labels + label];
            }
        }
        *target = caucus_most_frequent(sums, NULL, counts->n_labels, collective->target);
    }
done:
    free(signal);
    free(sums);
    return status;
}

static caucus_status open_conduct(const caucus_counts *counts, uint32_t j, conduct *opened)
{
    const caucus_counts_collective *collective = &counts->collectives[j];
    uint32_t n_labels = counts->n_labels;
    *opened = (conduct){.strategy = collective->strategy,
                        .map = collective->map,
                        .target = collective->target,
                        .outside = collective->outside,
                        .outside_map = collective->outside_map};
    if (collective->strategy == CAUCUS_UNPLANT_NAIVE) {
        return find_naive_target(counts, collective, &opened->target);
    }
    if (collective->strategy != CAUCUS_UNPLANT_ADAPTIVE && collective->strategy != CAUCUS_ERASE) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(counts->n_cells, sizeof *opened->learnt, "learnt labels", &opened->learnt));
    bool adaptive = collective->strategy == CAUCUS_UNPLANT_ADAPTIVE;
    const uint64_t *from = adaptive ? collective->estimator_counts : collective->counts;
    for (uint32_t x = 0; from != NULL && x < counts->n_cells; x++) {
        opened->learnt[x] =
            caucus_most_frequent(from + (size_t)x * n_labels, NULL, n_labels, adaptive ? collective->target : n_labels);
    }
    return CAUCUS_OK;
}

/* What a member with (x, y) hands in. */
static caucus_record apply(const conduct *by, uint32_t x, uint32_t y)
{
    const uint32_t image = by->map[x];
    if (by->learnt != NULL && image == CAUCUS_NOWHERE) { /* nothing is known of that cell, nor needed */
        return (caucus_record){.position = CAUCUS_NOWHERE};
    }
    return caucus_strategy_record(by->strategy, by->target, by->learnt != NULL ? by->learnt[image] : by->target, x, y,
                                  image, by->outside_map != NULL ? by->outside_map[x] : by->outside);
}

/* Add to the case's table what becomes of data (less some of it, or NULL) under a conduct, at the case's cells. */
static void submit(const caucus_counts *counts, const conduct *by, const uint64_t *data, const uint64_t *less,
                   const caucus_counts_case *opened, uint64_t *sheet, uint64_t *table)
{
    uint32_t n_labels = counts->n_labels;
    for (size_t i = 0; i < (size_t)counts->n_cells * n_labels; i++) {
        sheet[i] = 0;
    }
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        for (uint32_t y = 0; y < n_labels; y++) {
            size_t from = (size_t)x * n_labels + y;
            const caucus_record record = by != NULL ? apply(by, x, y) : (caucus_record){.position = x, .label = y};
            if (record.position != CAUCUS_NOWHERE) {
                sheet[(size_t)record.position * n_labels + record.label] +=
                    data[from] - (less != NULL ? less[from] : 0);
            }
        }
    }
    for (uint32_t i = 0; i < opened->setting.n_cells; i++) {
        for (uint32_t label = 0; label < n_labels; label++) {
            table[(size_t)i * n_labels + label] += sheet[(size_t)opened->cells[i] * n_labels + label];
        }
    }
}

/* The setting's cells: the signal set in order of ids; for erase every cell that people can have, and the signal set.
 */
static caucus_status list_cells(const caucus_counts *counts, uint32_t self, caucus_counts_case *opened, storage *store)
{
    const caucus_counts_collective *me = &counts->collectives[self];
    TRY(caucus_alloc(counts->n_cells, sizeof *opened->cells, "a signal set", &opened->cells));
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        if (caucus_counts_is_raw(counts, x)) {
            opened->cells[me->map[x]] = 1;
        }
    }
    uint32_t n = 0;
    for (uint32_t x = 0; x < counts->n_cells; x++) {
        if (opened->cells[x] == 1 || (me->strategy == CAUCUS_ERASE && caucus_counts_is_raw(counts, x))) {
            opened->cells[n++] = x; /* n <= x: nothing unread is overwritten */
        }
    }
    opened->setting.n_cells = n;
    if (me->strategy == CAUCUS_ERASE) {
        uint32_t *place = NULL; /* [document cell] in the setting */
        TRY(caucus_alloc(n, sizeof *store->image, "images", &store->image));
        TRY(caucus_alloc(counts->n_cells, sizeof *place, "images", &place));
        for (uint32_t i = 0; i < n; i++) {
            place[opened->cells[i]] = i;
        }
        for (uint32_t i = 0; i < n; i++) {
            store->image[i] = place[me->map[opened->cells[i]]];
        }
        free(place);
        opened->setting.image = store->image;
    }
    return CAUCUS_OK;
}

/* Where each collective may put people, among the setting's cells. */
static caucus_status fill_reach(const caucus_counts *counts, caucus_counts_case *opened, storage *store)
{
    uint8_t *flags = NULL; /* [document cell] */
    const uint32_t n = opened->setting.n_cells;
    TRY(caucus_alloc((size_t)counts->n_collectives * n, sizeof *store->reach, "reach of collectives", &store->reach));
    TRY(caucus_alloc(counts->n_cells, sizeof *flags, "reach of a collective", &flags));
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        const caucus_counts_collective *other = &counts->collectives[j];
        memset(flags, 0, counts->n_cells * sizeof *flags);
        for (uint32_t x = 0; x < counts->n_cells; x++) {
            const uint32_t outside = other->outside_map != NULL ? other->outside_map[x] : other->outside;
            if (caucus_counts_is_raw(counts, x) && other->map[x] != CAUCUS_NOWHERE) {
                flags[other->map[x]] |= CAUCUS_REACH_SIGNAL;
            }
            if (caucus_counts_is_raw(counts, x) && other->strategy == CAUCUS_FEATURE_ONLY &&
                outside != CAUCUS_NOWHERE) {
                flags[outside] |= CAUCUS_REACH_OUTSIDE;
            }
        }
        for (uint32_t i = 0; i < n; i++) {
            store->reach[(size_t)j * n + i] = flags[opened->cells[i]];
        }
    }
    free(flags);
    opened->setting.reach = store->reach;
    return CAUCUS_OK;
}

static caucus_status fill_setting(const caucus_counts *counts, uint32_t self, caucus_counts_case *opened,
                                  storage *store)
{
    uint32_t n = counts->n_collectives;
    TRY(caucus_alloc(n, sizeof *store->sizes, "sizes", &store->sizes));
    TRY(caucus_alloc(n, sizeof *store->strategies, "strategies", &store->strategies));
    TRY(caucus_alloc(n, sizeof *store->targets, "targets", &store->targets));
    TRY(caucus_alloc(n, sizeof *store->ratios, "membership ratios", &store->ratios));
    TRY(caucus_alloc(n, sizeof *store->affinities, "affinities", &store->affinities));
    for (uint32_t j = 0; j < n; j++) {
        store->sizes[j] = counts->collectives[j].members;
        store->strategies[j] = counts->collectives[j].strategy;
        store->targets[j] = counts->collectives[j].target;
        store->ratios[j] = counts->collectives[j].ratio > 0 ? counts->collectives[j].ratio : 1;
        store->affinities[j] = counts->collectives[j].affinity;
    }
    opened->setting = (caucus_bound_setting){.consumers = counts->consumers,
                                             .test = counts->test,
                                             .epsilon = counts->epsilon,
                                             .slack = counts->slack,
                                             .n_labels = counts->n_labels,
                                             .n_collectives = n,
                                             .self = self,
                                             .sizes = store->sizes,
                                             .strategies = store->strategies,
                                             .targets = store->targets,
                                             .ratios = store->ratios,
                                             .affinities = store->affinities,
                                             .without_replacement = counts->without_replacement,
                                             .estimators = counts->collectives[self].estimators,
                                             .pilot = counts->collectives[self].pilot};
    TRY(list_cells(counts, self, opened, store));
    return fill_reach(counts, opened, store);
}

static caucus_status alloc_tables(const caucus_counts *counts, const caucus_counts_case *opened, storage *store)
{
    size_t rows = (size_t)opened->setting.n_cells;
    size_t table = rows * counts->n_labels;
    TRY(caucus_alloc(table, sizeof *store->own, "counts", &store->own));
    TRY(caucus_alloc(rows, sizeof *store->mass, "counts", &store->mass));
    TRY(caucus_alloc(table, sizeof *store->raw, "counts", &store->raw));
    TRY(caucus_alloc(table, sizeof *store->base, "counts", &store->base));
    TRY(caucus_alloc(rows, sizeof *store->base_mass, "counts", &store->base_mass));
    TRY(caucus_alloc(table, sizeof *store->others, "counts", &store->others));
    TRY(caucus_alloc(table, sizeof *store->pooled, "counts", &store->pooled));
    TRY(caucus_alloc(table * counts->n_collectives, sizeof *store->crossed, "counts", &store->crossed));
    TRY(caucus_alloc(rows, sizeof *store->good, "good labels", &store->good));
    return caucus_alloc((size_t)counts->n_cells * counts->n_labels, sizeof *store->sheet, "counts", &store->sheet);
}

/* Add people by the cell that success is judged at: g(x), for erase x itself. */
static void add_mass(const caucus_counts *counts, const caucus_counts_collective *me, const uint64_t *data,
                     const caucus_counts_case *opened, uint64_t *mass)
{
    for (uint32_t i = 0; i < opened->setting.n_cells; i++) {
        for (uint32_t x = 0; x < counts->n_cells; x++) {
            if ((me->strategy == CAUCUS_ERASE ? x : me->map[x]) != opened->cells[i]) {
                continue;
            }
            for (uint32_t label = 0; label < counts->n_labels; label++) {
                mass[i] += data[(size_t)x * counts->n_labels + label];
            }
        }
    }
}

static void fill_own(const caucus_counts *counts, uint32_t self, const conduct *mine, caucus_counts_case *opened,
                     storage *store)
{
    const caucus_counts_collective *me = &counts->collectives[self];
    submit(counts, mine, me->counts, NULL, opened, store->sheet, store->own);
    submit(counts, NULL, me->counts, NULL, opened, store->sheet, store->raw);
    submit(counts, NULL, me->counts, me->estimator_counts, opened, store->sheet, store->base);
    add_mass(counts, me, me->counts, opened, store->mass);
    if (me->estimator_counts != NULL) {
        add_mass(counts, me, me->estimator_counts, opened, store->base_mass);
    }
    for (uint32_t i = 0; i < opened->setting.n_cells; i++) {
        store->base_mass[i] = store->mass[i] - store->base_mass[i];
    }
    for (uint32_t i = 0; i < opened->setting.n_cells; i++) {
        uint32_t x = opened->cells[i];
        store->good[i] =
            mine->learnt != NULL ? mine->learnt[me->strategy == CAUCUS_ERASE ? me->map[x] : x] : mine->target;
    }
    opened->view = (caucus_bound_view){.n_own = me->members,
                                       .own = store->own,
                                       .mass = store->mass,
                                       .raw = store->raw,
                                       .n_base = me->members - me->estimators,
                                       .base = store->base,
                                       .base_mass = store->base_mass,
                                       .good = store->good,
                                       .others = store->others,
                                       .pooled = store->pooled,
                                       .crossed = store->crossed};
}

/* What is left to prove with where a pilot is taken off. */
static caucus_status fill_piloted(const caucus_counts *counts, uint32_t self, caucus_counts_case *opened,
                                  storage *store)
{
    const caucus_counts_collective *me = &counts->collectives[self];
    const size_t rows = (size_t)opened->setting.n_cells;
    const size_t table = rows * counts->n_labels;
    opened->piloted = opened->view;
    if (me->pilot_counts == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(table, sizeof *store->pilot, "counts", &store->pilot));
    TRY(caucus_alloc(rows, sizeof *store->pilot_mass, "counts", &store->pilot_mass));
    TRY(caucus_alloc(table, sizeof *store->proving, "counts", &store->proving));
    TRY(caucus_alloc(rows, sizeof *store->proving_mass, "counts", &store->proving_mass));
    TRY(caucus_alloc(table * counts->n_collectives, sizeof *store->proving_crossed, "counts", &store->proving_crossed));
    submit(counts, NULL, me->pilot_counts, NULL, opened, store->sheet, store->pilot);
    add_mass(counts, me, me->pilot_counts, opened, store->pilot_mass);
    for (size_t i = 0; i < table; i++) {
        store->proving[i] = store->base[i] - store->pilot[i];
    }
    for (size_t i = 0; i < rows; i++) {
        store->proving_mass[i] = store->base_mass[i] - store->pilot_mass[i];
    }
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        conduct by = {0};
        TRY(open_conduct(counts, j, &by));
        uint64_t *pilot = store->proving_crossed + j * table;
        submit(counts, &by, me->pilot_counts, NULL, opened, store->sheet, pilot);
        free(by.learnt);
        for (size_t i = 0; i < table; i++) {
            pilot[i] = j == self ? 0 : store->crossed[j * table + i] - pilot[i];
        }
    }
    opened->piloted.n_base -= me->pilot;
    opened->piloted.base = store->proving;
    opened->piloted.base_mass = store->proving_mass;
    opened->piloted.crossed = store->proving_crossed;
    opened->piloted.n_pilot = me->pilot;
    opened->piloted.pilot = store->pilot;
    opened->piloted.pilot_mass = store->pilot_mass;
    return CAUCUS_OK;
}

/* The base members who match an affinity, counted apart. */
static caucus_status fill_matching(const caucus_counts *counts, uint32_t self, caucus_counts_case *opened,
                                   storage *store)
{
    const caucus_counts_collective *me = &counts->collectives[self];
    const size_t rows = (size_t)opened->setting.n_cells;
    const size_t table = rows * counts->n_labels;
    const size_t all = (size_t)counts->n_cells * counts->n_labels;
    if (!(me->affinity > 0)) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(rows, sizeof *store->matching, "cells that match", &store->matching));
    TRY(caucus_alloc(rows, sizeof *store->matching_mass, "counts", &store->matching_mass));
    TRY(caucus_alloc(rows, sizeof *store->other_mass, "counts", &store->other_mass));
    TRY(caucus_alloc(table * counts->n_collectives, sizeof *store->matching_crossed, "counts",
                     &store->matching_crossed));
    TRY(caucus_alloc(all, sizeof *store->matching_counts, "counts", &store->matching_counts));
    for (size_t i = 0; i < all; i++) {
        const uint64_t people = me->counts[i] - (me->estimator_counts != NULL ? me->estimator_counts[i] : 0);
        store->matching_counts[i] = me->matching[i / counts->n_labels] ? people : 0;
        opened->view.n_matching += store->matching_counts[i];
    }
    add_mass(counts, me, store->matching_counts, opened, store->matching_mass);
    for (size_t i = 0; i < rows; i++) {
        store->matching[i] = me->matching[opened->cells[i]] ? 1 : 0;
        store->other_mass[i] = store->base_mass[i] - store->matching_mass[i];
    }
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        conduct by = {0};
        if (j != self) {
            TRY(open_conduct(counts, j, &by));
            submit(counts, &by, store->matching_counts, NULL, opened, store->sheet,
                   store->matching_crossed + j * table);
            free(by.learnt);
        }
    }
    opened->setting.matching = store->matching;
    opened->view.matching_mass = store->matching_mass;
    opened->view.other_mass = store->other_mass;
    opened->view.matching_crossed = store->matching_crossed;
    return CAUCUS_OK;
}

static void fill_other(const caucus_counts *counts, uint32_t self, uint32_t j, const conduct *theirs,
                       caucus_counts_case *opened, storage *store)
{
    const caucus_counts_collective *me = &counts->collectives[self];
    const caucus_counts_collective *other = &counts->collectives[j];
    /* Its own estimators are left out of the pool: its good labels were chosen by them. */
    submit(counts, NULL, other->counts, j == self ? other->estimator_counts : NULL, opened, store->sheet,
           store->pooled);
    opened->view.n_pooled += other->members - (j == self ? other->estimators : 0);
    if (j == self) {
        return;
    }
    submit(counts, theirs, other->counts, NULL, opened, store->sheet, store->others);
    opened->view.n_others += other->members;
    submit(counts, theirs, me->counts, me->estimator_counts, opened, store->sheet,
           store->crossed + (size_t)j * opened->setting.n_cells * counts->n_labels);
}

caucus_status caucus_counts_case_open(const caucus_counts *counts, uint32_t self, caucus_counts_case *opened)
{
    *opened = (caucus_counts_case){0};
    storage *store = NULL;
    TRY(caucus_alloc(1, sizeof *store, "a collective's view", &store));
    opened->storage = store;
    conduct by = {0};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(fill_setting(counts, self, opened, store), failed);
    TRY_GOTO(alloc_tables(counts, opened, store), failed);
    TRY_GOTO(open_conduct(counts, self, &by), failed);
    fill_own(counts, self, &by, opened, store);
    for (uint32_t j = 0; j < counts->n_collectives; j++) {
        free(by.learnt);
        by.learnt = NULL;
        TRY_GOTO(open_conduct(counts, j, &by), failed);
        fill_other(counts, self, j, &by, opened, store);
    }
    TRY_GOTO(fill_matching(counts, self, opened, store), failed);
    TRY_GOTO(fill_piloted(counts, self, opened, store), failed);
    free(by.learnt);
    return CAUCUS_OK;
failed:
    free(by.learnt);
    caucus_counts_case_close(opened);
    return status;
}

void caucus_counts_case_close(caucus_counts_case *opened)
{
    storage *store = opened->storage;
    if (store != NULL) {
        free(store->own);
        free(store->mass);
        free(store->raw);
        free(store->base);
        free(store->base_mass);
        free(store->others);
        free(store->pooled);
        free(store->crossed);
        free(store->pilot);
        free(store->pilot_mass);
        free(store->proving);
        free(store->proving_mass);
        free(store->proving_crossed);
        free(store->sheet);
        free(store->good);
        free(store->image);
        free(store->sizes);
        free(store->strategies);
        free(store->targets);
        free(store->ratios);
        free(store->affinities);
        free(store->reach);
        free(store->matching);
        free(store->matching_mass);
        free(store->other_mass);
        free(store->matching_crossed);
        free(store->matching_counts);
        free(store);
    }
    free(opened->cells);
    *opened = (caucus_counts_case){0};
}
