/* Advice as a page for people. */
#include "advice/print.h"
#include "base/text.h"
#include "base/text_table.h"
#include "config/strategy.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        bool unplants = caucus_strategy_unplants(collective->strategy);
        fprintf(to, "; target %s%s = %s", unplants ? "anything but " : "", population->label.name,
                population->label.values[collective->target]);
    }
    fputc('\n', to);
}

static void put_others(const caucus_advice *advice, FILE *to)
{
    char number[CAUCUS_ADVICE_NUMBER];
    const caucus_advice_inputs *inputs = advice->inputs;
    for (uint32_t j = 0; j < inputs->counts.n_collectives; j++) {
        if (j != inputs->self) {
            fprintf(to, "beside it    %s: %s members, ", inputs->config->collectives[j].name,
                    caucus_text_group(inputs->counts.collectives[j].members, number));
            put_act(advice, j, to);
        }
    }
    if (advice->others != NULL) {
        fprintf(to, "             what they hand in is known from %s\n", advice->others);
    }
}

/* {feature: values} as words. */
static void put_predicate(const caucus_advice *advice, const caucus_predicate *predicate, FILE *to)
{
    for (uint32_t t = 0; t < predicate->n_terms; t++) {
        const caucus_term *term = &predicate->terms[t];
        const caucus_categories *feature = &advice->inputs->config->population->features[term->feature];
        fprintf(to, "%s%s =", t > 0 ? ", " : " ", feature->name);
        for (uint32_t v = 0; v < term->n_values; v++) {
            fprintf(to, "%s %s", v > 0 ? " or" : "", feature->values[term->values[v]]);
        }
    }
}

/* What the bounds assume of who joins. */
static void put_membership(const caucus_advice *advice, FILE *to)
{
    const caucus_membership *membership = &advice->inputs->config->collectives[advice->inputs->self].membership;
    if (membership->affinity > 0) {
        fputs("             people with", to);
        put_predicate(advice, &membership->of, to);
        fprintf(to, " are taken to be %g times as likely to join as others\n", membership->affinity);
    } else if (membership->ratio > 1) {
        fprintf(to,
                "             nobody is taken to be more than %g times as likely to join as the average person, nor "
                "less\n",
                membership->ratio);
    } else {
        fputs("             members are taken for a sample of all consumers\n", to);
    }
}

/* Where the experiment departs from what the bounds take for granted. */
static void put_notes(const caucus_advice *advice, FILE *to)
{
    const caucus_collective *me = &advice->inputs->config->collectives[advice->inputs->self];
    if (me->members.n_terms > 0 && !(me->membership.affinity > 0) && !(me->membership.ratio > 1)) {
        fputs("note         the experiment says who may join: members who differ from other consumers are not what the "
              "bounds take them for\n",
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
    char a[CAUCUS_ADVICE_NUMBER];
    char b[CAUCUS_ADVICE_NUMBER];
    const caucus_advice_inputs *inputs = advice->inputs;
    const caucus_counts *counts = &inputs->counts;
    const caucus_counts_collective *mine = &counts->collectives[inputs->self];
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
    fprintf(to, "\nplatform     %s consumers; success is measured on %s fresh people\n",
            caucus_text_group(counts->consumers, a), caucus_text_group(counts->test, b));
    fprintf(to, "members      %s in %s, %.3g %% of the consumers", caucus_text_group(mine->members, a), advice->members,
            100.0 * (double)mine->members / (double)counts->consumers);
    if (inputs->n_unlabelled > 0) {
        fprintf(to, "; %s more without a label are left out", caucus_text_group(inputs->n_unlabelled, b));
    }
    if (mine->estimators > 0) {
        fprintf(to, "; %s of them, drawn, only choose the labels", caucus_text_group(mine->estimators, b));
    }
    if (mine->pilot > 0) {
        fprintf(to, "; %s of them, drawn, are a pilot, which only fixes how the risk is shared",
                caucus_text_group(mine->pilot, b));
    }
    fputs("\nacts by      ", to);
    put_act(advice, inputs->self, to);
    fprintf(to, "signal set   %s cells\n", caucus_text_group(advice->n_signal_cells, a));
    put_others(advice, to);
    fprintf(to, "certainty    each bound by itself fails with probability %g at most; ", counts->delta);
    if (counts->epsilon > 0) {
        fprintf(to, "the classifier is within %g of the best (%s)\n", counts->epsilon,
                caucus_slack_names[counts->slack]);
    } else {
        fputs("the classifier answers with each cell's commonest label\n", to);
    }
    put_membership(advice, to);
    put_notes(advice, to);
}

/* ---- guarantees ------------------------------------------------------------------------------------------------ */

static bool same_method(const caucus_method *a, const caucus_method *b)
{
    return a->family == b->family && a->knowledge == b->knowledge && a->inequality == b->inequality;
}

/* Values of infinite data stand in the table only where nothing else was asked for. */
static bool is_shown(const caucus_advice *advice, const caucus_method *method)
{
    return caucus_advice_guarantees(*method) || !advice->best.exists || !caucus_advice_guarantees(advice->best.method);
}

/* The bounds of one knowledge level and family, a cell for each inequality that is shown. */
static caucus_status add_guarantees(const caucus_advice *advice, uint32_t k, uint32_t f, const bool *shown,
                                    caucus_text_table *table)
{
    bool any = false;
    for (uint32_t i = 0; i < advice->n_methods; i++) {
        any |= advice->methods[i].knowledge == k && advice->methods[i].family == f &&
               is_shown(advice, &advice->methods[i]);
    }
    if (!any) {
        return CAUCUS_OK;
    }
    TRY(caucus_text_table_add(table, caucus_knowledge_names[k]));
    TRY(caucus_text_table_add(table, caucus_family_names[f]));
    for (uint32_t column = 1; column <= CAUCUS_N_INEQUALITIES; column++) { /* the infinite-data value comes last */
        uint32_t q = column % CAUCUS_N_INEQUALITIES;
        char number[CAUCUS_ADVICE_NUMBER] = "";
        char text[CAUCUS_ADVICE_NUMBER + 2] = "";
        for (uint32_t i = 0; i < advice->n_methods; i++) {
            const caucus_method *method = &advice->methods[i];
            if (method->knowledge == k && method->family == f && method->inequality == q) {
                caucus_advice_number(advice->bounds[i], number);
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
    uint32_t n_hidden = 0;
    for (uint32_t i = 0; i < advice->n_methods; i++) {
        bool visible = is_shown(advice, &advice->methods[i]);
        n_columns += visible && !shown[advice->methods[i].inequality];
        shown[advice->methods[i].inequality] |= visible;
        n_hidden += !visible;
    }
    TRY(caucus_text_table_open(n_columns, &table));
    TRY_GOTO(caucus_text_table_add(table, "knowledge"), done);
    TRY_GOTO(caucus_text_table_add(table, "family"), done);
    for (uint32_t column = 1; column <= CAUCUS_N_INEQUALITIES; column++) {
        char title[CAUCUS_ADVICE_NUMBER];
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
    fputs("\nEach number is a promise by itself: the share of new people on whom it succeeds is at least (* the "
          "best):\n\n",
          to);
    caucus_text_table_print(table, to);
    if (shown[CAUCUS_POPULATION]) {
        fputs("population is what infinite data with the members' shares would give: no guarantee.\n", to);
    } else if (n_hidden > 0) {
        fputs(
            "Values of infinite data (population, linear) guarantee nothing and are left out; --format csv has them.\n",
            to);
    }
    if (advice->best.exists && advice->best.bound <= 0) {
        fputs("No bound is above 0: from these data nothing is guaranteed.\n", to);
    }
    fputs("A guarantee holds for a method that is chosen before its bound is seen.\n", to);
done:
    caucus_text_table_close(table);
    return status;
}

caucus_status caucus_advice_page(const caucus_advice *advice, FILE *to)
{
    caucus_advice_put_answer(advice, to);
    put_who(advice, to);
    TRY(put_guarantees(advice, to));
    if (!advice->best.exists) {
        return CAUCUS_OK;
    }
    TRY(caucus_advice_put_cells(advice, to));
    return caucus_advice_put_changes(advice, to);
}
