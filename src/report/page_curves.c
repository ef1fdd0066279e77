/* What was found: sentences, curves, maps, collectives beside each other. */
#include "report/markup.h"
#include "report/overlay.h"
#include "report/page.h"
#include "report/range.h"
#include "report/words.h"

#include <math.h>

/* More marks than these in panels make a page slow to open. */
enum { MOST_MARKS = 60000, MOST_CELLS = 40000 };

static void put(const caucus_page *page, const char *text)
{
    caucus_markup_text(page->to, text);
}

/* The grid of n panels; a few of them may be larger. */
static void open_panels(const caucus_page *page, uint64_t n)
{
    enum { FEW = 3 };
    fprintf(page->to, "<div class=\"panels%s\">\n", n <= FEW ? " few" : "");
}

static uint64_t count_panels(const caucus_page *page)
{
    return caucus_findings_panels(page->findings, page->chart.over, CAUCUS_NO_AXIS);
}

static void put_method(const caucus_page *page)
{
    if (page->chart.method != CAUCUS_NO_AXIS) {
        fputs(" A promise is the 5 % quantile of a bound over trials, by ", page->to);
        put(page, page->about->method_names[page->chart.method]);
        fputs(", chosen before looking", page->to);
        fputs(page->about->identity.shape.n_methods > 1 ? " (<code>--method</code> names another)." : ".", page->to);
    }
}

void caucus_page_words(const caucus_page *page)
{
    fputs("<ul class=\"say\">\n", page->to);
    const uint64_t left_out = caucus_words_findings(&page->chart, CAUCUS_PAGE_SENTENCES, page->to);
    fprintf(page->to, "</ul>\n<p class=\"dim\">Goal: a mean success of %g.", page->chart.goal);
    put_method(page);
    if (page->chart.over != CAUCUS_NO_AXIS) {
        fputs(" Values are those of the sweep; <code>caucus solve</code> finds sizes to the member.", page->to);
    }
    if (left_out > 0) {
        fprintf(page->to, " %llu more cases are in the table below.", (unsigned long long)left_out);
    }
    fputs("</p>\n", page->to);
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

static void put_keys(const caucus_page *page)
{
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n = caucus_chart_series(&page->chart, series);
    for (uint32_t s = 0; s < n; s++) {
        fprintf(page->to,
                "<button class=\"key\" data-series=\"%u\" aria-pressed=\"true\"><svg width=\"22\" height=\"8\"><path "
                "class=\"line s%u d%u\" d=\"M0 4H22\"/></svg>",
                s, series[s].colour, series[s].dash);
        caucus_chart_series_name(&page->chart, &series[s], page->to);
        fputs("</button>", page->to);
    }
    if (page->chart.overlay != NULL) {
        fputs("<button class=\"key\" data-series=\"published\" aria-pressed=\"true\"><svg width=\"12\" "
              "height=\"8\"><path "
              "class=\"published\" d=\"M3 1l6 6m0 -6l-6 6\"/></svg>published</button>",
              page->to);
    }
}

/* Where a panel lies on the axes that panels differ in, for the choosers: "0 3 ". */
static void open_panel(const caucus_page *page, uint64_t config)
{
    fprintf(page->to, "<svg class=\"panel\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" data-at=\"", page->chart.width,
            page->chart.height);
    for (uint32_t a = 0; a < page->about->n_axes; a++) {
        fprintf(page->to, "%llu ", (unsigned long long)caucus_findings_index(page->findings, config, a));
    }
    fputs("\">\n", page->to);
}

static caucus_status put_panels(const caucus_page *page, const caucus_chart *chart, uint64_t first, uint64_t end)
{
    open_panels(page, count_panels(page));
    for (uint64_t panel = first; panel < end; panel++) {
        open_panel(page, caucus_findings_config(page->findings, panel, chart->over, 0, CAUCUS_NO_AXIS, 0));
        TRY(caucus_chart_curves(chart, panel, page->to));
        fputs("</svg>\n", page->to);
    }
    fputs("</div>\n", page->to);
    return CAUCUS_OK;
}

/* A list for each axis that panels differ in; scripts show the panels of what is chosen. */
static void put_choosers(const caucus_page *page)
{
    enum { MOST_CHOICES = 500 };
    fputs("<div class=\"keys\" data-script hidden><span class=\"dim\">show</span>", page->to);
    for (uint32_t a = 0; a < page->about->n_axes; a++) {
        const caucus_coordinate *axis = &page->about->axes[a];
        if (a == page->chart.over || page->findings->lengths[a] < 2 || page->findings->lengths[a] > MOST_CHOICES) {
            continue;
        }
        fputs("<label>", page->to);
        put(page, axis->long_name);
        fprintf(page->to, " <select class=\"choose\" data-axis=\"%u\"><option value=\"\">all</option>", a);
        for (uint64_t i = 0; i < page->findings->lengths[a]; i++) {
            const uint64_t config = caucus_findings_config(page->findings, 0, a, i, CAUCUS_NO_AXIS, 0);
            char number[CAUCUS_MARKUP_NUMBER];
            fprintf(page->to, "<option value=\"%llu\">", (unsigned long long)i);
            put(page,
                axis->numbers != NULL ? caucus_markup_number(axis->numbers[config], number) : axis->words[config]);
            fputs("</option>", page->to);
        }
        fputs("</select></label>", page->to);
    }
    fputs("</div>\n", page->to);
}

/* Panels that are drawn: a dozen at least, and as many as a page can carry. */
static uint64_t count_drawn(const caucus_page *page, uint64_t *marks)
{
    caucus_series series[CAUCUS_MOST_SERIES];
    *marks = caucus_chart_series(&page->chart, series) * page->findings->lengths[page->chart.over] + 20;
    const uint64_t room = MOST_MARKS / *marks > CAUCUS_PAGE_PANELS ? MOST_MARKS / *marks : CAUCUS_PAGE_PANELS;
    const uint64_t n = count_panels(page);
    return n < room ? n : room;
}

/* ---- views: the same panels over other ranges of the axis -------------------------------------------------------- */

enum { MOST_VIEWS = 3 };

typedef struct curve_view {
    const char *name;
    caucus_chart_range range;
} curve_view;

/* The whole axis first, which is what there is without scripts; others while the page can carry them. */
static uint32_t find_views(const caucus_page *page, uint64_t marks, curve_view views[MOST_VIEWS])
{
    uint32_t n = 0;
    views[n++] = (curve_view){"whole range", page->chart.range};
    if (MOST_VIEWS * marks > MOST_MARKS) {
        return n;
    }
    if (caucus_range_of_changes(&page->chart, &views[n].range)) {
        views[n++].name = "where it changes";
    }
    if (caucus_range_rescaled(&page->chart, &views[n].range)) {
        views[n].name = views[n].range.logarithmic ? "logarithmic" : "linear";
        n++;
    }
    return n;
}

static void put_view_choice(const curve_view *views, uint32_t n, FILE *to)
{
    fputs("<span class=\"views\" data-script hidden>", to);
    for (uint32_t i = 0; i < n && n > 1; i++) {
        fprintf(to, "<button class=\"look\" data-view=\"%u\" aria-pressed=\"%s\">%s</button>", i,
                i == 0 ? "true" : "false", views[i].name);
    }
    fputs("</span>", to);
}

static caucus_status put_view(const caucus_page *page, const curve_view *view, uint32_t number, uint64_t first,
                              uint64_t drawn)
{
    caucus_chart chart = page->chart;
    chart.range = view->range;
    fprintf(page->to, "<div class=\"view\" data-view=\"%u\"%s>\n", number, number > 0 ? " hidden" : "");
    TRY(put_panels(page, &chart, 0, first));
    if (drawn > first) {
        fprintf(page->to, "<details class=\"more\"><summary>%llu more panels</summary>\n",
                (unsigned long long)(drawn - first));
        TRY(put_panels(page, &chart, first, drawn));
        fputs("</details>\n", page->to);
    }
    fputs("</div>\n", page->to);
    return CAUCUS_OK;
}

static caucus_status put_views(const caucus_page *page)
{
    uint64_t marks = 0;
    const uint64_t n = count_panels(page);
    const uint64_t drawn = count_drawn(page, &marks);
    const uint64_t first = drawn < CAUCUS_PAGE_PANELS ? drawn : CAUCUS_PAGE_PANELS;
    curve_view views[MOST_VIEWS];
    const uint32_t n_views = find_views(page, marks * drawn, views);
    fputs("<div class=\"keys\">", page->to);
    put_keys(page);
    put_view_choice(views, n_views, page->to);
    fputs("</div>\n", page->to);
    if (n > first) {
        put_choosers(page);
    }
    caucus_page_saver("curves", page->to);
    for (uint32_t i = 0; i < n_views; i++) {
        TRY(put_view(page, &views[i], i, first, drawn));
    }
    if (n > drawn) {
        fprintf(page->to,
                "<p class=\"dim\">%llu more panels are not drawn: <code>caucus plot --panel AXIS=VALUE</code> draws "
                "those of a value.</p>\n",
                (unsigned long long)(n - drawn));
    }
    return CAUCUS_OK;
}

caucus_status caucus_page_panels(const caucus_page *page)
{
    if (page->chart.over == CAUCUS_NO_AXIS) {
        return CAUCUS_OK;
    }
    fputs("<section>\n<h2>Success and promise over ", page->to);
    put(page, page->about->axes[page->chart.over].long_name);
    fprintf(page->to,
            "</h2>\n<p class=\"dim\">Lines are means over trials, shades go from the 5 %% to the 95 %% quantile, the "
            "dashed red line is the goal; below 0 a bound promises nothing.%s Point at a dot to read it.<span "
            "data-script hidden> "
            "Click a name to hide its line.</span></p>\n",
            page->about->identity.shape.upper
                ? " Above a dotted line success is impossible, as the collective's own data tell; between it and the "
                  "promise it is undecided."
                : "");
    if (page->chart.overlay != NULL) {
        caucus_words_agreement(&page->chart, page->to);
    }
    TRY(put_views(page));
    fputs("</section>\n", page->to);
    return CAUCUS_OK;
}

/* ---- maps and interplay ------------------------------------------------------------------------------------------ */

caucus_status caucus_page_maps(const caucus_page *page)
{
    const caucus_findings *findings = page->findings;
    if (findings->against == CAUCUS_NO_AXIS) {
        return CAUCUS_OK;
    }
    caucus_chart chart = page->chart;
    chart.against = findings->against == chart.over ? findings->over : findings->against;
    const uint64_t n = caucus_findings_panels(findings, chart.over, chart.against);
    const uint64_t cells = findings->lengths[chart.over] * findings->lengths[chart.against];
    const uint64_t room = MOST_CELLS / page->about->identity.shape.n_collectives / cells;
    const uint64_t most = room < 1 ? 1 : room < CAUCUS_PAGE_PANELS ? room : CAUCUS_PAGE_PANELS;
    fputs("<section>\n<h2>Mean success over ", page->to);
    put(page, page->about->axes[chart.over].long_name);
    fputs(" and ", page->to);
    put(page, page->about->axes[chart.against].long_name);
    fputs("</h2>\n<p class=\"dim\">From 0 (white) to 1 (dark).</p>\n", page->to);
    caucus_page_saver("maps", page->to);
    open_panels(page, n * page->about->identity.shape.n_collectives);
    for (uint32_t c = 0; c < page->about->identity.shape.n_collectives; c++) {
        for (uint64_t panel = 0; panel < n && panel < most; panel++) {
            fprintf(page->to, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", chart.width, chart.height);
            TRY(caucus_chart_map(&chart, panel, c, page->to));
            fputs("</svg>\n", page->to);
        }
    }
    fputs("</div>\n", page->to);
    if (n > most) {
        fprintf(page->to, "<p class=\"dim\">%llu more maps are not drawn; the table below has their numbers.</p>\n",
                (unsigned long long)(n - most));
    }
    fputs("</section>\n", page->to);
    return CAUCUS_OK;
}

void caucus_page_interplay(const caucus_page *page)
{
    const uint32_t n = page->about->identity.shape.n_collectives;
    bool any = false;
    if (n < 2) {
        return;
    }
    fputs("<section>\n<h2>Collectives beside each other</h2>\n", page->to);
    caucus_words_together(&page->chart, page->to);
    for (uint32_t c = 0; c < n && c < CAUCUS_PAGE_PANELS; c++) {
        if (!caucus_chart_others_vary(page->findings, c)) {
            continue;
        }
        if (!any) {
            fputs("<p class=\"dim\">Mean success of each over the share of the consumers that the others have "
                  "together: a "
                  "dot for each configuration, as large as its own share. Point at a dot to read it.</p>\n",
                  page->to);
            caucus_page_saver("interplay", page->to);
            open_panels(page, n);
        }
        any = true;
        fprintf(page->to, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", page->chart.width, page->chart.height);
        caucus_chart_interplay(&page->chart, c, page->to);
        fputs("</svg>\n", page->to);
    }
    fputs(any ? "</div>\n" : "<p class=\"dim\">The others' sizes are the same in all configurations.</p>\n", page->to);
    fputs("</section>\n", page->to);
}
