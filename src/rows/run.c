/* Testing trials, and running a batch of them. */
#include "config/strategy.h"
#include "rows/bounds.h"
#include "rows/tables.h"
#include "trial/platform.h"
#include "trial/trial.h"

#include <math.h>
#include <string.h>

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
        caucus_rows_draw(rows, s, batch * s->batch + b, b);
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
