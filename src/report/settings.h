/* What a reader may choose of a chart, checked against the result. */
#ifndef CAUCUS_REPORT_SETTINGS_H
#define CAUCUS_REPORT_SETTINGS_H

#include "report/chart.h"

/* CAUCUS_INVALID for an axis or method that the result lacks, with what there is, and for a goal outside (0, 1]. */
caucus_status caucus_report_settings_apply(const caucus_findings *findings, const caucus_report_options *options,
                                           caucus_chart *chart);

#endif
