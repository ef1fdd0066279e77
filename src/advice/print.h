/* What the parts of the page share. */
#ifndef CAUCUS_ADVICE_PRINT_H
#define CAUCUS_ADVICE_PRINT_H

#include "advice/advice.h"
#include "base/text.h"
#include "config/method.h"

enum { CAUCUS_ADVICE_NUMBER = 64, CAUCUS_ADVICE_TEXT = 512 };

/* A bound, for people. */
void caucus_advice_number(double bound, char text[CAUCUS_ADVICE_NUMBER]);

/* The answer in plain words (advice/print_answer.c). */
void caucus_advice_put_answer(const caucus_advice *advice, FILE *to);

/* The cells that resist (advice/print_cells.c), and what would raise the guarantee (advice/print_changes.c). */
caucus_status caucus_advice_put_cells(const caucus_advice *advice, FILE *to);
caucus_status caucus_advice_put_changes(const caucus_advice *advice, FILE *to);

#endif
