/* Advice as a page for people. */
#include "advice.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text_table.h"

enum { MOST_CELLS = 15, MOST_TARGETS = 20, NUMBER = 64, TEXT = 512 };

static const char *group(uint64_t value, char text[NUMBER])
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, value);
    char *to = text;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

static void put_method(const caucus_method *method, char text[NUMBER])
{
    snprintf(text, NUMBER, "%s/%s/%s", caucus_family_names[method->family], caucus_knowledge_names[method->knowledge],
             caucus_inequality_names[method->inequality]);
}

/* ---- who ------------------------------------------------------------------------------------------------------- */

static void put_assignments(const caucus_population *population, const caucus_assignment *set, uint32_t n, FILE *to)
{
    for (uint32_t i = 0; i < n; i++) {
        const caucus_categories *feature = &population->features[set[i].feature];
        fprintf(to, "%s%s = %s", i > 0 ? ", " : "", feature->name, feature->values[set[i].value]);
    }
}

static void put_act(const caucus_advice *advice, uint32_t j, FILE *to)
{
    const caucus_collective *collective = &advice->inputs->config->collectives[j];
    const caucus_population *population = advice->inputs->config->population;
    fprintf(to, "%s, ", caucus_strategy_names[collective->strategy]);
    put_assignments(population, collective->set, collective->n_set, to);
    if (collective->strategy != CAUCUS_ERASE) {
        bool unplants = collective->strategy == CAUCUS_UNPLANT_NAIVE || collective->strategy == CAUCUS_UNPLANT_ADAPTIVE;
        fprintf(to, "; target %s%s = %s", unplants ? "anything but " : "", population->label.name,
                population->label.values[collective->target]);
    }
    fputc('\n', to);
}

static void put_others(const caucus_advice *advice, FILE *to)
{
    char number[NUMBER];
    const caucus_advice_inputs *inputs = advice->inputs;
    for (uint32_t j = 0; j < inputs->counts.n_collectives; j++) {
        if (j != inputs->self) {
            fprintf(to, "beside it    %s: %s members, ", inputs->config->collectives[j].name,
                    group(inputs->counts.collectives[j].members, number));
            put_act(advice, j, to);
        }
    }
    if (advice->others != NULL) {
        fprintf(to, "             what they hand in is known from %s\n", advice->others);
    }
}

/* Where the experiment departs from what the bounds take for granted. */
static void put_notes(const caucus_advice *advice, FILE *to)
{
    const caucus_collective *me = &advice->inputs->config->collectives[advice->inputs->self];
    if (me->members.n_terms > 0) {
        fputs("note         the bounds take members to be like other consumers; the experiment says who may join, so "
              "they may fail\n",
              to);
    }
    if (me->compliance < 1 || me->miss > 0) {
        fputs(
            "note         the bounds take every member to act, without mistakes; the experiment's noise is left out\n",
            to);
    }
}

static void put_who(const caucus_advice *advice, FILE *to)
{
    char a[NUMBER];
    char b[NUMBER];
    const caucus_advice_inputs *inputs = advice->inputs;
    const caucus_counts *counts = &inputs->counts;
    const caucus_counts_collective *mine = &counts->collectives[inputs->self];
    const char *name = inputs->config->collectives[inputs->self].name;
    fprintf(to, "What %s can guarantee before it acts\n\n", name);
    fprintf(to, "experiment   %s", inputs->experiment->path);
    if (inputs->experiment->n_configs > 1) {
        fprintf(to, ", configuration %llu of %llu:", (unsigned long long)inputs->index,
                (unsigned long long)inputs->experiment->n_configs);
        for (uint32_t i = 0; i < inputs->experiment->n_axes; i++) {
            const caucus_axis *axis = &inputs->experiment->axes[i];
            fprintf(to, "%s %s = %s", i > 0 ? "," : "", axis->name,
                    axis->words[caucus_experiment_axis_position(inputs->experiment, i, inputs->index)]);
        }
    }
    fprintf(to, "\nplatform     %s consumers; success is measured on %s fresh people\n", group(counts->consumers, a),
            group(counts->test, b));
    fprintf(to, "members      %s in %s, %.3g %% of the consumers", group(mine->members, a), advice->members,
            100.0 * (double)mine->members / (double)counts->consumers);
    if (mine->estimators > 0) {
        fprintf(to, "; %s of them, drawn, only choose the labels", group(mine->estimators, b));
    }
    fputs("\nacts by      ", to);
    put_act(advice, inputs->self, to);
    fprintf(to, "signal set   %s cells\n", group(advice->n_signal_cells, a));
    put_others(advice, to);
    fprintf(to, "certainty    each bound by itself fails with probability %g at most; ", counts->delta);
    if (counts->epsilon > 0) {
        fprintf(to, "the classifier is within %g of the best (%s)\n", counts->epsilon,
                caucus_slack_names[counts->slack]);
    } else {
        fputs("the classifier answers with each cell's commonest label\n", to);
    }
    put_notes(advice, to);
}

/* ---- guarantees ------------------------------------------------------------------------------------------------ */

static void put_bound(double bound, char text[NUMBER])
{
    if (isnan(bound)) {
        snprintf(text, NUMBER, "-");
    } else {
        snprintf(text, NUMBER, fabs(bound) < 1000 ? "%.4f" : "%.4g", bound);
    }
}

static bool same_method(const caucus_method *a, const caucus_method *b)
{
    return a->family == b->family && a->knowledge == b->knowledge && a->inequality == b->inequality;
}

/* The bounds of one knowledge level and family, a cell for each inequality that is shown. */
static caucus_status add_guarantees(const caucus_advice *advice, uint32_t k, uint32_t f, const bool *shown,
                                    caucus_text_table *table)
{
    bool any = false;
    for (uint32_t i = 0; i < advice->n_methods; i++) {
        any |= advice->methods[i].knowledge == k && advice->methods[i].family == f;
    }
    if (!any) {
        return CAUCUS_OK;
    }
    TRY(caucus_text_table_add(table, caucus_knowledge_names[k]));
    TRY(caucus_text_table_add(table, caucus_family_names[f]));
    for (uint32_t column = 1; column <= CAUCUS_N_INEQUALITIES; column++) { /* the infinite-data value comes last */
        uint32_t q = column % CAUCUS_N_INEQUALITIES;
        char number[NUMBER] = "";
        char text[NUMBER + 2] = "";
        for (uint32_t i = 0; i < advice->n_methods; i++) {
            const caucus_method *method = &advice->methods[i];
            if (method->knowledge == k && method->family == f && method->inequality == q) {
                put_bound(advice->bounds[i], number);
                bool best = advice->best.exists && same_method(method, &advice->best.method);
                snprintf(text, sizeof text, "%s%s", number, best ? " *" : "  ");
            }
        }
        if (shown[q]) {
            TRY(caucus_text_table_add(table, text));
        }
    }
    return CAUCUS_OK;
}

static caucus_status put_guarantees(const caucus_advice *advice, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_text_table *table = NULL;
    bool shown[CAUCUS_N_INEQUALITIES] = {false};
    uint32_t n_columns = 2;
    for (uint32_t i = 0; i < advice->n_methods; i++) {
        n_columns += !shown[advice->methods[i].inequality];
        shown[advice->methods[i].inequality] = true;
    }
    TRY(caucus_text_table_open(n_columns, &table));
    TRY_GOTO(caucus_text_table_add(table, "knowledge"), done);
    TRY_GOTO(caucus_text_table_add(table, "family"), done);
    for (uint32_t column = 1; column <= CAUCUS_N_INEQUALITIES; column++) {
        char title[NUMBER];
        uint32_t q = column % CAUCUS_N_INEQUALITIES;
        snprintf(title, sizeof title, "%s  ", caucus_inequality_names[q]);
        if (shown[q]) {
            TRY_GOTO(caucus_text_table_add(table, title), done);
        }
    }
    for (uint32_t c = 2; c < n_columns; c++) {
        caucus_text_table_align_right(table, c);
    }
    for (uint32_t k = 0; k < CAUCUS_N_KNOWLEDGE; k++) {
        for (uint32_t f = 0; f < CAUCUS_N_FAMILIES; f++) {
            TRY_GOTO(add_guarantees(advice, k, f, shown, table), done);
        }
    }
    fputs("\nThe share of test people on whom it succeeds is at least (* the best):\n\n", to);
    caucus_text_table_print(table, to);
    if (shown[CAUCUS_POPULATION]) {
        fputs("population is what infinite data with the members' shares would give: no guarantee.\n", to);
    }
    if (advice->best.exists && advice->best.bound <= 0) {
        fputs("No bound is above 0: from these data nothing is guaranteed.\n", to);
    }
    fputs("A guarantee holds for a method that is chosen before its bound is seen.\n", to);
done:
    caucus_text_table_close(table);
    return status;
}

/* ---- cells that resist ------------------------------------------------------------------------------------------ */

/* A cell by what g leaves to its members. */
static void put_cell(const caucus_advice *advice, uint32_t cell, char text[TEXT])
{
    const caucus_population *population = advice->inputs->config->population;
    const caucus_collective *me = &advice->inputs->config->collectives[advice->inputs->self];
    const uint32_t *codes = advice->inputs->cells.codes + (size_t)cell * population->n_features;
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t f = 0; f < population->n_features && used < TEXT; f++) {
        bool is_set = false;
        for (uint32_t i = 0; me->strategy != CAUCUS_ERASE && i < me->n_set; i++) {
            is_set |= me->set[i].feature == f;
        }
        if (!is_set) {
            used += (size_t)snprintf(text + used, TEXT - used, "%s%s", used > 0 ? ", " : "",
                                     population->features[f].values[codes[f]]);
        }
    }
    if (used == 0) {
        snprintf(text, TEXT, "(the signal)");
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
    char text[TEXT];
    const caucus_cell_account *account = &advice->accounts[i];
    put_cell(advice, advice->signal_cells[i], text);
    TRY(caucus_text_table_add(table, text));
    TRY(caucus_text_table_add(table, group(advice->landing[i], text)));
    TRY(caucus_text_table_add(table, caucus_cell_state_names[account->state]));
    const double numbers[] = {account->margin, account->needed};
    for (int n = 0; n < 2; n++) {
        put_bound(numbers[n], text);
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

static caucus_status put_cells(const caucus_advice *advice, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    char method[NUMBER];
    char members[NUMBER];
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
    put_method(&advice->best.method, method);
    if (n == 0) {
        fprintf(to, "\nNo cell resists, by %s: what is lost is the uncertainty of the test.\n", method);
    } else {
        qsort(order, n, sizeof *order, compare_ranked);
        fprintf(to, "\n%u of %u cells resist, by %s; %s members land there:\n\n", n, advice->n_signal_cells, method,
                group(sum, members));
        status = print_cells(advice, order, n, to);
    }
    free(order);
    return status;
}

/* ---- what would help -------------------------------------------------------------------------------------------- */

typedef struct suggestions {
    const caucus_advice *advice;
    caucus_text_table *table;
    double most; /* gain */
    char most_by[TEXT];
} suggestions;

static caucus_status suggest(suggestions *s, const char *change, const caucus_advice_best *best, double from)
{
    char text[NUMBER];
    TRY(caucus_text_table_add(s->table, change));
    put_bound(best->bound, text);
    TRY(caucus_text_table_add(s->table, best->exists ? text : "-"));
    snprintf(text, sizeof text, "%+.4f", best->bound - from);
    TRY(caucus_text_table_add(s->table, best->exists ? text : "-"));
    put_method(&best->method, text);
    return caucus_text_table_add(s->table, best->exists ? text : "");
}

static void remember(suggestions *s, const char *change, const caucus_advice_best *best)
{
    double gain = best->exists ? best->bound - s->advice->best.bound : 0;
    if (gain > s->most) {
        s->most = gain;
        snprintf(s->most_by, sizeof s->most_by, "%s", change);
    }
}

static caucus_status suggest_members(suggestions *s)
{
    for (uint32_t g = 0; g < CAUCUS_N_GROWTHS; g++) {
        char change[TEXT];
        char members[NUMBER];
        const caucus_advice_growth *growth = &s->advice->growths[g];
        snprintf(change, sizeof change, "%g times the members: %s%s", growth->factor, group(growth->members, members),
                 growth->best.exists ? "" : " (more than there is room for)");
        TRY(suggest(s, change, &growth->best, s->advice->best.bound));
        remember(s, change, &growth->best);
    }
    return CAUCUS_OK;
}

/* Levels beside the least that was computed: what knowing more is worth. */
static caucus_status suggest_knowledge(suggestions *s)
{
    const caucus_advice_best *least = NULL;
    for (uint32_t k = 0; k < CAUCUS_N_KNOWLEDGE; k++) {
        const caucus_advice_best *best = &s->advice->by_knowledge[k];
        if (!best->exists || s->advice->inputs->counts.n_collectives == 1) {
            continue;
        }
        if (least != NULL) {
            char change[TEXT];
            snprintf(change, sizeof change, "knowing %s, not only %s", caucus_knowledge_names[k],
                     caucus_knowledge_names[least->method.knowledge]);
            TRY(suggest(s, change, best, least->bound));
        } else {
            least = best;
        }
    }
    return CAUCUS_OK;
}

static caucus_status suggest_targets(suggestions *s)
{
    const caucus_advice *advice = s->advice;
    const caucus_population *population = advice->inputs->config->population;
    const uint32_t own = advice->inputs->counts.collectives[advice->inputs->self].target;
    uint32_t n = 0;
    for (uint32_t t = 0; advice->by_target != NULL && t < population->n_labels; t++) {
        if (t != own) {
            char change[TEXT];
            snprintf(change, sizeof change, "target %.400s", population->label.values[t]);
            remember(s, change, &advice->by_target[t]);
            if (n++ < MOST_TARGETS) {
                TRY(suggest(s, change, &advice->by_target[t], advice->best.bound));
            }
        }
    }
    return CAUCUS_OK;
}

static void put_unavailable(const caucus_advice *advice, FILE *to)
{
    if (advice->inputs->counts.n_collectives == 1) {
        fputs("There are no other collectives, so that all levels of knowledge are the same.\n", to);
        return;
    }
    if (advice->others == NULL) {
        fputs("What knowing aggregate would give shows once the others publish what they hand in (--others).\n", to);
    }
    fputs("What knowing full would give takes the others' raw data: put all into a document of counts.\n", to);
}

static caucus_status put_suggestions(const caucus_advice *advice, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    suggestions s = {.advice = advice, .most = 0};
    static const char *const titles[] = {"change", "best bound", "gain", "method"};
    TRY(caucus_text_table_open(4, &s.table));
    for (uint32_t c = 0; c < 4; c++) {
        TRY_GOTO(caucus_text_table_add(s.table, titles[c]), done);
    }
    caucus_text_table_align_right(s.table, 1);
    caucus_text_table_align_right(s.table, 2);
    TRY_GOTO(suggest_members(&s), done);
    TRY_GOTO(suggest_knowledge(&s), done);
    TRY_GOTO(suggest_targets(&s), done);
    fputs("\nWhat would raise the guarantee:\n\n", to);
    caucus_text_table_print(s.table, to);
    put_unavailable(advice, to);
    if (s.most > 0) {
        fprintf(to, "Most would be gained by %s: %+.4f.\n", s.most_by, s.most);
    } else {
        fputs("None of these raises the best bound.\n", to);
    }
done:
    caucus_text_table_close(s.table);
    return status;
}

caucus_status caucus_advice_page(const caucus_advice *advice, FILE *to)
{
    put_who(advice, to);
    TRY(put_guarantees(advice, to));
    if (!advice->best.exists) {
        return CAUCUS_OK;
    }
    TRY(put_cells(advice, to));
    return put_suggestions(advice, to);
}
