#include "population/table_columns.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct finder {
    const caucus_table_spec *spec;
    uint32_t n_names;
    const char *const *names;
    const char **part; /* [name] what the column is used as, NULL: unused */
    const char **unknown;
} finder;

/* The first names of the table, for a message about a name that is none of them. */
static void list_names(const finder *f, char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < f->n_names && i < 12 && used < bytes; i++) {
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i > 0 ? ", " : "", f->names[i]);
    }
    if (f->n_names > 12 && used < bytes) {
        snprintf(text + used, bytes - used, ", ...");
    }
}

/* Find a column and give it a part; parts exclude each other. */
static caucus_status take(const finder *f, const char *name, const char *part, uint32_t *index)
{
    for (uint32_t i = 0; i < f->n_names; i++) {
        if (strcmp(f->names[i], name) != 0) {
            continue;
        }
        if (f->part[i] != NULL) {
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" is the %s and cannot be the %s too", f->spec->path,
                               name, f->part[i], part);
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
        return caucus_fail(CAUCUS_INVALID, "%s: no column is named \"%s\"; did you mean \"%s\"?", f->spec->path, name,
                           f->names[nearest]);
    }
    char list[512];
    list_names(f, list, sizeof list);
    return caucus_fail(CAUCUS_INVALID, "%s: no column is named \"%s\"; there are: %s", f->spec->path, name, list);
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
        if (f->part[i] != NULL) {
            continue;
        }
        if (f->names[i][0] == '\0') {
            return caucus_fail(CAUCUS_INVALID, "%s: column %u has no name (a row number?); list the features to use",
                               f->spec->path, i + 1);
        }
        columns->columns[columns->n_columns++] = (caucus_table_column){.name = f->names[i], .source = i};
    }
    if (columns->n_columns == 0) {
        return caucus_fail(CAUCUS_INVALID, "%s: no column is left to be a feature", f->spec->path);
    }
    return CAUCUS_OK;
}

static caucus_status check_bins(const finder *f, const caucus_bins *bins)
{
    if (bins->n_edges == 0 || bins->n_edges >= CAUCUS_MAX_EDGES) {
        return caucus_fail(CAUCUS_INVALID, "%s: bins of column \"%s\" need 1 to %d edges", f->spec->path, bins->column,
                           CAUCUS_MAX_EDGES - 1);
    }
    for (uint32_t e = 0; e < bins->n_edges; e++) {
        if (!isfinite(bins->edges[e]) || (e > 0 && !(bins->edges[e - 1] < bins->edges[e]))) {
            return caucus_fail(CAUCUS_INVALID, "%s: the edges of the bins of column \"%s\" must be increasing numbers",
                               f->spec->path, bins->column);
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
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" has bins twice", f->spec->path, bins->column);
        }
        columns->columns[c].bins = bins;
        return CAUCUS_OK;
    }
    for (uint32_t i = 0; i < f->n_names; i++) {
        if (strcmp(f->names[i], bins->column) == 0) {
            return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" has bins, but is neither a feature nor the label",
                               f->spec->path, bins->column);
        }
    }
    uint32_t index = 0;
    return take(f, bins->column, "binned column", &index); /* unknown: says so */
}

caucus_status caucus_table_columns_find(const caucus_table_spec *spec, uint32_t n_names, const char *const *names,
                                        caucus_table_columns *columns, const char **unknown)
{
    *columns = (caucus_table_columns){.weight = CAUCUS_NO_COLUMN};
    finder f = {.spec = spec, .n_names = n_names, .names = names, .unknown = unknown};
    caucus_status status = CAUCUS_OK;
    uint32_t label = 0;
    TRY_GOTO(caucus_alloc(n_names, sizeof *f.part, "columns", &f.part), out);
    TRY_GOTO(caucus_alloc((size_t)n_names + 1, sizeof *columns->columns, "columns", &columns->columns), out);
    TRY_GOTO(take(&f, spec->label, "label", &label), out);
    if (spec->weight != NULL) {
        TRY_GOTO(take(&f, spec->weight, "weight", &columns->weight), out);
    }
    TRY_GOTO(spec->n_features > 0 ? take_features(&f, columns) : take_all_others(&f, columns), out);
    columns->columns[columns->n_columns++] = (caucus_table_column){.name = names[label], .source = label};
    for (uint32_t b = 0; b < spec->n_bins; b++) {
        TRY_GOTO(attach_bins(&f, &spec->bins[b], columns), out);
    }
out:
    free(f.part);
    if (status != CAUCUS_OK) {
        caucus_table_columns_free(columns);
    }
    return status;
}

void caucus_table_columns_free(caucus_table_columns *columns)
{
    free(columns->columns);
    *columns = (caucus_table_columns){.weight = CAUCUS_NO_COLUMN};
}
