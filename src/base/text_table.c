#include "base/text_table.h"

#include "base/shown.h"

#include <stdlib.h>
#include <string.h>

struct caucus_text_table {
    uint32_t n_columns;
    size_t n_cells, capacity;
    char **cells; /* [row][column] */
    bool *right;  /* [column] */
    size_t *widths;
};

/* Characters of UTF-8 text: all bytes but those that continue a character. */
static size_t width(const char *text)
{
    size_t n = 0;
    for (const char *c = text; *c != '\0'; c++) {
        n += ((unsigned char)*c & 0xc0) != 0x80;
    }
    return n;
}

caucus_status caucus_text_table_open(uint32_t n_columns, caucus_text_table **table)
{
    caucus_status status = CAUCUS_OK;
    caucus_text_table *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a table", &made));
    made->n_columns = n_columns;
    TRY_GOTO(caucus_alloc(n_columns, sizeof *made->right, "a table", &made->right), failed);
    TRY_GOTO(caucus_alloc(n_columns, sizeof *made->widths, "a table", &made->widths), failed);
    *table = made;
    return CAUCUS_OK;
failed:
    caucus_text_table_close(made);
    return status;
}

void caucus_text_table_close(caucus_text_table *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t i = 0; i < table->n_cells; i++) {
        free(table->cells[i]);
    }
    free(table->cells);
    free(table->right);
    free(table->widths);
    free(table);
}

void caucus_text_table_align_right(caucus_text_table *table, uint32_t column)
{
    table->right[column] = true;
}

caucus_status caucus_text_table_add(caucus_text_table *table, const char *text)
{
    if (table->n_cells == table->capacity) {
        size_t capacity = table->capacity > 0 ? 2 * table->capacity : 64;
        char **cells = realloc(table->cells, capacity * sizeof *cells);
        if (cells == NULL) {
            return caucus_fail_memory(capacity * sizeof *cells, "a table");
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    char *copy = caucus_shown_copy(text);
    if (copy == NULL) {
        return caucus_fail_memory(strlen(text), "a table");
    }
    size_t *widest = &table->widths[table->n_cells % table->n_columns];
    *widest = width(copy) > *widest ? width(copy) : *widest;
    table->cells[table->n_cells++] = copy;
    return CAUCUS_OK;
}

static void print_row(const caucus_text_table *table, char *const *cells, FILE *to)
{
    /* no blanks at the end of a line */
    uint32_t last = table->n_columns;
    while (last > 0 && cells[last - 1][0] == '\0') {
        last--;
    }
    for (uint32_t c = 0; c < last; c++) {
        int blanks = (int)(table->widths[c] - width(cells[c]));
        if (table->right[c]) {
            fprintf(to, "%*s%s", blanks, "", cells[c]);
        } else {
            fprintf(to, "%s%*s", cells[c], c + 1 < last ? blanks : 0, "");
        }
        fputs(c + 1 < last ? "  " : "", to);
    }
    fputc('\n', to);
}

void caucus_text_table_print(const caucus_text_table *table, FILE *to)
{
    for (size_t i = 0; i + table->n_columns <= table->n_cells; i += table->n_columns) {
        print_row(table, table->cells + i, to);
        if (i == 0) {
            for (uint32_t c = 0; c < table->n_columns; c++) {
                for (size_t dash = 0; dash < table->widths[c]; dash++) {
                    fputc('-', to);
                }
                fputs(c + 1 < table->n_columns ? "  " : "\n", to);
            }
        }
    }
}
