#include "rows/tables.h"

#include "config/strategy.h"
#include "dense/blas.h"
#include "rows/bounds.h"
#include "rows/memory.h"
#include "rows/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Rows that are drawn from, of all groups together. */
static size_t group_bytes(const caucus_rows *rows, size_t n_drawn)
{
    const caucus_row_group *group = &rows->others;
    return n_drawn * (sizeof *group->rows + sizeof *group->odds + sizeof *group->cumulative + 3 * sizeof(uint32_t));
}

/* What is sure to be taken, before it is: the table, and those who are drawn from it, everybody or all who are not
 * chosen by what they are. */
static caucus_status check_base(caucus_rows *rows)
{
    const size_t n = rows->table->n_rows;
    size_t n_drawn = n;
    for (uint32_t m = 0; m < rows->n_collectives && rows->config->held_out == 0; m++) {
        n_drawn += rows->config->collectives[m].n_row_terms == 0 ? n : 0;
    }
    rows->base_bytes =
        caucus_row_table_bytes(rows->table) + group_bytes(rows, n_drawn) + CAUCUS_ROWS_DRAW_BYTES * (uint64_t)n;
    return caucus_rows_check_memory(rows, 0, "draws of people with real-valued features");
}

/* ---- who there is ------------------------------------------------------------------------------------------------ */

static caucus_status check_members(const caucus_rows *rows, uint32_t m, uint64_t n_taken)
{
    const caucus_collective *collective = &rows->config->collectives[m];
    const uint64_t n = caucus_row_group_weight(&rows->members[m].group);
    if (n == 0) {
        return caucus_fail(CAUCUS_INVALID, "nobody whom trials train on may join %s; widen its members",
                           collective->name);
    }
    if (rows->config->without_replacement && n < collective->size + n_taken) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s wants %llu members without replacement, of %llu people who may join and of whom the "
                           "collectives before it may take %llu; make it smaller, or write draw: iid",
                           collective->name, (unsigned long long)collective->size, (unsigned long long)n,
                           (unsigned long long)n_taken);
    }
    return CAUCUS_OK;
}

/* Weights of those who may join a collective: people, and where it has an affinity those who match so many times as
 * much as others, kept to 2^-52 of the total. row: room for one. */
static void weigh_members(const caucus_rows *rows, uint32_t m, double *row, uint64_t *weights)
{
    const caucus_collective *collective = &rows->config->collectives[m];
    const double affinity = collective->affinity;
    const double total = (double)rows->config->population->total * fmax(affinity, 1);
    const double scale = affinity > 0 ? ldexp(1, 51 - ilogb(total)) : 1;
    for (uint32_t r = 0; r < rows->table->n_rows; r++) {
        weights[r] = 0;
        if (caucus_row_is_held_out(rows->table, r, rows->config->held_out)) {
            continue;
        }
        if (collective->n_row_terms > 0) {
            caucus_row_get(rows->table, r, row);
        }
        const uint64_t people = caucus_row_weight(rows->table, r);
        const bool match = caucus_rows_may_join(collective, row);
        if (affinity > 0) {
            weights[r] = (uint64_t)llround((double)people * scale * (match ? affinity : 1));
        } else if (match) {
            weights[r] = people;
        }
    }
}

static void weigh_test(const caucus_rows *rows, uint64_t *weights)
{
    const caucus_config *config = rows->config;
    const caucus_row_table *table = rows->table;
    for (uint32_t r = 0; r < table->n_rows; r++) {
        bool tested = config->held_out == 0 || caucus_row_is_held_out(table, r, config->held_out);
        for (uint32_t m = 0; config->others_only && m < rows->n_collectives; m++) {
            tested = tested && (config->collectives[m].strategy == CAUCUS_ERASE ||
                                table->labels[r] != config->collectives[m].target);
        }
        weights[r] = tested ? caucus_row_weight(table, r) : 0;
    }
}

static caucus_status open_groups(caucus_rows *rows, double *row)
{
    const caucus_config *config = rows->config;
    const caucus_row_table *table = rows->table;
    caucus_status status = CAUCUS_OK;
    uint64_t *weights = NULL;
    uint64_t n_taken = 0;
    TRY(caucus_alloc(table->n_rows, sizeof *weights, "rows", &weights));
    for (uint32_t r = 0; r < table->n_rows; r++) {
        weights[r] = caucus_row_is_held_out(table, r, config->held_out) ? 0 : caucus_row_weight(table, r);
    }
    TRY_GOTO(caucus_row_group_open(table, weights, true, &rows->others), done);
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        weigh_members(rows, m, row, weights);
        const bool plain = !(config->collectives[m].affinity > 0);
        TRY_GOTO(caucus_row_group_open(table, weights, plain, &rows->members[m].group), done);
        TRY_GOTO(check_members(rows, m, n_taken), done);
        n_taken += config->collectives[m].size;
    }
    weigh_test(rows, weights);
    TRY_GOTO(caucus_row_group_open(table, weights, true, &rows->test), done);
    if (caucus_row_group_weight(&rows->test) == 0 || rows->others.n < config->population->n_labels) {
        status = caucus_fail(CAUCUS_INVALID,
                             "%u rows to train on %u labels, and %u rows for the test; hold out another "
                             "share with test:",
                             rows->others.n, config->population->n_labels, rows->test.n);
    }
done:
    free(weights);
    return status;
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

static caucus_status add_points(caucus_rows *rows, caucus_row_points *p, double *numbers)
{
    TRY(caucus_row_points_open(rows, p));
    TRY(caucus_row_points_add_raw(p, numbers));
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        TRY(caucus_row_points_add(p, m, numbers));
    }
    rows->n_points = p->n;
    TRY(caucus_row_points_expect(p));
    TRY(caucus_row_points_add_test(p, numbers));
    return caucus_dense_table_resize(&rows->config->learner, p->n, &p->table); /* no room to spare */
}

/* Whether there is room for what training needs beside the points. */
static caucus_status check_training(const caucus_rows *rows, const caucus_dense_table *table)
{
    char what[128];
    size_t bytes = 0;
    TRY(caucus_dense_measure(&rows->config->learner, table, rows->n_points, rows->config->population->n_labels,
                             &bytes));
    snprintf(what, sizeof what, "training on %u rows of %u numbers, with what is known of the loss' curvature, would",
             rows->n_points, table->n_columns);
    return caucus_rows_check_memory(rows, (double)(bytes + table->n_rows * CAUCUS_ROWS_POINT_BYTES), what);
}

static caucus_status open_points(caucus_rows *rows, double *numbers)
{
    caucus_row_points p = {0};
    caucus_status status = add_points(rows, &p, numbers);
    if (status == CAUCUS_OK) {
        status = check_training(rows, &p.table);
    }
    if (status == CAUCUS_OK) {
        rows->labels = p.labels;
        rows->cell = p.cell;
        rows->next = p.next;
        p.labels = NULL;
        p.cell = NULL;
        p.next = NULL;
        status = caucus_dense_open(&rows->config->learner, &p.table, rows->n_points, rows->config->population->n_labels,
                                   p.expected, p.expected_labels, rows->config->consumers, &rows->dense);
    }
    caucus_row_points_close(&p);
    return status;
}

/* Sizes, and the weights of global success. */
static caucus_status derive(caucus_rows *rows)
{
    const caucus_config *config = rows->config;
    uint64_t members = 0;
    TRY(caucus_alloc(rows->n_collectives, sizeof *rows->members, "collectives", &rows->members));
    TRY(caucus_alloc(rows->n_collectives, sizeof *rows->global_weights, "weights", &rows->global_weights));
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        members += config->collectives[m].size;
    }
    rows->others_size = config->consumers - members;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        rows->global_weights[m] = config->equal_weights || members == 0
                                      ? 1.0 / (double)rows->n_collectives
                                      : (double)config->collectives[m].size / (double)members;
    }
    return CAUCUS_OK;
}

caucus_status caucus_rows_open(const caucus_config *config, caucus_rows **out)
{
    caucus_status status = CAUCUS_OK;
    caucus_rows *rows = NULL;
    double *numbers = NULL;
    TRY(caucus_alloc(1, sizeof *rows, "a configuration", &rows));
    rows->config = config;
    rows->table = config->population->rows;
    rows->n_collectives = config->n_collectives;
    rows->stride = rows->table->n_columns + 1;
    TRY_GOTO(caucus_alloc(rows->stride, sizeof *numbers, "a row", &numbers), failed);
    TRY_GOTO(derive(rows), failed);
    TRY_GOTO(check_base(rows), failed);
    TRY_GOTO(open_groups(rows, numbers), failed);
    TRY_GOTO(open_points(rows, numbers), failed);
    TRY_GOTO(caucus_row_bounds_open(rows, &rows->bounds), failed);
    free(numbers);
    *out = rows;
    return CAUCUS_OK;
failed:
    free(numbers);
    caucus_rows_close(rows);
    return status;
}

void caucus_rows_close(caucus_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    caucus_row_bounds_close(rows->bounds);
    caucus_dense_close(rows->dense);
    for (uint32_t m = 0; rows->members != NULL && m < rows->n_collectives; m++) {
        caucus_row_group_close(&rows->members[m].group);
        free(rows->members[m].signal);
        free(rows->members[m].own_group);
        free(rows->members[m].point);
    }
    caucus_row_group_close(&rows->test);
    caucus_row_group_close(&rows->others);
    free(rows->test_points);
    free(rows->expected_varying);
    free(rows->next);
    free(rows->cell);
    free(rows->labels);
    free(rows->point);
    free(rows->members);
    free(rows->global_weights);
    free(rows);
}

size_t caucus_rows_bytes(const caucus_rows *rows)
{
    size_t drawn = rows->others.n + rows->test.n;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        drawn += rows->members[m].group.n;
    }
    const size_t point = sizeof *rows->labels + sizeof *rows->cell + sizeof *rows->next;
    return caucus_dense_bytes(rows->dense) + rows->dense->table.n_rows * point + group_bytes(rows, drawn) +
           (size_t)rows->test.n * (1 + rows->n_collectives) * sizeof *rows->test_points;
}

size_t caucus_rows_making_bytes(const caucus_rows *rows)
{
    return caucus_dense_making_bytes(rows->dense) + rows->dense->table.n_rows * CAUCUS_ROWS_POINT_BYTES;
}

uint32_t caucus_rows_batch(const caucus_rows *rows)
{
    return rows->dense->shape.batch;
}

/* As wide as a device likes products, while what trials are drawn in stays small on the host. */
uint32_t caucus_rows_device_batch(const caucus_rows *rows)
{
    enum { WIDE = 8192, LEAST = 8, MOST = 4096 };
    static const uint64_t MOST_BYTES = 1 << 30;
    const caucus_dense *dense = rows->dense;
    const uint64_t of_trial = 8 * (uint64_t)dense->table.n_rows + 4 * (uint64_t)rows->test.n;
    const uint64_t units = caucus_dense_units(&dense->shape);
    uint32_t batch = LEAST;
    if (dense->learner.batch > 0) {
        return dense->learner.batch;
    }
    while (batch < MOST && batch * units < WIDE && 2 * batch * of_trial <= MOST_BYTES &&
           (uint64_t)2 * batch * dense->n_parameters <= MOST_BYTES / 32) {
        batch *= 2;
    }
    return batch;
}

void caucus_rows_device_need(const caucus_rows *rows, caucus_dense_need *need)
{
    const caucus_dense *dense = rows->dense;
    *need = (caucus_dense_need){.precision = dense->learner.precision,
                                .shape = dense->shape,
                                .n_rows = rows->n_points,
                                .n_other_rows = dense->table.n_rows - rows->n_points,
                                .n_groups = rows->n_groups,
                                .n_shared = (size_t)dense->n_parameters * (dense->block + 1)};
    need->shape.batch = caucus_rows_device_batch(rows);
    need->n_vectors = caucus_dense_vectors(dense, need->shape.batch);
}

double caucus_rows_nanoseconds(const caucus_rows *rows)
{
    const caucus_dense_shape *shape = &rows->dense->shape;
    caucus_dense_layer layers[CAUCUS_DENSE_LAYERS];
    const uint32_t n_layers = caucus_dense_layers(shape, layers);
    const double usual = shape->n_hidden > 0 ? 100 : 6;
    const double steps = usual < rows->dense->learner.steps ? usual : rows->dense->learner.steps;
    double of_point = 0;
    for (uint32_t i = 0; i < n_layers; i++) {
        of_point += layers[i].n_out * (0.2 * layers[i].n_in + 3);
    }
    return 1000 + (double)rows->n_points * (steps * of_point + 10) + (double)rows->dense->table.n_rows * of_point / 2;
}

void caucus_rows_trainer(char text[CAUCUS_ROWS_TRAINER])
{
    const caucus_blas *blas = NULL;
    text[0] = '\0';
    if (caucus_blas_open(&blas) == CAUCUS_OK) {
        snprintf(text, CAUCUS_ROWS_TRAINER, "%s for %s", blas->library, blas->core);
    }
}
