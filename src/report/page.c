/* caucus_report_write: a result as one page that needs nothing else, right without scripts too. */
#include "report/chart.h"
#include "report/markup.h"
#include "report/output.h"
#include "report/settings.h"
#include "report/style.h"
#include "report/words.h"

#include <math.h>
#include <string.h>

enum { MOST_ROWS = 2000, MOST_SENTENCES = 12, FIRST_PANELS = 12 };

typedef struct report_page {
    const caucus_findings *findings;
    const caucus_metadata *about;
    const char *path;
    caucus_chart chart;
    FILE *to;
} report_page;

static void put(const report_page *page, const char *text)
{
    caucus_markup_text(page->to, text);
}

/* The description of the experiment, where it has one: a line of its text that begins so. */
static void put_description(const report_page *page)
{
    static const char key[] = "\ndescription:";
    const char *found = strstr(page->about->identity.experiment, key);
    if (found == NULL) {
        return;
    }
    found += sizeof key - 1;
    found += strspn(found, " \"'");
    const size_t length = strcspn(found, "\n");
    fputs("<p class=\"dim\">", page->to);
    for (size_t i = 0; i < length; i++) {
        if (strncmp(found + i, "\\x0a", 4) == 0 || (i + 1 == length && (found[i] == '"' || found[i] == '\''))) {
            break; /* the end of the quoted text */
        }
        const char one[2] = {found[i], '\0'};
        put(page, one);
    }
    fputs("</p>\n", page->to);
}

static uint64_t count_blocks(const report_page *page)
{
    return page->about->identity.n_configs * caucus_identity_blocks(&page->about->identity);
}

static bool promises_hold(const report_page *page)
{
    bool hold = true;
    for (uint32_t m = 0; m < page->about->identity.shape.n_methods; m++) {
        hold = hold && caucus_words_worst_rate(page->findings, m).n_significant == 0;
    }
    return hold;
}

static void put_head(const report_page *page)
{
    FILE *to = page->to;
    fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\">\n<title>",
          to);
    put(page, page->about->name);
    fprintf(to, " - caucus report</title>\n<style>\n%s</style></head><body>\n<h1>", caucus_style_page);
    put(page, page->about->name);
    const caucus_result *result = page->findings->result;
    if (result->complete) {
        fputs("<span class=\"badge\">complete</span>", to);
    } else {
        fprintf(to, "<span class=\"badge bad\">%.1f %% done</span>",
                100.0 * (double)result->blocks_done / (double)count_blocks(page));
    }
    if (page->about->identity.shape.n_methods > 0) {
        fputs(promises_hold(page) ? "<span class=\"badge\">promises hold</span>"
                                  : "<span class=\"badge bad\">promises broken</span>",
              to);
    }
    fputs("</h1>\n", to);
}

/* "1,000,000 consumers", or from the least to the largest. */
static void put_range(const report_page *page, const char *what, double low, double high)
{
    char from[CAUCUS_MARKUP_NUMBER];
    char until[CAUCUS_MARKUP_NUMBER];
    fprintf(page->to, "<li><b>%s%s%s</b> %s</li>", caucus_markup_number(low, from), high > low ? "</b> to <b>" : "",
            high > low ? caucus_markup_number(high, until) : "", what);
}

static void put_facts(const report_page *page)
{
    const caucus_metadata *about = page->about;
    const uint64_t n = about->identity.n_configs;
    double low[2] = {INFINITY, INFINITY};
    double high[2] = {0, 0};
    for (uint64_t config = 0; config < n; config++) {
        const double values[2] = {(double)about->consumers[config], about->test[config]};
        for (int i = 0; i < 2; i++) {
            low[i] = values[i] < low[i] ? values[i] : low[i];
            high[i] = values[i] > high[i] ? values[i] : high[i];
        }
    }
    char number[CAUCUS_MARKUP_NUMBER];
    char trials[CAUCUS_MARKUP_NUMBER];
    fprintf(page->to, "<ul class=\"facts\"><li><b>%s</b> configuration%s of <b>%s</b> trials</li>",
            caucus_markup_number((double)n, number), n == 1 ? "" : "s",
            caucus_markup_number((double)about->identity.n_trials, trials));
    put_range(page, "consumers", low[0], high[0]);
    put_range(page, "test people", low[1], high[1]);
    fprintf(page->to, "<li>collective%s ", about->identity.shape.n_collectives == 1 ? "" : "s");
    for (uint32_t c = 0; c < about->identity.shape.n_collectives; c++) {
        fputs(c > 0 ? ", <b>" : "<b>", page->to);
        put(page, about->collective_names[c]);
        fputs("</b>", page->to);
    }
    fputs("</li>", page->to);
    if (about->identity.shape.n_methods > 0) {
        fprintf(page->to, "<li>each promise may fail with probability <b>%g</b></li>", about->delta);
    }
    fprintf(page->to, "<li>seed <b>%llu</b></li><li>%.10s, caucus ", (unsigned long long)about->identity.seed,
            about->started);
    put(page, about->version);
    fputs("</li></ul>\n", page->to);
}

static void put_method(const report_page *page)
{
    if (page->chart.method != CAUCUS_NO_AXIS) {
        fputs(" A promise is the 5 % quantile of a bound over trials, by ", page->to);
        put(page, page->about->method_names[page->chart.method]);
        fputs(", chosen before looking", page->to);
        fputs(page->about->identity.shape.n_methods > 1 ? " (<code>--method</code> names another)." : ".", page->to);
    }
}

static void put_words(const report_page *page)
{
    if (page->chart.over == CAUCUS_NO_AXIS) {
        return;
    }
    const uint64_t n = caucus_findings_panels(page->findings, page->chart.over, CAUCUS_NO_AXIS);
    fputs("<ul class=\"say\">\n", page->to);
    caucus_words_findings(&page->chart, MOST_SENTENCES, page->to);
    fprintf(page->to, "</ul>\n<p class=\"dim\">Goal: a success of %g.", page->chart.goal);
    put_method(page);
    fputs(" Values are those of the sweep; <code>caucus solve</code> finds sizes to the member.", page->to);
    if (n > MOST_SENTENCES) {
        fprintf(page->to, " %llu more cases are in the table below.", (unsigned long long)(n - MOST_SENTENCES));
    }
    fputs("</p>\n", page->to);
}

static void put_keys(const report_page *page)
{
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n = caucus_chart_series(&page->chart, series);
    fputs("<div class=\"keys\">", page->to);
    for (uint32_t s = 0; s < n; s++) {
        const bool dash = series[s].method != CAUCUS_NO_AXIS && page->about->identity.shape.n_collectives > 1;
        fprintf(page->to,
                "<button class=\"key\" data-series=\"%u\" aria-pressed=\"true\"><svg width=\"22\" height=\"8\"><path "
                "class=\"line s%u%s\" d=\"M0 4H22\"/></svg>",
                s, series[s].colour, dash ? " dash" : "");
        caucus_chart_series_name(&page->chart, &series[s], page->to);
        fputs("</button>", page->to);
    }
    fputs("</div>\n", page->to);
}

static void open_svg(const report_page *page)
{
    fprintf(page->to, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", page->chart.width, page->chart.height);
}

static void put_panels(const report_page *page, uint64_t first, uint64_t end)
{
    fputs("<div class=\"panels\">\n", page->to);
    for (uint64_t panel = first; panel < end; panel++) {
        open_svg(page);
        caucus_chart_curves(&page->chart, panel, page->to);
        fputs("</svg>\n", page->to);
    }
    fputs("</div>\n", page->to);
}

static void put_curves(const report_page *page)
{
    if (page->chart.over == CAUCUS_NO_AXIS) {
        return;
    }
    const uint64_t n = caucus_findings_panels(page->findings, page->chart.over, CAUCUS_NO_AXIS);
    fputs("<h2>Success and promise over ", page->to);
    put(page, page->about->axes[page->chart.over].long_name);
    fputs("</h2>\n<p class=\"dim\">Lines are means over trials, shades go from the 5 % to the 95 % quantile, the "
          "dashed red "
          "line is the goal. Point at a dot to read it; click a name to hide it.</p>\n",
          page->to);
    put_keys(page);
    put_panels(page, 0, n < FIRST_PANELS ? n : FIRST_PANELS);
    if (n > FIRST_PANELS) {
        const uint64_t end = n < MOST_ROWS ? n : MOST_ROWS;
        fprintf(page->to, "<details><summary>%llu more panels</summary>\n", (unsigned long long)(end - FIRST_PANELS));
        put_panels(page, FIRST_PANELS, end);
        fputs("</details>\n", page->to);
    }
}

static void put_maps(const report_page *page)
{
    const caucus_findings *findings = page->findings;
    if (findings->against == CAUCUS_NO_AXIS) {
        return;
    }
    caucus_chart chart = page->chart;
    chart.against = findings->against;
    if (chart.over == chart.against) {
        chart.over = findings->over;
    }
    const uint64_t n = caucus_findings_panels(findings, chart.over, chart.against);
    fputs("<h2>Mean success over ", page->to);
    put(page, page->about->axes[chart.over].long_name);
    fputs(" and ", page->to);
    put(page, page->about->axes[chart.against].long_name);
    fputs("</h2>\n", page->to);
    for (uint32_t c = 0; c < page->about->identity.shape.n_collectives; c++) {
        fputs("<p><b>", page->to);
        put(page, page->about->collective_names[c]);
        fputs("</b></p>\n<div class=\"panels\">\n", page->to);
        for (uint64_t panel = 0; panel < n && panel < FIRST_PANELS; panel++) {
            open_svg(page);
            caucus_chart_map(&chart, panel, c, page->to);
            fputs("</svg>\n", page->to);
        }
        fputs("</div>\n", page->to);
    }
    if (n > FIRST_PANELS) {
        fprintf(page->to, "<p class=\"dim\">%llu more are in the table below.</p>\n",
                (unsigned long long)(n - FIRST_PANELS));
    }
}

/* A rate with its interval on a line from 0 to 1, and delta as a mark. */
static void put_rate(const report_page *page, const caucus_worst_rate *worst)
{
    enum { WIDTH = 130 };
    const double most = fmax(4 * page->about->delta, fmin(1.0, worst->high * 1.2));
    fprintf(page->to,
            "<svg width=\"%d\" height=\"14\"><line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"7\" y2=\"7\"/><line "
            "class=\"goal\" "
            "x1=\"%.1f\" x2=\"%.1f\" y1=\"1\" y2=\"13\"/><line class=\"s0\" stroke-width=\"2\" x1=\"%.1f\" x2=\"%.1f\" "
            "y1=\"7\" "
            "y2=\"7\"/><circle class=\"f0\" cx=\"%.1f\" cy=\"7\" r=\"3.5\"/></svg>",
            WIDTH, WIDTH, WIDTH * page->about->delta / most, WIDTH * page->about->delta / most,
            WIDTH * worst->low / most, WIDTH * worst->high / most, 3.5 + (WIDTH - 7) * worst->rate / most);
}

static void put_promises(const report_page *page)
{
    if (page->about->identity.shape.n_methods == 0) {
        return;
    }
    fprintf(
        page->to,
        "<h2>Do the promises hold?</h2>\n<p class=\"dim\">Share of trials in which the promise was more than what came "
        "true: the worst configuration with its 95 %% interval; the red mark is the %g that was allowed.</p>\n"
        "<div class=\"wide\"><table><tr><th>method<th>worst rate<th><th>where<th>significantly more than allowed"
        "<th>promises nothing<th>mean distance to the success</tr>\n",
        page->about->delta);
    for (uint32_t m = 0; m < page->about->identity.shape.n_methods; m++) {
        const caucus_worst_rate worst = caucus_words_worst_rate(page->findings, m);
        fputs("<tr><td>", page->to);
        put(page, page->about->method_names[m]);
        if (worst.n == 0) {
            fputs("<td colspan=\"6\" class=\"dim\">does not apply</tr>\n", page->to);
            continue;
        }
        fprintf(page->to, "<td class=\"n\">%.4f<td>", worst.rate);
        put_rate(page, &worst);
        fputs("<td>", page->to);
        if (worst.rate > 0) {
            put(page, page->about->collective_names[worst.collective]);
            fputs(page->about->n_axes > 0 ? ", " : "", page->to);
            caucus_findings_title(page->findings, worst.config, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, page->to);
        }
        fprintf(page->to, "<td class=\"n\">%llu of %llu<td class=\"n\">%.1f %%<td class=\"n\">%.3f</tr>\n",
                (unsigned long long)worst.n_significant, (unsigned long long)worst.n, 100 * worst.vacuous,
                worst.tightness);
    }
    fputs("</table></div>\n", page->to);
}

/* What acting cost the platform, and how its training went: ranges over configurations of what the run kept. */
static void put_platform(const report_page *page)
{
    int fields[CAUCUS_PLATFORM_FIELDS];
    const uint32_t n = caucus_result_platform_fields(&page->about->identity.shape, fields);
    if (n == 0) {
        return;
    }
    fputs(
        "<h2>The platform</h2>\n<div class=\"wide\"><table><tr><th>over configurations<th>least<th>mean<th>most</tr>\n",
        page->to);
    for (uint32_t f = 0; f < n; f++) {
        double low = INFINITY;
        double high = -INFINITY;
        double sum = 0;
        uint64_t known = 0;
        for (uint64_t config = 0; config < page->about->identity.n_configs; config++) {
            const double value = caucus_findings_of(page->findings, fields[f], config, 0, 0);
            if (!isnan(value)) {
                low = fmin(low, value);
                high = fmax(high, value);
                sum += value;
                known++;
            }
        }
        if (known > 0) {
            fprintf(page->to, "<tr><td>%s<td class=\"n\">%.4f<td class=\"n\">%.4f<td class=\"n\">%.4f</tr>\n",
                    caucus_summary_variables[fields[f]].long_name, low, sum / (double)known, high);
        }
    }
    fputs("</table></div>\n", page->to);
}

static void put_row(const report_page *page, uint64_t config, uint32_t collective)
{
    const caucus_metadata *about = page->about;
    const caucus_shape *shape = &about->identity.shape;
    char number[CAUCUS_MARKUP_NUMBER];
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
    const double success = caucus_findings_of(page->findings, CAUCUS_SUCCESS_MEAN, config, collective, 0);
    fputs("<td>", page->to);
    put(page, about->collective_names[collective]);
    fprintf(page->to, "<td class=\"n\" data-v=\"%llu\">%s<td class=\"n bar\" style=\"--p:%.1f%%\">%.4f",
            (unsigned long long)size, caucus_markup_number((double)size, number), 100 * success, success);
    for (uint32_t m = 0; m < shape->n_methods; m++) {
        const double bound = caucus_findings_of(page->findings, CAUCUS_BOUND_MEAN, config, collective, m);
        if (isnan(bound)) {
            fputs("<td class=\"n\">–", page->to);
        } else {
            fprintf(page->to, "<td class=\"n bar\" style=\"--p:%.1f%%\">%.4f", 100 * fmax(bound, 0), bound);
        }
    }
    fputs("</tr>\n", page->to);
}

static void put_table(const report_page *page)
{
    const caucus_metadata *about = page->about;
    const caucus_shape *shape = &about->identity.shape;
    uint64_t rows = 0;
    uint64_t left_out = 0;
    fputs(
        "<h2>All configurations</h2>\n<div class=\"keys\" data-script hidden><input id=\"find\" placeholder=\"filter\" "
        "aria-label=\"filter\" size=\"30\"><span class=\"dim\">click a heading to sort</span></div>\n"
        "<div class=\"wide\"><table id=\"all\"><thead><tr>",
        page->to);
    for (uint32_t a = 0; a < about->n_axes; a++) {
        fputs("<th>", page->to);
        put(page, about->axes[a].long_name);
    }
    fputs("<th>collective<th>members<th>success", page->to);
    for (uint32_t m = 0; m < shape->n_methods; m++) {
        fputs("<th>", page->to);
        put(page, about->method_names[m]);
    }
    fputs("</tr></thead><tbody>\n", page->to);
    for (uint64_t config = 0; config < about->identity.n_configs; config++) {
        for (uint32_t c = 0; c < shape->n_collectives; c++) {
            if (!caucus_findings_has(page->findings, config, c)) {
                continue;
            }
            if (rows < MOST_ROWS) {
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

static void put_making(const report_page *page)
{
    const caucus_metadata *about = page->about;
    FILE *to = page->to;
    fprintf(to,
            "<h2>How this was made</h2>\n<p>Every number follows from the experiment below, its seed and the data with "
            "checksum %08x; random streams version %u. The number of threads and the device do not enter.</p>\n"
            "<pre>caucus report ",
            about->identity.data_checksum, about->identity.rng_version);
    put(page, page->path);
    fputs("</pre>\n<details><summary>The experiment</summary><pre>", to);
    put(page, about->identity.experiment);
    fputs("</pre></details>\n<p class=\"dim\">Computed on ", to);
    put(page, about->device);
    fputs(", begun ", to);
    put(page, about->started);
    if (page->findings->result->finished != NULL) {
        fputs(", finished ", to);
        put(page, page->findings->result->finished);
    }
    fputs(", by caucus ", to);
    put(page, about->version);
    fputs(", commit ", to);
    put(page, about->commit);
    fputs(". Collective action: Hardt et al. 2023 (arXiv 2302.04262); bounds: Gauthier, Bach &amp; Jordan 2025 (arXiv "
          "2502.04879), Battiloro et al. 2025 (arXiv 2508.19149) and 2026 (arXiv 2605.06749).</p>\n",
          to);
    fprintf(to, "<script>\n%s</script>\n</body></html>\n", caucus_style_script);
}

static caucus_status write_page(const void *context, FILE *to)
{
    report_page page = *(const report_page *)context;
    page.to = to;
    put_head(&page);
    put_description(&page);
    put_facts(&page);
    put_words(&page);
    put_curves(&page);
    put_maps(&page);
    put_promises(&page);
    put_platform(&page);
    put_table(&page);
    put_making(&page);
    return CAUCUS_OK;
}

caucus_status caucus_report_write(const char *path, const caucus_report_options *options)
{
    caucus_result *result = NULL;
    caucus_findings findings = {0};
    report_page page = {.findings = &findings, .path = path};
    if (options == NULL || options->output == NULL) {
        return caucus_fail(CAUCUS_INVALID, "a report needs the name of a file to write");
    }
    TRY(caucus_result_open(path, &result));
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_findings_open(result, &findings), done);
    page.about = findings.about;
    TRY_GOTO(caucus_report_settings_apply(&findings, options, &page.chart), done);
    page.chart.width = 286;
    page.chart.height = 190;
    TRY_GOTO(caucus_output_write(options->output, options->force, write_page, &page), done);
done:
    caucus_findings_close(&findings);
    caucus_result_close(result);
    return status;
}
