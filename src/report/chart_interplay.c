/* How collectives do against each other: success of one over what the others weigh. */
#include "report/chart_parts.h"
#include "report/markup.h"
#include "report/style.h"

#include <math.h>

enum { MOST_DOTS = 2000 };

static double own_share(const caucus_findings *findings, uint64_t config, uint32_t collective)
{
    const caucus_metadata *about = findings->about;
    return (double)about->sizes[config * about->identity.shape.n_collectives + collective] /
           (double)about->consumers[config];
}

static double others_share(const caucus_findings *findings, uint64_t config, uint32_t collective)
{
    double sum = 0;
    for (uint32_t c = 0; c < findings->about->identity.shape.n_collectives; c++) {
        sum += c == collective ? 0 : own_share(findings, config, c);
    }
    return sum;
}

typedef struct interplay_range {
    double low, high; /* share of the others */
    double largest;   /* own share */
} interplay_range;

static interplay_range find_range(const caucus_findings *findings, uint32_t collective)
{
    interplay_range range = {INFINITY, -INFINITY, 0};
    for (uint64_t config = 0; config < findings->about->identity.n_configs; config++) {
        if (caucus_findings_has(findings, config, collective)) {
            const double others = others_share(findings, config, collective);
            range.low = fmin(range.low, others);
            range.high = fmax(range.high, others);
            range.largest = fmax(range.largest, own_share(findings, config, collective));
        }
    }
    return range;
}

bool caucus_chart_others_vary(const caucus_findings *findings, uint32_t collective)
{
    const interplay_range range = find_range(findings, collective);
    return range.high > range.low * (1 + 1e-9);
}

static void draw_dot(const caucus_chart *chart, uint64_t config, uint32_t collective, const caucus_scale *x,
                     const caucus_scale *y, double largest, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const double share = own_share(findings, config, collective);
    const double others = others_share(findings, config, collective);
    const double success = caucus_findings_of(findings, CAUCUS_SUCCESS_MEAN, config, collective, 0);
    fprintf(to, "<circle class=\"dot bubble f%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>",
            collective % CAUCUS_N_COLOURS, caucus_scale_place(x, others), caucus_scale_place(y, success),
            1.5 + 4.5 * sqrt(largest > 0 ? share / largest : 0));
    caucus_findings_title(findings, config, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, to);
    fprintf(to, "\nthe others together %.4g of the consumers\nown share %.4g, success %.4f</title></circle>\n", others,
            share, success);
}

void caucus_chart_interplay(const caucus_chart *chart, uint32_t collective, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const interplay_range range = find_range(findings, collective);
    const double margin = 0.04 * (range.high - range.low); /* dots at the ends need room */
    const caucus_scale x = {range.low - margin, range.high + margin, CAUCUS_CHART_LEFT,
                            chart->width - CAUCUS_CHART_RIGHT, false};
    const caucus_scale y = {-0.04, 1.04, chart->height - CAUCUS_CHART_BOTTOM, CAUCUS_CHART_TOP, false};
    const uint64_t n = findings->about->identity.n_configs;
    const uint64_t every = 1 + n / MOST_DOTS;
    fprintf(to, "<text class=\"head\" x=\"%d\" y=\"12\">", CAUCUS_CHART_LEFT);
    caucus_markup_text(to, findings->about->collective_names[collective]);
    fputs("</text>\n", to);
    caucus_chart_levels(chart, &x, &y, to);
    caucus_chart_ticks(chart, &x, "share of the others together", to);
    for (uint64_t config = 0; config < n; config += every) {
        if (caucus_findings_has(findings, config, collective)) {
            draw_dot(chart, config, collective, &x, &y, range.largest, to);
        }
    }
}
