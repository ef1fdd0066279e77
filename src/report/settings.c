#include "report/settings.h"

#include "base/text.h"

#include <string.h>

/* CAUCUS_INVALID with the nearest of the names. */
static caucus_status find_name(const char *what, const char *wanted, const char *const *names, uint32_t n,
                               uint32_t *found)
{
    for (*found = 0; *found < n; (*found)++) {
        if (strcmp(names[*found], wanted) == 0) {
            return CAUCUS_OK;
        }
    }
    const size_t near = caucus_text_nearest(wanted, names, n);
    if (near < n) {
        return caucus_fail(CAUCUS_INVALID, "the result has no %s \"%s\"; did you mean \"%s\"?", what, wanted,
                           names[near]);
    }
    return caucus_fail(CAUCUS_INVALID, "the result has no %s \"%s\"%s%s", what, wanted,
                       n > 0 ? "; it has, for instance, " : "; it has none", n > 0 ? names[0] : "");
}

static caucus_status choose_over(const caucus_findings *findings, const char *wanted, caucus_chart *chart)
{
    const caucus_metadata *about = findings->about;
    const char *names[64];
    const uint32_t n = about->n_axes < 64 ? about->n_axes : 64;
    for (uint32_t a = 0; a < n; a++) {
        names[a] = about->axes[a].long_name;
    }
    TRY(find_name("axis", wanted, names, n, &chart->over));
    if (about->axes[chart->over].numbers == NULL) {
        return caucus_fail(CAUCUS_INVALID, "the axis %s holds words: a chart needs one of numbers", wanted);
    }
    if (!findings->grid) {
        return caucus_fail(CAUCUS_INVALID, "the sweep is no grid: some value stands twice on an axis");
    }
    return CAUCUS_OK;
}

caucus_status caucus_report_settings_apply(const caucus_findings *findings, const caucus_report_options *options,
                                           caucus_chart *chart)
{
    const caucus_shape *shape = &findings->about->identity.shape;
    *chart = (caucus_chart){.findings = findings, .over = findings->over, .against = CAUCUS_NO_AXIS};
    chart->method = shape->n_methods > 0 ? 0 : CAUCUS_NO_AXIS;
    if (options->method != NULL) {
        TRY(find_name("method", options->method, (const char *const *)findings->about->method_names, shape->n_methods,
                      &chart->method));
    }
    chart->goal = options->goal == 0 ? 0.9 : options->goal;
    if (!(chart->goal > 0 && chart->goal <= 1)) {
        return caucus_fail(CAUCUS_INVALID, "the goal is a success above 0 and at most 1, not %g", chart->goal);
    }
    return options->over == NULL ? CAUCUS_OK : choose_over(findings, options->over, chart);
}
