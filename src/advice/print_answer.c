/* The page's first lines: what is sure, and how many it takes, for people who never saw a bound. */
#include "advice/print.h"
#include "base/text.h"
#include "config/strategy.h"

#include <math.h>

enum { PLACE_BYTES = 400 };

static const caucus_collective *collective_of(const caucus_advice *advice)
{
    return &advice->inputs->config->collectives[advice->inputs->self];
}

/* "householder = Rent and home_type = Apartment" */
static void put_signal(const caucus_advice *advice, char text[PLACE_BYTES])
{
    const caucus_population *population = advice->inputs->config->population;
    const caucus_collective *me = collective_of(advice);
    size_t used = 0;
    for (uint32_t i = 0; i < me->n_set && used < PLACE_BYTES; i++) {
        const caucus_categories *feature = &population->features[me->set[i].feature];
        used += (size_t)snprintf(text + used, PLACE_BYTES - used, "%s%s = %s", i > 0 ? " and " : "", feature->name,
                                 feature->values[me->set[i].value]);
    }
}

/* What success means, behind "at least 74 % of new people ...". */
static void put_success(const caucus_advice *advice, FILE *to)
{
    char signal[PLACE_BYTES] = "";
    const caucus_population *population = advice->inputs->config->population;
    const caucus_collective *me = collective_of(advice);
    put_signal(advice, signal);
    if (me->strategy == CAUCUS_ERASE) {
        fprintf(to, "get the same answer whether or not they report %s", signal);
        return;
    }
    bool unplants = caucus_strategy_unplants(me->strategy);
    fprintf(to, "who report %s\nget the answer %s%s = %s", signal, unplants ? "anything but " : "",
            population->label.name, population->label.values[me->target]);
}

/* Two digits that count, as people say them: 11,800 and not 11,793. */
static uint64_t rounded_up(uint64_t members)
{
    uint64_t step = 1;
    while (members / step >= 1000) {
        step *= 10;
    }
    return (members + step - 1) / step * step;
}

static void put_factor(double factor, FILE *to)
{
    fprintf(to, factor < 9.95 ? "%.2g" : "%.0f", factor);
}

/* How many it takes. */
static void put_goal(const caucus_advice *advice, FILE *to)
{
    char number[CAUCUS_ADVICE_NUMBER];
    const caucus_advice_goal *goal = &advice->goal;
    const uint64_t now = advice->inputs->counts.collectives[advice->inputs->self].members;
    double percent = 100 * goal->goal;
    if (!goal->reached) {
        fprintf(
            to,
            "No number of members can be sure of %g %% here: with all %s consumers who are in no other collective\n",
            percent, caucus_text_group(goal->room, number));
        fprintf(to, "it would be %.1f %%.\n", goal->best.exists && goal->best.bound > 0 ? 100 * goal->best.bound : 0.0);
        return;
    }
    uint64_t members = rounded_up(goal->members);
    members = members < goal->room ? members : goal->room;
    if (goal->members == now && advice->best.bound >= goal->goal) {
        fprintf(to, "That many are needed to be sure of %g %%.\n", percent);
    } else if (goal->members < now) {
        fprintf(to, "To be sure of %g %%, fewer would do: about %s.\n", percent, caucus_text_group(members, number));
    } else {
        fprintf(to, "To be sure of %g %%, it takes about ", percent);
        put_factor((double)members / (double)now, to);
        fprintf(to, " times your members: %s.\n", caucus_text_group(members, number));
    }
}

/* Whether the answer hangs on members being like everybody else; rounded down: it is a promise. */
static void put_sensitivity(const caucus_advice *advice, FILE *to)
{
    const caucus_advice_sensitivity *found = &advice->sensitivity;
    const double ratio = floor(100 * found->ratio) / 100;
    if (!(ratio >= 1)) {
        return;
    }
    if (found->goal > 0) {
        fprintf(to, "It still is %g %%", 100 * found->goal);
    } else {
        fputs("Something is still sure", to);
    }
    fprintf(to, " as long as nobody is more than %.2f times as likely to join as the average person, nor less.\n",
            ratio);
}

void caucus_advice_put_answer(const caucus_advice *advice, FILE *to)
{
    char number[CAUCUS_ADVICE_NUMBER];
    const caucus_counts *counts = &advice->inputs->counts;
    const uint64_t now = counts->collectives[advice->inputs->self].members;
    bool sure = advice->best.exists && advice->best.bound > 0;
    fprintf(to, "What %s can guarantee before it acts\n\n", collective_of(advice)->name);
    if (!advice->best.exists || !caucus_advice_guarantees(advice->best.method)) {
        fputs("No bound that was asked for is a guarantee.\n\n", to);
        return;
    }
    if (sure) { /* rounded down: it is a promise */
        fprintf(to, "With %s members it is sure that at least %.1f %% of new people ", caucus_text_group(now, number),
                floor(1000 * advice->best.bound) / 10);
    } else {
        fprintf(to, "With %s members nothing is sure yet: the hope is that new people ",
                caucus_text_group(now, number));
    }
    put_success(advice, to);
    fputs(".\n", to);
    put_goal(advice, to);
    fprintf(to,
            "Sure means: a promise like this, by a method that is chosen before its number is seen, fails in at most "
            "%g %% of\n"
            "cases, whoever the other people are, if members are like everybody else. Success is likely to be higher: "
            "caucus\n"
            "run shows how high.\n",
            100 * counts->delta);
    put_sensitivity(advice, to);
    fputc('\n', to);
}
