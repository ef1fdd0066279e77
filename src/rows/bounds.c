#include "rows/bounds_parts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_COLLECTIVES = 32 };

static uint32_t find_reckoning(caucus_row_bounds *b, caucus_method method, caucus_side side)
{
    uint32_t r = 0;
    while (r < b->n_reckonings &&
           (b->reckonings[r].kind.family != method.family || b->reckonings[r].kind.inequality != method.inequality ||
            b->reckonings[r].kind.side != side)) {
        r++;
    }
    if (r == b->n_reckonings) {
        b->reckonings[r].kind = (caucus_bound_kind){method.family, method.inequality, side};
        b->n_reckonings++;
    }
    b->reckonings[r].highest =
        method.knowledge > b->reckonings[r].highest ? method.knowledge : b->reckonings[r].highest;
    return r;
}

static caucus_status list_reckonings(const caucus_bounds *asked, caucus_row_bounds *b)
{
    TRY(caucus_alloc(2 * (size_t)asked->n_methods, sizeof *b->reckonings, "bounds", &b->reckonings));
    TRY(caucus_alloc(asked->n_methods, sizeof *b->lower, "bounds", &b->lower));
    TRY(caucus_alloc(asked->n_methods, sizeof *b->upper, "bounds", &b->upper));
    for (uint32_t i = 0; i < asked->n_methods; i++) {
        const bool from_above = asked->upper && asked->methods[i].family != CAUCUS_LINEAR;
        b->lower[i] = find_reckoning(b, asked->methods[i], CAUCUS_LOWER);
        b->upper[i] = from_above ? find_reckoning(b, asked->methods[i], CAUCUS_UPPER) : UINT32_MAX;
    }
    return CAUCUS_OK;
}

/* The point of each collective, and which own rows and other points are it. */
static caucus_status find_points(const caucus_rows *rows, caucus_row_bounds *b)
{
    caucus_status status = CAUCUS_OK;
    const uint32_t M = b->n_collectives;
    const size_t stride = rows->stride;
    double *points = NULL; /* [collective][stride] and a row */
    TRY_GOTO(caucus_alloc((M + (size_t)1) * stride, sizeof *points, "points", &points), done);
    double *row = points + M * stride;
    caucus_row_get(rows->table, 0, row);
    for (uint32_t m = 0; m < M; m++) {
        caucus_rows_change(rows->config->collectives[m].map, row, rows->table->n_columns, points + m * stride);
    }
    for (uint32_t m = 0; m < M; m++) {
        const caucus_row_group *group = &rows->members[m].group;
        TRY_GOTO(caucus_alloc(group->n, sizeof **b->own_point, "points", &b->own_point[m]), done);
        for (uint32_t j = 0; j < M; j++) {
            b->same[m * M + j] = memcmp(points + m * stride, points + j * stride, stride * sizeof *points) == 0;
            b->reach[m * M + j] = b->same[m * M + j] ? CAUCUS_REACH_SIGNAL : 0;
        }
        for (uint32_t i = 0; i < group->n; i++) {
            caucus_row_get(rows->table, group->rows[i], row);
            for (uint32_t j = 0; j < M; j++) {
                const bool own = memcmp(row, points + j * stride, stride * sizeof *row) == 0;
                b->own_point[m][i] |= own ? 1u << j : 0;
            }
        }
    }
done:
    free(points);
    return status;
}

static caucus_bound_setting setting_of(const caucus_rows *rows, const caucus_row_bounds *b, uint32_t m)
{
    const caucus_config *config = rows->config;
    const caucus_bounds *asked = &config->bounds;
    const caucus_assumed_noise noise = {.any = true, .act = asked->compliance, .abstain = 1 - asked->compliance};
    return (caucus_bound_setting){.consumers = config->consumers,
                                  .test = config->test,
                                  .epsilon = asked->epsilon,
                                  .measured = asked->measured,
                                  .slack = asked->slack,
                                  .without_replacement = config->without_replacement,
                                  .n_labels = b->n_labels,
                                  .n_collectives = b->n_collectives,
                                  .self = m,
                                  .sizes = b->sizes,
                                  .strategies = b->strategies,
                                  .targets = b->targets,
                                  .reach = b->reach + (size_t)m * b->n_collectives,
                                  .noise = asked->noisy ? noise : (caucus_assumed_noise){0},
                                  .estimators = config->collectives[m].estimators,
                                  .n_cells = 1};
}

static caucus_status open_settings(const caucus_rows *rows, caucus_row_bounds *b)
{
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        b->sizes[m] = rows->config->collectives[m].size;
        b->strategies[m] = rows->config->collectives[m].strategy;
        b->targets[m] = rows->config->collectives[m].target;
    }
    for (uint32_t i = 0; i < b->n_collectives * b->n_reckonings * 2; i++) {
        const uint32_t m = i / 2 / b->n_reckonings;
        const uint32_t r = i / 2 % b->n_reckonings;
        const bool sharing = i % 2 != 0;
        b->settings[m] = setting_of(rows, b, m);
        if (sharing && b->n_collectives == 1) {
            continue;
        }
        const double delta = rows->config->bounds.delta / (sharing ? b->n_collectives : 1);
        TRY(caucus_bound_open(&b->settings[m], b->reckonings[r].kind, delta, NULL, &b->bounds[i]));
        const size_t scratch = caucus_bound_scratch(b->bounds[i]);
        b->scratch = scratch > b->scratch ? scratch : b->scratch;
    }
    return CAUCUS_OK;
}

static caucus_status alloc_all(const caucus_rows *rows, caucus_row_bounds *b)
{
    const size_t M = b->n_collectives;
    TRY(caucus_alloc(M, sizeof *b->settings, "bounds", &b->settings));
    TRY(caucus_alloc(M, sizeof *b->sizes, "bounds", &b->sizes));
    TRY(caucus_alloc(M, sizeof *b->strategies, "bounds", &b->strategies));
    TRY(caucus_alloc(M, sizeof *b->targets, "bounds", &b->targets));
    TRY(caucus_alloc(M * M, sizeof *b->reach, "bounds", &b->reach));
    TRY(caucus_alloc(M * M, sizeof *b->same, "bounds", &b->same));
    TRY(caucus_alloc(M, sizeof *b->own_point, "bounds", &b->own_point));
    TRY(caucus_alloc(M * b->n_reckonings * 2, sizeof *b->bounds, "bounds", &b->bounds));
    TRY(caucus_alloc(caucus_row_bounds_words(b), sizeof *b->expected, "bounds", &b->expected));
    return caucus_alloc(rows->n_groups, sizeof *b->expected_varying, "bounds", &b->expected_varying);
}

caucus_status caucus_row_bounds_open(const caucus_rows *rows, caucus_row_bounds **made)
{
    const caucus_config *config = rows->config;
    caucus_status status = CAUCUS_OK;
    caucus_row_bounds *b = NULL;
    *made = NULL;
    if (config->bounds.n_methods == 0) {
        return CAUCUS_OK;
    }
    if (rows->n_collectives > MOST_COLLECTIVES) {
        return caucus_fail(CAUCUS_INVALID,
                           "bounds on rows are for at most %d collectives, and there are %u: leave bounds out",
                           (int)MOST_COLLECTIVES, rows->n_collectives);
    }
    TRY(caucus_alloc(1, sizeof *b, "bounds", &b));
    b->n_collectives = rows->n_collectives;
    b->n_labels = config->population->n_labels;
    TRY_GOTO(list_reckonings(&config->bounds, b), failed);
    TRY_GOTO(alloc_all(rows, b), failed);
    TRY_GOTO(find_points(rows, b), failed);
    TRY_GOTO(open_settings(rows, b), failed);
    caucus_row_bounds_expect(rows, b);
    for (uint32_t g = 0; g < rows->n_groups; g++) {
        b->expected_varying[g] = rows->expected_varying[g];
    }
    *made = b;
    return CAUCUS_OK;
failed:
    caucus_row_bounds_close(b);
    return status;
}

void caucus_row_bounds_close(caucus_row_bounds *b)
{
    if (b == NULL) {
        return;
    }
    for (uint32_t i = 0; b->bounds != NULL && i < b->n_collectives * b->n_reckonings * 2; i++) {
        caucus_bound_close(b->bounds[i]);
    }
    for (uint32_t m = 0; b->own_point != NULL && m < b->n_collectives; m++) {
        free(b->own_point[m]);
    }
    free(b->expected_varying);
    free(b->expected);
    free(b->bounds);
    free(b->own_point);
    free(b->same);
    free(b->reach);
    free(b->targets);
    free(b->strategies);
    free(b->sizes);
    free(b->settings);
    free(b->upper);
    free(b->lower);
    free(b->reckonings);
    free(b);
}
