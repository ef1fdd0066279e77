/* Drawing a trial: who acts, who does not, who else there is, and the people of the test. */
#include "config/strategy.h"
#include "rows/bounds.h"
#include "rows/tables.h"
#include "trial/platform.h"
#include "trial/trial.h"

#include <string.h>

#define PARTS 4503599627370496.0 /* probabilities as weights: parts in 2^52 */

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

void caucus_rows_draw(const caucus_rows *rows, caucus_rows_space *s, uint32_t trial, uint32_t b)
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
