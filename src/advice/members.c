#include "advice/members.h"

#include "base/number.h"
#include "base/text.h"
#include "population/csv.h"
#include "population/table_builder.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MOST = (uint64_t)1 << 53;

typedef struct reader {
    const caucus_population *population;
    caucus_cells *cells;
    caucus_csv *csv;
    caucus_table_columns columns;
    caucus_assignment *row; /* [feature] all of them */
    uint32_t capacity;      /* cells that counts have room for */
    caucus_people *people;
} reader;

static const caucus_categories *categories_of(const reader *r, uint32_t column)
{
    return column < r->population->n_features ? &r->population->features[column] : &r->population->label;
}

static uint32_t find_text(const caucus_categories *categories, const char *text, size_t length)
{
    if (length == 0) {
        text = CAUCUS_MISSING;
        length = sizeof CAUCUS_MISSING - 1;
    }
    uint32_t v = 0;
    while (v < categories->n_values &&
           (strncmp(categories->values[v], text, length) != 0 || categories->values[v][length] != '\0')) {
        v++;
    }
    return v;
}

static caucus_status fail_value(const reader *r, const caucus_csv_field *field, const caucus_categories *categories)
{
    char word[80];
    const char *const *names = (const char *const *)categories->values;
    snprintf(word, sizeof word, "%.*s", field->length < 79 ? (int)field->length : 79, field->text);
    size_t nearest = caucus_text_nearest(word, names, categories->n_values);
    if (nearest < categories->n_values) {
        return caucus_csv_fail(r->csv, field->start,
                               "column \"%s\": the population has no value \"%s\"; did you mean \"%s\"?",
                               categories->name, word, names[nearest]);
    }
    char list[320];
    size_t used = 0;
    for (uint32_t v = 0; v < categories->n_values && used < sizeof list - 80; v++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.60s", v > 0 ? ", " : "", names[v]);
        if (v + 1 < categories->n_values && used >= sizeof list - 80) {
            snprintf(list + used, sizeof list - used, ", ...");
        }
    }
    return caucus_csv_fail(r->csv, field->start, "column \"%s\": the population has no value \"%s\"; it has: %s",
                           categories->name, word, list);
}

static caucus_status find_value(const reader *r, uint32_t column, uint32_t *value)
{
    const caucus_csv_field *field = &r->csv->fields[r->columns.columns[column].source];
    const caucus_bins *bins = r->columns.columns[column].bins;
    const caucus_categories *categories = categories_of(r, column);
    double number = 0;
    *value = find_text(categories, field->text, field->length);
    if (*value == categories->n_values && bins != NULL && caucus_number_parse(field->text, field->length, &number)) {
        *value = 0; /* bins are numbered in order */
        while (*value < bins->n_edges && bins->edges[*value] <= number) {
            (*value)++;
        }
    }
    return *value < categories->n_values ? CAUCUS_OK : fail_value(r, field, categories);
}

static caucus_status reserve(reader *r)
{
    if (r->cells->n_cells <= r->capacity) {
        return CAUCUS_OK;
    }
    uint32_t n_labels = r->population->n_labels;
    size_t capacity = (size_t)r->cells->n_cells + r->cells->n_cells / 2 + 16;
    uint64_t *counts = realloc(r->people->counts, capacity * n_labels * sizeof *counts);
    if (counts == NULL) {
        return caucus_fail_memory(capacity * n_labels * sizeof *counts, "counts of people");
    }
    memset(counts + (size_t)r->capacity * n_labels, 0, (capacity - r->capacity) * n_labels * sizeof *counts);
    r->people->counts = counts;
    r->capacity = (uint32_t)capacity;
    return CAUCUS_OK;
}

static caucus_status add_row(reader *r)
{
    const uint32_t n_features = r->population->n_features;
    for (uint32_t f = 0; f < n_features; f++) {
        r->row[f].feature = f;
        TRY(find_value(r, f, &r->row[f].value));
    }
    uint32_t label = 0;
    uint32_t cell = 0;
    uint64_t weight = 1;
    TRY(find_value(r, n_features, &label));
    const caucus_csv_field *place = &r->csv->fields[0];
    if (r->columns.weight != CAUCUS_NO_COLUMN) {
        place = &r->csv->fields[r->columns.weight];
        caucus_status status =
            caucus_table_weight_text(r->csv->names[r->columns.weight], place->text, place->length, &weight);
        if (status != CAUCUS_OK) {
            caucus_csv_prefix(r->csv, place->start);
            return status;
        }
    }
    if (weight > MOST - r->people->total) {
        return caucus_csv_fail(r->csv, place->start, "the people up to here are more than 2^53");
    }
    TRY(caucus_cells_assign(r->cells, 0, r->row, n_features, &cell));
    TRY(reserve(r));
    r->people->counts[(size_t)cell * r->population->n_labels + label] += weight;
    r->people->total += weight;
    return CAUCUS_OK;
}

static bool has_column(const caucus_csv *csv, const char *name)
{
    bool found = false;
    for (uint32_t c = 0; name != NULL && c < csv->n_columns; c++) {
        found |= strcmp(csv->names[c], name) == 0;
    }
    return found;
}

static caucus_status open_reader(const caucus_people_spec *spec, reader *r)
{
    const uint32_t n_features = r->population->n_features;
    const char **features = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc(n_features, sizeof *r->row, "a row", &r->row));
    TRY(caucus_csv_open(spec->path, '\0', &r->csv));
    TRY(caucus_alloc(n_features, sizeof *features, "features", &features));
    for (uint32_t f = 0; f < n_features; f++) {
        features[f] = r->population->features[f].name;
    }
    const bool weighted = !spec->weight_optional || has_column(r->csv, spec->weight);
    const caucus_table_spec table = {.path = spec->path,
                                     .label = r->population->label.name,
                                     .n_features = n_features,
                                     .features = features,
                                     .n_bins = spec->n_bins,
                                     .bins = spec->bins,
                                     .weight = weighted ? spec->weight : NULL};
    status =
        caucus_table_columns_find(&table, r->csv->n_columns, (const char *const *)r->csv->names, &r->columns, NULL);
    free(features);
    return status;
}

caucus_status caucus_people_read(const caucus_people_spec *spec, const caucus_population *population,
                                 caucus_cells *cells, caucus_people *people)
{
    caucus_status status = CAUCUS_OK;
    reader r = {.population = population, .cells = cells, .people = people};
    *people = (caucus_people){0};
    /* A program that uses the library may have set a locale with a decimal comma. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0) {
        return caucus_fail(CAUCUS_FAILED, "%s: no \"C\" locale to read numbers in", spec->path);
    }
    locale_t before = uselocale(plain);
    TRY_GOTO(open_reader(spec, &r), done);
    TRY_GOTO(reserve(&r), done);
    for (bool more = true; more;) {
        TRY_GOTO(caucus_csv_next(r.csv, &more), done);
        if (more) {
            TRY_GOTO(add_row(&r), done);
        }
    }
    if (people->total == 0) {
        TRY_GOTO(caucus_fail(CAUCUS_INVALID, "%s: there is nobody in it; it needs rows of people below its header",
                             spec->path),
                 done);
    }
done:
    if (status != CAUCUS_OK) {
        free(people->counts);
        *people = (caucus_people){0};
    }
    caucus_table_columns_free(&r.columns);
    caucus_csv_close(r.csv);
    free(r.row);
    uselocale(before);
    freelocale(plain);
    return status;
}
