/* Summaries in the format that is asked for. */
#include "result/print.h"

#include "base/text_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 5 };

/* A table of one result where nothing is chosen, else records. */
static caucus_status print_format(caucus_result *const *results, size_t n, const caucus_summary_options *options,
                                  FILE *to)
{
    const bool table = options->format == NULL || strcmp(options->format, "table") == 0;
    if (n == 1 && table && options->columns == NULL && options->n_where == 0 && options->sort == NULL &&
        options->digits == 0) {
        return caucus_result_print_table(results[0], options->most_rows, to);
    }
    return caucus_result_print_records(results, n, options, to);
}

/* Open again the results whose parts have turned into a result; any tells whether there were some. */
static caucus_status reopen(caucus_result *const *results, size_t n, caucus_status status, bool *any)
{
    *any = false;
    for (size_t i = 0; i < n; i++) {
        if (results[i]->parts != NULL && caucus_result_moves(results[i], status)) {
            *any = true;
            TRY(caucus_result_reopen(results[i]));
        }
    }
    return status;
}

/* The parts of a run that goes on may turn into its result while they are read, so that nothing is printed before all
 * of it is there. */
static caucus_status print_parts(caucus_result *const *results, size_t n, const caucus_summary_options *options,
                                 FILE *to)
{
    caucus_status status = CAUCUS_OK;
    bool again = true;
    for (int attempt = 0; attempt < ATTEMPTS && again; attempt++) {
        caucus_text_stream page;
        TRY(caucus_text_stream_open(&page, "a summary"));
        status = print_format(results, n, options, page.to);
        caucus_status written = caucus_text_stream_close(&page, "a summary");
        TRY(written); /* where memory is short, trying again does not help */
        again = false;
        const caucus_status found = reopen(results, n, status, &again);
        if (!again && status == CAUCUS_OK) {
            fwrite(page.text, 1, page.length, to);
        }
        free(page.text);
        TRY(again ? CAUCUS_OK : found);
    }
    return again ? print_format(results, n, options, to) : status;
}

static caucus_status print_summaries(caucus_result *const *results, size_t n, const caucus_summary_options *options,
                                     FILE *to)
{
    bool parts = false;
    for (size_t i = 0; i < n; i++) {
        parts = parts || results[i]->parts != NULL;
    }
    TRY(parts ? print_parts(results, n, options, to) : print_format(results, n, options, to));
    if (fflush(to) != 0 || ferror(to)) {
        return caucus_fail(CAUCUS_FAILED, "cannot print the summary of %s: %s", results[0]->path, strerror(errno));
    }
    return CAUCUS_OK;
}

caucus_status caucus_result_print_summary(caucus_result *result, caucus_format format, FILE *to)
{
    static const char *const names[] = {[CAUCUS_TABLE] = "table", [CAUCUS_CSV] = "csv", [CAUCUS_JSON] = "json"};
    if ((size_t)format >= sizeof names / sizeof names[0]) {
        return caucus_fail(CAUCUS_INVALID, "unknown format of a summary; use table, csv or json");
    }
    const caucus_summary_options options = {.format = names[format]};
    return print_summaries(&result, 1, &options, to);
}

static caucus_status check_format(const char *format)
{
    static const char *const names[] = {"table", "csv", "json", "md", "latex"};
    for (size_t i = 0; format != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(format, names[i]) == 0) {
            return CAUCUS_OK;
        }
    }
    return format == NULL
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "unknown format \"%s\" of a summary; use table, csv, json, md or latex",
                             format);
}

caucus_status caucus_summary_print(const char *const *paths, size_t n, const caucus_summary_options *options, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_result **results = NULL;
    if (n == 0) {
        return caucus_fail(CAUCUS_INVALID, "nothing to summarise: name a result");
    }
    TRY(check_format(options->format));
    TRY(caucus_alloc(n, sizeof *results, "a list of results", &results));
    for (size_t i = 0; i < n; i++) {
        TRY_GOTO(caucus_result_open(paths[i], &results[i]), done);
    }
    TRY_GOTO(print_summaries(results, n, options, to), done);
done:
    for (size_t i = 0; i < n; i++) {
        caucus_result_close(results[i]);
    }
    free(results);
    return status;
}
