/* What of an axis curves show: all of it, where they change, on one kind of scale or the other. */
#ifndef CAUCUS_REPORT_RANGE_H
#define CAUCUS_REPORT_RANGE_H

#include "report/chart.h"
#include "report/scale.h"

/* The indices of an axis from its least value to its largest, for the caller to free. */
caucus_status caucus_range_order(const caucus_findings *findings, uint32_t axis, uint64_t **order);

/* All of the chart's axis, logarithmic where values are above 0 and span a factor of 100 or more. */
caucus_chart_range caucus_range_whole(const caucus_chart *chart);

/* The least range of sweep values in which all panels' curves change by two percentage points or more from one value to
 * the next; not logarithmic. False where that is most of the axis, or nothing changes. */
bool caucus_range_of_changes(const caucus_chart *chart, caucus_chart_range *range);

/* The whole axis on the other kind of scale. False where logarithms are not to be had, or tell nothing new. */
bool caucus_range_rescaled(const caucus_chart *chart, caucus_chart_range *range);

caucus_scale caucus_range_scale(const caucus_chart_range *range, double from, double to);

#endif
