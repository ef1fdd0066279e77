#include "population/table.h"

#include "base/stop.h"
#include "population/table_builder.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

/* Rows after which it is looked whether to stop. */
enum { ROWS_BETWEEN_LOOKS = 1 << 16 };

typedef struct reading {
    const caucus_table_spec *spec;
    caucus_population **population;
    const char **unknown;
    caucus_table_source *source;
    caucus_table_columns columns;
    caucus_table_build build;
} reading;

/* Count the row that the source has read. *column: what a complaint is about. */
static caucus_status add_row(reading *r, uint32_t *column)
{
    const caucus_value *values = r->source->values;
    const uint32_t label = r->build.n_columns - 1;
    bool weighted = r->source->n_columns > r->build.n_columns;
    bool labelled = true;
    uint64_t weight = 1;
    if (weighted) {
        *column = r->build.n_columns;
        TRY(caucus_table_weight(r->source->names[r->columns.weight], &values[*column], &weight));
    }
    *column = label;
    TRY(caucus_table_build_set(&r->build, label, &values[label], r->source->checked));
    TRY(caucus_table_build_label(&r->build, weight, &labelled));
    for (*column = 0; labelled && *column < label; (*column)++) {
        TRY(caucus_table_build_set(&r->build, *column, &values[*column], r->source->checked));
    }
    *column = weighted ? r->build.n_columns : 0;
    return labelled ? caucus_table_build_add(&r->build, weight) : CAUCUS_OK;
}

static caucus_status read_rows(reading *r)
{
    uint64_t row = 0;
    for (bool more = true; more; row++) {
        uint32_t column = 0;
        TRY(row % ROWS_BETWEEN_LOOKS == 0 ? caucus_stop_check() : CAUCUS_OK);
        TRY(caucus_table_source_next(r->source, &more));
        caucus_status status = more ? add_row(r, &column) : CAUCUS_OK;
        if (status != CAUCUS_OK) {
            caucus_table_source_prefix(r->source, column);
            return status;
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_table(void *data)
{
    reading *r = data;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_table_source_open(&r->spec->place, &r->source), done);
    TRY_GOTO(caucus_table_columns_find(r->spec, r->source, &r->columns, r->unknown), done);
    TRY_GOTO(caucus_table_columns_select(&r->columns, r->source), done);
    TRY_GOTO(caucus_table_build_init(&r->build, r->spec, &r->columns), done);
    TRY_GOTO(read_rows(r), done);
    TRY_GOTO(caucus_table_build_finish(&r->build, r->population), done);
    (*r->population)->n_aside = r->columns.n_aside;
done:
    caucus_table_build_free(&r->build);
    caucus_table_columns_free(&r->columns);
    caucus_table_source_close(r->source);
    return status;
}

caucus_status caucus_with_plain_numbers(caucus_status (*work)(void *data), void *data)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0) {
        return caucus_fail(CAUCUS_FAILED, "no \"C\" locale to read numbers in: %s", strerror(errno));
    }
    locale_t before = uselocale(plain);
    caucus_status status = work(data);
    uselocale(before);
    freelocale(plain);
    return status;
}

caucus_status caucus_table_read(const caucus_table_spec *spec, caucus_population **population, const char **unknown)
{
    if (unknown != NULL) {
        *unknown = NULL;
    }
    reading r = {.spec = spec, .population = population, .unknown = unknown};
    return caucus_with_plain_numbers(read_table, &r);
}
