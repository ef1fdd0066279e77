/* Success and promises over an axis. */
#include "report/chart_parts.h"
#include "report/markup.h"
#include "report/style.h"

#include <math.h>

/* Bounds may be below 0, where they promise nothing: a strip below the axis shows that, however far they are. */
#define BELOW (-0.08)

enum { MOST_DOTS = 60 };

/* The statistics of a series: mean, and the ends of its shade. */
static const int success_variables[] = {CAUCUS_SUCCESS_MEAN, CAUCUS_SUCCESS_Q05, CAUCUS_SUCCESS_Q95};
static const int bound_variables[] = {CAUCUS_BOUND_MEAN, CAUCUS_BOUND_Q05, CAUCUS_BOUND_Q95};
enum { MEAN, LOW, HIGH };

uint32_t caucus_chart_series(const caucus_chart *chart, caucus_series series[CAUCUS_MOST_SERIES])
{
    const caucus_shape *shape = &chart->findings->about->identity.shape;
    const bool alone = shape->n_collectives == 1;
    uint32_t n = 0;
    for (uint32_t c = 0; c < shape->n_collectives && n < CAUCUS_MOST_SERIES; c++) {
        series[n++] = (caucus_series){c, CAUCUS_NO_AXIS, alone ? CAUCUS_COLOUR_INK : c % CAUCUS_N_COLOURS};
        for (uint32_t m = 0; m < shape->n_methods && n < CAUCUS_MOST_SERIES; m++) {
            if (alone || m == chart->method) {
                series[n++] = (caucus_series){c, m, (alone ? m : c) % CAUCUS_N_COLOURS};
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
    fputs(series->method == CAUCUS_NO_AXIS ? "success" : "promise by ", to);
    if (series->method != CAUCUS_NO_AXIS) {
        caucus_markup_text(to, about->method_names[series->method]);
    }
}

typedef struct curve_panel {
    const caucus_chart *chart;
    uint64_t number;
    caucus_scale x, y;
} curve_panel;

static double value_at(const curve_panel *panel, const caucus_series *series, uint64_t i, int statistic)
{
    const caucus_findings *findings = panel->chart->findings;
    const uint64_t config = caucus_findings_config(findings, panel->number, panel->chart->over, i, CAUCUS_NO_AXIS, 0);
    if (!caucus_findings_has(findings, config, series->collective)) {
        return NAN;
    }
    return series->method == CAUCUS_NO_AXIS
               ? caucus_findings_of(findings, success_variables[statistic], config, series->collective, 0)
               : caucus_findings_of(findings, bound_variables[statistic], config, series->collective, series->method);
}

static double place_y(const curve_panel *panel, double value)
{
    return caucus_scale_place(&panel->y, value < BELOW ? BELOW : value);
}

static double place_x(const curve_panel *panel, uint64_t i)
{
    return caucus_scale_place(&panel->x, caucus_chart_axis_value(panel->chart->findings, panel->chart->over, i));
}

static void draw_shade(const curve_panel *panel, const caucus_series *series, uint64_t n, FILE *to)
{
    fprintf(to, "<path class=\"shade f%u\" d=\"", series->colour);
    const char *command = "M";
    for (uint64_t i = 0; i < n; i++) {
        const double y = value_at(panel, series, i, HIGH);
        if (!isnan(y)) {
            fprintf(to, "%s%.1f %.1f", command, place_x(panel, i), place_y(panel, y));
            command = "L";
        }
    }
    for (uint64_t i = n; i-- > 0;) {
        const double y = value_at(panel, series, i, LOW);
        if (!isnan(y)) {
            fprintf(to, "L%.1f %.1f", place_x(panel, i), place_y(panel, y));
        }
    }
    fputs("\"/>", to);
}

static void draw_line(const curve_panel *panel, const caucus_series *series, uint64_t n, FILE *to)
{
    const bool promise = series->method != CAUCUS_NO_AXIS;
    fprintf(to, "<path class=\"line s%u%s\" d=\"", series->colour,
            promise && panel->chart->findings->about->identity.shape.n_collectives > 1 ? " dash" : "");
    const char *command = "M";
    for (uint64_t i = 0; i < n; i++) {
        const double y = value_at(panel, series, i, MEAN);
        if (isnan(y)) {
            command = "M"; /* what is not there yet is a gap */
            continue;
        }
        fprintf(to, "%s%.1f %.1f", command, place_x(panel, i), place_y(panel, y));
        command = "L";
    }
    fputs("\"/>\n", to);
}

/* Points that say their numbers when pointed at, scripts or not. */
static void draw_dots(const curve_panel *panel, const caucus_series *series, uint64_t n, FILE *to)
{
    char x[CAUCUS_MARKUP_NUMBER];
    const caucus_coordinate *axis = &panel->chart->findings->about->axes[panel->chart->over];
    for (uint64_t i = 0; i < n && n <= MOST_DOTS; i++) {
        const double mean = value_at(panel, series, i, MEAN);
        if (isnan(mean)) {
            continue;
        }
        fprintf(to, "<circle class=\"dot f%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"><title>", series->colour,
                place_x(panel, i), place_y(panel, mean));
        caucus_markup_text(to, axis->long_name);
        fprintf(to, " %s\n",
                caucus_markup_number(caucus_chart_axis_value(panel->chart->findings, panel->chart->over, i), x));
        caucus_chart_series_name(panel->chart, series, to);
        fprintf(to, " %.4f (5 to 95 %%: %.4f to %.4f)</title></circle>\n", mean, value_at(panel, series, i, LOW),
                value_at(panel, series, i, HIGH));
    }
}

static void draw_frame(const curve_panel *panel, FILE *to)
{
    static const double levels[] = {0, 0.25, 0.5, 0.75, 1};
    const double zero = place_y(panel, 0);
    fprintf(to, "<rect class=\"none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", panel->x.from, zero,
            panel->x.to - panel->x.from, place_y(panel, BELOW) - zero);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const double y = place_y(panel, levels[i]);
        fprintf(to,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"tick\" "
                "text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">%g</text>\n",
                panel->x.from, panel->x.to, y, y, panel->x.from - 5, y + 3.5, levels[i]);
    }
    if (!isnan(panel->chart->goal)) {
        const double y = place_y(panel, panel->chart->goal);
        fprintf(to,
                "<line class=\"goal\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"><title>goal %g</title></line>\n",
                panel->x.from, panel->x.to, y, y, panel->chart->goal);
    }
}

void caucus_chart_curves(const caucus_chart *chart, uint64_t number, FILE *to)
{
    const double right = chart->width - CAUCUS_CHART_RIGHT;
    const curve_panel panel = {
        .chart = chart,
        .number = number,
        .x = caucus_chart_axis_scale(chart->findings, chart->over, CAUCUS_CHART_LEFT, right),
        .y = {BELOW, 1.02, chart->height - CAUCUS_CHART_BOTTOM, CAUCUS_CHART_TOP, false},
    };
    caucus_chart_title(chart, caucus_findings_config(chart->findings, number, chart->over, 0, CAUCUS_NO_AXIS, 0), to);
    draw_frame(&panel, to);
    caucus_chart_below(chart, &panel.x, to);
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n_series = caucus_chart_series(chart, series);
    const uint64_t n = chart->findings->lengths[chart->over];
    for (uint32_t s = n_series; s-- > 0;) { /* success, the first, on top */
        fprintf(to, "<g class=\"series\" data-series=\"%u\">", s);
        draw_shade(&panel, &series[s], n, to);
        draw_line(&panel, &series[s], n, to);
        draw_dots(&panel, &series[s], n, to);
        fputs("</g>\n", to);
    }
}
