/* caucus_report_write: a result as one page that needs nothing else, right without scripts too. */
#include "report/page.h"

#include "base/output.h"
#include "report/markup.h"
#include "report/overlay.h"
#include "report/settings.h"
#include "report/solution.h"
#include "report/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool promises_hold(const caucus_page *page)
{
    bool hold = true;
    for (uint32_t m = 0; m < page->about->identity.shape.n_methods; m++) {
        hold = hold && caucus_words_worst_rate(page->findings, CAUCUS_NO_AXIS, m).n_significant == 0;
    }
    return hold;
}

static void put_head(const caucus_page *page)
{
    const caucus_result *result = page->findings->result;
    const uint64_t blocks = page->about->identity.n_configs * caucus_identity_blocks(&page->about->identity);
    char done[32];
    snprintf(done, sizeof done, "%.1f %% done", 100.0 * (double)result->blocks_done / (double)blocks);
    caucus_page_begin(page->about->name, page->to);
    caucus_page_badge(result->complete ? "complete" : done, result->complete, page->to);
    if (page->about->identity.shape.n_methods > 0 && result->blocks_done > 0) {
        const bool hold = promises_hold(page);
        caucus_page_badge(hold ? "promises hold" : "promises broken", hold, page->to);
    }
    caucus_page_heading_end(page->to);
}

/* "1,000,000 consumers", or from the least to the largest. */
static void put_range(const caucus_page *page, const char *what, double low, double high)
{
    char from[CAUCUS_MARKUP_NUMBER];
    char until[CAUCUS_MARKUP_NUMBER];
    fprintf(page->to, "<li><b>%s%s%s</b> %s</li>", caucus_markup_number(low, from), high > low ? "</b> to <b>" : "",
            high > low ? caucus_markup_number(high, until) : "", what);
}

static void put_collectives(const caucus_page *page)
{
    enum { MOST_NAMES = 8 };
    const uint32_t n = page->about->identity.shape.n_collectives;
    fprintf(page->to, "<li>collective%s ", n == 1 ? "" : "s");
    for (uint32_t c = 0; c < n && c < MOST_NAMES; c++) {
        fputs(c > 0 ? ", <b>" : "<b>", page->to);
        caucus_markup_text(page->to, page->about->collective_names[c]);
        fputs("</b>", page->to);
    }
    if (n > MOST_NAMES) {
        fprintf(page->to, " and %u more", n - MOST_NAMES);
    }
    fputs("</li>", page->to);
}

static void put_facts(const caucus_page *page)
{
    const caucus_metadata *about = page->about;
    const uint64_t n = about->identity.n_configs;
    double low[2] = {INFINITY, INFINITY};
    double high[2] = {0, 0};
    for (uint64_t config = 0; config < n; config++) {
        const double values[2] = {(double)about->consumers[config], about->test[config]};
        for (int i = 0; i < 2; i++) {
            low[i] = fmin(low[i], values[i]);
            high[i] = fmax(high[i], values[i]);
        }
    }
    char number[CAUCUS_MARKUP_NUMBER];
    char trials[CAUCUS_MARKUP_NUMBER];
    fprintf(page->to, "<ul class=\"facts\"><li><b>%s</b> configuration%s of <b>%s</b> trials</li>",
            caucus_markup_number((double)n, number), n == 1 ? "" : "s",
            caucus_markup_number((double)about->identity.n_trials, trials));
    put_range(page, "consumers", low[0], high[0]);
    put_range(page, "test people", low[1], high[1]);
    put_collectives(page);
    if (about->identity.shape.n_methods > 0) {
        fprintf(page->to, "<li>each promise may fail with probability <b>%g</b></li>", about->delta);
    }
    fprintf(page->to, "<li>seed <b>%llu</b></li><li>%.10s, caucus ", (unsigned long long)about->identity.seed,
            about->started);
    caucus_markup_text(page->to, about->version);
    fputs("</li></ul>\n", page->to);
}

static caucus_status write_page(const void *context, FILE *to)
{
    caucus_page page = *(const caucus_page *)context;
    page.to = to;
    put_head(&page);
    caucus_page_description(page.about->identity.experiment, to);
    put_facts(&page);
    caucus_page_words(&page);
    TRY(caucus_page_sizes(&page));
    TRY(caucus_page_panels(&page));
    TRY(caucus_page_maps(&page));
    caucus_page_interplay(&page);
    caucus_page_promises(&page);
    caucus_page_platform(&page);
    caucus_page_configurations(&page);
    caucus_page_making_begin(page.about, "run", to);
    caucus_page_making_end(page.about, page.findings->result->finished, page.path, to);
    caucus_page_end(to);
    return CAUCUS_OK;
}

static caucus_status write_result(const char *path, const caucus_report_options *options)
{
    caucus_result *result = NULL;
    caucus_findings findings = {0};
    caucus_overlay overlay = {0};
    caucus_page page = {.findings = &findings, .path = path, .options = options};
    TRY(caucus_result_open(path, &result));
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_findings_open(result, &findings), done);
    page.about = findings.about;
    TRY_GOTO(caucus_report_settings_apply(&findings, options, &page.chart, &overlay), done);
    page.chart.width = 286;
    page.chart.height = 190;
    TRY_GOTO(caucus_output_write(options->output, options->force, write_page, &page), done);
done:
    caucus_report_settings_free(&page.chart);
    caucus_overlay_free(&overlay);
    caucus_findings_close(&findings);
    caucus_result_close(result);
    return status;
}

/* ---- what kind of file ------------------------------------------------------------------------------------------- */

/* Whether a file is there and begins as no HDF5 file does. */
static bool is_other_file(const char *path)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char begin[sizeof signature] = {0};
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    const size_t n = fread(begin, 1, sizeof begin, file);
    const bool readable = !ferror(file);
    fclose(file);
    return readable && n > 0 && memcmp(begin, signature, sizeof begin) != 0;
}

caucus_status caucus_report_write(const char *path, const caucus_report_options *options)
{
    if (options == NULL || options->output == NULL) {
        return caucus_fail(CAUCUS_INVALID, "a report needs the name of a file to write");
    }
    if (is_other_file(path)) {
        return caucus_page_bounds(path, options);
    }
    bool masses = false;
    TRY(caucus_masses_are_in(path, &masses));
    return masses ? caucus_page_solution(path, options) : write_result(path, options);
}
