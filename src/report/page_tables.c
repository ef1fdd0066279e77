/* Tables of a page: do the promises hold, what acting cost the platform, all configurations. */
#include "report/markup.h"
#include "report/page.h"
#include "report/words.h"

#include <math.h>
#include <string.h>

static void put(const caucus_page *page, const char *text)
{
    caucus_markup_text(page->to, text);
}

/* Names such as staircase/total/hoeffding may break behind their slashes. */
static void put_method_name(const caucus_page *page, uint32_t method)
{
    for (const char *c = page->about->method_names[method]; *c != '\0'; c++) {
        const char one[2] = {*c, '\0'};
        put(page, one);
        fputs(*c == '/' ? "<wbr>" : "", page->to);
    }
}

/* ---- promises ---------------------------------------------------------------------------------------------------- */

/* A rate with its interval on a line, and delta as a mark. */
static void put_rate(const caucus_page *page, const caucus_worst_rate *worst)
{
    enum { WIDTH = 130 };
    const double most = fmax(4 * page->about->delta, fmin(1.0, worst->high * 1.2));
    fprintf(page->to,
            "<svg width=\"%d\" height=\"14\"><line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"7\" y2=\"7\"/><line "
            "class=\"goal\" x1=\"%.1f\" x2=\"%.1f\" y1=\"1\" y2=\"13\"/><line class=\"s0\" stroke-width=\"2\" "
            "x1=\"%.1f\" x2=\"%.1f\" y1=\"7\" y2=\"7\"/><circle class=\"f0\" cx=\"%.1f\" cy=\"7\" r=\"3.5\"/></svg>",
            WIDTH, WIDTH, WIDTH * page->about->delta / most, WIDTH * page->about->delta / most,
            WIDTH * worst->low / most, WIDTH * worst->high / most, 3.5 + (WIDTH - 7) * worst->rate / most);
}

static void put_promise(const caucus_page *page, bool several, uint32_t collective, uint32_t method)
{
    const caucus_worst_rate worst = caucus_words_worst_rate(page->findings, collective, method);
    fputs("<tr><td>", page->to);
    if (several) {
        put(page, page->about->collective_names[collective]);
        fputs("<td>", page->to);
    }
    put(page, page->about->method_names[method]);
    if (worst.n == 0) {
        fprintf(page->to, "<td colspan=\"%d\" class=\"dim\">does not apply</tr>\n",
                page->about->identity.shape.upper ? 7 : 6);
        return;
    }
    fprintf(page->to, "<td class=\"n\">%.4f<td>", worst.rate);
    put_rate(page, &worst);
    fputs("<td>", page->to);
    if (worst.rate > 0) {
        if (collective == CAUCUS_NO_AXIS && page->about->identity.shape.n_collectives > 1) {
            put(page, page->about->collective_names[worst.collective]);
            fputs(page->about->n_axes > 0 ? ", " : "", page->to);
        }
        caucus_findings_title(page->findings, worst.config, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, page->to);
    }
    fprintf(page->to, "<td class=\"n\">%llu of %llu<td class=\"n\">%.1f %%<td class=\"n\">%.3f",
            (unsigned long long)worst.n_significant, (unsigned long long)worst.n, 100 * worst.vacuous, worst.tightness);
    if (page->about->identity.shape.upper) {
        fprintf(page->to, isnan(worst.upper) ? "<td class=\"dim\">none" : "<td class=\"n\">%.4f", worst.upper);
    }
    fputs("</tr>\n", page->to);
}

void caucus_page_promises(const caucus_page *page)
{
    enum { MOST_ROWS = 60 };
    const caucus_shape *shape = &page->about->identity.shape;
    if (shape->n_methods == 0) {
        return;
    }
    /* A row for each collective and method while these are few, else for each method. */
    const bool several = shape->n_collectives > 1 && (uint64_t)shape->n_collectives * shape->n_methods <= MOST_ROWS;
    fprintf(page->to,
            "<h2>Do the promises hold?</h2>\n<p class=\"dim\">Share of trials in which the promise was more than what "
            "came true: the worst configuration with its 95 %% interval; the red mark is the %g that was allowed.</p>\n"
            "<div class=\"wide\"><table id=\"promises\"><tr>%s<th>method<th>worst rate<th><th>where<th>significantly "
            "more than allowed<th>promises nothing<th>mean distance to the success%s</tr>\n",
            page->about->delta, several ? "<th>collective" : "",
            shape->upper ? "<th>worst rate of the bound from above" : "");
    for (uint32_t c = 0; c < (several ? shape->n_collectives : 1); c++) {
        for (uint32_t m = 0; m < shape->n_methods; m++) {
            put_promise(page, several, several ? c : CAUCUS_NO_AXIS, m);
        }
    }
    fputs("</table></div>\n", page->to);
}

/* ---- the platform ------------------------------------------------------------------------------------------------ */

/* Over configurations: the least, the mean and the most of a number about the platform, and where the ends are. */
typedef struct platform_range {
    double low, high, sum;
    uint64_t lowest, highest, n;
} platform_range;

static platform_range find_platform_range(const caucus_page *page, int field)
{
    platform_range range = {.low = INFINITY, .high = -INFINITY};
    for (uint64_t config = 0; config < page->about->identity.n_configs; config++) {
        const double value = caucus_findings_of(page->findings, field, config, 0, 0);
        if (isnan(value)) {
            continue;
        }
        if (value < range.low) {
            range.low = value;
            range.lowest = config;
        }
        if (value > range.high) {
            range.high = value;
            range.highest = config;
        }
        range.sum += value;
        range.n++;
    }
    return range;
}

static void put_platform_row(const caucus_page *page, int field, const platform_range *range)
{
    const bool varies = range->high > range->low && page->about->n_axes > 0;
    fprintf(page->to, "<tr><td>%s<td class=\"n\">%.4f<td>", caucus_summary_variables[field].long_name, range->low);
    if (varies) {
        caucus_findings_title(page->findings, range->lowest, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, page->to);
    }
    fprintf(page->to, "<td class=\"n\">%.4f<td class=\"n\">%.4f<td>", range->sum / (double)range->n, range->high);
    if (varies) {
        caucus_findings_title(page->findings, range->highest, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, page->to);
    }
    fputs("</tr>\n", page->to);
}

void caucus_page_platform(const caucus_page *page)
{
    int fields[CAUCUS_PLATFORM_FIELDS];
    const uint32_t n = caucus_result_platform_fields(&page->about->identity.shape, fields);
    if (n == 0) {
        return;
    }
    fputs("<h2>What acting cost the platform</h2>\n", page->to);
    const platform_range cost = find_platform_range(page, CAUCUS_ACCURACY_COST_MEAN);
    if (cost.n > 0) {
        fprintf(page->to,
                "<p>On people as they are, its classifier lost <b>%.2f</b> percentage points of accuracy to the "
                "collectives on average over configurations, at most <b>%.2f</b>.</p>\n",
                100 * cost.sum / (double)cost.n, 100 * cost.high);
    }
    fputs("<div class=\"wide\"><table id=\"platform\"><tr><th>means over trials<th>least<th>where<th>mean<th>most<th>"
          "where</tr>\n",
          page->to);
    for (uint32_t f = 0; f < n; f++) {
        const platform_range range = find_platform_range(page, fields[f]);
        if (range.n > 0) {
            put_platform_row(page, fields[f], &range);
        }
    }
    fputs("</table></div>\n", page->to);
}

/* ---- all configurations ------------------------------------------------------------------------------------------ */

static void put_share(const caucus_page *page, double value)
{
    if (isnan(value)) {
        fputs("<td class=\"n\">–", page->to);
    } else {
        fprintf(page->to, "<td class=\"n bar\" style=\"--p:%.1f%%\">%.4f", 100 * fmin(fmax(value, 0), 1), value);
    }
}

static void put_row(const caucus_page *page, uint64_t config, uint32_t collective)
{
    const caucus_metadata *about = page->about;
    const caucus_shape *shape = &about->identity.shape;
    char number[CAUCUS_MARKUP_NUMBER];
    int fields[CAUCUS_PLATFORM_FIELDS];
    fputs("<tr>", page->to);
    for (uint32_t a = 0; a < about->n_axes; a++) {
        if (about->axes[a].numbers != NULL) {
            fprintf(page->to, "<td class=\"n\" data-v=\"%.17g\">%s", about->axes[a].numbers[config],
                    caucus_markup_number(about->axes[a].numbers[config], number));
        } else {
            fputs("<td>", page->to);
            put(page, about->axes[a].words[config]);
        }
    }
    const uint64_t size = about->sizes[config * shape->n_collectives + collective];
    fputs("<td>", page->to);
    put(page, about->collective_names[collective]);
    fprintf(page->to, "<td class=\"n\" data-v=\"%llu\">%s", (unsigned long long)size,
            caucus_markup_number((double)size, number));
    put_share(page, caucus_findings_of(page->findings, CAUCUS_SUCCESS_MEAN, config, collective, 0));
    for (uint32_t m = 0; m < shape->n_methods; m++) {
        put_share(page, caucus_findings_of(page->findings, CAUCUS_BOUND_MEAN, config, collective, m));
    }
    const uint32_t n = caucus_result_platform_fields(shape, fields);
    for (uint32_t f = 0; f < n; f++) {
        put_share(page, caucus_findings_of(page->findings, fields[f], config, 0, 0));
    }
    fputs("</tr>\n", page->to);
}

static void put_headings(const caucus_page *page)
{
    const caucus_metadata *about = page->about;
    int fields[CAUCUS_PLATFORM_FIELDS];
    for (uint32_t a = 0; a < about->n_axes; a++) {
        fputs("<th>", page->to);
        put(page, about->axes[a].long_name);
    }
    fputs("<th>collective<th>members<th>success", page->to);
    for (uint32_t m = 0; m < about->identity.shape.n_methods; m++) {
        fputs("<th>", page->to);
        put_method_name(page, m);
    }
    const uint32_t n = caucus_result_platform_fields(&about->identity.shape, fields);
    for (uint32_t f = 0; f < n; f++) {
        const char *name = caucus_summary_variables[fields[f]].name;
        const char *end = strrchr(name, '_'); /* accuracy_cost_mean: the column says what, not which statistic */
        fprintf(page->to, "<th title=\"%s\">%.*s", caucus_summary_variables[fields[f]].long_name,
                end != NULL ? (int)(end - name) : (int)strlen(name), name);
    }
}

void caucus_page_configurations(const caucus_page *page)
{
    const caucus_metadata *about = page->about;
    uint64_t rows = 0;
    uint64_t left_out = 0;
    fputs("<h2>All configurations</h2>\n<p class=\"dim\">Means over trials.</p>\n<div class=\"keys\" data-script "
          "hidden><input id=\"find\" placeholder=\"filter\" aria-label=\"filter\" size=\"30\"><span "
          "class=\"dim\">click a "
          "heading to sort; <span id=\"count\"></span></span></div>\n<div class=\"wide\"><table id=\"all\"><thead><tr>",
          page->to);
    put_headings(page);
    fputs("</tr></thead><tbody>\n", page->to);
    for (uint64_t config = 0; config < about->identity.n_configs; config++) {
        for (uint32_t c = 0; c < about->identity.shape.n_collectives; c++) {
            if (!caucus_findings_has(page->findings, config, c)) {
                continue;
            }
            if (rows < CAUCUS_PAGE_ROWS) {
                put_row(page, config, c);
                rows++;
            } else {
                left_out++;
            }
        }
    }
    fputs("</tbody></table></div>\n", page->to);
    if (left_out > 0) {
        fprintf(page->to, "<p class=\"dim\">%llu more rows: <code>caucus summary --format csv</code> has all.</p>\n",
                (unsigned long long)left_out);
    }
}
