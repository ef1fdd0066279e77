/* Mean success over two axes, a rectangle for each configuration. */
#include "report/chart_parts.h"
#include "report/markup.h"

#include <math.h>

/* From white to dark blue, in steps that stay apart in grey and for all kinds of eyes. */
static void write_colour(double share, FILE *to)
{
    static const double ends[2][3] = {{247, 251, 255}, {8, 48, 107}};
    const double t = share < 0 ? 0 : share > 1 ? 1 : share;
    fprintf(to, "#%02x%02x%02x", (unsigned)(ends[0][0] + t * (ends[1][0] - ends[0][0])),
            (unsigned)(ends[0][1] + t * (ends[1][1] - ends[0][1])),
            (unsigned)(ends[0][2] + t * (ends[1][2] - ends[0][2])));
}

static void draw_cell(const caucus_chart *chart, uint64_t config, uint32_t collective, double x, double y, double width,
                      double height, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    if (!caucus_findings_has(findings, config, collective)) {
        return;
    }
    char text[CAUCUS_MARKUP_NUMBER];
    const double success = caucus_findings_of(findings, CAUCUS_SUCCESS_MEAN, config, collective, 0);
    fprintf(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"", x, y, width + 0.3, height + 0.3);
    write_colour(success, to);
    fputs("\"><title>", to);
    const uint32_t axes[2] = {chart->over, chart->against};
    for (int i = 0; i < 2; i++) {
        caucus_markup_text(to, findings->about->axes[axes[i]].long_name);
        fprintf(to, " %s\n", caucus_markup_number(findings->about->axes[axes[i]].numbers[config], text));
    }
    fprintf(to, "success %.4f</title></rect>", success);
    if (width >= 30 && height >= 13) {
        fprintf(to, "<text class=\"cell\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\" style=\"fill:%s\">%.2f</text>",
                x + width / 2, y + height / 2 + 3.5, success > 0.5 ? "#fff" : "#111", success);
    }
    fputc('\n', to);
}

caucus_status caucus_chart_map(const caucus_chart *chart, uint64_t panel, uint32_t collective, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const uint64_t n = findings->lengths[chart->over];
    const uint64_t m = findings->lengths[chart->against];
    const double left = CAUCUS_CHART_LEFT + 14;
    const double width = (chart->width - CAUCUS_CHART_RIGHT - left) / (double)n;
    const double height = (chart->height - CAUCUS_CHART_BOTTOM - CAUCUS_CHART_TOP) / (double)m;
    const double bottom = chart->height - CAUCUS_CHART_BOTTOM;
    char text[CAUCUS_MARKUP_NUMBER];
    TRY(caucus_chart_title(chart, caucus_findings_config(findings, panel, chart->over, 0, chart->against, 0),
                           findings->about->identity.shape.n_collectives > 1 ? collective : CAUCUS_NO_AXIS, to));
    for (uint64_t j = 0; j < m; j++) {
        for (uint64_t i = 0; i < n; i++) {
            draw_cell(chart, caucus_findings_config(findings, panel, chart->over, i, chart->against, j), collective,
                      left + width * (double)i, bottom - height * (double)(j + 1), width, height, to);
        }
    }
    /* A label for each row and column while they have room. */
    const uint64_t every_column = 1 + (uint64_t)(34 / width);
    const uint64_t every_row = 1 + (uint64_t)(12 / height);
    for (uint64_t i = 0; i < n; i += every_column) {
        fprintf(to, "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">%s</text>",
                left + width * ((double)i + 0.5), bottom + 13,
                caucus_markup_tick(caucus_chart_axis_value(findings, chart->over, i), text));
    }
    for (uint64_t j = 0; j < m; j += every_row) {
        fprintf(to, "<text class=\"tick\" text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">%s</text>", left - 4,
                bottom - height * ((double)j + 0.5) + 3.5,
                caucus_markup_tick(caucus_chart_axis_value(findings, chart->against, j), text));
    }
    fprintf(to, "\n<text class=\"note\" text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">", (left + chart->width) / 2,
            chart->height - 5);
    caucus_markup_text(to, findings->about->axes[chart->over].long_name);
    fprintf(to, "</text><text class=\"note\" text-anchor=\"middle\" transform=\"translate(10 %.1f) rotate(-90)\">",
            (bottom + CAUCUS_CHART_TOP) / 2);
    caucus_markup_text(to, findings->about->axes[chart->against].long_name);
    fputs("</text>\n", to);
    return CAUCUS_OK;
}
