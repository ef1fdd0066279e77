/* What a reader may choose of a chart, checked against the result. */
#ifndef CAUCUS_REPORT_SETTINGS_H
#define CAUCUS_REPORT_SETTINGS_H

#include "report/overlay.h"

/* A chart as options ask for it; overlay gets the published points that they name, and is borrowed by the chart.
 * CAUCUS_INVALID for an axis, method or line that the result lacks, with what there is, and for a goal outside (0, 1].
 * The chart is freed with caucus_report_settings_free, also on failure. */
caucus_status caucus_report_settings_apply(const caucus_findings *findings, const caucus_report_options *options,
                                           caucus_chart *chart, caucus_overlay *overlay);
void caucus_report_settings_free(caucus_chart *chart);

/* The panels that options ask for (AXIS=VALUE), all of them by default; the caller frees the list. CAUCUS_INVALID where
 * an axis or a value is none of the sweep's, or no panel is left. */
caucus_status caucus_report_settings_panels(caucus_chart *chart, const caucus_report_options *options,
                                            uint64_t **panels, uint64_t *n);

#endif
