/* Success and promises over an axis. */
#include "report/chart_parts.h"
#include "report/markup.h"
#include "report/overlay.h"
#include "report/range.h"
#include "report/style.h"

#include <math.h>

/* Bounds may be below 0, where they promise nothing: a strip below the axis shows that, however far they are. Those
 * from above may be above 1, where they exclude nothing. */
#define BELOW (-0.08)
#define TOP 1.02

enum { MOST_DOTS = 60, MOST_TITLES = 400 };

typedef struct curve_panel {
    const caucus_chart *chart;
    uint64_t number;
    uint64_t n; /* values of the axis */
    caucus_scale x, y;
} curve_panel;

/* At the i-th least value of the axis. */
static double value_at(const curve_panel *panel, const caucus_series *series, uint64_t i, int statistic)
{
    const uint64_t config = caucus_findings_config(panel->chart->findings, panel->number, panel->chart->over,
                                                   panel->chart->order[i], CAUCUS_NO_AXIS, 0);
    return caucus_chart_series_value(panel->chart, series, config, statistic);
}

static double place_y(const curve_panel *panel, double value)
{
    return caucus_scale_place(&panel->y, fmin(fmax(value, BELOW), TOP));
}

static double axis_at(const curve_panel *panel, uint64_t i)
{
    return caucus_chart_axis_value(panel->chart->findings, panel->chart->over, panel->chart->order[i]);
}

static bool is_shown(const curve_panel *panel, double x)
{
    return x >= panel->x.low && x <= panel->x.high;
}

static double place_x(const curve_panel *panel, uint64_t i)
{
    return caucus_scale_place(&panel->x, axis_at(panel, i));
}

static void draw_shade(const curve_panel *panel, const caucus_series *series, FILE *to)
{
    fprintf(to, "<path class=\"shade f%u\" d=\"", series->colour);
    const char *command = "M";
    for (uint64_t i = 0; i < panel->n; i++) {
        const double y = value_at(panel, series, i, CAUCUS_SERIES_HIGH);
        if (!isnan(y) && is_shown(panel, axis_at(panel, i))) {
            fprintf(to, "%s%.1f %.1f", command, place_x(panel, i), place_y(panel, y));
            command = "L";
        }
    }
    for (uint64_t i = panel->n; i-- > 0;) {
        const double y = value_at(panel, series, i, CAUCUS_SERIES_LOW);
        if (!isnan(y) && is_shown(panel, axis_at(panel, i))) {
            fprintf(to, "L%.1f %.1f", place_x(panel, i), place_y(panel, y));
        }
    }
    fputs("\"/>", to);
}

static void draw_line(const curve_panel *panel, const caucus_series *series, FILE *to)
{
    fprintf(to, "<path class=\"line s%u d%u\" d=\"", series->colour, series->dash);
    const char *command = "M";
    for (uint64_t i = 0; i < panel->n; i++) {
        const double y = value_at(panel, series, i, CAUCUS_SERIES_MEAN);
        if (!is_shown(panel, axis_at(panel, i))) {
            continue;
        }
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
static void draw_dots(const curve_panel *panel, const caucus_series *series, FILE *to)
{
    char x[CAUCUS_MARKUP_NUMBER];
    const caucus_coordinate *axis = &panel->chart->findings->about->axes[panel->chart->over];
    for (uint64_t i = 0; i < panel->n && panel->n <= MOST_TITLES; i++) {
        const double mean = value_at(panel, series, i, CAUCUS_SERIES_MEAN);
        if (isnan(mean) || !is_shown(panel, axis_at(panel, i))) {
            continue;
        }
        fprintf(to, "<circle class=\"dot f%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>", series->colour,
                place_x(panel, i), place_y(panel, mean), panel->n <= MOST_DOTS ? "2.2" : "0.8");
        caucus_markup_text(to, axis->long_name);
        fprintf(to, " %s\n", caucus_markup_number(axis_at(panel, i), x));
        caucus_chart_series_name(panel->chart, series, to);
        fprintf(to, " %.4f", mean);
        if (!series->above) {
            fprintf(to, " (5 to 95 %%: %.4f to %.4f)", value_at(panel, series, i, CAUCUS_SERIES_LOW),
                    value_at(panel, series, i, CAUCUS_SERIES_HIGH));
        }
        fputs("</title></circle>\n", to);
    }
}

/* The strip in which bounds promise nothing, and the lines behind the curves. */
static void draw_frame(const curve_panel *panel, FILE *to)
{
    const double zero = place_y(panel, 0);
    fprintf(to,
            "<rect class=\"none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>promises "
            "nothing</title></rect>\n",
            panel->x.from, zero, panel->x.to - panel->x.from, place_y(panel, BELOW) - zero);
    caucus_chart_levels(panel->chart, &panel->x, &panel->y, to);
}

/* Crosses that say whose they are. */
static void draw_published(const curve_panel *panel, FILE *to)
{
    const caucus_overlay *overlay = panel->chart->overlay;
    char x[CAUCUS_MARKUP_NUMBER];
    fputs("<g class=\"series\" data-series=\"published\">", to);
    for (size_t i = 0; i < overlay->n; i++) {
        const caucus_published *point = &overlay->points[i];
        if (point->panel != panel->number || !is_shown(panel, point->x)) {
            continue;
        }
        const caucus_series series = {.collective = point->collective, .method = point->method};
        const double at = caucus_scale_place(&panel->x, point->x);
        const double y = place_y(panel, point->y);
        fprintf(to, "<path class=\"published\" data-x=\"%.1f\" d=\"M%.1f %.1fl6 6m0 -6l-6 6\"><title>", at, at - 3,
                y - 3);
        caucus_markup_text(to, panel->chart->findings->about->axes[panel->chart->over].long_name);
        fprintf(to, " %s\npublished ", caucus_markup_number(point->x, x));
        caucus_chart_series_name(panel->chart, &series, to);
        fprintf(to, " %.4f</title></path>\n", point->y);
    }
    fputs("</g>\n", to);
}

caucus_status caucus_chart_curves(const caucus_chart *chart, uint64_t number, FILE *to)
{
    const double right = chart->width - CAUCUS_CHART_RIGHT;
    const curve_panel panel = {
        .chart = chart,
        .number = number,
        .n = chart->findings->lengths[chart->over],
        .x = caucus_range_scale(&chart->range, CAUCUS_CHART_LEFT, right),
        .y = {BELOW, TOP, chart->height - CAUCUS_CHART_BOTTOM, CAUCUS_CHART_TOP, false},
    };
    TRY(caucus_chart_title(chart, caucus_findings_config(chart->findings, number, chart->over, 0, CAUCUS_NO_AXIS, 0),
                           CAUCUS_NO_AXIS, to));
    draw_frame(&panel, to);
    caucus_chart_ticks(chart, &panel.x, chart->findings->about->axes[chart->over].long_name, to);
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n_series = caucus_chart_series(chart, series);
    for (uint32_t s = n_series; s-- > 0;) { /* success, the first, on top */
        fprintf(to, "<g class=\"series\" data-series=\"%u\">", s);
        if (!series[s].above) {
            draw_shade(&panel, &series[s], to);
        }
        draw_line(&panel, &series[s], to);
        draw_dots(&panel, &series[s], to);
        fputs("</g>\n", to);
    }
    if (chart->overlay != NULL) {
        draw_published(&panel, to);
    }
    return CAUCUS_OK;
}
