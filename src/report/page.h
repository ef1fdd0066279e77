/* A page about a result: its sections, in the order in which they stand. */
#ifndef CAUCUS_REPORT_PAGE_H
#define CAUCUS_REPORT_PAGE_H

#include "report/chart.h"

typedef struct caucus_page {
    const caucus_findings *findings;
    const caucus_metadata *about;
    const char *path; /* of the result */
    const caucus_report_options *options;
    caucus_chart chart;
    FILE *to;
} caucus_page;

enum { CAUCUS_PAGE_PANELS = 12, CAUCUS_PAGE_SENTENCES = 12, CAUCUS_PAGE_ROWS = 2000 };

/* ---- of every page (page_frame.c) -------------------------------------------------------------------------------- */

/* From the doctype to the heading, which stays open for badges until caucus_page_heading_end. */
void caucus_page_begin(const char *title, FILE *to);
void caucus_page_badge(const char *text, bool good, FILE *to);
void caucus_page_heading_end(FILE *to);
void caucus_page_end(FILE *to);

/* The description of an experiment, where its text has one. */
void caucus_page_description(const char *experiment, FILE *to);

/* A button that saves the pictures of its section as one SVG, by scripts. what: for the file's name. */
void caucus_page_saver(const char *what, FILE *to);

/* "How this was made": what made the numbers, and what the page. Between both the caller writes the command's options,
 * as markup, that are not in the experiment. finished: NULL where it is not. */
void caucus_page_making_begin(const caucus_metadata *about, const char *command, FILE *to);
void caucus_page_making_end(const caucus_metadata *about, const char *finished, const char *path, FILE *to);

/* ---- of results -------------------------------------------------------------------------------------------------- */

/* What was found: sentences, curves, maps, collectives beside each other (page_curves.c); how many it takes
 * (page_sizes.c). */
void caucus_page_words(const caucus_page *page);
caucus_status caucus_page_sizes(const caucus_page *page);
caucus_status caucus_page_panels(const caucus_page *page);
caucus_status caucus_page_maps(const caucus_page *page);
void caucus_page_interplay(const caucus_page *page);

/* Tables: promises, the platform, all configurations (page_tables.c). */
void caucus_page_promises(const caucus_page *page);
void caucus_page_platform(const caucus_page *page);
void caucus_page_configurations(const caucus_page *page);

/* ---- other pages ------------------------------------------------------------------------------------------------- */

/* Of critical masses that caucus solve found, and of bounds that caucus bound printed as JSON. */
caucus_status caucus_page_solution(const char *path, const caucus_report_options *options);
caucus_status caucus_page_bounds(const char *path, const caucus_report_options *options);

#endif
