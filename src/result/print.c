/* Summaries in the format that is asked for. */
#include "result/print.h"

#include "base/text_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 5 };

static caucus_status print_format(caucus_result *result, caucus_format format, FILE *to)
{
    switch (format) {
    case CAUCUS_TABLE:
        return caucus_result_print_table(result, to);
    case CAUCUS_CSV:
        return caucus_result_print_csv(result, to);
    case CAUCUS_JSON:
        return caucus_result_print_json(result, to);
    default:
        return caucus_fail(CAUCUS_INVALID, "unknown format of a summary; use table, csv or json");
    }
}

/* The parts of a run that goes on may turn into its result while they are read, so that nothing is printed before all
 * of it is there. */
static caucus_status print_parts(caucus_result *result, caucus_format format, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    for (int attempt = 0; attempt < ATTEMPTS && result->parts != NULL; attempt++) {
        caucus_text_stream page;
        TRY(caucus_text_stream_open(&page, "a summary"));
        status = print_format(result, format, page.to);
        caucus_status written = caucus_text_stream_close(&page, "a summary");
        TRY(written); /* where memory is short, trying again does not help */
        if (status == CAUCUS_OK) {
            fwrite(page.text, 1, page.length, to);
        }
        free(page.text);
        if (!caucus_result_moves(result, status)) {
            return status;
        }
        TRY(caucus_result_reopen(result));
    }
    return result->parts == NULL ? print_format(result, format, to) : status;
}

caucus_status caucus_result_print_summary(caucus_result *result, caucus_format format, FILE *to)
{
    TRY(result->parts != NULL ? print_parts(result, format, to) : print_format(result, format, to));
    if (fflush(to) != 0 || ferror(to)) {
        return caucus_fail(CAUCUS_FAILED, "cannot print the summary of %s: %s", result->path, strerror(errno));
    }
    return CAUCUS_OK;
}
