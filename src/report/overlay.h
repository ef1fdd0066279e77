/* Published points, which a chart shows as crosses beside what was computed, and how far both agree. */
#ifndef CAUCUS_REPORT_OVERLAY_H
#define CAUCUS_REPORT_OVERLAY_H

#include "report/chart.h"

typedef struct caucus_published {
    uint64_t panel;
    uint64_t config; /* the configuration at just this point; CAUCUS_NO_CONFIG: the sweep has no such value */
    double x, y;
    uint32_t collective;
    uint32_t method; /* CAUCUS_NO_AXIS: success */
} caucus_published;

#define CAUCUS_NO_CONFIG UINT64_MAX

typedef struct caucus_overlay {
    size_t n;
    caucus_published *points;
} caucus_overlay;

/* Read a table (CSV) with a column for each axis of the sweep that has two values or more, "collective" where there are
 * several, and "success", "promise" (of the chart's method), or a method's name as family/knowledge/inequality. Empty
 * fields are no points. CAUCUS_INVALID at path:line:column for values that the result lacks, but for those of the axis
 * that curves are drawn over: points may lie between its values. */
caucus_status caucus_overlay_read(const char *path, const caucus_chart *chart, caucus_overlay *overlay);
void caucus_overlay_free(caucus_overlay *overlay);

/* Of the points at values of the sweep: success, or promises. */
typedef struct caucus_agreement {
    uint64_t n;        /* points */
    uint64_t n_met;    /* at values of the sweep, with trials */
    uint64_t n_within; /* of these, from the 5 % to the 95 % quantile of what was computed, up to rounding (1e-6) */
    double largest;    /* difference from the mean over trials */
} caucus_agreement;
caucus_agreement caucus_overlay_agreement(const caucus_overlay *overlay, const caucus_chart *chart, bool promises);

#endif
