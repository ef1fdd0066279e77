#include "config/strategy.h"
#include "rows/bounds.h"
#include "rows/tables.h"
#include "trial/platform.h"
#include "trial/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 4503599627370496.0 /* probabilities as weights: parts in 2^52 */

/* ---- workspaces -------------------------------------------------------------------------------------------------- */

/* Groups of labels of the collective that has the most. */
static size_t most_groups(const caucus_rows *rows)
{
    size_t most = 0;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        most = rows->members[m].n_groups > most ? rows->members[m].n_groups : most;
    }
    return most;
}

/* What trials are drawn and told in, without what they are trained in. */
static size_t draw_bytes(const caucus_rows *rows, size_t batch)
{
    const size_t n_people = (rows->config->accuracy_cost ? 2 : 1) * (size_t)rows->n_points;
    const size_t of_trial = 4 * n_people + 4 * rows->dense->table.n_rows + 4 * (size_t)rows->n_groups +
                            (rows->config->held_out > 0 ? 0 : 4 * (size_t)rows->test.n);
    return batch * of_trial + CAUCUS_ROWS_DRAW_BYTES * (size_t)rows->table->n_rows;
}

size_t caucus_rows_space_bytes(const caucus_rows *rows)
{
    const uint32_t batch = caucus_rows_batch(rows);
    return draw_bytes(rows, batch) + caucus_dense_space_bytes(rows->dense, batch);
}

size_t caucus_rows_device_space_bytes(const caucus_rows *rows)
{
    return draw_bytes(rows, caucus_rows_device_batch(rows));
}

caucus_status caucus_rows_space_open(const caucus_rows *rows, const caucus_operations *operations,
                                     caucus_rows_space **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_rows_space *s = NULL;
    const size_t batch = operations != NULL ? caucus_rows_device_batch(rows) : caucus_rows_batch(rows);
    const size_t M = rows->n_collectives;
    TRY(caucus_alloc(1, sizeof *s, "trials", &s));
    s->rows = rows;
    s->batch = (uint32_t)batch;
    TRY_GOTO(caucus_row_urn_open(rows->table, &s->urn), failed);
    TRY_GOTO(caucus_alloc(rows->table->n_rows, sizeof *s->counts, "trials", &s->counts), failed);
    TRY_GOTO(caucus_alloc(most_groups(rows) * rows->config->population->n_labels, sizeof *s->label_counts, "trials",
                          &s->label_counts),
             failed);
    TRY_GOTO(caucus_alloc(rows->n_points * batch, sizeof *s->people, "trials", &s->people), failed);
    if (rows->config->accuracy_cost) {
        TRY_GOTO(caucus_alloc(rows->n_points * batch, sizeof *s->clean, "trials", &s->clean), failed);
        TRY_GOTO(caucus_alloc(batch, sizeof *s->clean_correct, "trials", &s->clean_correct), failed);
    }
    TRY_GOTO(caucus_alloc(rows->n_groups * batch, sizeof *s->varying, "trials", &s->varying), failed);
    if (rows->config->held_out == 0) {
        TRY_GOTO(caucus_alloc(rows->test.n * batch, sizeof *s->test_counts, "trials", &s->test_counts), failed);
    }
    TRY_GOTO(caucus_alloc(rows->dense->table.n_rows * batch, sizeof *s->predicted, "trials", &s->predicted), failed);
    TRY_GOTO(caucus_alloc(rows->config->population->n_labels, sizeof *s->cell_counts, "labels", &s->cell_counts),
             failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->fits, "trials", &s->fits), failed);
    TRY_GOTO(caucus_alloc(M * batch, sizeof *s->success, "trials", &s->success), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->joint, "trials", &s->joint), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->correct, "trials", &s->correct), failed);
    TRY_GOTO(caucus_alloc(batch, sizeof *s->suboptimality, "trials", &s->suboptimality), failed);
    if (rows->bounds != NULL) {
        TRY_GOTO(caucus_alloc(batch * caucus_row_bounds_words(rows->bounds), sizeof *s->tallies, "bounds", &s->tallies),
                 failed);
        TRY_GOTO(caucus_alloc(caucus_row_bounds_scratch(rows->bounds), sizeof *s->bound_scratch, "bounds",
                              &s->bound_scratch),
                 failed);
        TRY_GOTO(caucus_alloc(rows->n_groups, sizeof *s->agreed, "bounds", &s->agreed), failed);
    }
    TRY_GOTO(caucus_dense_space_open(rows->dense, operations, s->batch, &s->training), failed);
    *out = s;
    return CAUCUS_OK;
failed:
    caucus_rows_space_close(s);
    return status;
}

void caucus_rows_space_close(caucus_rows_space *s)
{
    if (s == NULL) {
        return;
    }
    caucus_dense_space_close(s->training);
    free(s->agreed);
    free(s->bound_scratch);
    free(s->tallies);
    free(s->suboptimality);
    free(s->clean_correct);
    free(s->correct);
    free(s->joint);
    free(s->success);
    free(s->fits);
    free(s->predicted);
    free(s->cell_counts);
    free(s->test_counts);
    free(s->varying);
    free(s->clean);
    free(s->people);
    free(s->label_counts);
    free(s->counts);
    caucus_row_urn_close(&s->urn);
    free(s);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static caucus_place place_of(const caucus_rows *rows, uint32_t trial, uint32_t group, uint32_t phase)
{
    return (caucus_place){
        .source = {.seed = rows->config->key.seed, .trial = trial, .config = rows->config->key.config},
        .stream = group * CAUCUS_PHASES + phase};
}

static void draw(const caucus_rows *rows, caucus_rows_space *s, const caucus_row_group *group, caucus_place place,
                 uint64_t size)
{
    if (rows->config->without_replacement) {
        caucus_row_group_take(group, &s->urn, place, size, s->counts);
    } else if (!rows->config->individuals) {
        caucus_row_group_draw(group, &s->urn, place, size, s->counts);
    } else {
        memset(s->counts, 0, group->n * sizeof *s->counts);
        for (uint64_t i = 0; i < size; i++) {
            s->counts[caucus_row_group_pick(group, place, (uint32_t)i)]++;
        }
    }
}

/* How many of so many members act. */
static uint64_t draw_acting(const caucus_rows *rows, const caucus_collective *collective, caucus_place place,
                            uint64_t size)
{
    if (collective->compliance >= 1) {
        return size;
    }
    if (!rows->config->individuals) {
        const uint64_t part = (uint64_t)(collective->compliance * PARTS);
        return caucus_draw_binomial(place, size, part, (uint64_t)PARTS - part);
    }
    uint64_t n = 0;
    for (uint64_t i = 0; i < size; i++) {
        place.draw = (uint32_t)i;
        n += caucus_uniform_first(caucus_random(place, 0)) < collective->compliance;
    }
    return n;
}

/* Members' own labels, for the groups that their rows have a say in. */
static void count_labels(const caucus_rows *rows, caucus_rows_space *s, const caucus_row_members *members)
{
    const uint32_t n_labels = rows->config->population->n_labels;
    for (uint32_t i = 0; members->n_groups > 0 && i < members->group.n; i++) {
        const uint32_t g = s->counts[i] > 0 ? caucus_rows_group_of(members, i) : CAUCUS_ROWS_NOBODY;
        if (g != CAUCUS_ROWS_NOBODY) {
            s->label_counts[(size_t)g * n_labels + rows->table->labels[members->group.rows[i]]] += s->counts[i];
        }
    }
}

/* Count those who were drawn last for bounds. */
static void tally(const caucus_rows *rows, caucus_rows_space *s, uint32_t m, uint32_t b, bool estimating, bool acting)
{
    if (rows->bounds != NULL) {
        caucus_row_bounds_tally(rows, m, estimating, acting, s->counts,
                                s->tallies + b * caucus_row_bounds_words(rows->bounds));
    }
}

/* Those who were drawn last hand in a trial's records: each row its point; or their own rows, for `to` if it is there.
 */
static void hand_in(const caucus_rows_space *s, const uint32_t *points, uint32_t n, uint32_t *to, uint32_t b)
{
    for (uint32_t i = 0; i < n; i++) {
        to[(size_t)points[i] * s->batch + b] += (uint32_t)s->counts[i];
    }
}

static void hand_in_own(const caucus_rows *rows, const caucus_rows_space *s, const caucus_row_group *group,
                        uint32_t *to, uint32_t b)
{
    for (uint32_t i = 0; to != NULL && i < group->n; i++) {
        to[(size_t)rows->point[group->rows[i]] * s->batch + b] += (uint32_t)s->counts[i];
    }
}

/* So many members, drawn in the streams of a group; asked: their labels count where members agree on some. */
static void draw_members(const caucus_rows *rows, caucus_rows_space *s, uint32_t m, uint32_t trial, uint32_t b,
                         uint32_t group, uint64_t size, bool asked)
{
    const caucus_row_members *members = &rows->members[m];
    const bool estimating = group > rows->n_collectives;
    const uint64_t acting =
        draw_acting(rows, &rows->config->collectives[m], place_of(rows, trial, group, CAUCUS_DRAW_COMPLIANCE), size);
    draw(rows, s, &members->group, place_of(rows, trial, group, CAUCUS_DRAW_REST), acting);
    hand_in(s, members->point, members->group.n, s->people, b);
    hand_in_own(rows, s, &members->group, s->clean, b);
    if (asked) {
        count_labels(rows, s, members);
    }
    tally(rows, s, m, b, estimating, true);
    if (acting < size) { /* the others hand in their own */
        draw(rows, s, &members->group, place_of(rows, trial, group, CAUCUS_DRAW_ESTIMATORS), size - acting);
        hand_in_own(rows, s, &members->group, s->people, b);
        hand_in_own(rows, s, &members->group, s->clean, b);
        if (asked) {
            count_labels(rows, s, members);
        }
        tally(rows, s, m, b, estimating, false);
    }
}

/* Estimators have the streams behind those of the test. */
static void draw_collective(const caucus_rows *rows, caucus_rows_space *s, uint32_t m, uint32_t trial, uint32_t b)
{
    const caucus_collective *collective = &rows->config->collectives[m];
    const caucus_row_members *members = &rows->members[m];
    const uint32_t n_labels = rows->config->population->n_labels;
    const bool estimated = collective->estimators > 0;
    memset(s->label_counts, 0, (size_t)members->n_groups * n_labels * sizeof *s->label_counts);
    if (estimated) {
        draw_members(rows, s, m, trial, b, rows->n_collectives + 2 + m, collective->estimators, true);
    }
    draw_members(rows, s, m, trial, b, m + 1, collective->size - collective->estimators, !estimated);
    for (uint32_t g = 0; g < members->n_groups; g++) {
        s->varying[(size_t)(members->first_group + g) * s->batch + b] =
            caucus_most_frequent(s->label_counts + (size_t)g * n_labels, NULL, n_labels, caucus_rows_unwanted(rows, m));
    }
}

/* Test people, where fresh ones are drawn. */
static void draw_test(const caucus_rows *rows, caucus_rows_space *s, uint32_t trial, uint32_t b)
{
    draw(rows, s, &rows->test, place_of(rows, trial, rows->n_collectives + 1, 0), rows->config->test);
    for (uint32_t i = 0; i < rows->test.n; i++) {
        s->test_counts[(size_t)b * rows->test.n + i] = (uint32_t)s->counts[i];
    }
}

static void draw_trial(const caucus_rows *rows, caucus_rows_space *s, uint32_t trial, uint32_t b)
{
    if (rows->config->without_replacement) {
        memset(s->urn.taken, 0, rows->table->n_rows * sizeof *s->urn.taken);
    }
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        draw_collective(rows, s, m, trial, b);
    }
    draw(rows, s, &rows->others, place_of(rows, trial, 0, CAUCUS_DRAW_REST), rows->others_size);
    hand_in_own(rows, s, &rows->others, s->people, b);
    hand_in_own(rows, s, &rows->others, s->clean, b);
    if (rows->config->held_out == 0) {
        draw_test(rows, s, trial, b);
    }
}

/* ---- testing ----------------------------------------------------------------------------------------------------- */

/* raw: what the platform says of the row as it is. */
static bool succeeds(const caucus_collective *collective, uint32_t label, uint32_t raw)
{
    if (collective->strategy == CAUCUS_ERASE) {
        return label < CAUCUS_DENSE_VARYING && label == raw;
    }
    if (caucus_strategy_unplants(collective->strategy)) {
        return label < CAUCUS_DENSE_VARYING && label != collective->target;
    }
    return label == collective->target;
}

/* People of a test row. */
static uint64_t tested(const caucus_rows *rows, const caucus_rows_space *s, uint32_t i, uint32_t b)
{
    return s->test_counts != NULL ? s->test_counts[(size_t)b * rows->test.n + i]
                                  : caucus_row_weight(rows->table, rows->test.rows[i]);
}

/* People of the test whose own row the platform gives their label. */
static uint64_t count_correct(const caucus_rows *rows, const caucus_rows_space *s, uint32_t b)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < rows->test.n; i++) {
        const uint32_t point = rows->test_points[(size_t)i * (rows->n_collectives + 1)];
        const bool right = s->predicted[(size_t)point * s->batch + b] == rows->table->labels[rows->test.rows[i]];
        n += right ? tested(rows, s, i, b) : 0;
    }
    return n;
}

static void test_trial(const caucus_rows *rows, caucus_rows_space *s, uint32_t b)
{
    const uint32_t M = rows->n_collectives;
    uint64_t *success = s->success + (size_t)b * M;
    memset(success, 0, M * sizeof *success);
    s->joint[b] = 0;
    s->correct[b] = count_correct(rows, s, b);
    for (uint32_t i = 0; i < rows->test.n; i++) {
        bool all = true;
        const uint32_t *points = rows->test_points + (size_t)i * (M + 1);
        const uint32_t raw = s->predicted[(size_t)points[0] * s->batch + b];
        const uint64_t n = tested(rows, s, i, b);
        if (n == 0) {
            continue;
        }
        for (uint32_t m = 0; m < M; m++) {
            const uint32_t label = s->predicted[(size_t)points[m + 1] * s->batch + b];
            const bool yes = succeeds(&rows->config->collectives[m], label, raw);
            success[m] += yes ? n : 0;
            all = all && yes;
        }
        s->joint[b] += all ? n : 0;
    }
}

/* The label of a point in a trial. */
static uint32_t label_in(const caucus_rows *rows, const caucus_rows_space *s, uint32_t point, uint32_t b)
{
    const uint32_t label = rows->labels[point];
    return label < CAUCUS_DENSE_VARYING ? label : s->varying[(size_t)(label - CAUCUS_DENSE_VARYING) * s->batch + b];
}

/* The fewest records of a cell, fractions allowed, that must change their label until none leads the one that the
 * platform gives to them; of a tie the label that takes most. */
static double cost_of_cell(const caucus_rows *rows, caucus_rows_space *s, uint32_t first, uint32_t b)
{
    const uint32_t n_labels = rows->config->population->n_labels;
    const uint32_t predicted = s->predicted[(size_t)first * s->batch + b];
    memset(s->cell_counts, 0, n_labels * sizeof *s->cell_counts);
    for (uint32_t p = first; p != CAUCUS_ROWS_NOBODY; p = rows->next[p]) {
        s->cell_counts[label_in(rows, s, p, b)] += s->people[(size_t)p * s->batch + b];
    }
    if (predicted < n_labels) {
        return caucus_platform_cost(s->cell_counts, n_labels, predicted);
    }
    double most = 0;
    for (uint32_t y = 0; y < n_labels; y++) {
        const double cost = caucus_platform_cost(s->cell_counts, n_labels, y);
        most = cost > most ? cost : most;
    }
    return most;
}

/* Suboptimality, as over cells: the least share of all records whose labels must change until the platform is right
 * about each cell. Of a cell that has one label only that is half of what it gets wrong. */
static void measure(const caucus_rows *rows, caucus_rows_space *s)
{
    memset(s->suboptimality, 0, s->batch * sizeof *s->suboptimality);
    for (uint32_t p = 0; p < rows->n_points; p++) {
        if (rows->cell[p] != p) {
            continue;
        }
        const bool alone = rows->next[p] == CAUCUS_ROWS_NOBODY;
        for (uint32_t b = 0; b < s->batch; b++) {
            const size_t at = (size_t)p * s->batch + b;
            if (!alone) {
                s->suboptimality[b] += cost_of_cell(rows, s, p, b);
            } else if (s->people[at] > 0 && s->predicted[at] != label_in(rows, s, p, b)) {
                s->suboptimality[b] += s->people[at] / 2.0;
            }
        }
    }
    for (uint32_t b = 0; b < s->batch; b++) {
        s->suboptimality[b] /= (double)rows->config->consumers;
    }
}

/* Have the platforms of the batch learn from people, and label all points. */
static caucus_status learn(const caucus_rows *rows, caucus_rows_space *s, uint32_t *people)
{
    const caucus_dense_people all = {.n_rows = rows->n_points,
                                     .people = people,
                                     .labels = rows->labels,
                                     .n_groups = rows->n_groups,
                                     .varying = s->varying};
    caucus_dense_train(rows->dense, s->training, &all, s->fits);
    caucus_dense_predict(rows->dense, s->training, s->predicted);
    return caucus_dense_check(s->training);
}

/* The same without collectives; it comes first, since what the others leave behind is reported. */
static caucus_status learn_clean(const caucus_rows *rows, caucus_rows_space *s)
{
    TRY(learn(rows, s, s->clean));
    for (uint32_t b = 0; b < s->batch; b++) {
        s->clean_correct[b] = count_correct(rows, s, b);
    }
    return CAUCUS_OK;
}

caucus_status caucus_rows_run(const caucus_rows *rows, caucus_rows_space *s, uint32_t batch)
{
    const size_t n_people = (size_t)rows->n_points * s->batch;
    memset(s->people, 0, n_people * sizeof *s->people);
    if (s->clean != NULL) {
        memset(s->clean, 0, n_people * sizeof *s->clean);
    }
    if (rows->bounds != NULL) {
        memset(s->tallies, 0, s->batch * caucus_row_bounds_words(rows->bounds) * sizeof *s->tallies);
    }
    for (uint32_t b = 0; b < s->batch; b++) {
        draw_trial(rows, s, batch * s->batch + b, b);
    }
    if (s->clean != NULL) {
        TRY(learn_clean(rows, s));
    }
    TRY(learn(rows, s, s->people));
    measure(rows, s);
    for (uint32_t b = 0; b < s->batch; b++) {
        test_trial(rows, s, b);
    }
    return CAUCUS_OK;
}

void caucus_rows_report(const caucus_rows *rows, const caucus_rows_space *s, uint32_t i, const caucus_row *result)
{
    const double test = rows->config->test;
    double global = 0;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        const uint64_t count = s->success[(size_t)i * rows->n_collectives + m];
        result->success_count[m] = (uint32_t)count;
        global += rows->global_weights[m] * ((double)count / test);
    }
    *result->global_success = CAUCUS_NARROW(global);
    *result->joint_count = (uint32_t)s->joint[i];
    *result->accuracy = rows->config->accuracy ? CAUCUS_NARROW((double)s->correct[i] / test) : NAN;
    *result->suboptimality = CAUCUS_NARROW(s->suboptimality[i]);
    if (result->accuracy_cost != NULL) {
        *result->accuracy_cost =
            s->clean != NULL ? CAUCUS_NARROW(((double)s->clean_correct[i] - (double)s->correct[i]) / test) : NAN;
    }
    if (rows->bounds != NULL) {
        for (uint32_t g = 0; g < rows->n_groups; g++) {
            s->agreed[g] = s->varying[(size_t)g * s->batch + i];
        }
        caucus_row_bounds_conclude(rows, s->tallies + i * caucus_row_bounds_words(rows->bounds), s->suboptimality[i],
                                   s->agreed, s->bound_scratch, result);
    }
    if (result->converged != NULL) {
        *result->converged = s->fits[i].converged ? 1 : 0;
    }
}
