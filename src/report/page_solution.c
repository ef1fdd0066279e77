/* The page about critical masses. */
#include "base/output.h"
#include "report/bars.h"
#include "report/findings.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/solution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BARS = 240, MOST_SENTENCES = 24, MOST_ROWS = 4000 };

typedef struct solution_page {
    const caucus_masses *masses;
    const char *path;
} solution_page;

/* The values of a configuration on all axes, as markup. */
static void put_case(const caucus_masses *masses, uint64_t config, FILE *to)
{
    const caucus_findings sweep = {.about = &masses->about};
    caucus_findings_title(&sweep, config, CAUCUS_NO_AXIS, CAUCUS_NO_AXIS, to);
}

static void put_facts(const caucus_masses *masses, FILE *to)
{
    const caucus_metadata *about = &masses->about;
    char number[CAUCUS_MARKUP_NUMBER];
    fputs("<p>How many members must <b>", to);
    caucus_markup_text(to, masses->collective);
    fputs("</b> have until the ", to);
    fputs(strcmp(masses->statistic, "q05") == 0 ? "5 % quantile" : masses->statistic, to);
    fprintf(to, " over trials of their success, and of what they can promise, reaches <b>%g</b>?</p>\n",
            masses->target);
    fprintf(to, "<ul class=\"facts\"><li><b>%s</b> configuration%s</li>",
            caucus_markup_number((double)about->identity.n_configs, number), about->identity.n_configs == 1 ? "" : "s");
    fprintf(to, "<li><b>%s</b> trials behind an estimate</li>",
            caucus_markup_number((double)about->identity.n_trials, number));
    fprintf(to, "<li>intervals at confidence <b>%g</b></li><li>each promise may fail with probability <b>%g</b></li>",
            masses->confidence, about->delta);
    fprintf(to, "<li>seed <b>%llu</b></li><li>%.10s, caucus ", (unsigned long long)about->identity.seed,
            about->started);
    caucus_markup_text(to, about->version);
    fputs("</li></ul>\n", to);
}

/* The promise that sentences tell: of the first method, chosen before looking, that a collective could compute: limits
 * of the population itself are known to nobody. */
static uint64_t choose_promise(const caucus_masses *masses)
{
    static const char ending[] = "/population";
    for (uint64_t q = 1; q < masses->n_quantities; q++) {
        const size_t length = strlen(masses->quantities[q]);
        if (length < sizeof ending || strcmp(masses->quantities[q] + length - (sizeof ending - 1), ending) != 0) {
            return q;
        }
    }
    return 1;
}

static void say_configuration(const caucus_masses *masses, uint64_t config, FILE *to)
{
    const double *mass = masses->mass + config * masses->n_quantities;
    char number[CAUCUS_MARKUP_NUMBER];
    fputs("<li>", to);
    if (masses->about.n_axes > 0) {
        fputs("<b>", to);
        put_case(masses, config, to);
        fputs("</b>: ", to);
    }
    if (isnan(mass[0])) {
        fprintf(to, "not even <b>%s</b> members succeed, the most that there can be",
                caucus_markup_number((double)masses->largest[config], number));
    } else {
        fprintf(to, "<b>%s</b> member%s", caucus_markup_number(mass[0], number),
                mass[0] == 1 ? " succeeds" : "s succeed");
    }
    if (masses->n_quantities > 1) {
        const uint64_t chosen = choose_promise(masses);
        const double promise = mass[chosen];
        const caucus_undecided range = caucus_masses_undecided(masses, config, chosen);
        if (isnan(promise)) {
            fputs("; no size can promise it", to);
        } else {
            fprintf(to, "; <b>%s</b> can promise it", caucus_markup_number(promise, number));
            if (mass[0] > 0 && promise >= 1.05 * mass[0]) {
                fprintf(to, ", %s as many", caucus_markup_times(promise / mass[0], number));
            }
        }
        if (range.impossible_below > 1) {
            fprintf(to, "; with fewer than <b>%s</b> it is impossible",
                    caucus_markup_number(range.impossible_below, number));
        }
        if (!isnan(range.until)) {
            fprintf(to, ", up to %s undecided", caucus_markup_number(range.until, number));
        }
    }
    fputs(".</li>\n", to);
}

static void put_words(const caucus_masses *masses, FILE *to)
{
    const uint64_t n = masses->about.identity.n_configs;
    fputs("<ul class=\"say\">\n", to);
    for (uint64_t config = 0; config < n && config < MOST_SENTENCES; config++) {
        say_configuration(masses, config, to);
    }
    fputs("</ul>\n", to);
    if (masses->n_quantities > 1) {
        fputs("<p class=\"dim\">Promises of the sentences are by ", to);
        caucus_markup_text(to, masses->quantities[choose_promise(masses)]);
        fputs(", chosen before looking: the experiment's first method that needs no more than data.", to);
        if (n > MOST_SENTENCES) {
            fprintf(to, " %llu more cases are in the table below.", (unsigned long long)(n - MOST_SENTENCES));
        }
        fputs("</p>\n", to);
    }
}

/* ---- the chart --------------------------------------------------------------------------------------------------- */

static caucus_status put_chart(const caucus_masses *masses, FILE *to)
{
    caucus_bars bars = {0};
    uint64_t n_left = 0;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_masses_bars(masses, MOST_BARS, &bars, &n_left), done);
    fprintf(to,
            "<section>\n<h2>How many does it take?</h2>\n<p class=\"dim\">A dot is the smallest size found, the bar "
            "its confidence interval.%s</p>\n",
            caucus_masses_have_above(masses)
                ? " Impossible: sizes at which the members' own data exclude it. Between these and the "
                  "promise it is undecided."
                : "");
    caucus_page_saver("sizes", to);
    caucus_bars_put(&bars, "members", to);
    if (n_left > 0) {
        fprintf(to, "<p class=\"dim\">%llu more configurations are in the table below.</p>\n",
                (unsigned long long)n_left);
    }
    fputs("</section>\n", to);
done:
    caucus_bars_free(&bars);
    return status;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void put_number(double value, FILE *to)
{
    char number[CAUCUS_MARKUP_NUMBER];
    if (isnan(value)) {
        fputs("<td class=\"n\">–", to);
    } else {
        fprintf(to, "<td class=\"n\" data-v=\"%.17g\">%s", value, caucus_markup_number(value, number));
    }
}

static void put_row(const caucus_masses *masses, uint64_t config, uint64_t quantity, FILE *to)
{
    const caucus_metadata *about = &masses->about;
    const uint64_t i = config * masses->n_quantities + quantity;
    fputs("<tr>", to);
    for (uint32_t a = 0; a < about->n_axes; a++) {
        if (about->axes[a].numbers != NULL) {
            put_number(about->axes[a].numbers[config], to);
        } else {
            fputs("<td>", to);
            caucus_markup_text(to, about->axes[a].words[config]);
        }
    }
    fputs("<td>", to);
    caucus_markup_text(to, masses->quantities[quantity]);
    put_number(masses->mass[i], to);
    put_number(masses->low[i], to);
    put_number(masses->high[i], to);
    put_number(masses->mass[i] / (double)about->consumers[config], to);
    put_number((double)masses->largest[config], to);
    if (caucus_masses_have_above(masses)) {
        const caucus_undecided range = caucus_masses_undecided(masses, config, quantity);
        put_number(range.impossible_below, to);
        put_number(isnan(range.until) ? NAN : range.impossible_below, to);
        put_number(range.until, to);
    }
    fprintf(to, "<td class=\"n bar\" style=\"--p:%.1f%%\">%.4f</tr>\n", 100 * fmin(fmax(masses->value[i], 0), 1),
            masses->value[i]);
}

static void put_table(const caucus_masses *masses, FILE *to)
{
    const uint64_t n = masses->about.identity.n_configs * masses->n_quantities;
    uint64_t rows = 0;
    fputs(
        "<h2>All configurations</h2>\n<div class=\"keys\" data-script hidden><input id=\"find\" placeholder=\"filter\" "
        "aria-label=\"filter\" size=\"30\"><span class=\"dim\">click a heading to sort; <span id=\"count\"></span>"
        "</span></div>\n<div class=\"wide\"><table id=\"all\"><thead><tr>",
        to);
    for (uint32_t a = 0; a < masses->about.n_axes; a++) {
        fputs("<th>", to);
        caucus_markup_text(to, masses->about.axes[a].long_name);
    }
    fprintf(to,
            "<th>quantity<th>critical mass<th>from<th>to<th>share<th>largest possible%s<th>reached</tr></thead>"
            "<tbody>\n",
            caucus_masses_have_above(masses) ? "<th>impossible below<th>undecided from<th>to" : "");
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t quantity = i % masses->n_quantities;
        if (caucus_masses_is_above(masses, quantity)) {
            continue; /* in its counterpart's row */
        }
        if (rows++ < MOST_ROWS) {
            put_row(masses, i / masses->n_quantities, quantity, to);
        }
    }
    fputs("</tbody></table></div>\n", to);
    if (rows > MOST_ROWS) {
        fprintf(to, "<p class=\"dim\">%llu more rows are in the file.</p>\n", (unsigned long long)(rows - MOST_ROWS));
    }
}

static caucus_status write_page(const void *context, FILE *to)
{
    const solution_page *page = context;
    caucus_page_begin(page->masses->about.name, to);
    caucus_page_badge("critical mass", true, to);
    caucus_page_heading_end(to);
    caucus_page_description(page->masses->about.identity.experiment, to);
    put_facts(page->masses, to);
    put_words(page->masses, to);
    TRY(put_chart(page->masses, to));
    put_table(page->masses, to);
    caucus_page_making_begin(&page->masses->about, "solve", to);
    fputs(" --collective ", to);
    caucus_markup_shell_word(to, page->masses->collective);
    fprintf(to, " --target %g --statistic ", page->masses->target);
    caucus_markup_shell_word(to, page->masses->statistic);
    fprintf(to, " --confidence %g", page->masses->confidence);
    caucus_page_making_end(&page->masses->about, page->masses->finished, page->path, to);
    caucus_page_end(to);
    return CAUCUS_OK;
}

caucus_status caucus_page_solution(const char *path, const caucus_report_options *options)
{
    caucus_masses masses;
    TRY(caucus_masses_check_options(path, options));
    TRY(caucus_masses_read(path, &masses));
    const solution_page page = {&masses, path};
    const caucus_status status = caucus_output_write(options->output, options->force, write_page, &page);
    caucus_masses_free(&masses);
    return status;
}
