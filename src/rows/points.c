#include "rows/points.h"

#include "config/strategy.h"

#include <stdlib.h>
#include <string.h>

static caucus_status add_point(caucus_row_points *p, uint32_t label, uint32_t expected_label, const double *numbers)
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

/* Whether an acting member with this label applies the change; others of feature_only(_keep) do something else. */
static bool is_marked(const caucus_collective *collective, uint32_t label)
{
    return !caucus_strategy_asks_label(collective->strategy) || label == collective->target;
}

/* ---- labels that members agree on -------------------------------------------------------------------------------- */

/* What members would make of their rows, in the order of the images' numbers. */
typedef struct images {
    double *numbers; /* [member row][stride] */
    uint32_t *order; /* [member row] */
    uint32_t *first; /* [member row] the first in order that is its equal */
    uint32_t n;
    uint32_t stride;
} images;

static int compare_images(const void *left, const void *right, void *context)
{
    const images *all = context;
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    const size_t bytes = all->stride * sizeof(double);
    const int difference =
        memcmp(all->numbers + (size_t)a * all->stride, all->numbers + (size_t)b * all->stride, bytes);
    return difference != 0 ? difference : a < b ? -1 : a > b;
}

/* The first image that is this row, or NOBODY. */
static uint32_t find_image(const images *all, const double *row)
{
    uint32_t low = 0;
    uint32_t high = all->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const double *image = all->numbers + (size_t)all->order[middle] * all->stride;
        if (memcmp(image, row, all->stride * sizeof *row) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool found = low < all->n && memcmp(all->numbers + (size_t)all->order[low] * all->stride, row,
                                              all->stride * sizeof *row) == 0;
    return found ? all->order[low] : CAUCUS_ROWS_NOBODY;
}

static void close_images(images *all)
{
    free(all->first);
    free(all->order);
    free(all->numbers);
}

static caucus_status open_images(const caucus_rows *rows, uint32_t m, images *all)
{
    const caucus_row_group *group = &rows->members[m].group;
    *all = (images){.n = group->n, .stride = rows->stride};
    TRY(caucus_alloc((size_t)all->n * all->stride, sizeof *all->numbers, "rows", &all->numbers));
    TRY(caucus_alloc(all->n, sizeof *all->order, "rows", &all->order));
    TRY(caucus_alloc(all->n, sizeof *all->first, "rows", &all->first));
    for (uint32_t i = 0; i < all->n; i++) {
        caucus_rows_change(rows->config->collectives[m].map, caucus_row_at(rows->table, group->rows[i]),
                           rows->table->n_columns, all->numbers + (size_t)i * all->stride);
        all->order[i] = i;
    }
    qsort_r(all->order, all->n, sizeof *all->order, compare_images, all);
    for (uint32_t j = 0; j < all->n; j++) {
        const uint32_t i = all->order[j];
        const bool same = j > 0 && memcmp(all->numbers + (size_t)i * all->stride,
                                          all->numbers + (size_t)all->order[j - 1] * all->stride,
                                          all->stride * sizeof *all->numbers) == 0;
        all->first[i] = same ? all->first[all->order[j - 1]] : i;
    }
    return CAUCUS_OK;
}

/* A group of labels for each image that is the own row of somebody; of_image: [member row] that of what it is made. */
static caucus_status group_images(caucus_rows *rows, uint32_t m, uint32_t *of_image)
{
    caucus_status status = CAUCUS_OK;
    caucus_row_members *members = &rows->members[m];
    images all;
    TRY_GOTO(open_images(rows, m, &all), done);
    TRY_GOTO(caucus_alloc(all.n, sizeof *members->own_group, "rows", &members->own_group), done);
    memset(of_image, 0xff, all.n * sizeof *of_image);
    for (uint32_t i = 0; i < all.n; i++) {
        const uint32_t image = find_image(&all, caucus_row_at(rows->table, members->group.rows[i]));
        members->own_group[i] = CAUCUS_ROWS_NOBODY;
        if (image != CAUCUS_ROWS_NOBODY) {
            if (of_image[image] == CAUCUS_ROWS_NOBODY) {
                of_image[image] = members->n_groups++;
            }
            members->own_group[i] = of_image[image];
        }
    }
    for (uint32_t i = 0; i < all.n; i++) {
        of_image[i] = of_image[all.first[i]];
    }
done:
    close_images(&all);
    return status;
}

/* Of unplant_naive one group: of signals or, where no row is one, of all. */
static void find_signals(caucus_rows *rows, uint32_t m, double *numbers)
{
    caucus_row_members *members = &rows->members[m];
    members->n_groups = rows->config->collectives[m].strategy == CAUCUS_UNPLANT_NAIVE ? 1 : 0;
    for (uint32_t i = 0; i < members->group.n; i++) {
        const double *row = caucus_row_at(rows->table, members->group.rows[i]);
        caucus_rows_change(rows->config->collectives[m].map, row, rows->table->n_columns, numbers);
        members->signal[i] = memcmp(row, numbers, rows->stride * sizeof *row) == 0;
        members->any_signal = members->any_signal || members->signal[i];
    }
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
            counts[(size_t)g * n_labels + rows->table->labels[r]] += caucus_row_weight(rows->table, r);
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

caucus_status caucus_row_points_add_raw(caucus_row_points *p)
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
    const double *row = caucus_row_at(rows->table, r);
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
    if (!erases) {
        caucus_rows_change(marked ? collective->map : collective->outside_map, row, rows->table->n_columns, numbers);
    }
    return add_point(p, label, likely, erases ? row : numbers);
}

static caucus_status add_members(caucus_row_points *p, uint32_t m, const uint32_t *of_image, const uint32_t *expected,
                                 double *numbers)
{
    caucus_rows *rows = p->rows;
    const caucus_collective *collective = &rows->config->collectives[m];
    caucus_row_members *members = &rows->members[m];
    const bool one =
        collective->strategy != CAUCUS_ERASE && caucus_rows_is_constant(collective->map, rows->table->n_columns);
    uint32_t shared = CAUCUS_ROWS_NOBODY;
    for (uint32_t i = 0; i < members->group.n; i++) {
        const uint32_t r = members->group.rows[i];
        const bool marked = is_marked(collective, rows->table->labels[r]);
        if (!marked && caucus_strategy_stays(collective->strategy)) {
            members->point[i] = rows->point[r];
            continue;
        }
        members->point[i] = marked && one && shared != CAUCUS_ROWS_NOBODY ? shared : p->n;
        if (members->point[i] < p->n) {
            continue;
        }
        shared = marked && one ? p->n : shared;
        TRY(add_member(p, m, i, of_image, expected, numbers));
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
    find_signals(rows, m, numbers);
    if (by_image) {
        TRY_GOTO(caucus_alloc(members->group.n, sizeof *of_image, "rows", &of_image), done);
        TRY_GOTO(group_images(rows, m, of_image), done);
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

void caucus_row_points_expect(caucus_row_points *p)
{
    const caucus_rows *rows = p->rows;
    for (uint32_t m = 0; m < rows->n_collectives; m++) {
        const caucus_collective *collective = &rows->config->collectives[m];
        const caucus_row_members *members = &rows->members[m];
        const double each = (double)collective->size / (double)caucus_row_group_weight(&members->group);
        for (uint32_t i = 0; i < members->group.n; i++) {
            const uint32_t r = members->group.rows[i];
            const double people = each * (double)caucus_row_weight(rows->table, r);
            p->expected[members->point[i]] += people * collective->compliance;
            p->expected[rows->point[r]] += people * (1 - collective->compliance);
        }
    }
    const double each = (double)rows->others_size / (double)caucus_row_group_weight(&rows->others);
    for (uint32_t i = 0; i < rows->others.n; i++) {
        p->expected[i] += each * (double)caucus_row_weight(rows->table, rows->others.rows[i]);
    }
}
