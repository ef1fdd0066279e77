/* Charts as SVG, by one code for pages and papers: curves over an axis, and maps over two. Colours come from classes
 * (report/style.h), so that a page can be dark and a paper plain. */
#ifndef CAUCUS_REPORT_CHART_H
#define CAUCUS_REPORT_CHART_H

#include "report/findings.h"

/* What of an axis a chart shows, and how. */
typedef struct caucus_chart_range {
    double low, high;
    bool logarithmic;
} caucus_chart_range;

typedef struct caucus_chart {
    const caucus_findings *findings;
    uint32_t over;    /* the axis to the right */
    uint32_t against; /* maps: the axis upwards; curves: CAUCUS_NO_AXIS */
    uint32_t method;  /* whose promises are drawn where not all are; CAUCUS_NO_AXIS: there are no methods */
    double goal;      /* a line across curves; NaN: none */
    bool *fixed;      /* [axis] panels were chosen by its value, which titles leave out; NULL: none */
    bool *shown;      /* [collective], then [method], then success: what was chosen; NULL: no choice was made */
    const struct caucus_overlay *overlay; /* published points; NULL: none */
    uint64_t *order;          /* of curves: [length of over] its indices from the least value to the largest */
    caucus_chart_range range; /* likewise: what of the axis is shown */
    double width, height;     /* of a panel with its labels */
} caucus_chart;

/* One line of a chart: success of a collective, what a method promises it, or above what a method says that success is
 * impossible. */
typedef struct caucus_series {
    uint32_t collective;
    uint32_t method; /* CAUCUS_NO_AXIS: success */
    bool above;      /* the method's bound from above */
    uint32_t colour; /* of report/style.h */
    uint32_t dash;   /* likewise */
} caucus_series;

/* The lines of curves: success and every method for one collective; success and the chosen method for several; or what
 * was chosen; beside a method's promise its bound from above, where there is one. At most CAUCUS_MOST_SERIES; returns
 * how many. */
enum { CAUCUS_MOST_SERIES = 24 };
uint32_t caucus_chart_series(const caucus_chart *chart, caucus_series series[CAUCUS_MOST_SERIES]);
void caucus_chart_series_name(const caucus_chart *chart, const caucus_series *series, FILE *to);

/* The value of a series in a configuration: mean, 5 % or 95 % quantile over trials; NaN where there is none. Bounds
 * from above have means alone. */
enum { CAUCUS_SERIES_MEAN, CAUCUS_SERIES_LOW, CAUCUS_SERIES_HIGH };
double caucus_chart_series_value(const caucus_chart *chart, const caucus_series *series, uint64_t config,
                                 int statistic);

/* The contents of an <svg> or <g>, from (0, 0) to (width, height). */
caucus_status caucus_chart_curves(const caucus_chart *chart, uint64_t panel, FILE *to);

/* Mean success of a collective over two axes, a rectangle each. */
caucus_status caucus_chart_map(const caucus_chart *chart, uint64_t panel, uint32_t collective, FILE *to);

/* Mean success of a collective over the share of consumers that the other ones have together: a dot for each
 * configuration, as large as the collective's own share. caucus_chart_others_vary: whether that share differs at all.
 */
bool caucus_chart_others_vary(const caucus_findings *findings, uint32_t collective);
void caucus_chart_interplay(const caucus_chart *chart, uint32_t collective, FILE *to);

#endif
