#include "report/words.h"

#include "report/markup.h"
#include "report/overlay.h"
#include "report/reach.h"

#include <math.h>
#include <stdbool.h>

/* ---- over an axis ------------------------------------------------------------------------------------------------ */

/* "succeed with 41,000 members (21,000 are not enough)": places are the collective's own sizes. */
static void say_members(const caucus_reach *reach, FILE *to)
{
    char hit[CAUCUS_MARKUP_NUMBER];
    char miss[CAUCUS_MARKUP_NUMBER];
    caucus_markup_number(reach->hit, hit);
    caucus_markup_number(reach->miss, miss);
    switch (reach->kind) {
    case CAUCUS_REACH_UNKNOWN:
        fputs("have no trials yet", to);
        break;
    case CAUCUS_REACH_FROM:
        fprintf(to, "succeed with <b>%s</b> members (%s are not enough)", hit, miss);
        break;
    case CAUCUS_REACH_UNTIL:
        fprintf(to, "succeed up to <b>%s</b> members, no longer with %s", hit, miss);
        break;
    case CAUCUS_REACH_ALWAYS:
        fprintf(to, "succeed with <b>%s</b> members already, the fewest tried", hit);
        break;
    case CAUCUS_REACH_NEVER:
        fprintf(to, "do not succeed with <b>%s</b> members, the most tried", miss);
        break;
    case CAUCUS_REACH_MIXED:
        fputs("succeed with some of the sizes tried, in no order", to);
        break;
    }
}

/* "; 121,000 can promise it, 3 times as many". */
static void say_promised_members(const caucus_reach *success, const caucus_reach *promise, FILE *to)
{
    char hit[CAUCUS_MARKUP_NUMBER];
    char times[CAUCUS_MARKUP_NUMBER];
    caucus_markup_number(promise->hit, hit);
    const bool countable = isfinite(promise->hit) && isfinite(success->hit) && success->hit > 0;
    switch (promise->kind) {
    case CAUCUS_REACH_UNKNOWN:
        break;
    case CAUCUS_REACH_FROM:
    case CAUCUS_REACH_ALWAYS:
        fprintf(to, "; <b>%s</b> can promise it", hit);
        if (countable && success->kind != CAUCUS_REACH_UNTIL && promise->hit >= 1.05 * success->hit) {
            fprintf(to, ", %s as many", caucus_markup_times(promise->hit / success->hit, times));
        }
        break;
    case CAUCUS_REACH_UNTIL:
        fprintf(to, "; up to <b>%s</b> can promise it", hit);
        break;
    case CAUCUS_REACH_NEVER:
        fputs("; none of the sizes tried can promise it", to);
        break;
    case CAUCUS_REACH_MIXED:
        fputs("; some of the sizes tried can promise it", to);
        break;
    }
}

/* "; with 40,000 it is impossible, with 45,000 to 60,000 undecided": between what the bound from above excludes and
 * what the one from below promises. */
static void say_impossible_members(const caucus_reach *limit, const caucus_reach *promise, FILE *to)
{
    char miss[CAUCUS_MARKUP_NUMBER];
    char from[CAUCUS_MARKUP_NUMBER];
    char until[CAUCUS_MARKUP_NUMBER];
    if (limit->kind == CAUCUS_REACH_NEVER) {
        fprintf(to, "; it is impossible even with <b>%s</b>", caucus_markup_number(limit->miss, miss));
    } else if (limit->kind == CAUCUS_REACH_FROM) {
        fprintf(to, "; with <b>%s</b> it is impossible", caucus_markup_number(limit->miss, miss));
        if (promise->kind == CAUCUS_REACH_NEVER) {
            fprintf(to, ", from %s on undecided", caucus_markup_number(limit->hit, from));
        } else if (promise->kind == CAUCUS_REACH_FROM && promise->miss > limit->hit) {
            fprintf(to, ", with %s to %s undecided", caucus_markup_number(limit->hit, from),
                    caucus_markup_number(promise->miss, until));
        } else if (promise->kind == CAUCUS_REACH_FROM && promise->miss == limit->hit) {
            fprintf(to, ", with %s undecided", caucus_markup_number(limit->hit, from));
        }
    }
}

/* "from share 0.2 on (0.1 is not enough)": places are values of the axis. */
static void say_place(const char *axis, const caucus_reach *reach, FILE *to)
{
    char hit[CAUCUS_MARKUP_NUMBER];
    char miss[CAUCUS_MARKUP_NUMBER];
    static const char *const before[] = {[CAUCUS_REACH_UNKNOWN] = "at no finished value of ",
                                         [CAUCUS_REACH_FROM] = "from ",
                                         [CAUCUS_REACH_UNTIL] = "up to ",
                                         [CAUCUS_REACH_ALWAYS] = "at every ",
                                         [CAUCUS_REACH_NEVER] = "at no ",
                                         [CAUCUS_REACH_MIXED] = "at some, not all values of "};
    fputs(before[reach->kind], to);
    caucus_markup_text(to, axis);
    if (reach->kind == CAUCUS_REACH_FROM) {
        fprintf(to, " <b>%s</b> on (%s is not enough)", caucus_markup_number(reach->hit, hit),
                caucus_markup_number(reach->miss, miss));
    } else if (reach->kind == CAUCUS_REACH_UNTIL) {
        fprintf(to, " <b>%s</b> (not at %s)", caucus_markup_number(reach->hit, hit),
                caucus_markup_number(reach->miss, miss));
    } else if (reach->kind == CAUCUS_REACH_ALWAYS || reach->kind == CAUCUS_REACH_NEVER) {
        fputs(" tried", to);
    }
}

static void say_case(const caucus_chart *chart, uint64_t panel, uint32_t collective, FILE *to)
{
    const caucus_metadata *about = chart->findings->about;
    const char *axis = about->axes[chart->over].long_name;
    const bool promised = chart->method != CAUCUS_NO_AXIS;
    const caucus_series series[3] = {{.collective = collective, .method = CAUCUS_NO_AXIS},
                                     {.collective = collective, .method = chart->method},
                                     {.collective = collective, .method = chart->method, .above = true}};
    const caucus_reach success = caucus_reach_find(chart, panel, &series[0]);
    const caucus_reach promise = promised ? caucus_reach_find(chart, panel, &series[1]) : success;
    const caucus_reach limit = promised ? caucus_reach_find(chart, panel, &series[2]) : success;
    caucus_markup_text(to, about->collective_names[collective]);
    fputc(' ', to);
    if (caucus_reach_in_members(chart, panel, collective)) {
        say_members(&success, to);
        if (promised) {
            say_promised_members(&success, &promise, to);
            say_impossible_members(&limit, &promise, to);
        }
        return;
    }
    fputs("succeed ", to);
    say_place(axis, &success, to);
    if (promised) {
        fputs("; can promise it ", to);
        say_place(axis, &promise, to);
        if (limit.kind == CAUCUS_REACH_FROM || limit.kind == CAUCUS_REACH_UNTIL) {
            char place[CAUCUS_MARKUP_NUMBER];
            fputs("; at ", to);
            caucus_markup_text(to, axis);
            fprintf(to, " %s it is impossible", caucus_markup_number(limit.miss, place));
        }
    }
}

/* ---- a configuration on its own ---------------------------------------------------------------------------------- */

static void say_configuration(const caucus_chart *chart, uint64_t config, uint32_t collective, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const caucus_metadata *about = findings->about;
    char members[CAUCUS_MARKUP_NUMBER];
    const double success = caucus_findings_of(findings, CAUCUS_SUCCESS_MEAN, config, collective, 0);
    const uint64_t size = about->sizes[config * about->identity.shape.n_collectives + collective];
    caucus_markup_text(to, about->collective_names[collective]);
    fprintf(to, ", %s member%s, succeed on <b>%.1f %%</b> of test points (%.1f to %.1f %% in 9 trials of 10)",
            caucus_markup_number((double)size, members), size == 1 ? "" : "s", 100 * success,
            100 * caucus_findings_of(findings, CAUCUS_SUCCESS_Q05, config, collective, 0),
            100 * caucus_findings_of(findings, CAUCUS_SUCCESS_Q95, config, collective, 0));
    if (chart->method != CAUCUS_NO_AXIS) {
        const double promise = caucus_findings_of(findings, CAUCUS_BOUND_Q05, config, collective, chart->method);
        if (isnan(promise) || promise <= 0) {
            fputs("; can promise nothing", to);
        } else {
            fprintf(to, "; can promise <b>%.1f %%</b>", 100 * promise);
        }
    }
}

uint64_t caucus_words_findings(const caucus_chart *chart, uint64_t most, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const caucus_metadata *about = findings->about;
    const bool over_axis = chart->over != CAUCUS_NO_AXIS;
    const uint64_t n =
        over_axis ? caucus_findings_panels(findings, chart->over, CAUCUS_NO_AXIS) : about->identity.n_configs;
    uint64_t said = 0;
    uint64_t left_out = 0;
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t config = over_axis ? caucus_findings_config(findings, i, chart->over, 0, CAUCUS_NO_AXIS, 0) : i;
        for (uint32_t c = 0; c < about->identity.shape.n_collectives; c++) {
            if (!over_axis && !caucus_findings_has(findings, config, c)) {
                continue;
            }
            if (said == most) {
                left_out++;
                continue;
            }
            said++;
            fputs("<li>", to);
            if (n > 1) {
                fputs("<b>", to);
                caucus_findings_title(findings, config, chart->over, CAUCUS_NO_AXIS, to);
                fputs("</b>: ", to);
            }
            if (over_axis) {
                say_case(chart, i, c, to);
            } else {
                say_configuration(chart, config, c, to);
            }
            fputs(".</li>\n", to);
        }
    }
    return left_out;
}

/* ---- collectives together, and the published --------------------------------------------------------------------- */

void caucus_words_together(const caucus_chart *chart, FILE *to)
{
    const caucus_findings *findings = chart->findings;
    const uint32_t n_collectives = findings->about->identity.shape.n_collectives;
    uint64_t n = 0;
    uint64_t all = 0;
    uint64_t none = 0;
    for (uint64_t config = 0; config < findings->about->identity.n_configs; config++) {
        uint32_t present = 0;
        uint32_t reach = 0;
        for (uint32_t c = 0; c < n_collectives; c++) {
            present += caucus_findings_has(findings, config, c);
            reach += caucus_findings_of(findings, CAUCUS_SUCCESS_MEAN, config, c, 0) >= chart->goal;
        }
        n += present > 1;
        all += present > 1 && reach == present;
        none += present > 1 && reach == 0;
    }
    if (n > 0) {
        fprintf(
            to,
            "<p>Of the %llu configuration%s with several collectives, all of them reach a success of %g together in "
            "<b>%llu</b>, some but not all in <b>%llu</b>, none in <b>%llu</b>.</p>\n",
            (unsigned long long)n, n == 1 ? "" : "s", chart->goal, (unsigned long long)all,
            (unsigned long long)(n - all - none), (unsigned long long)none);
    }
}

void caucus_words_agreement(const caucus_chart *chart, FILE *to)
{
    static const char *const what[] = {"success", "promises"};
    for (int promises = 0; promises < 2; promises++) {
        const caucus_agreement found = caucus_overlay_agreement(chart->overlay, chart, promises != 0);
        if (found.n == 0) {
            continue;
        }
        fprintf(to, "<p>Published %s (crosses): %llu point%s, %llu of them at values of the sweep", what[promises],
                (unsigned long long)found.n, found.n == 1 ? "" : "s", (unsigned long long)found.n_met);
        if (found.n_met > 0) {
            fprintf(to,
                    "; these differ from the mean over trials by at most <b>%.4f</b>, and <b>%llu</b> lie from the 5 "
                    "%% to the 95 %% quantile",
                    found.largest, (unsigned long long)found.n_within);
        }
        fputs(".</p>\n", to);
    }
}

/* ---- promises ---------------------------------------------------------------------------------------------------- */

static void add_rate(const caucus_findings *findings, uint64_t config, uint32_t collective, uint32_t method,
                     caucus_worst_rate *worst)
{
    const double rate = caucus_findings_of(findings, CAUCUS_VIOLATION_RATE, config, collective, method);
    if (isnan(rate)) {
        return;
    }
    const double low = caucus_findings_of(findings, CAUCUS_VIOLATION_LOW, config, collective, method);
    worst->n++;
    worst->n_significant += low > findings->about->delta;
    worst->vacuous += caucus_findings_of(findings, CAUCUS_VACUOUS_RATE, config, collective, method);
    worst->tightness += caucus_findings_of(findings, CAUCUS_TIGHTNESS_MEAN, config, collective, method);
    if (findings->about->identity.shape.upper) { /* fmax takes the other number where there is none */
        const double upper = caucus_findings_of(findings, CAUCUS_UPPER_VIOLATION_RATE, config, collective, method);
        worst->upper = fmax(worst->upper, upper);
    }
    if (!(rate <= worst->rate)) {
        worst->rate = rate;
        worst->low = low;
        worst->high = caucus_findings_of(findings, CAUCUS_VIOLATION_HIGH, config, collective, method);
        worst->config = config;
        worst->collective = collective;
    }
}

caucus_worst_rate caucus_words_worst_rate(const caucus_findings *findings, uint32_t collective, uint32_t method)
{
    caucus_worst_rate worst = {.rate = NAN, .low = NAN, .high = NAN, .upper = NAN};
    for (uint64_t config = 0; config < findings->about->identity.n_configs; config++) {
        for (uint32_t c = 0; c < findings->about->identity.shape.n_collectives; c++) {
            if (collective == CAUCUS_NO_AXIS || collective == c) {
                add_rate(findings, config, c, method, &worst);
            }
        }
    }
    worst.vacuous /= (double)(worst.n > 0 ? worst.n : 1);
    worst.tightness /= (double)(worst.n > 0 ? worst.n : 1);
    return worst;
}
