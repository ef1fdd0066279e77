#include "report/reach.h"

#include "report/chart_parts.h"

#include <math.h>

static uint64_t config_at(const caucus_chart *chart, uint64_t panel, uint64_t i)
{
    return caucus_findings_config(chart->findings, panel, chart->over, i, CAUCUS_NO_AXIS, 0);
}

static double members_at(const caucus_chart *chart, uint64_t panel, uint32_t collective, uint64_t i)
{
    const caucus_metadata *about = chart->findings->about;
    return (double)about->sizes[config_at(chart, panel, i) * about->identity.shape.n_collectives + collective];
}

bool caucus_reach_in_members(const caucus_chart *chart, uint64_t panel, uint32_t collective)
{
    const uint64_t n = chart->findings->lengths[chart->over];
    bool rises = true;
    for (uint64_t i = 1; i < n; i++) {
        const double step = caucus_chart_axis_value(chart->findings, chart->over, i) -
                            caucus_chart_axis_value(chart->findings, chart->over, i - 1);
        const double more = members_at(chart, panel, collective, i) - members_at(chart, panel, collective, i - 1);
        rises = rises && step * more > 0;
    }
    return rises;
}

/* The ends of the places at which the goal is reached, or missed. */
typedef struct ends {
    double least, most; /* infinite where there is none */
} ends;

static void extend(ends *of, double place)
{
    of->least = fmin(of->least, place);
    of->most = fmax(of->most, place);
}

static caucus_reach conclude(const ends *hits, const ends *misses)
{
    const bool any_hit = isfinite(hits->least);
    const bool any_miss = isfinite(misses->least);
    if (!any_hit && !any_miss) {
        return (caucus_reach){CAUCUS_REACH_UNKNOWN, NAN, NAN};
    }
    if (!any_hit) {
        return (caucus_reach){CAUCUS_REACH_NEVER, NAN, misses->most};
    }
    if (!any_miss) {
        return (caucus_reach){CAUCUS_REACH_ALWAYS, hits->least, NAN};
    }
    if (hits->least > misses->most) {
        return (caucus_reach){CAUCUS_REACH_FROM, hits->least, misses->most};
    }
    if (hits->most < misses->least) {
        return (caucus_reach){CAUCUS_REACH_UNTIL, hits->most, misses->least};
    }
    return (caucus_reach){CAUCUS_REACH_MIXED, NAN, NAN};
}

static double value_of(const caucus_findings *findings, uint64_t config, const caucus_series *series)
{
    if (series->method == CAUCUS_NO_AXIS) {
        return caucus_findings_of(findings, CAUCUS_SUCCESS_MEAN, config, series->collective, 0);
    }
    return caucus_findings_of(findings, series->above ? CAUCUS_UPPER_MEAN : CAUCUS_BOUND_Q05, config,
                              series->collective, series->method);
}

caucus_reach caucus_reach_find(const caucus_chart *chart, uint64_t panel, const caucus_series *series)
{
    const uint32_t collective = series->collective;
    const caucus_findings *findings = chart->findings;
    const bool in_members = caucus_reach_in_members(chart, panel, collective);
    ends hits = {INFINITY, -INFINITY};
    ends misses = {INFINITY, -INFINITY};
    for (uint64_t i = 0; i < findings->lengths[chart->over]; i++) {
        const uint64_t config = config_at(chart, panel, i);
        if (!caucus_findings_has(findings, config, collective)) {
            continue;
        }
        const double value = value_of(findings, config, series);
        const double place =
            in_members ? members_at(chart, panel, collective, i) : caucus_chart_axis_value(findings, chart->over, i);
        if (!isnan(value)) {
            extend(value >= chart->goal ? &hits : &misses, place);
        }
    }
    return conclude(&hits, &misses);
}
