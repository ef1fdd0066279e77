/* Tables of text with aligned columns. */
#ifndef CAUCUS_BASE_TEXT_TABLE_H
#define CAUCUS_BASE_TEXT_TABLE_H

#include "base/status.h"

typedef struct caucus_text_table caucus_text_table;

caucus_status caucus_text_table_open(uint32_t n_columns, caucus_text_table **table);
void caucus_text_table_close(caucus_text_table *table);

/* Columns are aligned to the left unless this is called. */
void caucus_text_table_align_right(caucus_text_table *table, uint32_t column);

/* Append the next cell, row by row; text is copied. */
caucus_status caucus_text_table_add(caucus_text_table *table, const char *text);

/* Print it, two blanks between columns, a line of dashes below the first row. */
void caucus_text_table_print(const caucus_text_table *table, FILE *to);

#endif
