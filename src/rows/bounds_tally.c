/* People as bounds on rows count them. */
#include "rows/bounds_parts.h"

#include <math.h>

size_t caucus_row_bounds_words(const caucus_row_bounds *b)
{
    return (size_t)b->n_collectives * CAUCUS_ROW_PARTS * (b->n_collectives + 1) * b->n_labels;
}

static uint64_t *tally_at(const caucus_row_bounds *b, uint64_t *tally, uint32_t m, bool estimating, bool acting,
                          uint32_t place)
{
    const size_t part = (size_t)m * CAUCUS_ROW_PARTS + (estimating ? 2 : 0) + (acting ? 1 : 0);
    return tally + (part * (b->n_collectives + 1) + place) * b->n_labels;
}

void caucus_row_bounds_tally(const caucus_rows *rows, uint32_t m, bool estimating, bool acting, const uint64_t *counts,
                             uint64_t *tally)
{
    const caucus_row_bounds *b = rows->bounds;
    const caucus_row_group *group = &rows->members[m].group;
    for (uint32_t i = 0; i < group->n; i++) {
        const uint32_t y = rows->table->labels[group->rows[i]];
        tally_at(b, tally, m, estimating, acting, 0)[y] += counts[i];
        for (uint32_t p = 0; counts[i] > 0 && b->own_point[m][i] != 0 && p < b->n_collectives; p++) {
            if ((b->own_point[m][i] >> p & 1u) != 0) {
                tally_at(b, tally, m, estimating, acting, 1 + p)[y] += counts[i];
            }
        }
    }
}

/* As many members in each part as are expected, in millionths of a person where there are few enough: for population
 * bounds any weights do. */
void caucus_row_bounds_expect(const caucus_rows *rows, caucus_row_bounds *b)
{
    for (uint32_t m = 0; m < b->n_collectives; m++) {
        const caucus_collective *collective = &rows->config->collectives[m];
        const caucus_row_members *members = &rows->members[m];
        const double scale = rows->config->consumers < UINT32_MAX ? 1e6 : 1;
        const double each = scale / (double)caucus_row_group_weight(&members->group);
        for (int part = 0; part < CAUCUS_ROW_PARTS; part++) {
            const bool estimating = part / 2 != 0;
            const bool acting = part % 2 != 0;
            const double people =
                (double)(estimating ? collective->estimators : collective->size - collective->estimators) *
                (acting ? collective->compliance : 1 - collective->compliance);
            for (uint32_t i = 0; i < members->group.n; i++) {
                const uint32_t r = members->group.rows[i];
                const uint64_t n =
                    (uint64_t)llround(each * people * (double)caucus_row_group_weight_of(&members->group, i));
                for (uint32_t place = 0; place <= b->n_collectives; place++) {
                    if (place == 0 || (b->own_point[m][i] >> (place - 1) & 1u) != 0) {
                        tally_at(b, b->expected, m, estimating, acting, place)[rows->table->labels[r]] += n;
                    }
                }
            }
        }
    }
}

uint64_t caucus_row_tally_of(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, bool base, bool acting,
                             uint32_t place, uint32_t y)
{
    uint64_t sum = 0;
    for (int part = 0; part < CAUCUS_ROW_PARTS; part++) {
        if ((part / 2 == 0 || !base) && (part % 2 != 0 || !acting)) {
            sum += tally_at(b, (uint64_t *)tally, j, part / 2 != 0, part % 2 != 0, place)[y];
        }
    }
    return sum;
}

uint64_t caucus_row_tally_all(const caucus_row_bounds *b, const uint64_t *tally, uint32_t j, bool base, bool acting)
{
    uint64_t sum = 0;
    for (uint32_t y = 0; y < b->n_labels; y++) {
        sum += caucus_row_tally_of(b, tally, j, base, acting, 0, y);
    }
    return sum;
}
