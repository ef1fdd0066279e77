#include "advice/members.h"

#include "base/text.h"
#include "population/table_builder.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t MOST = (uint64_t)1 << 53;

typedef struct reader {
    const caucus_people_spec *spec;
    const caucus_population *population;
    caucus_missing_words missing;
    caucus_cells *cells;
    caucus_table_source *source;
    caucus_table_columns columns;
    caucus_assignment *row; /* [feature] all of them */
    uint32_t capacity;      /* cells that counts have room for */
    caucus_member_counts *people;
} reader;

static const caucus_categories *categories_of(const reader *r, uint32_t column)
{
    return column < r->population->n_features ? &r->population->features[column] : &r->population->label;
}

static caucus_status fail_value(const char *text, size_t length, const caucus_categories *categories)
{
    char word[80];
    const char *const *names = (const char *const *)categories->values;
    snprintf(word, sizeof word, "%.*s", length < 79 ? (int)length : 79, text);
    size_t nearest = caucus_text_nearest(word, names, categories->n_values);
    if (nearest < categories->n_values) {
        return caucus_fail(CAUCUS_INVALID, "column \"%s\": the population has no value \"%s\"; did you mean \"%s\"?",
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
    return caucus_fail(CAUCUS_INVALID, "column \"%s\": the population has no value \"%s\"; it has: %s",
                       categories->name, word, list);
}

/* A value by its text, or by the bin that its number falls into. */
static caucus_status find_value(const reader *r, uint32_t column, uint32_t *value)
{
    char room[CAUCUS_NUMBER_BYTES];
    size_t length = 0;
    double number = 0;
    const char *text = caucus_value_text(&r->source->values[column], room, &length);
    const caucus_bins *bins = r->columns.columns[column].bins;
    const caucus_categories *categories = categories_of(r, column);
    uint32_t n = categories->n_values;
    *value = caucus_find_value(&r->missing, (const char *const *)categories->values, n, text, length);
    if (*value == n && bins != NULL && caucus_number_parse(text, length, &number)) {
        *value = caucus_bins_find(bins, number);
    }
    return *value < n ? CAUCUS_OK : fail_value(text, length, categories);
}

static bool is_unlabelled(const reader *r)
{
    char room[CAUCUS_NUMBER_BYTES];
    size_t length = 0;
    const char *text = caucus_value_text(&r->source->values[r->population->n_features], room, &length);
    return !r->spec->table->keep_unlabelled && caucus_is_missing(&r->missing, text, length);
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

/* *column: what a complaint is about. */
static caucus_status add_row(reader *r, uint32_t *column)
{
    const uint32_t n_features = r->population->n_features;
    bool weighted = r->columns.weight != CAUCUS_NO_COLUMN;
    uint32_t label = 0;
    uint32_t cell = 0;
    uint64_t weight = 1;
    if (weighted) {
        *column = n_features + 1;
        TRY(caucus_table_weight(r->source->names[r->columns.weight], &r->source->values[*column], &weight));
    }
    if (is_unlabelled(r)) {
        r->people->n_unlabelled += weight;
        return CAUCUS_OK;
    }
    for (*column = 0; *column < n_features; (*column)++) {
        r->row[*column].feature = *column;
        TRY(find_value(r, *column, &r->row[*column].value));
    }
    TRY(find_value(r, n_features, &label));
    *column = weighted ? n_features + 1 : 0;
    if (weight > MOST - r->people->total) {
        return caucus_fail(CAUCUS_INVALID, "the people up to here are more than 2^53");
    }
    TRY(caucus_cells_assign(r->cells, 0, r->row, n_features, &cell));
    if (r->spec->only_known && cell >= r->population->n_cells) {
        *column = 0;
        return caucus_fail(CAUCUS_INVALID, "nobody in the experiment's population has these features together: bounds "
                                           "count the cells that people can have before they see the members; add "
                                           "such people to the population, or leave the row out");
    }
    TRY(reserve(r));
    r->people->counts[(size_t)cell * r->population->n_labels + label] += weight;
    r->people->total += weight;
    return CAUCUS_OK;
}

static caucus_status find_columns(reader *r)
{
    const uint32_t n_features = r->population->n_features;
    const caucus_people_spec *spec = r->spec;
    const char **features = NULL;
    TRY(caucus_alloc(n_features, sizeof *features, "features", &features));
    for (uint32_t f = 0; f < n_features; f++) {
        features[f] = r->population->features[f].name;
    }
    bool weighted = spec->weight != NULL &&
                    (!spec->weight_optional || caucus_table_source_find(r->source, spec->weight) < r->source->n_names);
    const caucus_table_spec table = {.place = {.path = spec->path},
                                     .label = r->population->label.name,
                                     .n_features = n_features,
                                     .features = features,
                                     .n_bins = spec->table->n_bins,
                                     .bins = spec->table->bins,
                                     .weight = weighted ? spec->weight : NULL};
    caucus_status status = caucus_table_columns_find(&table, r->source, &r->columns, NULL);
    free(features);
    return status;
}

static caucus_status open_reader(reader *r)
{
    const caucus_table_place place = {.path = r->spec->path};
    uint32_t *names = NULL;
    TRY(caucus_table_source_open(&place, &r->source));
    TRY(find_columns(r));
    uint32_t n = r->columns.n_columns + (r->columns.weight != CAUCUS_NO_COLUMN);
    TRY(caucus_alloc(n, sizeof *names, "columns", &names));
    for (uint32_t c = 0; c < n; c++) {
        names[c] = c < r->columns.n_columns ? r->columns.columns[c].source : r->columns.weight;
    }
    caucus_status status = caucus_table_source_select(r->source, n, names);
    free(names);
    return status;
}

static caucus_status read_rows(reader *r)
{
    TRY(caucus_alloc(r->population->n_features, sizeof *r->row, "a row", &r->row));
    TRY(reserve(r));
    for (bool more = true; more;) {
        uint32_t column = 0;
        TRY(caucus_table_source_next(r->source, &more));
        caucus_status status = more ? add_row(r, &column) : CAUCUS_OK;
        if (status != CAUCUS_OK) {
            caucus_table_source_prefix(r->source, column);
            return status;
        }
    }
    return r->people->total > 0
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s: there is nobody in it; it needs rows of people below its header",
                             r->spec->path);
}

static caucus_status read_people(void *data)
{
    reader *r = data;
    caucus_status status = open_reader(r);
    return status == CAUCUS_OK ? read_rows(r) : status;
}

caucus_status caucus_people_read(const caucus_people_spec *spec, const caucus_population *population,
                                 caucus_cells *cells, caucus_member_counts *people)
{
    *people = (caucus_member_counts){0};
    reader r = {.spec = spec,
                .population = population,
                .missing = spec->table->missing != NULL ? *spec->table->missing : caucus_missing_default,
                .cells = cells,
                .people = people};
    caucus_status status = caucus_with_plain_numbers(read_people, &r);
    if (status != CAUCUS_OK) {
        free(people->counts);
        *people = (caucus_member_counts){0};
    }
    caucus_table_columns_free(&r.columns);
    caucus_table_source_close(r.source);
    free(r.row);
    return status;
}
