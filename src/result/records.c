#include "result/records.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CONDITIONS = 64 };

typedef enum comparison { EQUAL, UNEQUAL, LESS, LESS_EQUAL, MORE, MORE_EQUAL } comparison;

typedef struct condition {
    size_t field; /* among all */
    comparison how;
    char *text;
    bool numeric;
    double number;
} condition;

typedef struct sort_key {
    size_t field;
    bool falling;
} sort_key;

struct caucus_records {
    caucus_result *const *results;
    size_t n_results;
    caucus_fields all; /* everything that can be named; first those that are shown */
    size_t n_shown;
    caucus_field shown[CAUCUS_MOST_FIELDS];
    size_t places[CAUCUS_MOST_FIELDS]; /* [shown] in all */
    size_t n_conditions;
    condition conditions[MOST_CONDITIONS];
    size_t n_keys;
    sort_key keys[CAUCUS_MOST_FIELDS];
    unsigned dimensions; /* what any field that is named differs between */
    /* sorted ones */
    size_t n_rows, capacity;
    caucus_cell *rows; /* [row][shown, then keys] */
};

/* ---- what was asked for ---- */

/* Each name of a list with commas. */
static caucus_status each_name(caucus_records *records, const char *list,
                               caucus_status (*take)(caucus_records *records, const char *name))
{
    caucus_status status = CAUCUS_OK;
    char *copy = caucus_text_copy(list);
    char *rest = copy;
    if (copy == NULL) {
        return caucus_fail_memory(strlen(list), "a list of columns");
    }
    while (rest != NULL && status == CAUCUS_OK) {
        char *name = strsep(&rest, ",");
        name += strspn(name, " ");
        status = take(records, name);
    }
    free(copy);
    return status;
}

static caucus_status show_field(caucus_records *records, const char *name)
{
    size_t field = 0;
    TRY(caucus_fields_find(&records->all, name, &field));
    if (records->n_shown == CAUCUS_MOST_FIELDS) {
        return caucus_fail(CAUCUS_INVALID, "too many columns; at most %d", CAUCUS_MOST_FIELDS);
    }
    records->places[records->n_shown] = field;
    records->shown[records->n_shown++] = records->all.of[field];
    return CAUCUS_OK;
}

static caucus_status add_key(caucus_records *records, const char *name)
{
    sort_key *key = &records->keys[records->n_keys];
    if (records->n_keys == CAUCUS_MOST_FIELDS) {
        return caucus_fail(CAUCUS_INVALID, "too many columns to sort by; at most %d", CAUCUS_MOST_FIELDS);
    }
    key->falling = name[0] == '-';
    TRY(caucus_fields_find(&records->all, name + key->falling, &key->field));
    records->n_keys++;
    return CAUCUS_OK;
}

/* ---- conditions ---- */

static caucus_status read_condition(caucus_records *records, const char *text)
{
    static const struct {
        const char *sign;
        comparison how;
    } signs[] = {{"!=", UNEQUAL}, {"<=", LESS_EQUAL}, {">=", MORE_EQUAL}, {"==", EQUAL},
                 {"=", EQUAL},    {"<", LESS},        {">", MORE}};
    condition *made = &records->conditions[records->n_conditions];
    const size_t length = strcspn(text, "=<>!");
    size_t s = 0;
    while (s < sizeof signs / sizeof signs[0] && strncmp(text + length, signs[s].sign, strlen(signs[s].sign)) != 0) {
        s++;
    }
    if (length == 0 || s == sizeof signs / sizeof signs[0] || records->n_conditions == MOST_CONDITIONS) {
        return caucus_fail(
            CAUCUS_INVALID,
            "\"%s\" is no condition; write COLUMN, one of = != < <= > >=, and a value, such as share>0.1", text);
    }
    size_t end = length;
    while (end > 0 && text[end - 1] == ' ') {
        end--;
    }
    char *name = caucus_text_format("%.*s", (int)end, text);
    caucus_status status = name != NULL ? caucus_fields_find(&records->all, name, &made->field)
                                        : caucus_fail_memory(length, "a condition");
    free(name);
    TRY(status);
    const char *value = text + length + strlen(signs[s].sign);
    made->how = signs[s].how;
    made->text = caucus_text_copy(value + strspn(value, " "));
    if (made->text == NULL) {
        return caucus_fail_memory(strlen(value), "a condition");
    }
    records->n_conditions++;
    made->numeric = caucus_text_number(made->text, &made->number);
    return CAUCUS_OK;
}

static bool compare(comparison how, int order)
{
    switch (how) {
    case EQUAL:
        return order == 0;
    case UNEQUAL:
        return order != 0;
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case MORE:
        return order > 0;
    case MORE_EQUAL:
        return order >= 0;
    }
    return false;
}

/* What is no number is neither less nor more than one, nor equal. */
static bool holds(const condition *one, const caucus_cell *cell)
{
    if (cell->text != NULL || !one->numeric) {
        return cell->text != NULL ? compare(one->how, strcmp(cell->text, one->text)) : one->how == UNEQUAL;
    }
    if (isnan(cell->number)) {
        return one->how == UNEQUAL;
    }
    return compare(one->how, (cell->number > one->number) - (cell->number < one->number));
}

/* ---- opening ---- */

static caucus_status choose(caucus_records *records, const char *columns, const char *const *where, size_t n_where,
                            const char *sort)
{
    const size_t usual = caucus_fields_list(records->results, records->n_results, &records->all);
    for (size_t i = 0; i < usual && columns == NULL; i++) {
        records->places[i] = i;
        records->shown[i] = records->all.of[i];
        records->n_shown = usual;
    }
    TRY(columns != NULL ? each_name(records, columns, show_field) : CAUCUS_OK);
    for (size_t i = 0; i < n_where; i++) {
        TRY(read_condition(records, where[i]));
    }
    TRY(sort != NULL ? each_name(records, sort, add_key) : CAUCUS_OK);
    for (size_t i = 0; i < records->n_shown; i++) {
        records->dimensions |= caucus_field_dimensions(&records->shown[i]);
    }
    for (size_t i = 0; i < records->n_conditions; i++) {
        records->dimensions |= caucus_field_dimensions(&records->all.of[records->conditions[i].field]);
    }
    for (size_t i = 0; i < records->n_keys; i++) {
        records->dimensions |= caucus_field_dimensions(&records->all.of[records->keys[i].field]);
    }
    return CAUCUS_OK;
}

caucus_status caucus_records_open(caucus_result *const *results, size_t n_results, const char *columns,
                                  const char *const *where, size_t n_where, const char *sort, caucus_records **records)
{
    caucus_records *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "the records of a summary", &made));
    made->results = results;
    made->n_results = n_results;
    const caucus_status status = choose(made, columns, where, n_where, sort);
    if (status != CAUCUS_OK) {
        caucus_records_close(made);
        return status;
    }
    *records = made;
    return CAUCUS_OK;
}

void caucus_records_close(caucus_records *records)
{
    if (records == NULL) {
        return;
    }
    for (size_t i = 0; i < records->n_conditions; i++) {
        free(records->conditions[i].text);
    }
    free(records->rows);
    free(records);
}

const caucus_field *caucus_records_fields(const caucus_records *records, size_t *n)
{
    *n = records->n_shown;
    return records->shown;
}

/* ---- records ---- */

typedef struct place {
    const caucus_result *result;
    const caucus_summary *summary;
    uint64_t config;
    uint32_t collective, method;
} place;

static caucus_cell axis_cell(const caucus_metadata *skeleton, const char *name, uint64_t config)
{
    for (uint32_t a = 0; a < skeleton->n_axes; a++) {
        const caucus_coordinate *axis = &skeleton->axes[a];
        if (strcmp(axis->name, name) == 0) {
            return axis->numbers != NULL ? (caucus_cell){.number = axis->numbers[config]}
                                         : (caucus_cell){.text = axis->words[config]};
        }
    }
    return (caucus_cell){.number = NAN}; /* of another result */
}

static double variable_value(const place *at, int variable)
{
    const unsigned dimensions = caucus_summary_variables[variable].dimensions;
    const caucus_shape *shape = &at->result->skeleton.identity.shape;
    size_t i = (dimensions & CAUCUS_ON_COLLECTIVE) != 0 ? at->collective : 0;
    i = (dimensions & CAUCUS_ON_METHOD) != 0 ? i * shape->n_methods + at->method : i;
    return caucus_summary_width(variable, shape) > 0 ? at->summary->values[variable][i] : (double)NAN;
}

static caucus_cell cell_of(const place *at, const caucus_field *field)
{
    const caucus_metadata *skeleton = &at->result->skeleton;
    const caucus_shape *shape = &skeleton->identity.shape;
    switch (field->kind) {
    case CAUCUS_FIELD_FILE:
        return (caucus_cell){.text = at->result->path};
    case CAUCUS_FIELD_CONFIG:
        return (caucus_cell){.number = (double)(skeleton->identity.shard.first_config + at->config)};
    case CAUCUS_FIELD_AXIS:
        return axis_cell(skeleton, field->name, at->config);
    case CAUCUS_FIELD_COLLECTIVE:
        return (caucus_cell){.text = skeleton->collective_names[at->collective]};
    case CAUCUS_FIELD_SIZE:
        return (caucus_cell){.number = (double)skeleton->sizes[at->config * shape->n_collectives + at->collective]};
    case CAUCUS_FIELD_METHOD:
        return (caucus_cell){.text = shape->n_methods > 0 ? skeleton->method_names[at->method] : ""};
    case CAUCUS_FIELD_VARIABLE:
        return (caucus_cell){.number = variable_value(at, field->index)};
    case CAUCUS_FIELD_TRIALS:
        return (caucus_cell){.number = (double)at->summary->n_trials};
    case CAUCUS_FIELD_DELTA:
        return (caucus_cell){.number = skeleton->delta};
    }
    return (caucus_cell){.number = NAN};
}

/* Cells of the shown fields, and of the sort's behind them. */
static void fill_row(const caucus_records *records, const place *at, caucus_cell *row)
{
    for (size_t i = 0; i < records->n_shown; i++) {
        row[i] = cell_of(at, &records->shown[i]);
    }
    for (size_t i = 0; i < records->n_keys; i++) {
        row[records->n_shown + i] = cell_of(at, &records->all.of[records->keys[i].field]);
    }
}

static bool wanted(const caucus_records *records, const place *at)
{
    bool all = true;
    for (size_t i = 0; i < records->n_conditions && all; i++) {
        const caucus_cell cell = cell_of(at, &records->all.of[records->conditions[i].field]);
        all = holds(&records->conditions[i], &cell);
    }
    return all;
}

static caucus_status keep(caucus_records *records, const place *at)
{
    const size_t width = records->n_shown + records->n_keys;
    if (records->n_rows == records->capacity) {
        const size_t capacity = records->capacity > 0 ? 2 * records->capacity : 256;
        caucus_cell *rows = realloc(records->rows, capacity * width * sizeof *rows);
        if (rows == NULL) {
            return caucus_fail_memory(capacity * width * sizeof *rows, "the records of a summary");
        }
        records->rows = rows;
        records->capacity = capacity;
    }
    fill_row(records, at, records->rows + records->n_rows++ * width);
    return CAUCUS_OK;
}

typedef struct visit {
    caucus_records *records;
    caucus_status (*take)(void *context, uint64_t number, const caucus_cell *cells);
    void *context;
    uint64_t n_taken;
} visit;

static caucus_status visit_record(visit *v, const place *at)
{
    if (!wanted(v->records, at)) {
        return CAUCUS_OK;
    }
    if (v->records->n_keys > 0) {
        return keep(v->records, at);
    }
    caucus_cell row[2 * CAUCUS_MOST_FIELDS];
    fill_row(v->records, at, row);
    return v->take(v->context, v->n_taken++, row);
}

/* The records of a configuration: one for all methods, or for all collectives, where nothing tells them apart. */
static caucus_status visit_config(visit *v, place *at)
{
    const caucus_shape *shape = &at->result->skeleton.identity.shape;
    const bool by_method = (v->records->dimensions & CAUCUS_ON_METHOD) != 0 && shape->n_methods > 0;
    const uint32_t n_methods = by_method ? shape->n_methods : 1;
    const bool by_collective = (v->records->dimensions & (CAUCUS_ON_COLLECTIVE | CAUCUS_ON_METHOD)) != 0;
    bool any = false;
    for (at->collective = 0; at->collective < shape->n_collectives && (by_collective || !any); at->collective++) {
        if (!caucus_result_has(at->result, at->summary, at->config, at->collective)) {
            continue;
        }
        any = true;
        for (at->method = 0; at->method < n_methods; at->method++) {
            TRY(visit_record(v, at));
        }
    }
    return CAUCUS_OK;
}

static caucus_status visit_result(visit *v, caucus_result *result)
{
    const caucus_identity *identity = &result->skeleton.identity;
    caucus_summary *summary = NULL;
    caucus_status status = CAUCUS_OK;
    place at = {.result = result};
    TRY(caucus_summary_alloc(&identity->shape, &summary));
    at.summary = summary;
    for (at.config = 0; at.config < identity->n_configs; at.config++) {
        if (caucus_result_trials(result, at.config) == 0) {
            continue;
        }
        TRY_GOTO(caucus_result_summary(result, at.config, summary), done);
        TRY_GOTO(visit_config(v, &at), done);
    }
done:
    free(summary);
    return status;
}

/* Numbers before what is none; texts by their bytes. */
static int compare_cells(const caucus_cell *a, const caucus_cell *b)
{
    if (a->text != NULL && b->text != NULL) {
        return strcmp(a->text, b->text);
    }
    return (a->number > b->number) - (a->number < b->number);
}

static int compare_rows(const void *left, const void *right, void *context)
{
    const caucus_records *records = context;
    const caucus_cell *a = (const caucus_cell *)left + records->n_shown;
    const caucus_cell *b = (const caucus_cell *)right + records->n_shown;
    for (size_t i = 0; i < records->n_keys; i++) {
        const bool none[2] = {a[i].text == NULL && isnan(a[i].number), b[i].text == NULL && isnan(b[i].number)};
        if (none[0] != none[1]) {
            return none[0] ? 1 : -1; /* at the end either way */
        }
        const int order = compare_cells(&a[i], &b[i]);
        if (order != 0) {
            return records->keys[i].falling ? -order : order;
        }
    }
    return 0;
}

caucus_status caucus_records_each(caucus_records *records,
                                  caucus_status (*take)(void *context, uint64_t number, const caucus_cell *cells),
                                  void *context)
{
    const size_t width = records->n_shown + records->n_keys;
    visit v = {.records = records, .take = take, .context = context};
    records->n_rows = 0;
    for (size_t r = 0; r < records->n_results; r++) {
        TRY(visit_result(&v, records->results[r]));
    }
    if (records->n_rows > 1) {
        qsort_r(records->rows, records->n_rows, width * sizeof *records->rows, compare_rows, records);
    }
    for (size_t i = 0; i < records->n_rows; i++) {
        TRY(take(context, i, records->rows + i * width));
    }
    return CAUCUS_OK;
}
