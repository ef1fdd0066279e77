#include "report/range.h"

#include "report/chart_parts.h"

#include <math.h>
#include <stdlib.h>

typedef struct place {
    double value;
    uint64_t index;
} place;

static int compare(const void *left, const void *right)
{
    const place *a = left;
    const place *b = right;
    return a->value < b->value ? -1 : a->value > b->value;
}

caucus_status caucus_range_order(const caucus_findings *findings, uint32_t axis, uint64_t **order)
{
    const uint64_t n = findings->lengths[axis];
    place *places = NULL;
    caucus_status status = CAUCUS_OK;
    *order = NULL;
    TRY_GOTO(caucus_alloc(n, sizeof *places, "values of an axis", &places), done);
    TRY_GOTO(caucus_alloc(n, sizeof **order, "values of an axis", order), done);
    for (uint64_t i = 0; i < n; i++) {
        places[i] = (place){caucus_chart_axis_value(findings, axis, i), i};
    }
    qsort(places, n, sizeof *places, compare);
    for (uint64_t i = 0; i < n; i++) {
        (*order)[i] = places[i].index;
    }
done:
    free(places);
    return status;
}

static double value_at(const caucus_chart *chart, uint64_t i)
{
    return caucus_chart_axis_value(chart->findings, chart->over, chart->order[i]);
}

caucus_chart_range caucus_range_whole(const caucus_chart *chart)
{
    const double low = value_at(chart, 0);
    const double high = value_at(chart, chart->findings->lengths[chart->over] - 1);
    return (caucus_chart_range){low, high, caucus_scale_over(low, high, 0, 1).logarithmic};
}

/* Whether a series moves between a value of the axis and the next, in what a chart shows of it. */
static bool moves(const caucus_chart *chart, uint64_t panel, const caucus_series *series, uint64_t i)
{
    static const double least = 0.02;
    double values[2];
    for (uint64_t k = 0; k < 2; k++) {
        const uint64_t config =
            caucus_findings_config(chart->findings, panel, chart->over, chart->order[i + k], CAUCUS_NO_AXIS, 0);
        values[k] = caucus_chart_series_value(chart, series, config, CAUCUS_SERIES_MEAN);
        values[k] = fmin(fmax(values[k], 0), 1);
    }
    return fabs(values[1] - values[0]) >= least;
}

static bool any_moves(const caucus_chart *chart, const caucus_series *series, uint32_t n_series, uint64_t i)
{
    const uint64_t n_panels = caucus_findings_panels(chart->findings, chart->over, CAUCUS_NO_AXIS);
    for (uint64_t panel = 0; panel < n_panels; panel++) {
        for (uint32_t s = 0; s < n_series; s++) {
            if (moves(chart, panel, &series[s], i)) {
                return true;
            }
        }
    }
    return false;
}

bool caucus_range_of_changes(const caucus_chart *chart, caucus_chart_range *range)
{
    static const double most = 0.7; /* of the axis: more is as good as all of it */
    const uint64_t n = chart->findings->lengths[chart->over];
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n_series = caucus_chart_series(chart, series);
    uint64_t first = 0;
    uint64_t last = n - 1;
    while (first < last && !any_moves(chart, series, n_series, first)) {
        first++;
    }
    while (last > first && !any_moves(chart, series, n_series, last - 1)) {
        last--;
    }
    const caucus_chart_range whole = caucus_range_whole(chart);
    *range = (caucus_chart_range){value_at(chart, first), value_at(chart, last), false};
    return first < last && range->high - range->low < most * (whole.high - whole.low);
}

bool caucus_range_rescaled(const caucus_chart *chart, caucus_chart_range *range)
{
    enum { TELLING = 4 }; /* the factor that makes logarithms look another way */
    *range = caucus_range_whole(chart);
    range->logarithmic = !range->logarithmic;
    return !range->logarithmic || (range->low > 0 && range->high / range->low >= TELLING);
}

caucus_scale caucus_range_scale(const caucus_chart_range *range, double from, double to)
{
    caucus_scale scale = caucus_scale_over(range->low, range->high, from, to);
    scale.logarithmic = range->logarithmic;
    return scale;
}
