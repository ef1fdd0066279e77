/* What the parts of the page share. */
#ifndef CAUCUS_ADVICE_PAGE_H
#define CAUCUS_ADVICE_PAGE_H

#include "advice.h"

enum { CAUCUS_ADVICE_NUMBER = 64, CAUCUS_ADVICE_TEXT = 512 };

/* Text for people: 1,234,567; a bound; family/knowledge/inequality. caucus_advice_group returns text. */
const char *caucus_advice_group(uint64_t value, char text[CAUCUS_ADVICE_NUMBER]);
void caucus_advice_number(double bound, char text[CAUCUS_ADVICE_NUMBER]);
void caucus_advice_method(const caucus_method *method, char text[CAUCUS_ADVICE_NUMBER]);

/* The cells that resist (advice_cells.c), and what would raise the guarantee (advice_changes.c). */
caucus_status caucus_advice_put_cells(const caucus_advice *advice, FILE *to);
caucus_status caucus_advice_put_changes(const caucus_advice *advice, FILE *to);

#endif
