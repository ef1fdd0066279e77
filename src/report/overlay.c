#include "report/overlay.h"

#include "base/number.h"
#include "base/text.h"
#include "population/csv.h"
#include "population/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a column of the table holds. */
typedef enum column_kind { OTHER, AXIS, COLLECTIVE, VALUE } column_kind;

typedef struct overlay_column {
    column_kind kind;
    uint32_t number; /* of the axis, or the method (CAUCUS_NO_AXIS: success) */
} overlay_column;

typedef struct overlay_reader {
    const char *path;
    const caucus_chart *chart;
    const caucus_findings *findings;
    caucus_csv *csv;
    overlay_column *columns; /* [column] */
    size_t capacity;
    caucus_overlay *overlay;
} overlay_reader;

static overlay_column classify(const overlay_reader *reader, const char *name)
{
    const caucus_metadata *about = reader->findings->about;
    for (uint32_t a = 0; a < about->n_axes; a++) {
        if (strcmp(name, about->axes[a].long_name) == 0) {
            return (overlay_column){AXIS, a};
        }
    }
    if (strcmp(name, "collective") == 0) {
        return (overlay_column){COLLECTIVE, 0};
    }
    if (strcmp(name, "success") == 0) {
        return (overlay_column){VALUE, CAUCUS_NO_AXIS};
    }
    if (strcmp(name, "promise") == 0 && reader->chart->method != CAUCUS_NO_AXIS) {
        return (overlay_column){VALUE, reader->chart->method};
    }
    for (uint32_t m = 0; m < about->identity.shape.n_methods; m++) {
        if (strcmp(name, about->method_names[m]) == 0) {
            return (overlay_column){VALUE, m};
        }
    }
    return (overlay_column){OTHER, 0};
}

static bool has_column(const overlay_reader *reader, column_kind kind, uint32_t number)
{
    for (uint32_t i = 0; i < reader->csv->n_columns; i++) {
        if (reader->columns[i].kind == kind && (kind == VALUE || reader->columns[i].number == number)) {
            return true;
        }
    }
    return false;
}

/* Everything that tells points apart must be there, and something to show. */
static caucus_status check_columns(const overlay_reader *reader)
{
    const caucus_metadata *about = reader->findings->about;
    for (uint32_t a = 0; a < about->n_axes; a++) {
        if ((reader->findings->lengths[a] > 1 || a == reader->chart->over) && !has_column(reader, AXIS, a)) {
            return caucus_fail(CAUCUS_INVALID, "%s has no column \"%s\": published points need a value on every axis",
                               reader->path, about->axes[a].long_name);
        }
    }
    if (about->identity.shape.n_collectives > 1 && !has_column(reader, COLLECTIVE, 0)) {
        return caucus_fail(CAUCUS_INVALID, "%s has no column \"collective\", and the result has %u of them",
                           reader->path, about->identity.shape.n_collectives);
    }
    if (!has_column(reader, VALUE, 0)) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s has nothing to show: a column \"success\"%s, or named after a method of the result%s%s",
                           reader->path, about->identity.shape.n_methods > 0 ? ", \"promise\"" : "",
                           about->identity.shape.n_methods > 0 ? ", such as " : "",
                           about->identity.shape.n_methods > 0 ? about->method_names[0] : "");
    }
    return CAUCUS_OK;
}

static caucus_status read_number(const overlay_reader *reader, const caucus_csv_field *field, double *value)
{
    if (!caucus_number_parse(field->text, field->length, value)) {
        return caucus_csv_fail(reader->csv, field->start, "\"%.*s\" is no number", (int)field->length, field->text);
    }
    return CAUCUS_OK;
}

static bool same_number(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

/* The place of a value on an axis: its length where no value is the same. */
static caucus_status find_on_axis(const overlay_reader *reader, uint32_t a, const caucus_csv_field *field,
                                  uint64_t *index, double *number)
{
    const caucus_findings *findings = reader->findings;
    const caucus_coordinate *axis = &findings->about->axes[a];
    if (axis->numbers != NULL) {
        TRY(read_number(reader, field, number));
    }
    for (*index = 0; *index < findings->lengths[a]; (*index)++) {
        const uint64_t config = caucus_findings_config(findings, 0, a, *index, CAUCUS_NO_AXIS, 0);
        if (axis->numbers != NULL ? same_number(axis->numbers[config], *number)
                                  : strlen(axis->words[config]) == field->length &&
                                        memcmp(axis->words[config], field->text, field->length) == 0) {
            return CAUCUS_OK;
        }
    }
    return a == reader->chart->over ? CAUCUS_OK
                                    : caucus_csv_fail(reader->csv, field->start, "the sweep has no %s \"%.*s\"",
                                                      axis->long_name, (int)field->length, field->text);
}

static caucus_status find_collective(const overlay_reader *reader, const caucus_csv_field *field, uint32_t *collective)
{
    const caucus_metadata *about = reader->findings->about;
    for (*collective = 0; *collective < about->identity.shape.n_collectives; (*collective)++) {
        const char *name = about->collective_names[*collective];
        if (strlen(name) == field->length && memcmp(name, field->text, field->length) == 0) {
            return CAUCUS_OK;
        }
    }
    return caucus_csv_fail(reader->csv, field->start, "the result has no collective \"%.*s\"", (int)field->length,
                           field->text);
}

static caucus_status add_point(overlay_reader *reader, const caucus_published *point)
{
    caucus_overlay *overlay = reader->overlay;
    if (overlay->n == reader->capacity) {
        const size_t capacity = 2 * reader->capacity + 64;
        caucus_published *grown = realloc(overlay->points, capacity * sizeof *grown);
        if (grown == NULL) {
            return caucus_fail_memory(capacity * sizeof *grown, "published points");
        }
        overlay->points = grown;
        reader->capacity = capacity;
    }
    overlay->points[overlay->n++] = *point;
    return CAUCUS_OK;
}

/* Where a record lies: panel, configuration, place on the axis, collective. */
static caucus_status read_place(const overlay_reader *reader, caucus_published *point)
{
    const caucus_findings *findings = reader->findings;
    const uint32_t over = reader->chart->over;
    uint64_t config = 0;
    bool on_axis = true;
    *point = (caucus_published){.config = CAUCUS_NO_CONFIG};
    for (uint32_t i = 0; i < reader->csv->n_columns; i++) {
        const caucus_csv_field *field = &reader->csv->fields[i];
        const overlay_column *column = &reader->columns[i];
        if (column->kind == COLLECTIVE) {
            TRY(find_collective(reader, field, &point->collective));
        } else if (column->kind == AXIS) {
            uint64_t index = 0;
            double number = NAN;
            TRY(find_on_axis(reader, column->number, field, &index, &number));
            point->x = column->number == over ? number : point->x;
            if (index < findings->lengths[column->number]) {
                config += caucus_findings_config(findings, 0, column->number, index, CAUCUS_NO_AXIS, 0);
            } else {
                on_axis = false;
            }
        }
    }
    point->panel = caucus_findings_panel(findings, config, over);
    point->config = on_axis ? config : CAUCUS_NO_CONFIG;
    return CAUCUS_OK;
}

static caucus_status read_record(overlay_reader *reader)
{
    caucus_published point;
    TRY(read_place(reader, &point));
    for (uint32_t i = 0; i < reader->csv->n_columns; i++) {
        const caucus_csv_field *field = &reader->csv->fields[i];
        if (reader->columns[i].kind == VALUE && field->length > 0) {
            point.method = reader->columns[i].number;
            TRY(read_number(reader, field, &point.y));
            TRY(add_point(reader, &point));
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_all(void *data)
{
    overlay_reader *reader = data;
    bool more = true;
    TRY(caucus_csv_open(reader->path, 0, &reader->csv));
    TRY(caucus_alloc(reader->csv->n_columns, sizeof *reader->columns, "columns", &reader->columns));
    for (uint32_t i = 0; i < reader->csv->n_columns; i++) {
        reader->columns[i] = classify(reader, reader->csv->names[i]);
    }
    TRY(check_columns(reader));
    TRY(caucus_csv_next(reader->csv, &more));
    while (more) {
        TRY(read_record(reader));
        TRY(caucus_csv_next(reader->csv, &more));
    }
    return CAUCUS_OK;
}

caucus_status caucus_overlay_read(const char *path, const caucus_chart *chart, caucus_overlay *overlay)
{
    *overlay = (caucus_overlay){0};
    if (chart->over == CAUCUS_NO_AXIS) {
        return caucus_fail(CAUCUS_INVALID, "published points need curves, and the sweep has no numeric axis");
    }
    overlay_reader reader = {.path = path, .chart = chart, .findings = chart->findings, .overlay = overlay};
    caucus_status status = caucus_with_plain_numbers(read_all, &reader);
    free(reader.columns);
    caucus_csv_close(reader.csv);
    if (status != CAUCUS_OK) {
        caucus_overlay_free(overlay);
    }
    return status;
}

void caucus_overlay_free(caucus_overlay *overlay)
{
    free(overlay->points);
    *overlay = (caucus_overlay){0};
}

caucus_agreement caucus_overlay_agreement(const caucus_overlay *overlay, const caucus_chart *chart, bool promises)
{
    enum { DECIMALS = 1000000 };
    caucus_agreement agreement = {0};
    for (size_t i = 0; i < overlay->n; i++) {
        const caucus_published *point = &overlay->points[i];
        const caucus_series series = {.collective = point->collective, .method = point->method};
        if ((point->method != CAUCUS_NO_AXIS) != promises) {
            continue;
        }
        agreement.n++;
        const double mean = point->config == CAUCUS_NO_CONFIG
                                ? NAN
                                : caucus_chart_series_value(chart, &series, point->config, CAUCUS_SERIES_MEAN);
        if (isnan(mean)) {
            continue;
        }
        const double low = caucus_chart_series_value(chart, &series, point->config, CAUCUS_SERIES_LOW);
        const double high = caucus_chart_series_value(chart, &series, point->config, CAUCUS_SERIES_HIGH);
        agreement.n_met++;
        agreement.n_within += point->y >= low - 1.0 / DECIMALS && point->y <= high + 1.0 / DECIMALS;
        agreement.largest = fmax(agreement.largest, fabs(point->y - mean));
    }
    return agreement;
}
