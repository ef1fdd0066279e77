#include "report/words.h"

#include "report/chart_parts.h"
#include "report/markup.h"

#include <math.h>
#include <stdbool.h>

/* Where along the axis a variable is at least the goal, of the values at which it is known. */
typedef struct goal_reach {
    double least_hit, largest_hit, least_miss, largest_miss; /* infinite where there is none */
} goal_reach;

static goal_reach find_reach(const caucus_chart *chart, uint64_t panel, uint32_t collective, int variable)
{
    const caucus_findings *findings = chart->findings;
    goal_reach found = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (uint64_t i = 0; i < findings->lengths[chart->over]; i++) {
        const uint64_t config = caucus_findings_config(findings, panel, chart->over, i, CAUCUS_NO_AXIS, 0);
        const double at = caucus_chart_axis_value(findings, chart->over, i);
        if (!caucus_findings_has(findings, config, collective)) {
            continue;
        }
        const double value = caucus_findings_of(findings, variable, config, collective, chart->method);
        if (value >= chart->goal) {
            found.least_hit = fmin(found.least_hit, at);
            found.largest_hit = fmax(found.largest_hit, at);
        } else {
            found.least_miss = fmin(found.least_miss, at);
            found.largest_miss = fmax(found.largest_miss, at);
        }
    }
    return found;
}

/* "from share 0.2 on (0.1 is not enough)". */
static void write_reach(const caucus_chart *chart, const goal_reach *found, FILE *to)
{
    char value[CAUCUS_MARKUP_NUMBER];
    char other[CAUCUS_MARKUP_NUMBER];
    const char *axis = chart->findings->about->axes[chart->over].long_name;
    const bool hits = isfinite(found->least_hit);
    const bool misses = isfinite(found->least_miss);
    const bool from = hits && misses && found->least_hit > found->largest_miss;
    const bool until = hits && misses && found->largest_hit < found->least_miss;
    fputs(from     ? "from "
          : until  ? "up to "
          : !hits  ? "at no "
          : misses ? "at some, not all values of "
                   : "at every ",
          to);
    caucus_markup_text(to, axis);
    if (from) {
        fprintf(to, " <b>%s</b> on (%s is not enough)", caucus_markup_number(found->least_hit, value),
                caucus_markup_number(found->largest_miss, other));
    } else if (until) {
        fprintf(to, " <b>%s</b> (not at %s)", caucus_markup_number(found->largest_hit, value),
                caucus_markup_number(found->least_miss, other));
    } else if (!hits || !misses) {
        fputs(" tried", to);
    }
}

void caucus_words_findings(const caucus_chart *chart, uint64_t most_panels, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const caucus_metadata *about = findings->about;
    const uint64_t n_panels = caucus_findings_panels(findings, chart->over, CAUCUS_NO_AXIS);
    for (uint64_t panel = 0; panel < n_panels && panel < most_panels; panel++) {
        const uint64_t config = caucus_findings_config(findings, panel, chart->over, 0, CAUCUS_NO_AXIS, 0);
        for (uint32_t c = 0; c < about->identity.shape.n_collectives; c++) {
            fputs("<li>", to);
            if (n_panels > 1) {
                fputs("<b>", to);
                caucus_findings_title(findings, config, chart->over, CAUCUS_NO_AXIS, to);
                fputs("</b>: ", to);
            }
            caucus_markup_text(to, about->collective_names[c]);
            fputs(" succeed ", to);
            const goal_reach success = find_reach(chart, panel, c, CAUCUS_SUCCESS_MEAN);
            write_reach(chart, &success, to);
            if (chart->method != CAUCUS_NO_AXIS) {
                const goal_reach promise = find_reach(chart, panel, c, CAUCUS_BOUND_Q05);
                fputs("; can promise it ", to);
                write_reach(chart, &promise, to);
            }
            fputs(".</li>\n", to);
        }
    }
}

caucus_worst_rate caucus_words_worst_rate(const caucus_findings *findings, uint32_t method)
{
    const caucus_metadata *about = findings->about;
    caucus_worst_rate worst = {.rate = NAN, .low = NAN, .high = NAN};
    for (uint64_t config = 0; config < about->identity.n_configs; config++) {
        for (uint32_t c = 0; c < about->identity.shape.n_collectives; c++) {
            const double rate = caucus_findings_of(findings, CAUCUS_VIOLATION_RATE, config, c, method);
            if (isnan(rate)) {
                continue;
            }
            const double low = caucus_findings_of(findings, CAUCUS_VIOLATION_LOW, config, c, method);
            worst.n++;
            worst.n_significant += low > about->delta;
            worst.vacuous += caucus_findings_of(findings, CAUCUS_VACUOUS_RATE, config, c, method);
            worst.tightness += caucus_findings_of(findings, CAUCUS_TIGHTNESS_MEAN, config, c, method);
            if (!(rate <= worst.rate)) {
                worst.rate = rate;
                worst.low = low;
                worst.high = caucus_findings_of(findings, CAUCUS_VIOLATION_HIGH, config, c, method);
                worst.config = config;
                worst.collective = c;
            }
        }
    }
    worst.vacuous /= (double)(worst.n > 0 ? worst.n : 1);
    worst.tightness /= (double)(worst.n > 0 ? worst.n : 1);
    return worst;
}
