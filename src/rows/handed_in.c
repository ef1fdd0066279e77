/* Which points there are: the rows that are trained on, what members of each collective hand in and with which label,
 * and what is tested. */
#include "config/strategy.h"
#include "rows/points.h"

#include <stdlib.h>
#include <string.h>

/* Whether an acting member with this label applies the change; others of feature_only(_keep) do something else. */
static bool is_marked(const caucus_collective *collective, uint32_t label)
{
    return !caucus_strategy_asks_label(collective->strategy) || label == collective->target;
}

/* ---- labels that members agree on -------------------------------------------------------------------------------- */

/* A group of labels for each image of members that is the own row of one; of_image: [member row] that of what it is
 * made, or NOBODY. */
static caucus_status group_images(caucus_row_points *p, uint32_t m, double *numbers, uint32_t *of_image)
{
    caucus_status status = CAUCUS_OK;
    caucus_rows *rows = p->rows;
    caucus_row_members *members = &rows->members[m];
    const caucus_collective *collective = &rows->config->collectives[m];
    const uint32_t n = members->group.n;
    uint32_t *group = NULL; /* [cell] of an image: UNNAMED, or its number */
    enum { UNNAMED = 0x7fffffff };
    TRY_GOTO(caucus_alloc(p->n, sizeof *group, "rows", &group), done);
    TRY_GOTO(caucus_alloc(n, sizeof *members->own_group, "rows", &members->own_group), done);
    memset(group, 0xff, p->n * sizeof *group);
    for (uint32_t i = 0; i < n; i++) { /* of_image: at first its cell */
        TRY_GOTO(caucus_rows_vector(rows, members->group.rows[i], collective, collective->map, numbers), done);
        TRY_GOTO(caucus_row_points_find(p, numbers, &of_image[i]), done);
        if (of_image[i] != CAUCUS_ROWS_NOBODY) {
            group[of_image[i]] = UNNAMED;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *of_own = &group[p->cell[rows->point[members->group.rows[i]]]];
        *of_own = *of_own == UNNAMED ? members->n_groups++ : *of_own;
        members->own_group[i] = *of_own;
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t named = of_image[i] != CAUCUS_ROWS_NOBODY ? group[of_image[i]] : CAUCUS_ROWS_NOBODY;
        of_image[i] = named != UNNAMED ? named : CAUCUS_ROWS_NOBODY;
    }
done:
    free(group);
    return status;
}

/* Of unplant_naive one group: of signals or, where no row is one, of all. */
static caucus_status find_signals(caucus_row_points *p, uint32_t m, double *numbers)
{
    caucus_rows *rows = p->rows;
    caucus_row_members *members = &rows->members[m];
    const caucus_collective *collective = &rows->config->collectives[m];
    members->n_groups = collective->strategy == CAUCUS_UNPLANT_NAIVE ? 1 : 0;
    for (uint32_t i = 0; members->n_groups > 0 && i < members->group.n; i++) {
        const uint32_t r = members->group.rows[i];
        uint32_t cell = CAUCUS_ROWS_NOBODY;
        TRY(caucus_rows_vector(rows, r, collective, collective->map, numbers));
        TRY(caucus_row_points_find(p, numbers, &cell));
        members->signal[i] = cell == p->cell[rows->point[r]];
        members->any_signal = members->any_signal || members->signal[i];
    }
    return CAUCUS_OK;
}

/* Labels of the groups where all members are as the population is: expected [group]. */
static caucus_status expect_labels(const caucus_rows *rows, uint32_t m, uint32_t *expected)
{
    const uint32_t n_labels = rows->config->population->n_labels;
    const caucus_row_members *members = &rows->members[m];
    uint64_t *counts = NULL;
    TRY(caucus_alloc((size_t)members->n_groups * n_labels, sizeof *counts, "labels", &counts));
    for (uint32_t i = 0; i < members->group.n; i++) {
        const uint32_t g = caucus_rows_group_of(members, i);
        if (g != CAUCUS_ROWS_NOBODY) {
            const uint32_t r = members->group.rows[i];
            counts[(size_t)g * n_labels + rows->table->labels[r]] += caucus_row_group_weight_of(&members->group, i);
        }
    }
    for (uint32_t g = 0; g < members->n_groups; g++) {
        expected[g] =
            caucus_most_frequent(counts + (size_t)g * n_labels, NULL, n_labels, caucus_rows_unwanted(rows, m));
    }
    free(counts);
    return CAUCUS_OK;
}

/* ---- points ------------------------------------------------------------------------------------------------------ */

caucus_status caucus_row_points_add_raw(caucus_row_points *p, double *numbers)
{
    caucus_rows *rows = p->rows;
    TRY(caucus_alloc(rows->table->n_rows, sizeof *rows->point, "rows", &rows->point));
    memset(rows->point, 0xff, rows->table->n_rows * sizeof *rows->point);
    for (uint32_t i = 0; i < rows->others.n; i++) {
        const uint32_t r = rows->others.rows[i];
        const uint32_t label = rows->table->labels[r];
        TRY(caucus_rows_vector(rows, r, NULL, NULL, numbers));
        TRY(caucus_row_points_put(p, label, label, numbers, &rows->point[r]));
    }
    return CAUCUS_OK;
}

/* What the members of one row hand in, and with which label: that of group of_image (unplant_adaptive, erase; NULL: of
 * the only one). */
static caucus_status add_member(caucus_row_points *p, uint32_t m, uint32_t i, const uint32_t *of_image,
                                const uint32_t *expected, double *numbers)
{
    caucus_rows *rows = p->rows;
    const caucus_collective *collective = &rows->config->collectives[m];
    const caucus_row_members *members = &rows->members[m];
    const uint32_t r = members->group.rows[i];
    const uint32_t own = rows->table->labels[r];
    const bool marked = is_marked(collective, own);
    const bool erases = collective->strategy == CAUCUS_ERASE;
    uint32_t label = marked ? collective->target : own;
    uint32_t likely = label;
    if (caucus_strategy_adapts(collective->strategy)) {
        const uint32_t g = of_image != NULL ? of_image[i] : 0;
        const uint32_t nobodys = caucus_rows_unwanted(rows, m) == 0 ? 1 : 0; /* as of counts that are all 0 */
        label = g != CAUCUS_ROWS_NOBODY ? CAUCUS_DENSE_VARYING + members->first_group + g : nobodys;
        likely = g != CAUCUS_ROWS_NOBODY ? expected[g] : nobodys;
    }
    const caucus_row_map *map = erases ? NULL : marked ? collective->map : collective->outside_map;
    TRY(caucus_rows_vector(rows, r, collective, map, numbers));
    return caucus_row_points_put(p, label, likely, numbers, &rows->members[m].point[i]);
}

static caucus_status add_members(caucus_row_points *p, uint32_t m, const uint32_t *of_image, const uint32_t *expected,
                                 double *numbers)
{
    caucus_rows *rows = p->rows;
    const caucus_collective *collective = &rows->config->collectives[m];
    caucus_row_members *members = &rows->members[m];
    for (uint32_t i = 0; i < members->group.n; i++) {
        const uint32_t r = members->group.rows[i];
        if (!is_marked(collective, rows->table->labels[r]) && caucus_strategy_stays(collective->strategy)) {
            members->point[i] = rows->point[r];
        } else {
            TRY(add_member(p, m, i, of_image, expected, numbers));
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_row_points_add(caucus_row_points *p, uint32_t m, double *numbers)
{
    caucus_status status = CAUCUS_OK;
    caucus_rows *rows = p->rows;
    caucus_row_members *members = &rows->members[m];
    const caucus_strategy strategy = rows->config->collectives[m].strategy;
    const bool by_image = strategy == CAUCUS_UNPLANT_ADAPTIVE || strategy == CAUCUS_ERASE;
    uint32_t *of_image = NULL;
    uint32_t *expected = NULL;
    TRY_GOTO(caucus_alloc(members->group.n, sizeof *members->point, "rows", &members->point), done);
    TRY_GOTO(caucus_alloc(members->group.n, sizeof *members->signal, "rows", &members->signal), done);
    TRY_GOTO(find_signals(p, m, numbers), done);
    if (by_image) {
        TRY_GOTO(caucus_alloc(members->group.n, sizeof *of_image, "rows", &of_image), done);
        TRY_GOTO(group_images(p, m, numbers, of_image), done);
    }
    members->first_group = rows->n_groups;
    rows->n_groups += members->n_groups;
    uint32_t *all = realloc(rows->expected_varying, (rows->n_groups + (size_t)1) * sizeof *all);
    if (all == NULL) {
        status = caucus_fail_memory(rows->n_groups * sizeof *all, "labels");
        goto done;
    }
    rows->expected_varying = all;
    TRY_GOTO(caucus_alloc(members->n_groups, sizeof *expected, "labels", &expected), done);
    TRY_GOTO(expect_labels(rows, m, expected), done);
    memcpy(rows->expected_varying + members->first_group, expected, members->n_groups * sizeof *expected);
    TRY_GOTO(add_members(p, m, of_image, expected, numbers), done);
done:
    free(expected);
    free(of_image);
    return status;
}

caucus_status caucus_row_points_expect(caucus_row_points *p)
{
    const caucus_rows *rows = p->rows;
    TRY(caucus_alloc(p->n, sizeof *p->expected, "rows", &p->expected));
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        const caucus_collective *collective = &rows->config->collectives[m];
        const caucus_row_members *members = &rows->members[m];
        const double each = (double)collective->size / (double)caucus_row_group_weight(&members->group);
        for (uint32_t i = 0; i < members->group.n; i++) {
            const uint32_t r = members->group.rows[i];
            const double people = each * (double)caucus_row_group_weight_of(&members->group, i);
            p->expected[members->point[i]] += people * collective->compliance;
            p->expected[rows->point[r]] += people * (1 - collective->compliance);
        }
    }
    const double each = (double)rows->others_size / (double)caucus_row_group_weight(&rows->others);
    for (uint32_t i = 0; i < rows->others.n; i++) {
        const uint32_t r = rows->others.rows[i];
        p->expected[rows->point[r]] += each * (double)caucus_row_weight(rows->table, r);
    }
    return CAUCUS_OK;
}

/* A point with this vector, whatever its label. */
static caucus_status add_test_point(caucus_row_points *p, double *numbers, uint32_t *point)
{
    TRY(caucus_row_points_find(p, numbers, point));
    return *point != CAUCUS_ROWS_NOBODY ? CAUCUS_OK : caucus_row_points_put(p, 0, 0, numbers, point);
}

caucus_status caucus_row_points_add_test(caucus_row_points *p, double *numbers)
{
    caucus_rows *rows = p->rows;
    const uint32_t M = rows->n_collectives;
    TRY(caucus_alloc((size_t)rows->test.n * (M + 1), sizeof *rows->test_points, "test rows", &rows->test_points));
    for (uint32_t i = 0; i < rows->test.n; i++) {
        const uint32_t r = rows->test.rows[i];
        uint32_t *points = rows->test_points + (size_t)i * (M + 1);
        TRY(caucus_rows_vector(rows, r, NULL, NULL, numbers));
        TRY(add_test_point(p, numbers, &points[0]));
        for (uint32_t m = 0; m < M; m++) {
            const caucus_collective *collective = &rows->config->collectives[m];
            TRY(caucus_rows_vector(rows, r, collective, collective->map, numbers));
            TRY(add_test_point(p, numbers, &points[m + 1]));
        }
    }
    return CAUCUS_OK;
}
