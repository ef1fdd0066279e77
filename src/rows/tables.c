#include "rows/tables.h"

#include "base/host.h"
#include "config/strategy.h"
#include "dense/blas.h"

#include <stdlib.h>
#include <string.h>

void caucus_rows_change(const caucus_row_map *map, const double *row, uint32_t n_columns, double *numbers)
{
    for (uint32_t j = 0; j < n_columns; j++) {
        double x = map->factor[j] * row[j] + map->offset[j];
        x = x < map->low[j] ? map->low[j] : x;
        numbers[j] = x > map->high[j] ? map->high[j] : x;
    }
    numbers[n_columns] = 1;
}

bool caucus_rows_may_join(const caucus_collective *collective, const double *row)
{
    bool may = true;
    for (uint32_t t = 0; may && t < collective->n_row_terms; t++) {
        const caucus_row_term *term = &collective->row_terms[t];
        double sum = 0;
        for (uint32_t j = 0; j < term->n_columns; j++) {
            sum += row[term->columns[j]];
        }
        may = sum >= term->low && sum < term->below;
    }
    return may;
}

/* A map that makes the same of all rows. */
static bool is_constant(const caucus_row_map *map, uint32_t n_columns)
{
    bool constant = true;
    for (uint32_t j = 0; j < n_columns; j++) {
        constant = constant && map->factor[j] == 0;
    }
    return constant;
}

/* Points in the making. */
typedef struct points {
    caucus_rows *rows;
    uint32_t n, capacity;
    double *numbers;  /* [point][stride] */
    double *expected; /* [point] people of an expected trial */
    uint32_t *expected_labels;
} points;

static caucus_status add_point(points *p, uint32_t label, uint32_t expected_label, const double *numbers)
{
    const uint32_t stride = p->rows->stride;
    if (p->n == p->capacity) {
        return caucus_fail(CAUCUS_FAILED, "more points than were counted");
    }
    memcpy(p->numbers + (size_t)p->n * stride, numbers, stride * sizeof *numbers);
    p->rows->labels[p->n] = label;
    p->expected_labels[p->n] = expected_label;
    p->n++;
    return CAUCUS_OK;
}

static uint64_t weight_of(const caucus_row_group *group)
{
    return group->n > 0 ? group->cumulative[group->n - 1] : 0;
}

/* ---- who there is ------------------------------------------------------------------------------------------------ */

static caucus_status check_members(const caucus_rows *rows, uint32_t m, uint64_t n_taken)
{
    const caucus_collective *collective = &rows->config->collectives[m];
    const uint64_t n = weight_of(&rows->members[m].group);
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

static caucus_status open_groups(caucus_rows *rows)
{
    const caucus_config *config = rows->config;
    const caucus_row_table *table = rows->table;
    caucus_status status = CAUCUS_OK;
    bool *may = NULL;
    uint64_t n_taken = 0;
    TRY(caucus_alloc(table->n_rows, sizeof *may, "rows", &may));
    for (uint32_t r = 0; r < table->n_rows; r++) {
        may[r] = !caucus_row_is_held_out(r, config->held_out);
    }
    TRY_GOTO(caucus_row_group_open(table, may, &rows->others), done);
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        for (uint32_t r = 0; r < table->n_rows; r++) {
            may[r] = !caucus_row_is_held_out(r, config->held_out) &&
                     caucus_rows_may_join(&config->collectives[m], caucus_row_at(table, r));
        }
        TRY_GOTO(caucus_row_group_open(table, may, &rows->members[m].group), done);
        TRY_GOTO(check_members(rows, m, n_taken), done);
        n_taken += config->collectives[m].size;
    }
    for (uint32_t r = 0; r < table->n_rows; r++) {
        may[r] = config->held_out == 0 || caucus_row_is_held_out(r, config->held_out);
        for (uint32_t m = 0; config->others_only && m < rows->n_collectives; m++) {
            may[r] = may[r] && table->labels[r] != config->collectives[m].target;
        }
    }
    TRY_GOTO(caucus_row_group_open(table, may, &rows->test), done);
    if (weight_of(&rows->test) == 0 || rows->others.n < config->population->n_labels) {
        status = caucus_fail(CAUCUS_INVALID,
                             "%u rows to train on %u labels, and %u rows for the test; hold out another "
                             "share with test:",
                             rows->others.n, config->population->n_labels, rows->test.n);
    }
done:
    free(may);
    return status;
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

/* Whether an acting member with this label applies the change; others of feature_only(_keep) do something else. */
static bool is_marked(const caucus_collective *collective, uint32_t label)
{
    return !caucus_strategy_asks_label(collective->strategy) || label == collective->target;
}

/* The label that members of unplant_naive agree on where all are as the population is: the most frequent but the
 * target, of signals or, where there are none, of all. */
static uint32_t expected_rival(const caucus_rows *rows, uint32_t m)
{
    const caucus_row_members *members = &rows->members[m];
    const uint32_t n_labels = rows->config->population->n_labels;
    uint32_t best = rows->config->collectives[m].target == 0 ? 1 : 0;
    uint64_t most = 0;
    for (uint32_t y = 0; y < n_labels; y++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < members->group.n; i++) {
            const uint32_t row = members->group.rows[i];
            const bool counts = !members->any_signal || members->signal[i];
            sum += counts && rows->table->labels[row] == y ? caucus_row_weight(rows->table, row) : 0;
        }
        if (y != rows->config->collectives[m].target && sum > most) {
            best = y;
            most = sum;
        }
    }
    return best;
}

/* What members of a collective hand in: one new point each, or one for all where the change leaves no difference. */
static caucus_status add_images(points *p, uint32_t m, double *numbers)
{
    caucus_rows *rows = p->rows;
    const caucus_collective *collective = &rows->config->collectives[m];
    caucus_row_members *members = &rows->members[m];
    const uint32_t n_columns = rows->table->n_columns;
    const bool varying = caucus_strategy_adapts(collective->strategy);
    const bool one = is_constant(collective->map, n_columns);
    uint32_t shared = CAUCUS_ROWS_NOBODY;
    TRY(caucus_alloc(members->group.n, sizeof *members->point, "rows", &members->point));
    TRY(caucus_alloc(members->group.n, sizeof *members->signal, "rows", &members->signal));
    for (uint32_t i = 0; i < members->group.n; i++) {
        const double *row = caucus_row_at(rows->table, members->group.rows[i]);
        caucus_rows_change(collective->map, row, n_columns, numbers);
        members->signal[i] = memcmp(row, numbers, rows->stride * sizeof *row) == 0;
        members->any_signal = members->any_signal || members->signal[i];
    }
    const uint32_t rival = varying ? expected_rival(rows, m) : 0;
    for (uint32_t i = 0; i < members->group.n; i++) {
        const uint32_t r = members->group.rows[i];
        const uint32_t label = rows->table->labels[r];
        const bool marked = is_marked(collective, label);
        if (!marked && caucus_strategy_stays(collective->strategy)) {
            members->point[i] = rows->point[r];
            continue;
        }
        members->point[i] = p->n;
        if (marked && one) {
            members->point[i] = shared == CAUCUS_ROWS_NOBODY ? p->n : shared;
            if (shared != CAUCUS_ROWS_NOBODY) {
                continue;
            }
            shared = p->n;
        }
        caucus_rows_change(marked ? collective->map : collective->outside_map, caucus_row_at(rows->table, r), n_columns,
                           numbers);
        const uint32_t planted = marked ? collective->target : label;
        TRY(add_point(p, varying ? CAUCUS_DENSE_VARYING + m : planted, varying ? rival : planted, numbers));
    }
    return CAUCUS_OK;
}

static caucus_status add_raw(points *p)
{
    caucus_rows *rows = p->rows;
    TRY(caucus_alloc(rows->table->n_rows, sizeof *rows->point, "rows", &rows->point));
    memset(rows->point, 0xff, rows->table->n_rows * sizeof *rows->point);
    for (uint32_t i = 0; i < rows->others.n; i++) {
        const uint32_t r = rows->others.rows[i];
        rows->point[r] = p->n;
        TRY(add_point(p, rows->table->labels[r], rows->table->labels[r], caucus_row_at(rows->table, r)));
    }
    return CAUCUS_OK;
}

/* People at each point of a trial that is as expected. */
static void expect(points *p)
{
    const caucus_rows *rows = p->rows;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        const caucus_collective *collective = &rows->config->collectives[m];
        const caucus_row_members *members = &rows->members[m];
        const double each = (double)collective->size / (double)weight_of(&members->group);
        for (uint32_t i = 0; i < members->group.n; i++) {
            const uint32_t r = members->group.rows[i];
            const double people = each * (double)caucus_row_weight(rows->table, r);
            p->expected[members->point[i]] += people * collective->compliance;
            p->expected[rows->point[r]] += people * (1 - collective->compliance);
        }
    }
    const double each = (double)rows->others_size / (double)weight_of(&rows->others);
    for (uint32_t i = 0; i < rows->others.n; i++) {
        p->expected[i] += each * (double)caucus_row_weight(rows->table, rows->others.rows[i]);
    }
}

static caucus_status check_memory(const caucus_rows *rows, uint64_t n_points)
{
    const double memory = (double)caucus_host_this()->memory_total; /* 0: unknown */
    const double test = (double)rows->test.n * (1.0 + rows->n_collectives);
    const double bytes = (2.0 * (double)n_points + 2.0 * test) * rows->stride * sizeof(double);
    if (n_points >= CAUCUS_DENSE_VARYING || (memory > 0 && bytes > memory)) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%llu rows that can be handed in, and %.0f of the test, of %u numbers each take %.3g GB; this "
            "machine has %.3g GB: use fewer rows, columns or collectives",
            (unsigned long long)n_points, test, rows->stride, bytes / 1e9, memory / 1e9);
    }
    return CAUCUS_OK;
}

static caucus_status open_points(caucus_rows *rows, double *numbers)
{
    caucus_status status = CAUCUS_OK;
    points p = {.rows = rows};
    uint64_t most = rows->others.n;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        most += rows->members[m].group.n;
    }
    TRY(check_memory(rows, most));
    p.capacity = (uint32_t)most;
    TRY_GOTO(caucus_alloc(most, sizeof *rows->labels, "rows", &rows->labels), done);
    TRY_GOTO(caucus_alloc(most, sizeof *p.expected, "rows", &p.expected), done);
    TRY_GOTO(caucus_alloc(most, sizeof *p.expected_labels, "rows", &p.expected_labels), done);
    TRY_GOTO(caucus_alloc(most * rows->stride, sizeof *p.numbers, "rows", &p.numbers), done);
    TRY_GOTO(add_raw(&p), done);
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        TRY_GOTO(add_images(&p, m, numbers), done);
    }
    rows->n_points = p.n;
    expect(&p);
    TRY_GOTO(caucus_dense_open(&rows->config->learner, p.numbers, p.n, rows->stride, rows->config->population->n_labels,
                               p.expected, p.expected_labels, rows->config->consumers, &rows->dense),
             done);
done:
    free(p.numbers);
    free(p.expected_labels);
    free(p.expected);
    return status;
}

/* The rows of the test, then what each collective makes of them. */
static caucus_status open_test(caucus_rows *rows, double *numbers)
{
    const uint32_t n_columns = rows->table->n_columns;
    double *all = NULL;
    uint64_t n = rows->test.n;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        rows->members[m].one_image = is_constant(rows->config->collectives[m].map, n_columns);
        rows->members[m].first_test = (uint32_t)n;
        n += rows->members[m].one_image ? 1 : rows->test.n;
    }
    TRY(caucus_alloc(n * rows->stride, sizeof *all, "test rows", &all));
    for (uint32_t i = 0; i < rows->test.n; i++) {
        const double *row = caucus_row_at(rows->table, rows->test.rows[i]);
        memcpy(all + (size_t)i * rows->stride, row, rows->stride * sizeof *row);
        for (uint32_t m = 0; m < rows->n_collectives; m++) {
            const size_t at = rows->members[m].first_test + (rows->members[m].one_image ? 0 : (size_t)i);
            caucus_rows_change(rows->config->collectives[m].map, row, n_columns, numbers);
            memcpy(all + at * rows->stride, numbers, rows->stride * sizeof *numbers);
        }
    }
    rows->n_test_points = (uint32_t)n;
    caucus_status status = rows->dense->operations->table_open(all, n, rows->stride, &rows->test_table);
    free(all);
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
    TRY_GOTO(open_groups(rows), failed);
    TRY_GOTO(open_points(rows, numbers), failed);
    TRY_GOTO(open_test(rows, numbers), failed);
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
    if (rows->test_table != NULL) {
        rows->dense->operations->table_close(rows->test_table);
    }
    caucus_dense_close(rows->dense);
    for (uint32_t m = 0; rows->members != NULL && m < rows->n_collectives; m++) {
        caucus_row_group_close(&rows->members[m].group);
        free(rows->members[m].signal);
        free(rows->members[m].point);
    }
    caucus_row_group_close(&rows->test);
    caucus_row_group_close(&rows->others);
    free(rows->labels);
    free(rows->point);
    free(rows->members);
    free(rows->global_weights);
    free(rows);
}

size_t caucus_rows_bytes(const caucus_rows *rows)
{
    return caucus_dense_bytes(rows->dense) + (size_t)rows->n_test_points * rows->stride * sizeof(double) +
           (size_t)rows->table->n_rows * (2 + rows->n_collectives) * 40;
}

uint32_t caucus_rows_batch(const caucus_rows *rows)
{
    return rows->dense->shape.batch;
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
    return 1000 + (double)rows->n_points * (steps * of_point + 10) + (double)rows->n_test_points * of_point / 2;
}

void caucus_rows_trainer(char text[CAUCUS_ROWS_TRAINER])
{
    const caucus_blas *blas = NULL;
    text[0] = '\0';
    if (caucus_blas_open(&blas) == CAUCUS_OK) {
        snprintf(text, CAUCUS_ROWS_TRAINER, "%s for %s", blas->library, blas->core);
    }
}
