/* The rest takes j of the R people that it has left when n of the people left are drawn. Up to a factor that is the
 * same for all j, the probability is that of Binomial(R, f) for any f: the factorials of R, j and R - j and powers of
 * f. With f = n / left their logarithms are three sums of small numbers, one over R, one over j, one over R - j. */
#include "compile/draw_windows.h"

#include "math/portable_math.h"

#include <math.h> /* sqrt and floor only: correctly rounded everywhere */
#include <stdlib.h>

enum { MOST_VALUES = 1 << 18 };

static caucus_status add_logs(caucus_group *group, uint64_t n, caucus_draw_window *window)
{
    int64_t *longer = realloc(group->logs, (group->n_logs + n) * sizeof *longer);
    if (longer == NULL) {
        return caucus_fail_memory((group->n_logs + n) * sizeof *longer, "the plan of draws");
    }
    group->logs = longer;
    window->n = n;
    window->offset = group->n_logs;
    group->n_logs += n;
    return CAUCUS_OK;
}

caucus_status caucus_draw_thresholds_add(caucus_group *group, const caucus_law *law, caucus_draw_link *link)
{
    caucus_shape_of_law shape = {0};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_law_shape(law, &shape), done);
    link->takes.first = shape.first;
    TRY_GOTO(add_logs(group, shape.n, &link->takes), done);
    for (size_t i = 0; i < shape.n; i++) {
        const double threshold = shape.relative[i] * 18446744073709551616.0; /* 2^64 */
        const uint64_t cut = threshold >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)threshold;
        group->logs[link->takes.offset + i] = (int64_t)cut;
    }
done:
    caucus_shape_of_law_free(&shape);
    return status;
}

/* The values that the hypergeometric count of `rest` among `drawn` of `total` people has but for less than 2^-64. */
static caucus_draw_window values_of(uint64_t total, uint64_t rest, uint64_t drawn)
{
    const double share = (double)rest / (double)total;
    const double mean = (double)drawn * share;
    const double variance = mean * (1.0 - share) * ((double)(total - drawn) / (double)total);
    const double reach = 10.0 * sqrt(variance) + 64.0;
    const double low = floor(mean - reach);
    const uint64_t most = rest < drawn ? rest : drawn;
    const double high = floor(mean + reach) + 1.0;
    caucus_draw_window window = {.first = low > 0.0 ? (uint64_t)low : 0};
    window.n = (high < (double)most ? (uint64_t)high : most) + 1 - window.first;
    return window;
}

/* The same for those who stay. */
static caucus_draw_window staying(uint64_t total, uint64_t rest, uint64_t drawn)
{
    const caucus_draw_window gone = values_of(total, rest, drawn);
    return (caucus_draw_window){.first = rest - (gone.first + gone.n - 1), .n = gone.n};
}

bool caucus_draw_windows_fit(uint64_t total, uint64_t rest, uint64_t taken, uint64_t size)
{
    return values_of(total, rest, taken).n <= MOST_VALUES && values_of(total, rest, size).n <= MOST_VALUES &&
           values_of(total, rest, taken + size).n <= MOST_VALUES;
}

static int64_t to_units(double natural_log)
{
    const double log2_value = natural_log * 1.44269504088896340736;
    const double kept = log2_value < -600.0 ? -600.0 : log2_value > 600.0 ? 600.0 : log2_value;
    const double scaled = kept * 4503599627370496.0; /* 2^52 */
    return (int64_t)(scaled + (scaled < 0.0 ? -0.5 : 0.5));
}

/* Minus log k! + k log centre, from a value near the centre on. */
static void fill_factorials(caucus_group *group, const caucus_draw_window *window, double centre)
{
    int64_t *logs = group->logs + window->offset;
    const uint64_t last = window->first + window->n - 1;
    uint64_t from = centre < (double)window->first ? window->first : centre > (double)last ? last : (uint64_t)centre;
    double sum = 0.0;
    logs[from - window->first] = 0;
    for (uint64_t k = from; k < last; k++) {
        sum -= caucus_log1p(((double)(k + 1) - centre) / centre);
        logs[k + 1 - window->first] = to_units(sum);
    }
    sum = 0.0;
    for (uint64_t k = from; k > window->first; k--) {
        sum += caucus_log1p(((double)k - centre) / centre);
        logs[k - 1 - window->first] = to_units(sum);
    }
}

static uint64_t clamp(uint64_t x, uint64_t low, uint64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* For each number of people left, what makes the most likely j certain. */
static void fill_left(const caucus_group *group, const caucus_draw_link *link, double share)
{
    const caucus_draw_window *left = &link->left;
    const caucus_draw_window *taken = &link->takes;
    const caucus_draw_window *stays = &link->stays;
    for (uint64_t i = 0; i < left->n; i++) {
        const uint64_t people = left->first + i;
        const uint64_t mode = (uint64_t)floor(((double)people + 1.0) * share);
        const uint64_t most_stay = stays->first + stays->n - 1;
        const uint64_t low =
            people > most_stay && people - most_stay > taken->first ? people - most_stay : taken->first;
        const uint64_t most_taken = taken->first + taken->n - 1;
        const uint64_t high = people < stays->first                ? low
                              : people - stays->first < most_taken ? people - stays->first
                                                                   : most_taken;
        const uint64_t j = clamp(mode, low, high < low ? low : high);
        const bool possible = j <= people && j - taken->first < taken->n && people - j - stays->first < stays->n;
        group->logs[left->offset + i] = possible ? -(group->logs[taken->offset + (j - taken->first)] +
                                                     group->logs[stays->offset + (people - j - stays->first)])
                                                 : 0;
    }
}

caucus_status caucus_draw_windows_add(caucus_group *group, uint64_t taken, caucus_draw_link *link)
{
    const uint64_t total = group->n_people;
    const uint64_t size = group->size;
    const uint64_t rest = link->people;
    const double share = (double)size / (double)(total - taken);
    const double left = (double)rest * ((double)(total - taken) / (double)total);
    link->left = staying(total, rest, taken);
    link->takes = values_of(total, rest, size);
    link->stays = staying(total, rest, taken + size);
    TRY(add_logs(group, link->left.n, &link->left));
    TRY(add_logs(group, link->takes.n, &link->takes));
    TRY(add_logs(group, link->stays.n, &link->stays));
    fill_factorials(group, &link->takes, left * share);
    fill_factorials(group, &link->stays, left * (1.0 - share));
    fill_left(group, link, share);
    return CAUCUS_OK;
}
