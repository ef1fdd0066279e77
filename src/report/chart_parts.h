/* What curves and maps share: the frame with its labels. */
#ifndef CAUCUS_REPORT_CHART_PARTS_H
#define CAUCUS_REPORT_CHART_PARTS_H

#include "report/chart.h"
#include "report/scale.h"

enum { CAUCUS_CHART_LEFT = 40, CAUCUS_CHART_RIGHT = 16, CAUCUS_CHART_TOP = 20, CAUCUS_CHART_BOTTOM = 34 };

/* The value of an axis at an index of the grid. */
double caucus_chart_axis_value(const caucus_findings *findings, uint32_t axis, uint64_t index);

/* The panel's title, with a collective in front of it (CAUCUS_NO_AXIS: none), cut to its width, with the whole of it to
 * be read; lines at success 0, 0.25, ..., 1 and the goal; ticks with labels and a name below them. */
caucus_status caucus_chart_title(const caucus_chart *chart, uint64_t config, uint32_t collective, FILE *to);
void caucus_chart_levels(const caucus_chart *chart, const caucus_scale *x, const caucus_scale *y, FILE *to);
void caucus_chart_ticks(const caucus_chart *chart, const caucus_scale *x, const char *name, FILE *to);

#endif
