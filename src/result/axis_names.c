#include "result/axis_names.h"

#include "base/text.h"
#include "result/summary.h"

#include <stdlib.h>
#include <string.h>

/* Other names of result files, of the summary's records, and of files of critical masses. */
static const char *const reserved[] = {
    "config", "trial",         "collective", "method",      "block",         "family",       "knowledge", "inequality",
    "size",   "consumers",     "test",       "done",        "summary",       "trials",       "quantity",  "low",
    "high",   "critical_mass", "value_at",   "value_below", "n_evaluations", "largest_size", "file"};

static bool is_taken(const char *name, char *const *earlier, uint32_t n_earlier)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(name, reserved[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < CAUCUS_N_VARIABLES; i++) {
        if (strcmp(name, caucus_variables[i].name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < CAUCUS_N_SUMMARY; i++) {
        if (strcmp(name, caucus_summary_variables[i].name) == 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < n_earlier; i++) {
        if (strcmp(name, earlier[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool starts_well(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static void replace_bad(char *name)
{
    for (char *c = name; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '/' || *c == '\\') {
            *c = '_';
        }
    }
}

static caucus_status put_in_front(const char *prefix, char **name)
{
    char *longer = caucus_text_format("%s%s", prefix, *name);
    if (longer == NULL) {
        return caucus_fail_memory(strlen(*name), "the name of an axis");
    }
    free(*name);
    *name = longer;
    return CAUCUS_OK;
}

static caucus_status make_name(const char *given, char *const *earlier, uint32_t n_earlier, char **name)
{
    *name = caucus_text_copy(given);
    if (*name == NULL) {
        return caucus_fail_memory(strlen(given), "the name of an axis");
    }
    replace_bad(*name);
    if (!starts_well(**name)) {
        TRY(put_in_front("axis_", name));
    }
    while (is_taken(*name, earlier, n_earlier)) {
        TRY(put_in_front("axis_", name));
    }
    return CAUCUS_OK;
}

caucus_status caucus_axis_names(const caucus_axis *axes, uint32_t n_axes, char ***names)
{
    char **made = NULL;
    TRY(caucus_alloc(n_axes, sizeof *made, "the names of axes", &made));
    for (uint32_t i = 0; i < n_axes; i++) {
        caucus_status status = make_name(axes[i].name, made, i, &made[i]);
        if (status != CAUCUS_OK) {
            caucus_axis_names_free(made, n_axes);
            return status;
        }
    }
    *names = made;
    return CAUCUS_OK;
}

void caucus_axis_names_free(char **names, uint32_t n_axes)
{
    for (uint32_t i = 0; names != NULL && i < n_axes; i++) {
        free(names[i]);
    }
    free(names);
}
