#include "report/chart_parts.h"

#include "base/text_stream.h"
#include "report/markup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double caucus_chart_axis_value(const caucus_findings *findings, uint32_t axis, uint64_t index)
{
    const uint64_t config = caucus_findings_config(findings, 0, axis, index, CAUCUS_NO_AXIS, 0);
    return findings->about->axes[axis].numbers[config];
}

static caucus_status make_title(const caucus_chart *chart, uint64_t config, uint32_t collective, char **title)
{
    static const char what[] = "the title of a chart";
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, what));
    if (collective != CAUCUS_NO_AXIS) {
        caucus_markup_text(made.to, chart->findings->about->collective_names[collective]);
        fputs(caucus_findings_panels(chart->findings, chart->over, chart->against) > 1 ? ", " : "", made.to);
    }
    caucus_findings_short_title(chart->findings, config, chart->over, chart->against, chart->fixed, made.to);
    TRY(caucus_text_stream_close(&made, what));
    *title = made.text;
    return CAUCUS_OK;
}

caucus_status caucus_chart_title(const caucus_chart *chart, uint64_t config, uint32_t collective, FILE *to)
{
    static const double character = 7.4; /* mean width in bold */
    char *title = NULL;
    TRY(make_title(chart, config, collective, &title));
    fprintf(to, "<text class=\"head\" x=\"%d\" y=\"12\"><title>%s</title>", CAUCUS_CHART_LEFT, title);
    caucus_markup_cut(to, title, (unsigned)((chart->width - CAUCUS_CHART_LEFT) / character));
    fputs("</text>\n", to);
    free(title);
    return CAUCUS_OK;
}

void caucus_chart_levels(const caucus_chart *chart, const caucus_scale *x, const caucus_scale *y, FILE *to)
{
    static const double levels[] = {0, 0.25, 0.5, 0.75, 1};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        const double at = caucus_scale_place(y, levels[i]);
        fprintf(to,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"tick\" "
                "text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">%g</text>\n",
                x->from, x->to, at, at, x->from - 5, at + 3.5, levels[i]);
    }
    if (!isnan(chart->goal)) {
        const double at = caucus_scale_place(y, chart->goal);
        fprintf(to,
                "<line class=\"goal\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"><title>goal %g</title></line>\n",
                x->from, x->to, at, at, chart->goal);
    }
}

void caucus_chart_ticks(const caucus_chart *chart, const caucus_scale *x, const char *name, FILE *to)
{
    const double bottom = chart->height - CAUCUS_CHART_BOTTOM;
    double ticks[CAUCUS_MOST_TICKS];
    char text[CAUCUS_MARKUP_NUMBER];
    const uint32_t n = caucus_scale_ticks(x, (uint32_t)((x->to - x->from) / 55) + 1, ticks);
    double last = -1e9;
    fprintf(to, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", x->from, x->to, bottom,
            bottom);
    for (uint32_t i = 0; i < n; i++) {
        const double at = caucus_scale_place(x, ticks[i]);
        fprintf(to, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", at, at, bottom,
                bottom + 3);
        caucus_markup_tick(ticks[i], text);
        if (at - last > 12 + 6 * (double)strlen(text)) { /* so that labels do not run into each other */
            fprintf(to, "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">%s</text>", at, bottom + 14,
                    text);
            last = at;
        }
        fputc('\n', to);
    }
    fprintf(to, "<text class=\"note\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">", (x->from + x->to) / 2,
            chart->height - 5);
    caucus_markup_text(to, name);
    fprintf(to, "%s</text>\n", x->logarithmic ? ", logarithmic" : "");
}
