/* Summaries in the format that is asked for. */
#include "result/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static caucus_status flush(const char *path, FILE *to)
{
    if (fflush(to) != 0 || ferror(to)) {
        return caucus_fail(CAUCUS_FAILED, "cannot print the summary of %s: %s", path, strerror(errno));
    }
    return CAUCUS_OK;
}

caucus_status caucus_result_print_summary(caucus_result *result, caucus_format format, FILE *to)
{
    static const char *const names[] = {[CAUCUS_TABLE] = "table", [CAUCUS_CSV] = "csv", [CAUCUS_JSON] = "json"};
    if (format == CAUCUS_TABLE) {
        TRY(caucus_result_print_table(result, 0, to));
    } else if ((size_t)format < sizeof names / sizeof names[0]) {
        const caucus_summary_options options = {.format = names[format]};
        TRY(caucus_result_print_records(&result, 1, &options, to));
    } else {
        return caucus_fail(CAUCUS_INVALID, "unknown format of a summary; use table, csv or json");
    }
    return flush(result->path, to);
}

static caucus_status check_format(const char *format)
{
    static const char *const names[] = {"table", "csv", "json", "md", "latex"};
    for (size_t i = 0; format != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(format, names[i]) == 0) {
            return CAUCUS_OK;
        }
    }
    return format == NULL ? CAUCUS_OK
                          : caucus_fail(CAUCUS_INVALID,
                                        "unknown format \"%s\" of a summary; use table, csv, json, md or "
                                        "latex",
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
    const bool table = options->format == NULL || strcmp(options->format, "table") == 0;
    if (n == 1 && table && options->columns == NULL && options->n_where == 0 && options->sort == NULL &&
        options->digits == 0) {
        TRY_GOTO(caucus_result_print_table(results[0], options->most_rows, to), done);
    } else {
        TRY_GOTO(caucus_result_print_records(results, n, options, to), done);
    }
    TRY_GOTO(flush(paths[0], to), done);
done:
    for (size_t i = 0; i < n; i++) {
        caucus_result_close(results[i]);
    }
    free(results);
    return status;
}
