#include "report/findings.h"

#include "base/text_stream.h"
#include "report/markup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_value(const caucus_coordinate *axis, uint64_t a, uint64_t b)
{
    return axis->numbers != NULL ? axis->numbers[a] == axis->numbers[b] : strcmp(axis->words[a], axis->words[b]) == 0;
}

/* The axes' lengths from the last to the first: an axis begins anew after its length, in steps of what comes faster. */
static void find_lengths(caucus_findings *findings)
{
    const caucus_metadata *about = findings->about;
    const uint64_t n = about->identity.n_configs;
    uint64_t step = 1;
    for (uint32_t a = about->n_axes; a-- > 0;) {
        uint64_t length = 1;
        while (length * step < n && !same_value(&about->axes[a], 0, length * step)) {
            length++;
        }
        findings->lengths[a] = length;
        step *= length;
    }
    findings->grid = step == n;
    for (uint64_t config = 0; config < n && findings->grid; config++) {
        uint64_t place = 1;
        for (uint32_t a = about->n_axes; a-- > 0;) {
            const uint64_t index = config / place % findings->lengths[a];
            findings->grid = findings->grid && same_value(&about->axes[a], config, index * place);
            place *= findings->lengths[a];
        }
    }
}

static void choose_axes(caucus_findings *findings)
{
    findings->over = CAUCUS_NO_AXIS;
    findings->against = CAUCUS_NO_AXIS;
    for (uint32_t a = findings->about->n_axes; a-- > 0 && findings->grid;) {
        if (findings->about->axes[a].numbers == NULL || findings->lengths[a] < 2) {
            continue;
        }
        if (findings->over == CAUCUS_NO_AXIS) {
            findings->over = a;
        } else if (findings->against == CAUCUS_NO_AXIS) {
            findings->against = a;
        }
    }
}

static caucus_status read_summaries(caucus_result *result, caucus_findings *findings)
{
    const caucus_shape *shape = &findings->about->identity.shape;
    const uint64_t n = findings->about->identity.n_configs;
    caucus_summary *summary = NULL;
    caucus_status status = caucus_summary_alloc(shape, &summary);
    for (int v = 0; v < CAUCUS_N_SUMMARY && status == CAUCUS_OK; v++) {
        findings->widths[v] = caucus_summary_width(v, shape);
        if (findings->widths[v] > 0) {
            status = caucus_alloc(n * findings->widths[v], sizeof(double), "summaries", &findings->values[v]);
        }
    }
    for (uint64_t config = 0; config < n && status == CAUCUS_OK; config++) {
        findings->trials[config] = caucus_result_trials(result, config);
        if (findings->trials[config] > 0) {
            status = caucus_result_summary(result, config, summary);
        }
        for (int v = 0; v < CAUCUS_N_SUMMARY && status == CAUCUS_OK; v++) {
            for (size_t i = 0; i < findings->widths[v]; i++) {
                findings->values[v][config * findings->widths[v] + i] =
                    findings->trials[config] > 0 ? summary->values[v][i] : NAN;
            }
        }
    }
    free(summary);
    return status;
}

static caucus_status open_findings(caucus_result *result, caucus_findings *findings)
{
    memset(findings, 0, sizeof *findings);
    findings->result = result;
    findings->about = &result->skeleton;
    const uint64_t n = findings->about->identity.n_configs;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(findings->about->n_axes, sizeof *findings->lengths, "axes", &findings->lengths), failed);
    TRY_GOTO(caucus_alloc(n, sizeof *findings->trials, "summaries", &findings->trials), failed);
    TRY_GOTO(read_summaries(result, findings), failed);
    find_lengths(findings);
    choose_axes(findings);
    return CAUCUS_OK;
failed:
    caucus_findings_close(findings);
    return status;
}

caucus_status caucus_findings_open(caucus_result *result, caucus_findings *findings)
{
    enum { ATTEMPTS = 5 };
    caucus_status status = open_findings(result, findings);
    for (int attempt = 1; attempt < ATTEMPTS && caucus_result_moves(result, status); attempt++) {
        TRY(caucus_result_reopen(result));
        status = open_findings(result, findings);
    }
    return status;
}

void caucus_findings_close(caucus_findings *findings)
{
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        free(findings->values[v]);
    }
    free(findings->trials);
    free(findings->lengths);
    memset(findings, 0, sizeof *findings);
}

double caucus_findings_of(const caucus_findings *findings, int variable, uint64_t config, uint32_t collective,
                          uint32_t method)
{
    if (findings->widths[variable] == 0) {
        return NAN;
    }
    const unsigned dimensions = caucus_summary_variables[variable].dimensions;
    size_t at = (dimensions & CAUCUS_ON_COLLECTIVE) != 0 ? collective : 0;
    at = (dimensions & CAUCUS_ON_METHOD) != 0 ? at * findings->about->identity.shape.n_methods + method : at;
    return findings->values[variable][config * findings->widths[variable] + at];
}

bool caucus_findings_has(const caucus_findings *findings, uint64_t config, uint32_t collective)
{
    return findings->trials[config] > 0 &&
           !isnan(caucus_findings_of(findings, CAUCUS_SUCCESS_MEAN, config, collective, 0));
}

static uint64_t place_of(const caucus_findings *findings, uint32_t axis)
{
    uint64_t place = 1;
    for (uint32_t a = findings->about->n_axes; a-- > axis + 1;) {
        place *= findings->lengths[a];
    }
    return place;
}

uint64_t caucus_findings_index(const caucus_findings *findings, uint64_t config, uint32_t axis)
{
    return config / place_of(findings, axis) % findings->lengths[axis];
}

uint64_t caucus_findings_panels(const caucus_findings *findings, uint32_t over, uint32_t against)
{
    uint64_t n = 1;
    for (uint32_t a = 0; a < findings->about->n_axes; a++) {
        n *= a == over || a == against ? 1 : findings->lengths[a];
    }
    return n;
}

uint64_t caucus_findings_config(const caucus_findings *findings, uint64_t panel, uint32_t over, uint64_t i,
                                uint32_t against, uint64_t j)
{
    uint64_t config = 0;
    uint64_t place = 1;
    for (uint32_t a = findings->about->n_axes; a-- > 0;) {
        uint64_t index = a == over ? i : j;
        if (a != over && a != against) {
            index = panel % findings->lengths[a];
            panel /= findings->lengths[a];
        }
        config += index * place;
        place *= findings->lengths[a];
    }
    return config;
}

uint64_t caucus_findings_panel(const caucus_findings *findings, uint64_t config, uint32_t over)
{
    uint64_t panel = 0;
    for (uint32_t a = 0; a < findings->about->n_axes; a++) {
        panel = a == over ? panel : panel * findings->lengths[a] + caucus_findings_index(findings, config, a);
    }
    return panel;
}

void caucus_findings_title(const caucus_findings *findings, uint64_t config, uint32_t over, uint32_t against, FILE *to)
{
    caucus_findings_short_title(findings, config, over, against, NULL, to);
}

void caucus_findings_short_title(const caucus_findings *findings, uint64_t config, uint32_t over, uint32_t against,
                                 const bool *left_out, FILE *to)
{
    const char *before = "";
    for (uint32_t a = 0; a < findings->about->n_axes; a++) {
        const caucus_coordinate *axis = &findings->about->axes[a];
        if (a == over || a == against || (left_out != NULL && left_out[a])) {
            continue;
        }
        fputs(before, to);
        caucus_markup_text(to, axis->long_name);
        fputc(' ', to);
        char number[CAUCUS_MARKUP_NUMBER];
        caucus_markup_text(to, axis->numbers != NULL ? caucus_markup_number(axis->numbers[config], number)
                                                     : axis->words[config]);
        before = ", ";
    }
}

caucus_status caucus_findings_title_text(const caucus_findings *findings, uint64_t config, uint32_t over,
                                         uint32_t against, char **title)
{
    static const char what[] = "a case's name";
    caucus_text_stream made;
    TRY(caucus_text_stream_open(&made, what));
    caucus_findings_title(findings, config, over, against, made.to);
    TRY(caucus_text_stream_close(&made, what));
    *title = made.text;
    return CAUCUS_OK;
}
