/* What is in a table, printed: caucus columns. */
#include "advice/table_place.h"
#include "base/csv_write.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_stream.h"
#include "base/text_table.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_VALUES = 3, LISTED_VALUES = 50, VALUE_BYTES = 32, TEXT_BYTES = 512 };

/* ---- words ----------------------------------------------------------------------------------------------------- */

static bool is_number(const caucus_column_profile *column)
{
    return column->kind == CAUCUS_COLUMN_WHOLE || column->kind == CAUCUS_COLUMN_REAL;
}

/* Whether a text is a number as people write it for people: 12,5 or $1,200 or 7%. */
static bool is_dressed_number(const char *text)
{
    static const char *const signs[] = {"$", "€", "£", "%", ",", " ", "\u00a0", "'"};
    size_t n_digits = 0;
    bool dressed = false;
    text += *text == '-';
    while (*text != '\0') {
        size_t length = *text == '.' || (*text >= '0' && *text <= '9');
        n_digits += length == 1 && *text != '.';
        for (size_t s = 0; length == 0 && s < sizeof signs / sizeof *signs; s++) {
            length = strncmp(text, signs[s], strlen(signs[s])) == 0 ? strlen(signs[s]) : 0;
            dressed = dressed || length > 0;
        }
        if (length == 0) {
            return false;
        }
        text += length;
    }
    return dressed && n_digits > 0;
}

static bool has_dressed_numbers(const caucus_column_profile *column)
{
    uint32_t n_dressed = 0;
    for (uint32_t v = 0; v < column->n_values; v++) {
        n_dressed += is_dressed_number(column->values[v]);
    }
    return column->kind == CAUCUS_COLUMN_TEXT && n_dressed * 2 > column->n_values;
}

static const char *note_of(const caucus_column_profile *column)
{
    if (column->name[0] == '\0') {
        return "no name: cannot be used";
    }
    if (column->ambiguous) {
        return "several columns have this name: rename them to use one";
    }
    if (column->aside) {
        return "numbers the rows: no feature unless it is listed";
    }
    if (column->row_numbers) {
        return "row numbers: leave it out";
    }
    if (column->kind == CAUCUS_COLUMN_EMPTY) {
        return "nothing in it";
    }
    if (column->n_values == 1 && column->n_missing == 0) {
        return "one value: it tells nothing";
    }
    if (has_dressed_numbers(column)) {
        return "numbers in dress: write them plain, 1200.5, to cut them by bins";
    }
    if (column->nearly_unique || column->too_many) {
        return is_number(column) ? "nearly all different: cut it by bins" : "nearly all different: leave it out";
    }
    return is_number(column) && column->n_values > 12 ? "cut it by bins" : "";
}

/* A value cut where a table has no more room, at a character's end. */
static void put_value(FILE *to, const char *value)
{
    size_t length = strlen(value);
    size_t shown = length <= VALUE_BYTES ? length : VALUE_BYTES - 3;
    while (shown < length && shown > 0 && ((unsigned char)value[shown] & 0xc0) == 0x80) {
        shown--;
    }
    fprintf(to, "%.*s%s", (int)shown, value, shown < length ? "..." : "");
}

/* "Rent (3,670), Own (3,256), ..."; full: all values kept, as a program reads them. */
static void put_frequent(FILE *to, const caucus_column_profile *column, uint32_t most, bool full)
{
    for (uint32_t v = 0; v < column->n_values && v < most; v++) {
        char number[CAUCUS_TEXT_GROUPED];
        fputs(v > 0 ? (full ? "; " : ", ") : "", to);
        if (full) {
            fprintf(to, "%s=%llu", column->values[v], (unsigned long long)column->counts[v]);
        } else {
            put_value(to, column->values[v]);
            fprintf(to, " (%s)", caucus_text_group(column->counts[v], number));
        }
    }
    fputs(column->n_values > most && !full ? ", ..." : "", to);
}

static void put_range(FILE *to, const caucus_column_profile *column)
{
    char low[CAUCUS_NUMBER_BYTES];
    char high[CAUCUS_NUMBER_BYTES];
    if (is_number(column)) {
        caucus_number_format(column->low, false, low);
        caucus_number_format(column->high, false, high);
        fprintf(to, "%s to %s", low, high);
    }
}

static void put_bins(FILE *to, const caucus_column_profile *column)
{
    char edges[TEXT_BYTES];
    if (column->n_edges > 0 && !column->row_numbers) {
        caucus_edges_text(column->edges, column->n_edges, edges, sizeof edges);
        fputs(edges, to);
    }
}

/* ---- formats --------------------------------------------------------------------------------------------------- */

/* Add what was written to a table. */
static caucus_status add_cell(caucus_text_stream *text, caucus_text_table *table)
{
    TRY(caucus_text_stream_close(text, "a table"));
    caucus_status status = caucus_text_table_add(table, text->text);
    free(text->text);
    return status;
}

typedef void put(FILE *to, const caucus_column_profile *column);

static void put_name(FILE *to, const caucus_column_profile *column)
{
    fputs(column->name[0] != '\0' ? column->name : "(no name)", to);
}

static void put_kind(FILE *to, const caucus_column_profile *column)
{
    fputs(caucus_column_kind_names[column->kind], to);
}

static void put_count(FILE *to, const caucus_column_profile *column)
{
    char number[CAUCUS_TEXT_GROUPED];
    fprintf(to, "%s%s", column->too_many ? "over " : "", caucus_text_group(column->n_values, number));
}

static void put_missing(FILE *to, const caucus_column_profile *column)
{
    char number[CAUCUS_TEXT_GROUPED];
    fputs(caucus_text_group(column->n_missing, number), to);
}

static void put_most_frequent(FILE *to, const caucus_column_profile *column)
{
    if (!column->nearly_unique && !column->too_many) {
        put_frequent(to, column, SHOWN_VALUES, false);
    }
}

static void put_note(FILE *to, const caucus_column_profile *column)
{
    fputs(note_of(column), to);
}

static caucus_status print_table(const caucus_profile *profile, FILE *to)
{
    static const struct {
        const char *title;
        put *put;
        bool right;
    } parts[] = {
        {"column", put_name, false},    {"kind", put_kind, false},   {"values", put_count, true},
        {"missing", put_missing, true}, {"range", put_range, false}, {"most frequent", put_most_frequent, false},
        {"bins", put_bins, false},      {"note", put_note, false},
    };
    enum { N_PARTS = sizeof parts / sizeof parts[0] };
    char rows[CAUCUS_TEXT_GROUPED];
    caucus_status status = CAUCUS_OK;
    caucus_text_table *table = NULL;
    TRY(caucus_text_table_open(N_PARTS, &table));
    for (uint32_t p = 0; p < N_PARTS; p++) {
        TRY_GOTO(caucus_text_table_add(table, parts[p].title), done);
        if (parts[p].right) {
            caucus_text_table_align_right(table, p);
        }
    }
    for (uint32_t c = 0; c < profile->n_columns; c++) {
        for (uint32_t p = 0; p < N_PARTS; p++) {
            caucus_text_stream text;
            TRY_GOTO(caucus_text_stream_open(&text, "a table"), done);
            parts[p].put(text.to, &profile->columns[c]);
            TRY_GOTO(add_cell(&text, table), done);
        }
    }
    fprintf(to, "%s: %s rows, %u column%s\n\n", profile->source->path, caucus_text_group(profile->n_rows, rows),
            profile->n_columns, profile->n_columns == 1 ? "" : "s");
    caucus_text_table_print(table, to);
done:
    caucus_text_table_close(table);
    return status;
}

static caucus_status print_csv(const caucus_profile *profile, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    fputs("column,kind,rows,values,too_many,missing,low,high,bins,frequent,note\n", to);
    for (uint32_t c = 0; c < profile->n_columns && status == CAUCUS_OK; c++) {
        const caucus_column_profile *column = &profile->columns[c];
        static put *const quoted[] = {put_bins, NULL, put_note};
        caucus_csv_write(to, column->name);
        fprintf(to, ",%s,%llu,%u,%s,%llu,", caucus_column_kind_names[column->kind], (unsigned long long)profile->n_rows,
                column->n_values, column->too_many ? "true" : "false", (unsigned long long)column->n_missing);
        if (is_number(column)) {
            caucus_json_number(to, column->low);
            fputc(',', to);
            caucus_json_number(to, column->high);
        } else {
            fputc(',', to);
        }
        for (size_t q = 0; q < sizeof quoted / sizeof quoted[0] && status == CAUCUS_OK; q++) {
            caucus_text_stream text;
            TRY(caucus_text_stream_open(&text, "a table"));
            if (quoted[q] != NULL) {
                quoted[q](text.to, column);
            } else {
                put_frequent(text.to, column, LISTED_VALUES, true);
            }
            TRY(caucus_text_stream_close(&text, "a table"));
            fputc(',', to);
            caucus_csv_write(to, text.text);
            free(text.text);
        }
        fputc('\n', to);
    }
    return status;
}

static void print_json(const caucus_profile *profile, FILE *to)
{
    fputs("{\"file\": ", to);
    caucus_json_string(to, profile->source->path);
    fprintf(to, ", \"rows\": %llu, \"columns\": [", (unsigned long long)profile->n_rows);
    for (uint32_t c = 0; c < profile->n_columns; c++) {
        const caucus_column_profile *column = &profile->columns[c];
        fprintf(to, "%s\n {\"name\": ", c > 0 ? "," : "");
        caucus_json_string(to, column->name);
        fprintf(to, ", \"kind\": \"%s\", \"values\": %u, \"too_many\": %s, \"missing\": %llu",
                caucus_column_kind_names[column->kind], column->n_values, column->too_many ? "true" : "false",
                (unsigned long long)column->n_missing);
        if (is_number(column)) {
            fputs(", \"low\": ", to);
            caucus_json_number(to, column->low);
            fputs(", \"high\": ", to);
            caucus_json_number(to, column->high);
            fputs(", \"bins\": [", to);
            for (uint32_t e = 0; e < column->n_edges; e++) {
                fputs(e > 0 ? ", " : "", to);
                caucus_json_number(to, column->edges[e]);
            }
            fputc(']', to);
        }
        fprintf(to, ", \"row_numbers\": %s, \"nearly_unique\": %s, \"frequent\": [",
                column->row_numbers ? "true" : "false", column->nearly_unique ? "true" : "false");
        for (uint32_t v = 0; v < column->n_values && v < LISTED_VALUES; v++) {
            fputs(v > 0 ? ", [" : "[", to);
            caucus_json_string(to, column->values[v]);
            fprintf(to, ", %llu]", (unsigned long long)column->counts[v]);
        }
        fputs("], \"note\": ", to);
        caucus_json_string(to, note_of(column));
        fputc('}', to);
    }
    fputs("]}\n", to);
}

caucus_status caucus_columns_print(const caucus_table_options *options, caucus_format format, FILE *to)
{
    caucus_profile profile;
    TRY(caucus_profile_of(options, &profile));
    caucus_status status = CAUCUS_OK;
    if (format == CAUCUS_TABLE) {
        status = print_table(&profile, to);
    } else if (format == CAUCUS_CSV) {
        status = print_csv(&profile, to);
    } else {
        print_json(&profile, to);
    }
    caucus_profile_close(&profile);
    return status;
}
