/* Summaries in the format that is asked for. */
#include "result/print.h"

#include <errno.h>
#include <string.h>

caucus_status caucus_result_print_summary(caucus_result *result, caucus_format format, FILE *to)
{
    switch (format) {
    case CAUCUS_TABLE:
        TRY(caucus_result_print_table(result, to));
        break;
    case CAUCUS_CSV:
        TRY(caucus_result_print_csv(result, to));
        break;
    case CAUCUS_JSON:
        TRY(caucus_result_print_json(result, to));
        break;
    default:
        return caucus_fail(CAUCUS_INVALID, "unknown format of a summary; use table, csv or json");
    }
    if (fflush(to) != 0 || ferror(to)) {
        return caucus_fail(CAUCUS_FAILED, "cannot print the summary of %s: %s", result->path, strerror(errno));
    }
    return CAUCUS_OK;
}
