/* Which lines a chart of curves has, what they are called, and their values. */
#include "report/chart.h"
#include "report/markup.h"
#include "report/style.h"

#include <math.h>

static bool is_shown(const caucus_chart *chart, uint32_t collective, uint32_t method)
{
    const caucus_shape *shape = &chart->findings->about->identity.shape;
    if (chart->shown != NULL) {
        const uint32_t quantity = method == CAUCUS_NO_AXIS ? shape->n_methods : method;
        return chart->shown[collective] && chart->shown[shape->n_collectives + quantity];
    }
    return method == CAUCUS_NO_AXIS || shape->n_collectives == 1 || method == chart->method;
}

static bool has_bound_above(const caucus_chart *chart, uint32_t collective, uint32_t method)
{
    const caucus_findings *findings = chart->findings;
    const bool any = findings->widths[CAUCUS_UPPER_MEAN] > 0;
    bool has = false;
    for (uint64_t config = 0; any && config < findings->about->identity.n_configs && !has; config++) {
        has = !isnan(caucus_findings_of(findings, CAUCUS_UPPER_MEAN, config, collective, method));
    }
    return has;
}

static uint32_t count_shown_collectives(const caucus_chart *chart)
{
    const caucus_shape *shape = &chart->findings->about->identity.shape;
    uint32_t n = 0;
    for (uint32_t c = 0; c < shape->n_collectives; c++) {
        n += chart->shown == NULL || chart->shown[c];
    }
    return n;
}

/* With one collective colours tell methods apart, with several the collectives; what is left is told by dashes. rank:
 * of the method among those that are shown. */
static caucus_series make_series(bool one_collective, uint32_t collective, uint32_t method, uint32_t rank)
{
    const bool success = method == CAUCUS_NO_AXIS;
    caucus_series series = {.collective = collective, .method = method};
    if (one_collective) {
        series.colour = success ? CAUCUS_COLOUR_INK : rank % CAUCUS_N_COLOURS;
        series.dash = success ? 0 : rank / CAUCUS_N_COLOURS % CAUCUS_N_DASHES;
    } else {
        series.colour = collective % CAUCUS_N_COLOURS;
        series.dash = success ? 0 : 1 + rank % (CAUCUS_N_DASHES - 1);
    }
    return series;
}

uint32_t caucus_chart_series(const caucus_chart *chart, caucus_series series[CAUCUS_MOST_SERIES])
{
    const caucus_shape *shape = &chart->findings->about->identity.shape;
    const bool one_collective = count_shown_collectives(chart) == 1;
    uint32_t n = 0;
    for (uint32_t c = 0; c < shape->n_collectives; c++) {
        uint32_t rank = 0;
        for (uint32_t i = 0; i <= shape->n_methods && n < CAUCUS_MOST_SERIES; i++) {
            const uint32_t method = i == 0 ? CAUCUS_NO_AXIS : i - 1;
            if (!is_shown(chart, c, method)) {
                continue;
            }
            series[n++] = make_series(one_collective, c, method, rank);
            rank += i > 0;
            if (i > 0 && n < CAUCUS_MOST_SERIES && has_bound_above(chart, c, method)) {
                series[n] = series[n - 1];
                series[n].above = true;
                series[n++].dash = CAUCUS_DASH_ABOVE;
            }
        }
    }
    return n;
}

void caucus_chart_series_name(const caucus_chart *chart, const caucus_series *series, FILE *to)
{
    const caucus_metadata *about = chart->findings->about;
    if (about->identity.shape.n_collectives > 1) {
        caucus_markup_text(to, about->collective_names[series->collective]);
        fputs(": ", to);
    }
    fputs(series->method == CAUCUS_NO_AXIS ? "success" : series->above ? "impossible above, by " : "promise by ", to);
    if (series->method != CAUCUS_NO_AXIS) {
        caucus_markup_text(to, about->method_names[series->method]);
    }
}

double caucus_chart_series_value(const caucus_chart *chart, const caucus_series *series, uint64_t config, int statistic)
{
    static const int success[] = {CAUCUS_SUCCESS_MEAN, CAUCUS_SUCCESS_Q05, CAUCUS_SUCCESS_Q95};
    static const int bound[] = {CAUCUS_BOUND_MEAN, CAUCUS_BOUND_Q05, CAUCUS_BOUND_Q95};
    const caucus_findings *findings = chart->findings;
    if (!caucus_findings_has(findings, config, series->collective)) {
        return NAN;
    }
    if (series->above) {
        return statistic == CAUCUS_SERIES_MEAN
                   ? caucus_findings_of(findings, CAUCUS_UPPER_MEAN, config, series->collective, series->method)
                   : NAN;
    }
    return series->method == CAUCUS_NO_AXIS
               ? caucus_findings_of(findings, success[statistic], config, series->collective, 0)
               : caucus_findings_of(findings, bound[statistic], config, series->collective, series->method);
}
