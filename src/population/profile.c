#include "population/profile.h"

#include "population/table.h"
#include "population/table_values.h"
#include "population/value_numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLED = 4096, BINS = 4 };

const char *const caucus_column_kind_names[CAUCUS_N_COLUMN_KINDS] = {
    [CAUCUS_COLUMN_EMPTY] = "empty", [CAUCUS_COLUMN_TRUTH] = "true/false", [CAUCUS_COLUMN_WHOLE] = "whole",
    [CAUCUS_COLUMN_REAL] = "number", [CAUCUS_COLUMN_TEXT] = "text",
};

/* A column while it is read. */
typedef struct tally {
    caucus_build_column values; /* the first CAUCUS_MAX_VALUES */
    uint32_t capacity;          /* of counts */
    uint64_t *counts;           /* [id] */
    bool overflow;              /* there were more */
    bool words;                 /* some of those beyond are no numbers */
    bool real;                  /* some of them have fractions */
    double low, high;           /* of numbers beyond */
    uint64_t n_missing;         /* of those beyond */
    uint64_t n_numbers;         /* of those beyond */
    double sample[SAMPLED];     /* of all numbers beyond, each as likely as any other */
    uint64_t state;             /* of the sample's random numbers */
} tally;

typedef struct reading {
    const caucus_table_place *place;
    caucus_missing_words missing;
    caucus_profile *profile;
    tally *tallies; /* [column] */
} reading;

/* ---- counting -------------------------------------------------------------------------------------------------- */

/* Keep a sample of numbers of fixed size (Vitter's algorithm R), by a linear congruential generator: only the suggested
 * bins depend on it. */
static void sample_number(tally *t, double number)
{
    if (t->n_numbers < SAMPLED) {
        t->sample[t->n_numbers] = number;
    } else {
        t->state = t->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t at = (t->state >> 33) % (t->n_numbers + 1);
        if (at < SAMPLED) {
            t->sample[at] = number;
        }
    }
    t->low = t->n_numbers == 0 || number < t->low ? number : t->low;
    t->high = t->n_numbers == 0 || number > t->high ? number : t->high;
    t->real |= number != floor(number);
    t->n_numbers++;
}

static void count_beyond(const reading *r, tally *t, const caucus_value *value)
{
    char room[CAUCUS_NUMBER_BYTES];
    char spelled[CAUCUS_NUMBER_BYTES];
    size_t length = 0;
    double number = 0;
    const char *text = caucus_value_text(value, room, &length);
    t->overflow = true;
    if (caucus_is_missing(&r->missing, text, length)) {
        t->n_missing++;
    } else if (caucus_spell_number(text, length, spelled) && caucus_number_parse(text, length, &number)) {
        sample_number(t, number);
    } else {
        t->words = true;
    }
}

static caucus_status count_value(const reading *r, tally *t, const caucus_value *value, bool checked)
{
    caucus_intern *values = &t->values.values;
    const void *key = value->kind == CAUCUS_TEXT ? (const void *)value->text : &value->integer;
    size_t length = value->kind == CAUCUS_TEXT ? value->length : value->kind == CAUCUS_ABSENT ? 0 : 8;
    uint16_t id = 0;
    bool is_new = false;
    t->values.kind = value->kind != CAUCUS_ABSENT ? value->kind : t->values.kind;
    if (values->n_keys == CAUCUS_MAX_VALUES && !caucus_intern_has(values, key, length, &id)) {
        count_beyond(r, t, value);
        return CAUCUS_OK;
    }
    TRY(caucus_intern_id(values, key, length, &id, &is_new));
    if (is_new && !checked && value->kind == CAUCUS_TEXT) {
        TRY(caucus_check_text(t->values.name, value));
    }
    if (id >= t->capacity) {
        uint32_t capacity = t->capacity > 0 ? 2 * t->capacity : 16;
        uint64_t *counts = realloc(t->counts, capacity * sizeof *counts);
        if (counts == NULL) {
            return caucus_fail_memory(capacity * sizeof *counts, "the values of a column");
        }
        memset(counts + t->capacity, 0, (capacity - t->capacity) * sizeof *counts);
        t->counts = counts;
        t->capacity = capacity;
    }
    t->counts[id]++;
    return CAUCUS_OK;
}

static caucus_status count_rows(reading *r)
{
    caucus_table_source *source = r->profile->source;
    for (bool more = true; more;) {
        TRY(caucus_table_source_next(source, &more));
        for (uint32_t c = 0; more && c < source->n_columns; c++) {
            caucus_status status = count_value(r, &r->tallies[c], &source->values[c], source->checked);
            if (status != CAUCUS_OK) {
                caucus_table_source_prefix(source, c);
                return status;
            }
        }
        r->profile->n_rows += more;
    }
    return CAUCUS_OK;
}

/* ---- what it amounts to ---------------------------------------------------------------------------------------- */

typedef struct counted {
    char *value;
    uint64_t count;
    double number;
} counted;

static int compare_counts(const void *a, const void *b)
{
    const counted *x = a;
    const counted *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->value, y->value);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = ((const counted *)a)->number;
    double y = ((const counted *)b)->number;
    return (x > y) - (x < y);
}

static caucus_column_kind find_kind(const tally *t, const counted *values, size_t n)
{
    bool truth = !t->overflow;
    bool numbers = !t->words;
    bool whole = !t->real;
    char spelled[CAUCUS_NUMBER_BYTES];
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(values[i].value);
        truth = truth && caucus_spell_boolean(values[i].value, length) != NULL;
        numbers = numbers && caucus_spell_number(values[i].value, length, spelled);
        whole = whole && numbers && strspn(values[i].value, "-0123456789") == length;
    }
    return n == 0     ? CAUCUS_COLUMN_EMPTY
           : truth    ? CAUCUS_COLUMN_TRUTH
           : !numbers ? CAUCUS_COLUMN_TEXT
           : whole    ? CAUCUS_COLUMN_WHOLE
                      : CAUCUS_COLUMN_REAL;
}

/* Range and bins, of the numbers counted or of a sample of all. values are sorted by their numbers then. */
static caucus_status describe_numbers(const tally *t, counted *values, size_t n, caucus_column_profile *column)
{
    size_t n_sampled = t->n_numbers < SAMPLED ? (size_t)t->n_numbers : SAMPLED;
    caucus_status status = CAUCUS_OK;
    double *numbers = NULL;
    uint64_t *counts = NULL;
    TRY_GOTO(caucus_alloc(n + n_sampled, sizeof *numbers, "numbers", &numbers), done);
    TRY_GOTO(caucus_alloc(n + n_sampled, sizeof *counts, "numbers", &counts), done);
    for (size_t i = 0; i < n; i++) {
        values[i].number = strtod(values[i].value, NULL); /* inf, too */
    }
    qsort(values, n, sizeof *values, compare_numbers);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = values[i].number;
        counts[i] = values[i].count;
    }
    column->low = t->n_numbers > 0 && t->low < numbers[0] ? t->low : numbers[0];
    column->high = t->n_numbers > 0 && t->high > numbers[n - 1] ? t->high : numbers[n - 1];
    column->row_numbers = !t->overflow && caucus_are_row_numbers(numbers, counts, n);
    if (n_sampled == 0) {
        column->n_edges = caucus_round_edges(numbers, counts, n, BINS - 1, column->edges);
        goto done;
    }
    counted *sample = NULL;
    TRY_GOTO(caucus_alloc(n_sampled, sizeof *sample, "numbers", &sample), done);
    for (size_t i = 0; i < n_sampled; i++) {
        sample[i].number = t->sample[i];
    }
    qsort(sample, n_sampled, sizeof *sample, compare_numbers);
    for (size_t i = 0; i < n_sampled; i++) {
        numbers[i] = sample[i].number;
        counts[i] = 1;
    }
    free(sample);
    column->n_edges = caucus_round_edges(numbers, counts, n_sampled, BINS - 1, column->edges);
done:
    free(counts);
    free(numbers);
    return status;
}

static caucus_status describe_values(const tally *t, uint64_t n_rows, counted *values, size_t n,
                                     caucus_column_profile *column)
{
    column->kind = find_kind(t, values, n);
    if (column->kind == CAUCUS_COLUMN_WHOLE || column->kind == CAUCUS_COLUMN_REAL) {
        TRY(describe_numbers(t, values, n, column));
    }
    column->nearly_unique = n >= 20 && (double)n + (double)t->n_numbers > 0.9 * (double)(n_rows - column->n_missing);
    qsort(values, n, sizeof *values, compare_counts);
    TRY(caucus_alloc(n, sizeof *column->values, "values", &column->values));
    TRY(caucus_alloc(n, sizeof *column->counts, "values", &column->counts));
    for (size_t i = 0; i < n; i++) {
        column->values[i] = values[i].value;
        values[i].value = NULL;
        column->counts[i] = values[i].count;
    }
    column->n_values = (uint32_t)n;
    column->too_many = t->overflow;
    return CAUCUS_OK;
}

/* The values as categories spell them, with their counts; the missing ones apart. */
static caucus_status describe_column(const reading *r, const tally *t, caucus_column_profile *column)
{
    caucus_categories categories = {0};
    uint32_t *ids = NULL;
    counted *values = NULL;
    size_t n = 0;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_table_values_sort(&t->values, &r->missing, NULL, &categories, &ids), done);
    n = categories.n_values;
    TRY_GOTO(caucus_alloc(n, sizeof *values, "values", &values), done);
    for (size_t v = 0; v < n; v++) {
        values[v].value = categories.values[v];
        categories.values[v] = NULL;
    }
    for (uint32_t id = 0; id < t->values.values.n_keys; id++) {
        values[ids[id]].count += t->counts[id];
    }
    column->n_missing = t->n_missing;
    size_t n_known = n;
    if (n > 0 && strcmp(values[n - 1].value, CAUCUS_MISSING) == 0) {
        column->n_missing += values[n - 1].count;
        n_known--;
    }
    status = describe_values(t, r->profile->n_rows, values, n_known, column);
done:
    for (size_t v = 0; values != NULL && v < n; v++) {
        free(values[v].value);
    }
    free(values);
    free(ids);
    caucus_categories_clear(&categories);
    return status;
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */

static caucus_status open_columns(reading *r)
{
    caucus_profile *profile = r->profile;
    TRY(caucus_table_source_open(r->place, &profile->source));
    caucus_table_source *source = profile->source;
    uint32_t *names = NULL;
    TRY(caucus_alloc(source->n_names, sizeof *profile->columns, "columns", &profile->columns));
    profile->n_columns = source->n_names;
    TRY(caucus_alloc(source->n_names, sizeof *r->tallies, "columns", &r->tallies));
    for (uint32_t c = 0; c < profile->n_columns; c++) {
        caucus_column_profile *column = &profile->columns[c];
        column->name = source->names[c];
        column->aside = source->aside[c];
        for (uint32_t d = 0; d < profile->n_columns; d++) {
            column->ambiguous |= d != c && strcmp(source->names[d], column->name) == 0 && column->name[0] != '\0';
        }
        r->tallies[c].values.name = column->name;
        r->tallies[c].values.kind = CAUCUS_TEXT;
        TRY(caucus_intern_init(&r->tallies[c].values.values));
    }
    TRY(caucus_alloc(source->n_names, sizeof *names, "columns", &names));
    for (uint32_t c = 0; c < profile->n_columns; c++) {
        names[c] = c;
    }
    caucus_status status = caucus_table_source_select(source, profile->n_columns, names);
    free(names);
    return status;
}

static caucus_status read_profile(void *data)
{
    reading *r = data;
    TRY(open_columns(r));
    TRY(count_rows(r));
    for (uint32_t c = 0; c < r->profile->n_columns; c++) {
        TRY(describe_column(r, &r->tallies[c], &r->profile->columns[c]));
    }
    return r->profile->n_rows > 0
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s: the table has columns but no rows", r->place->path);
}

caucus_status caucus_profile_open(const caucus_table_place *place, const caucus_missing_words *missing,
                                  caucus_profile *profile)
{
    *profile = (caucus_profile){0};
    reading r = {.place = place, .missing = missing != NULL ? *missing : caucus_missing_default, .profile = profile};
    caucus_status status = caucus_with_plain_numbers(read_profile, &r);
    for (uint32_t c = 0; r.tallies != NULL && c < profile->n_columns; c++) {
        caucus_intern_free(&r.tallies[c].values.values);
        free(r.tallies[c].counts);
    }
    free(r.tallies);
    if (status != CAUCUS_OK) {
        caucus_profile_close(profile);
    }
    return status;
}

void caucus_profile_close(caucus_profile *profile)
{
    for (uint32_t c = 0; profile->columns != NULL && c < profile->n_columns; c++) {
        caucus_column_profile *column = &profile->columns[c];
        for (uint32_t v = 0; column->values != NULL && v < column->n_values; v++) {
            free(column->values[v]);
        }
        free(column->values);
        free(column->counts);
    }
    free(profile->columns);
    caucus_table_source_close(profile->source);
    *profile = (caucus_profile){0};
}
