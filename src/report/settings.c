#include "report/settings.h"

#include "base/text.h"
#include "report/range.h"

#include <math.h>
#include <stdlib.h>
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

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* Mark a name that is a collective's, a method's, or "success". */
static caucus_status mark(const caucus_findings *findings, const char *wanted, bool *shown, bool chosen[2])
{
    const caucus_metadata *about = findings->about;
    const caucus_shape *shape = &about->identity.shape;
    const uint32_t n = shape->n_collectives + shape->n_methods + 1;
    const char **names = NULL;
    uint32_t found = 0;
    TRY(caucus_alloc(n, sizeof *names, "names of lines", &names));
    memcpy(names, about->collective_names, shape->n_collectives * sizeof *names);
    if (shape->n_methods > 0) {
        memcpy(names + shape->n_collectives, about->method_names, shape->n_methods * sizeof *names);
    }
    names[n - 1] = "success";
    caucus_status status = find_name("line", wanted, names, n, &found);
    free(names);
    TRY(status);
    shown[found] = true;
    chosen[found < shape->n_collectives ? 0 : 1] = true;
    return CAUCUS_OK;
}

/* What is named is shown, of collectives and of quantities; where none of either is named, all collectives, or success
 * and the chosen method. */
static caucus_status choose_series(const caucus_findings *findings, const caucus_report_options *options,
                                   caucus_chart *chart)
{
    const caucus_shape *shape = &findings->about->identity.shape;
    bool *shown = NULL;
    bool chosen[2] = {false, false};
    TRY(caucus_alloc((size_t)shape->n_collectives + shape->n_methods + 1, sizeof *shown, "lines", &shown));
    chart->shown = shown;
    for (size_t i = 0; i < options->n_series; i++) {
        TRY(mark(findings, options->series[i], shown, chosen));
    }
    for (uint32_t c = 0; c < shape->n_collectives && !chosen[0]; c++) {
        shown[c] = true;
    }
    if (!chosen[1]) {
        shown[shape->n_collectives + shape->n_methods] = true;
        if (chart->method != CAUCUS_NO_AXIS) {
            shown[shape->n_collectives + chart->method] = true;
        }
    }
    return CAUCUS_OK;
}

/* ---- panels ------------------------------------------------------------------------------------------------------ */

static bool has_value(const caucus_coordinate *axis, uint64_t config, const char *value)
{
    double number = 0;
    if (axis->numbers == NULL) {
        return strcmp(axis->words[config], value) == 0;
    }
    return caucus_text_number(value, &number) &&
           fabs(number - axis->numbers[config]) <= 1e-9 * fmax(fabs(number), fabs(axis->numbers[config]));
}

/* The axis that a choice names: the longest name that it begins with, for names may have "=" in them. */
static const caucus_coordinate *find_chosen_axis(const caucus_metadata *about, const char *choice, const char **value)
{
    const caucus_coordinate *found = NULL;
    size_t longest = 0;
    for (uint32_t a = 0; a < about->n_axes; a++) {
        const size_t n = strlen(about->axes[a].long_name);
        if (strncmp(choice, about->axes[a].long_name, n) == 0 && choice[n] == '=' && (found == NULL || n > longest)) {
            found = &about->axes[a];
            longest = n;
            *value = choice + n + 1;
        }
    }
    return found;
}

/* Drop the panels that lie elsewhere on the axis than one choice says. */
static caucus_status narrow(const caucus_chart *chart, const char *choice, uint64_t *panels, uint64_t *n)
{
    const caucus_metadata *about = chart->findings->about;
    const char *value = NULL;
    const caucus_coordinate *axis = find_chosen_axis(about, choice, &value);
    if (axis == NULL || axis == &about->axes[chart->over]) {
        return caucus_fail(CAUCUS_INVALID,
                           "panels are chosen by AXIS=VALUE of an axis that is not drawn over, not \"%s\"", choice);
    }
    uint64_t kept = 0;
    for (uint64_t i = 0; i < *n; i++) {
        const uint64_t config = caucus_findings_config(chart->findings, panels[i], chart->over, 0, CAUCUS_NO_AXIS, 0);
        if (has_value(axis, config, value)) {
            panels[kept++] = panels[i];
        }
    }
    *n = kept;
    chart->fixed[axis - about->axes] = true;
    return kept > 0 ? CAUCUS_OK : caucus_fail(CAUCUS_INVALID, "there is no panel with %s", choice);
}

caucus_status caucus_report_settings_panels(caucus_chart *chart, const caucus_report_options *options,
                                            uint64_t **panels, uint64_t *n)
{
    *n = caucus_findings_panels(chart->findings, chart->over, CAUCUS_NO_AXIS);
    TRY(caucus_alloc(*n, sizeof **panels, "panels", panels));
    TRY(caucus_alloc(chart->findings->about->n_axes, sizeof *chart->fixed, "axes", &chart->fixed));
    for (uint64_t i = 0; i < *n; i++) {
        (*panels)[i] = i;
    }
    for (size_t i = 0; i < options->n_panels; i++) {
        TRY(narrow(chart, options->panels[i], *panels, n));
    }
    return CAUCUS_OK;
}

/* ---- the chart --------------------------------------------------------------------------------------------------- */

/* The method that is told where not all are: the first that a collective could compute, chosen before looking. Limits
 * of the population itself are known to nobody. */
static uint32_t choose_method(const caucus_findings *findings)
{
    static const char ending[] = "/population";
    const uint32_t n = findings->about->identity.shape.n_methods;
    for (uint32_t m = 0; m < n; m++) {
        const char *name = findings->about->method_names[m];
        const size_t length = strlen(name);
        if (length < sizeof ending || strcmp(name + length - (sizeof ending - 1), ending) != 0) {
            return m;
        }
    }
    return n > 0 ? 0 : CAUCUS_NO_AXIS;
}

caucus_status caucus_report_settings_apply(const caucus_findings *findings, const caucus_report_options *options,
                                           caucus_chart *chart, caucus_overlay *overlay)
{
    const caucus_shape *shape = &findings->about->identity.shape;
    *chart = (caucus_chart){.findings = findings, .over = findings->over, .against = CAUCUS_NO_AXIS};
    chart->method = choose_method(findings);
    if (options->method != NULL) {
        TRY(find_name("method", options->method, (const char *const *)findings->about->method_names, shape->n_methods,
                      &chart->method));
    }
    chart->goal = options->goal == 0 ? 0.9 : options->goal;
    if (!(chart->goal > 0 && chart->goal <= 1)) {
        return caucus_fail(CAUCUS_INVALID, "the goal is a success above 0 and at most 1, not %g", chart->goal);
    }
    TRY(options->over == NULL ? CAUCUS_OK : choose_over(findings, options->over, chart));
    if (chart->over != CAUCUS_NO_AXIS) {
        TRY(caucus_range_order(findings, chart->over, &chart->order));
        chart->range = caucus_range_whole(chart);
    }
    if (options->n_series > 0) {
        TRY(choose_series(findings, options, chart));
    }
    if (options->overlay != NULL) {
        TRY(caucus_overlay_read(options->overlay, chart, overlay));
        chart->overlay = overlay;
    }
    return CAUCUS_OK;
}

void caucus_report_settings_free(caucus_chart *chart)
{
    free(chart->shown);
    chart->shown = NULL;
    free(chart->order);
    free(chart->fixed);
    chart->fixed = NULL;
    chart->order = NULL;
}
