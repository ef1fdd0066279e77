/* Summaries as records (result/records.h): CSV (RFC 4180) and JSON for programs, Markdown, LaTeX and tables for
 * people. */
#include "base/csv_write.h"
#include "base/json.h"
#include "base/text_table.h"
#include "result/print.h"
#include "result/records.h"

#include <math.h>
#include <string.h>

typedef struct printer {
    const caucus_records *records;
    const caucus_field *fields;
    size_t n_fields;
    int digits; /* behind the point; negative: as many as tell numbers apart */
    FILE *to;
    caucus_text_table *table;
} printer;

/* A cell's text; "" where there is no number. */
static const char *cell_text(const printer *p, size_t field, const caucus_cell *cell, char number[CAUCUS_NUMBER_BYTES])
{
    const caucus_field *of = &p->fields[field];
    if (cell->text != NULL) {
        return cell->text;
    }
    number[0] = '\0';
    if (!isnan(cell->number)) {
        const bool rounded = p->digits >= 0 && of->kind == CAUCUS_FIELD_VARIABLE;
        if (rounded) {
            snprintf(number, CAUCUS_NUMBER_BYTES, fabs(cell->number) < 1000 ? "%.*f" : "%.*g",
                     fabs(cell->number) < 1000 || p->digits > 0 ? p->digits : 1, cell->number);
        } else {
            caucus_number_format(cell->number, false, number);
        }
    }
    return number;
}

/* ---- CSV ---- */

static caucus_status print_csv(void *context, uint64_t number, const caucus_cell *cells)
{
    const printer *p = context;
    (void)number;
    for (size_t i = 0; i < p->n_fields; i++) {
        char text[CAUCUS_NUMBER_BYTES];
        fputs(i > 0 ? "," : "", p->to);
        if (cells[i].text != NULL) {
            caucus_csv_write(p->to, cells[i].text);
        } else { /* an empty field is what CSV readers take for missing */
            fputs(cell_text(p, i, &cells[i], text), p->to);
        }
    }
    fputs("\r\n", p->to);
    return CAUCUS_OK;
}

/* ---- JSON ---- */

static caucus_status print_json(void *context, uint64_t number, const caucus_cell *cells)
{
    const printer *p = context;
    fputs(number > 0 ? ",\n  {" : "  {", p->to);
    for (size_t i = 0; i < p->n_fields; i++) {
        char text[CAUCUS_NUMBER_BYTES];
        fputs(i > 0 ? ", " : "", p->to);
        caucus_json_string(p->to, p->fields[i].name);
        fputs(": ", p->to);
        if (cells[i].text != NULL) {
            caucus_json_string(p->to, cells[i].text);
        } else { /* JSON has neither NaN nor infinity */
            fputs(isfinite(cells[i].number) ? cell_text(p, i, &cells[i], text) : "null", p->to);
        }
    }
    fputc('}', p->to);
    return CAUCUS_OK;
}

/* ---- Markdown and LaTeX ---- */

/* A text with what the language would take for its own escaped by a backslash. */
static void put_escaped(const char *text, const char *special, FILE *to)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n' || *c == '\r') {
            fputc(' ', to);
        } else if (strchr(special, *c) != NULL) {
            fprintf(to, "\\%c", *c);
        } else {
            fputc(*c, to);
        }
    }
}

static void put_latex(const char *text, FILE *to)
{
    for (const char *c = text; *c != '\0'; c++) {
        static const char *const words[][2] = {{"\\", "\\textbackslash{}"},
                                               {"~", "\\textasciitilde{}"},
                                               {"^", "\\textasciicircum{}"},
                                               {"<", "\\textless{}"},
                                               {">", "\\textgreater{}"}};
        const char *word = NULL;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            word = *c == words[i][0][0] ? words[i][1] : word;
        }
        if (word != NULL) {
            fputs(word, to);
        } else {
            put_escaped((char[]){*c, '\0'}, "&%$#_{}", to);
        }
    }
}

static bool is_text(const caucus_field *field)
{
    return field->kind == CAUCUS_FIELD_FILE || field->kind == CAUCUS_FIELD_COLLECTIVE ||
           field->kind == CAUCUS_FIELD_METHOD;
}

static caucus_status print_markdown(void *context, uint64_t number, const caucus_cell *cells)
{
    const printer *p = context;
    (void)number;
    for (size_t i = 0; i < p->n_fields; i++) {
        char text[CAUCUS_NUMBER_BYTES];
        fputs(i > 0 ? " | " : "| ", p->to);
        put_escaped(cell_text(p, i, &cells[i], text), "|\\", p->to);
    }
    fputs(" |\n", p->to);
    return CAUCUS_OK;
}

static void begin_markdown(const printer *p)
{
    for (size_t i = 0; i < p->n_fields; i++) {
        fputs(i > 0 ? " | " : "| ", p->to);
        put_escaped(p->fields[i].name, "|\\", p->to);
    }
    fputs(" |\n", p->to);
    for (size_t i = 0; i < p->n_fields; i++) {
        fputs(is_text(&p->fields[i]) ? "| --- " : "| ---: ", p->to);
    }
    fputs("|\n", p->to);
}

static caucus_status print_latex(void *context, uint64_t number, const caucus_cell *cells)
{
    const printer *p = context;
    (void)number;
    for (size_t i = 0; i < p->n_fields; i++) {
        char text[CAUCUS_NUMBER_BYTES];
        fputs(i > 0 ? " & " : "", p->to);
        put_latex(cell_text(p, i, &cells[i], text), p->to);
    }
    fputs(" \\\\\n", p->to);
    return CAUCUS_OK;
}

static void begin_latex(const printer *p)
{
    fputs("\\begin{tabular}{", p->to);
    for (size_t i = 0; i < p->n_fields; i++) {
        fputc(is_text(&p->fields[i]) ? 'l' : 'r', p->to);
    }
    fputs("}\n\\toprule\n", p->to);
    for (size_t i = 0; i < p->n_fields; i++) {
        fputs(i > 0 ? " & " : "", p->to);
        put_latex(p->fields[i].name, p->to);
    }
    fputs(" \\\\\n\\midrule\n", p->to);
}

/* ---- tables ---- */

static caucus_status add_row(void *context, uint64_t number, const caucus_cell *cells)
{
    printer *p = context;
    (void)number;
    for (size_t i = 0; i < p->n_fields; i++) {
        char text[CAUCUS_NUMBER_BYTES];
        const char *shown = cell_text(p, i, &cells[i], text);
        if (cells[i].text == NULL) {
            caucus_text_table_align_right(p->table, (uint32_t)i);
        }
        TRY(caucus_text_table_add(p->table, shown[0] != '\0' ? shown : "-"));
    }
    return CAUCUS_OK;
}

static caucus_status print_table(printer *p, caucus_records *records)
{
    TRY(caucus_text_table_open((uint32_t)p->n_fields, &p->table));
    caucus_status status = CAUCUS_OK;
    for (size_t i = 0; i < p->n_fields; i++) {
        TRY_GOTO(caucus_text_table_add(p->table, p->fields[i].name), done);
    }
    TRY_GOTO(caucus_records_each(records, add_row, p), done);
    caucus_text_table_print(p->table, p->to);
done:
    caucus_text_table_close(p->table);
    return status;
}

static caucus_status print_each(printer *p, caucus_records *records, const char *format)
{
    if (strcmp(format, "csv") == 0) {
        for (size_t i = 0; i < p->n_fields; i++) {
            fputs(i > 0 ? "," : "", p->to);
            caucus_csv_write(p->to, p->fields[i].name);
        }
        fputs("\r\n", p->to);
        return caucus_records_each(records, print_csv, p);
    }
    if (strcmp(format, "json") == 0) {
        fputs("[\n", p->to);
        TRY(caucus_records_each(records, print_json, p));
        fputs("\n]\n", p->to);
        return CAUCUS_OK;
    }
    if (strcmp(format, "md") == 0) {
        begin_markdown(p);
        return caucus_records_each(records, print_markdown, p);
    }
    if (strcmp(format, "latex") == 0) {
        begin_latex(p);
        TRY(caucus_records_each(records, print_latex, p));
        fputs("\\bottomrule\n\\end{tabular}\n", p->to);
        return CAUCUS_OK;
    }
    return print_table(p, records);
}

caucus_status caucus_result_print_records(caucus_result *const *results, size_t n_results,
                                          const caucus_summary_options *options, FILE *to)
{
    enum { USUAL_DIGITS = 4 };
    const char *format = options->format != NULL ? options->format : "table";
    const bool for_programs = strcmp(format, "csv") == 0 || strcmp(format, "json") == 0;
    caucus_records *records = NULL;
    TRY(caucus_records_open(results, n_results, options->columns, options->where, options->n_where, options->sort,
                            &records));
    printer p = {.records = records,
                 .digits = options->digits > 0 || for_programs ? options->digits - 1 : USUAL_DIGITS,
                 .to = to};
    p.fields = caucus_records_fields(records, &p.n_fields);
    const caucus_status status = print_each(&p, records, format);
    caucus_records_close(records);
    return status;
}
