/* The page's account of which cells resist. */
#include "advice/print.h"
#include "base/text.h"
#include "base/text_table.h"

#include <stdlib.h>

enum { MOST_CELLS = 15 };

/* A cell by what g leaves to its members. */
static void put_cell(const caucus_advice *advice, uint32_t cell, char text[CAUCUS_ADVICE_TEXT])
{
    const caucus_population *population = advice->inputs->config->population;
    const caucus_collective *me = &advice->inputs->config->collectives[advice->inputs->self];
    const uint32_t *codes = advice->inputs->cells.codes + (size_t)cell * population->n_features;
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t f = 0; f < population->n_features && used < CAUCUS_ADVICE_TEXT; f++) {
        bool is_set = false;
        for (uint32_t i = 0; me->strategy != CAUCUS_ERASE && i < me->n_set; i++) {
            is_set |= me->set[i].feature == f;
        }
        if (!is_set) {
            used += (size_t)snprintf(text + used, CAUCUS_ADVICE_TEXT - used, "%s%s", used > 0 ? ", " : "",
                                     population->features[f].values[codes[f]]);
        }
    }
    if (used == 0) {
        snprintf(text, CAUCUS_ADVICE_TEXT, "(the signal)");
    }
}

typedef struct ranked {
    uint64_t members;
    uint32_t cell; /* of the signal set */
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;
    return x->members != y->members ? (x->members < y->members ? 1 : -1) : (x->cell > y->cell) - (x->cell < y->cell);
}

static caucus_status add_cell(const caucus_advice *advice, uint32_t i, caucus_text_table *table)
{
    char text[CAUCUS_ADVICE_TEXT];
    const caucus_cell_account *account = &advice->accounts[i];
    put_cell(advice, advice->signal_cells[i], text);
    TRY(caucus_text_table_add(table, text));
    TRY(caucus_text_table_add(table, caucus_text_group(advice->landing[i], text)));
    TRY(caucus_text_table_add(table, caucus_cell_state_names[account->state]));
    const double numbers[] = {account->margin, account->needed};
    for (int n = 0; n < 2; n++) {
        caucus_advice_number(numbers[n], text);
        TRY(caucus_text_table_add(table, text));
    }
    TRY(caucus_text_table_add(table, advice->inputs->config->population->label.values[account->rival]));
    const double leads[] = {account->own, account->rest, account->others};
    for (int n = 0; n < (advice->inputs->counts.n_collectives > 1 ? 3 : 2); n++) {
        snprintf(text, sizeof text, "%+.4f", leads[n]);
        TRY(caucus_text_table_add(table, text));
    }
    return CAUCUS_OK;
}

static caucus_status print_cells(const caucus_advice *advice, const ranked *order, uint32_t n, FILE *to)
{
    static const char *const titles[] = {"cell",  "members", "state",        "margin",           "needed",
                                         "rival", "own",     "other people", "other collectives"};
    caucus_status status = CAUCUS_OK;
    caucus_text_table *table = NULL;
    const uint32_t n_columns = advice->inputs->counts.n_collectives > 1 ? 9 : 8;
    TRY(caucus_text_table_open(n_columns, &table));
    for (uint32_t c = 0; c < n_columns; c++) {
        TRY_GOTO(caucus_text_table_add(table, titles[c]), done);
        if (c != 0 && c != 2 && c != 5) {
            caucus_text_table_align_right(table, c);
        }
    }
    for (uint32_t i = 0; i < n && i < MOST_CELLS; i++) {
        TRY_GOTO(add_cell(advice, order[i].cell, table), done);
    }
    caucus_text_table_print(table, to);
    if (n > MOST_CELLS) {
        fprintf(to, "and %u more (--format json lists all)\n", n - MOST_CELLS);
    }
    fputs("The margin by which its label is sure to lead the rival is the sum of what the members, the people in no\n"
          "collective and the other collectives are sure to add; a cell is safe where that is over what is needed.\n",
          to);
done:
    caucus_text_table_close(table);
    return status;
}

caucus_status caucus_advice_put_cells(const caucus_advice *advice, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    char method[CAUCUS_ADVICE_NUMBER];
    char members[CAUCUS_ADVICE_NUMBER];
    ranked *order = NULL;
    uint32_t n = 0;
    uint64_t sum = 0;
    if (advice->accounts == NULL) {
        return CAUCUS_OK;
    }
    TRY(caucus_alloc(advice->n_signal_cells, sizeof *order, "cells", &order));
    for (uint32_t i = 0; i < advice->n_signal_cells; i++) {
        if (advice->accounts[i].state != CAUCUS_CELL_SAFE) {
            order[n++] = (ranked){advice->landing[i], i};
            sum += advice->landing[i];
        }
    }
    caucus_method_name(&advice->best.method, method);
    if (n == 0) {
        fprintf(to, "\nNo cell resists, by %s: what is lost is the uncertainty of the test.\n", method);
    } else {
        qsort(order, n, sizeof *order, compare_ranked);
        fprintf(to, "\n%u of %u cells resist, by %s; %s members land there:\n\n", n, advice->n_signal_cells, method,
                caucus_text_group(sum, members));
        status = print_cells(advice, order, n, to);
    }
    free(order);
    return status;
}
