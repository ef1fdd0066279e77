/* How many does it take: a bar for success, each promise and each bound from above, between sizes of the sweep. */
#include "base/text_stream.h"
#include "report/bars.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/reach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BARS = 240 };

static caucus_status name_of(const caucus_page *page, const caucus_series *series, char **name)
{
    static const char what[] = "the name of a line";
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, what));
    if (series->above && page->about->identity.shape.n_collectives > 1) {
        caucus_markup_text(made.to, page->about->collective_names[series->collective]);
        fputs(": ", made.to);
    }
    if (series->above) {
        fputs("impossible, by ", made.to);
        caucus_markup_text(made.to, page->about->method_names[series->method]);
    } else {
        caucus_chart_series_name(&page->chart, series, made.to);
    }
    TRY(caucus_text_stream_close(&made, what));
    *name = made.text;
    return CAUCUS_OK;
}

static caucus_bar make_bar(const caucus_reach *reach, const caucus_series *series)
{
    char number[CAUCUS_MARKUP_NUMBER];
    caucus_bar bar = {.low = NAN, .high = NAN, .at = reach->hit, .colour = series->colour};
    if (series->above) { /* what a bound from above tells is where the goal is out of reach */
        bar.at = reach->miss;
    }
    const double shown = isnan(bar.at) ? reach->miss : bar.at;
    caucus_markup_number(shown, number);
    if (reach->kind == CAUCUS_REACH_FROM || reach->kind == CAUCUS_REACH_UNTIL) {
        bar.low = fmin(reach->hit, reach->miss);
        bar.high = fmax(reach->hit, reach->miss);
    }
    static const char *const says[] = {[CAUCUS_REACH_UNKNOWN] = "not known yet", [CAUCUS_REACH_FROM] = "%s",
                                       [CAUCUS_REACH_UNTIL] = "%s at most",      [CAUCUS_REACH_ALWAYS] = "%s or fewer",
                                       [CAUCUS_REACH_NEVER] = "not with %s",     [CAUCUS_REACH_MIXED] = "no order"};
    static const char *const says_above[] = {
        [CAUCUS_REACH_UNKNOWN] = "not known yet",   [CAUCUS_REACH_FROM] = "%s and fewer",
        [CAUCUS_REACH_UNTIL] = "%s and more",       [CAUCUS_REACH_ALWAYS] = "none of these sizes",
        [CAUCUS_REACH_NEVER] = "%s, and all fewer", [CAUCUS_REACH_MIXED] = "no order"};
    const char *form = series->above ? says_above[reach->kind] : says[reach->kind];
    const char *place = strstr(form, "%s");
    if (place == NULL) {
        snprintf(bar.says, sizeof bar.says, "%s", form);
    } else {
        snprintf(bar.says, sizeof bar.says, "%.*s%s%s", (int)(place - form), form, number, place + 2);
    }
    return bar;
}

static uint64_t count_panels(const caucus_page *page)
{
    return caucus_findings_panels(page->findings, page->chart.over, CAUCUS_NO_AXIS);
}

static caucus_status add_panel(const caucus_page *page, uint64_t panel, caucus_bars *bars)
{
    caucus_series series[CAUCUS_MOST_SERIES];
    const uint32_t n = caucus_chart_series(&page->chart, series);
    const uint64_t config = caucus_findings_config(page->findings, panel, page->chart.over, 0, CAUCUS_NO_AXIS, 0);
    bool first = count_panels(page) > 1;
    caucus_status status = CAUCUS_OK;
    for (uint32_t s = 0; s < n; s++) {
        if (!caucus_reach_in_members(&page->chart, panel, series[s].collective)) {
            continue;
        }
        const caucus_reach reach = caucus_reach_find(&page->chart, panel, &series[s]);
        caucus_bar bar = make_bar(&reach, &series[s]);
        status = name_of(page, &series[s], &bar.label);
        if (status == CAUCUS_OK && first) {
            status = caucus_findings_title_text(page->findings, config, page->chart.over, CAUCUS_NO_AXIS, &bar.head);
        }
        if (status != CAUCUS_OK) {
            free(bar.label);
            return status;
        }
        TRY(caucus_bars_add(bars, &bar));
        first = false;
    }
    return CAUCUS_OK;
}

caucus_status caucus_page_sizes(const caucus_page *page)
{
    caucus_bars bars = {0};
    uint64_t panel = 0;
    caucus_status status = CAUCUS_OK;
    if (page->chart.over == CAUCUS_NO_AXIS) {
        return CAUCUS_OK;
    }
    for (; panel < count_panels(page) && bars.n < MOST_BARS; panel++) {
        TRY_GOTO(add_panel(page, panel, &bars), done);
    }
    if (bars.n == 0) {
        goto done;
    }
    fprintf(page->to,
            "<section>\n<h2>How many does it take?</h2>\n<p class=\"dim\">To reach a mean success of %g, and to be "
            "able to promise "
            "it from the members' own data. The bar spans the two sizes of the sweep between which the goal is first "
            "reached for good.%s</p>\n",
            page->chart.goal,
            page->about->identity.shape.upper
                ? " Impossible: sizes at which their own data exclude it. Between these and "
                  "the promise it is undecided."
                : "");
    caucus_page_saver("sizes", page->to);
    caucus_bars_put(&bars, "members", page->to);
    if (panel < count_panels(page)) {
        fprintf(page->to, "<p class=\"dim\">%llu more cases are not drawn.</p>\n",
                (unsigned long long)(count_panels(page) - panel));
    }
    fputs("</section>\n", page->to);
done:
    caucus_bars_free(&bars);
    return status;
}
