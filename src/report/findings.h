/* What a report tells of a result: the summaries of all configurations, and how the sweep's axes lie. */
#ifndef CAUCUS_REPORT_FINDINGS_H
#define CAUCUS_REPORT_FINDINGS_H

#include "result/result.h"

#define CAUCUS_NO_AXIS UINT32_MAX

typedef struct caucus_findings {
    const caucus_result *result;
    const caucus_metadata *about;     /* names, axes, sizes */
    double *values[CAUCUS_N_SUMMARY]; /* [config][collective][method], as far as the variable has them; NULL: absent */
    size_t widths[CAUCUS_N_SUMMARY];  /* values of a configuration */
    uint64_t *trials;                 /* [config] that are there */
    bool grid;                        /* the axes form a grid, the last one fastest */
    uint64_t *lengths;                /* [axis] values, where there is a grid */
    uint32_t over;                    /* the axis that curves are drawn over: the last numeric one with two values or
                                         more; CAUCUS_NO_AXIS: none */
    uint32_t against;                 /* the numeric axis before it, for maps of two; CAUCUS_NO_AXIS: none */
} caucus_findings;

/* Read everything; the result stays open as long as the findings are used. */
caucus_status caucus_findings_open(caucus_result *result, caucus_findings *findings);
void caucus_findings_close(caucus_findings *findings);

/* Values of variables of summaries; NaN where there is none. */
double caucus_findings_of(const caucus_findings *findings, int variable, uint64_t config, uint32_t collective,
                          uint32_t method);

/* Whether a configuration has a collective, and trials of it. */
bool caucus_findings_has(const caucus_findings *findings, uint64_t config, uint32_t collective);

/* The index of a configuration on an axis of the grid. */
uint64_t caucus_findings_index(const caucus_findings *findings, uint64_t config, uint32_t axis);

/* Panels: the points of all axes but those two (CAUCUS_NO_AXIS: none). How many; and the configuration of a panel at
 * indices of the two. */
uint64_t caucus_findings_panels(const caucus_findings *findings, uint32_t over, uint32_t against);
uint64_t caucus_findings_config(const caucus_findings *findings, uint64_t panel, uint32_t over, uint64_t i,
                                uint32_t against, uint64_t j);

/* The panel over one axis that a configuration lies in. */
uint64_t caucus_findings_panel(const caucus_findings *findings, uint64_t config, uint32_t over);

/* Write "target Poor, share 0.1": the values of a configuration on all axes but those two, escaped for markup; and but
 * those that are left out ([axis]). */
void caucus_findings_title(const caucus_findings *findings, uint64_t config, uint32_t over, uint32_t against, FILE *to);
void caucus_findings_short_title(const caucus_findings *findings, uint64_t config, uint32_t over, uint32_t against,
                                 const bool *left_out, FILE *to);

/* The same in memory, for the caller to free. */
caucus_status caucus_findings_title_text(const caucus_findings *findings, uint64_t config, uint32_t over,
                                         uint32_t against, char **title);

#endif
