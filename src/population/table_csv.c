#include "population/csv.h"
#include "population/table_builder.h"
#include "population/table_readers.h"

/* Set the row's values from the record's fields. Errors point at the field. */
static caucus_status read_row(const caucus_csv *csv, const caucus_table_columns *columns, caucus_table_build *build)
{
    for (uint32_t c = 0; c < columns->n_columns; c++) {
        const caucus_csv_field *field = &csv->fields[columns->columns[c].source];
        caucus_status status = caucus_table_build_text(build, c, field->text, field->length, false);
        if (status != CAUCUS_OK) {
            caucus_csv_prefix(csv, field->start);
            return status;
        }
    }
    uint64_t weight = 1;
    const char *place = csv->fields[0].start;
    caucus_status status = CAUCUS_OK;
    if (columns->weight != CAUCUS_NO_COLUMN) {
        const caucus_csv_field *field = &csv->fields[columns->weight];
        place = field->start;
        status = caucus_table_weight_text(csv->names[columns->weight], field->text, field->length, &weight);
    }
    if (status == CAUCUS_OK) {
        status = caucus_table_build_add(build, weight);
    }
    if (status != CAUCUS_OK) {
        caucus_csv_prefix(csv, place);
    }
    return status;
}

caucus_status caucus_table_read_csv(const caucus_table_spec *spec, caucus_population **population, const char **unknown)
{
    caucus_status status = CAUCUS_OK;
    caucus_csv *csv = NULL;
    caucus_table_columns columns = {0};
    caucus_table_build build = {0};
    TRY_GOTO(caucus_csv_open(spec->path, spec->separator, &csv), out);
    TRY_GOTO(caucus_table_columns_find(spec, csv->n_columns, (const char *const *)csv->names, &columns, unknown), out);
    TRY_GOTO(caucus_table_build_init(&build, &columns), out);
    for (;;) {
        bool more = false;
        TRY_GOTO(caucus_csv_next(csv, &more), out);
        if (!more) {
            break;
        }
        TRY_GOTO(read_row(csv, &columns, &build), out);
    }
    TRY_GOTO(caucus_table_build_finish(&build, spec, population), out);
out:
    caucus_table_build_free(&build);
    caucus_table_columns_free(&columns);
    caucus_csv_close(csv);
    return status;
}
