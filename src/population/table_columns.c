#include "population/table_columns.h"

#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct finder {
    const caucus_table_spec *spec;
    const char *path;
    uint32_t n_names;
    const char *const *names;
    const bool *aside;
    const char **part; /* [name] what the column is used as, NULL: unused */
    const char **unknown;
} finder;

/* ---- messages --------------------------------------------------------------------------------------------------- */

enum { LISTED_BYTES = 600 };

/* Append to a text of LISTED_BYTES; what does not fit is left out. */
static void __attribute__((format(printf, 2, 3))) append(char *text, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, LISTED_BYTES - used, format, arguments);
    va_end(arguments);
}

/* The names of the table in quotes, for a message about a name that is none of them. */
static void list_names(const finder *f, char text[LISTED_BYTES])
{
    uint32_t i = 0;
    text[0] = '\0';
    for (; i < f->n_names && strlen(text) + strlen(f->names[i]) + 60 < LISTED_BYTES; i++) {
        append(text, "%s\"%s\"", i > 0 ? ", " : "", f->names[i]);
    }
    if (i < f->n_names) {
        append(text, " and %u more (caucus columns lists all)", f->n_names - i);
    }
}

static uint32_t count_name(const finder *f, const char *name)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_names; i++) {
        n += strcmp(f->names[i], name) == 0;
    }
    return n;
}

/* Add a name to the list of those that several columns have, with these columns' numbers. */
static void add_ambiguous(const finder *f, const char *name, char text[LISTED_BYTES])
{
    char quoted[300];
    const char *before = "";
    snprintf(quoted, sizeof quoted, "\"%.290s\"", name);
    if (name[0] == '\0' || count_name(f, name) < 2 || strstr(text, quoted) != NULL) {
        return;
    }
    append(text, "%s%s (columns ", text[0] != '\0' ? ", " : "", quoted);
    for (uint32_t i = 0; i < f->n_names; i++) {
        if (strcmp(f->names[i], name) == 0) {
            append(text, "%s%u", before, i + 1);
            before = ", ";
        }
    }
    append(text, ")");
}

/* Every name that is used must be one column's, and all that are not are told at once. */
static caucus_status check_ambiguous(const finder *f)
{
    char text[LISTED_BYTES] = "";
    const caucus_table_spec *spec = f->spec;
    add_ambiguous(f, spec->label, text);
    if (spec->weight != NULL) {
        add_ambiguous(f, spec->weight, text);
    }
    for (uint32_t i = 0; i < spec->n_features; i++) {
        add_ambiguous(f, spec->features[i], text);
    }
    for (uint32_t i = 0; spec->n_features == 0 && i < f->n_names; i++) {
        add_ambiguous(f, f->names[i], text);
    }
    return text[0] == '\0' ? CAUCUS_OK
                           : caucus_fail(CAUCUS_INVALID, "%s: names that several columns have: %s; rename them%s",
                                         f->path, text, spec->n_features == 0 ? ", or list the features to use" : "");
}

/* ---- parts ------------------------------------------------------------------------------------------------------ */

/* Find a column and give it a part; parts exclude each other. */
static caucus_status take(const finder *f, const char *name, const char *part, uint32_t *index)
{
    for (uint32_t i = 0; i < f->n_names; i++) {
        if (strcmp(f->names[i], name) != 0) {
            continue;
        }
        if (f->part[i] != NULL) {
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" is the %s and cannot be the %s too", f->path, name,
                               f->part[i], part);
        }
        f->part[i] = part;
        *index = i;
        return CAUCUS_OK;
    }
    if (f->unknown != NULL) {
        *f->unknown = name;
    }
    size_t nearest = caucus_text_nearest(name, f->names, f->n_names);
    if (nearest < f->n_names) {
        return caucus_fail(CAUCUS_INVALID, "%s: no column is named \"%s\"; did you mean \"%s\"?", f->path, name,
                           f->names[nearest]);
    }
    char list[LISTED_BYTES];
    list_names(f, list);
    return caucus_fail(CAUCUS_INVALID, "%s: no column is named \"%s\"; there are: %s", f->path, name, list);
}

static caucus_status take_features(const finder *f, caucus_table_columns *columns)
{
    for (uint32_t i = 0; i < f->spec->n_features; i++) {
        const char *name = f->spec->features[i];
        uint32_t index = 0;
        TRY(take(f, name, "feature", &index));
        columns->columns[columns->n_columns++] = (caucus_table_column){.name = f->names[index], .source = index};
    }
    return CAUCUS_OK;
}

static caucus_status take_all_others(const finder *f, caucus_table_columns *columns)
{
    for (uint32_t i = 0; i < f->n_names; i++) {
        if (f->part[i] == NULL && f->aside[i]) {
            columns->n_aside++;
        } else if (f->part[i] == NULL) {
            columns->columns[columns->n_columns++] = (caucus_table_column){.name = f->names[i], .source = i};
        }
    }
    return columns->n_columns > 0 ? CAUCUS_OK
                                  : caucus_fail(CAUCUS_INVALID, "%s: no column is left to be a feature", f->path);
}

/* ---- bins ------------------------------------------------------------------------------------------------------- */

static caucus_status check_bins(const finder *f, const caucus_bins *bins)
{
    if (bins->n_edges == 0 || bins->n_edges >= CAUCUS_MAX_EDGES) {
        return caucus_fail(CAUCUS_INVALID, "%s: bins of column \"%s\" need 1 to %d edges", f->path, bins->column,
                           CAUCUS_MAX_EDGES - 1);
    }
    for (uint32_t e = 0; e < bins->n_edges; e++) {
        if (!isfinite(bins->edges[e]) || (e > 0 && !(bins->edges[e - 1] < bins->edges[e]))) {
            return caucus_fail(CAUCUS_INVALID, "%s: the edges of the bins of column \"%s\" must be increasing numbers",
                               f->path, bins->column);
        }
    }
    return CAUCUS_OK;
}

static caucus_status attach_bins(const finder *f, const caucus_bins *bins, caucus_table_columns *columns)
{
    TRY(check_bins(f, bins));
    for (uint32_t c = 0; c < columns->n_columns; c++) {
        if (strcmp(columns->columns[c].name, bins->column) != 0) {
            continue;
        }
        if (columns->columns[c].bins != NULL) {
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" has bins twice", f->path, bins->column);
        }
        columns->columns[c].bins = bins;
        return CAUCUS_OK;
    }
    for (uint32_t i = 0; i < f->n_names; i++) {
        if (strcmp(f->names[i], bins->column) == 0) {
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" has bins, but is neither a feature nor the label",
                               f->path, bins->column);
        }
    }
    uint32_t index = 0;
    return take(f, bins->column, "binned column", &index); /* unknown: says so */
}

caucus_status caucus_table_columns_find(const caucus_table_spec *spec, const caucus_table_source *source,
                                        caucus_table_columns *columns, const char **unknown)
{
    *columns = (caucus_table_columns){.weight = CAUCUS_NO_COLUMN};
    finder f = {.spec = spec,
                .path = spec->place.path,
                .n_names = source->n_names,
                .names = (const char *const *)source->names,
                .aside = source->aside,
                .unknown = unknown};
    caucus_status status = CAUCUS_OK;
    uint32_t label = 0;
    TRY_GOTO(check_ambiguous(&f), done);
    TRY_GOTO(caucus_alloc(f.n_names, sizeof *f.part, "columns", &f.part), done);
    TRY_GOTO(caucus_alloc((size_t)f.n_names + 1, sizeof *columns->columns, "columns", &columns->columns), done);
    TRY_GOTO(take(&f, spec->label, "label", &label), done);
    if (spec->weight != NULL) {
        TRY_GOTO(take(&f, spec->weight, "weight", &columns->weight), done);
    }
    TRY_GOTO(spec->n_features > 0 ? take_features(&f, columns) : take_all_others(&f, columns), done);
    columns->columns[columns->n_columns++] = (caucus_table_column){.name = f.names[label], .source = label};
    for (uint32_t b = 0; b < spec->n_bins; b++) {
        TRY_GOTO(attach_bins(&f, &spec->bins[b], columns), done);
    }
done:
    free(f.part);
    if (status != CAUCUS_OK) {
        caucus_table_columns_free(columns);
    }
    return status;
}

caucus_status caucus_table_columns_select(const caucus_table_columns *columns, caucus_table_source *source)
{
    uint32_t n = columns->n_columns + (columns->weight != CAUCUS_NO_COLUMN);
    uint32_t *names = NULL;
    TRY(caucus_alloc(n, sizeof *names, "columns", &names));
    for (uint32_t c = 0; c < columns->n_columns; c++) {
        names[c] = columns->columns[c].source;
    }
    if (columns->weight != CAUCUS_NO_COLUMN) {
        names[n - 1] = columns->weight;
    }
    caucus_status status = caucus_table_source_select(source, n, names);
    free(names);
    return status;
}

void caucus_table_columns_free(caucus_table_columns *columns)
{
    free(columns->columns);
    *columns = (caucus_table_columns){.weight = CAUCUS_NO_COLUMN};
}
