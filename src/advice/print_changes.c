/* The page's account of what would raise the guarantee. */
#include "advice/print.h"
#include "base/text.h"
#include "base/text_table.h"

enum { MOST_TARGETS = 20 };

typedef struct suggestions {
    const caucus_advice *advice;
    caucus_text_table *table;
    double most; /* gain */
    char most_by[CAUCUS_ADVICE_TEXT];
    uint32_t n_members, n_same_targets; /* rows on members; targets that raise nothing */
} suggestions;

static caucus_status suggest(suggestions *s, const char *change, const caucus_advice_best *best, double from)
{
    char text[CAUCUS_ADVICE_NUMBER];
    TRY(caucus_text_table_add(s->table, change));
    caucus_advice_number(best->bound, text);
    TRY(caucus_text_table_add(s->table, best->exists ? text : "-"));
    snprintf(text, sizeof text, "%+.4f", best->bound - from);
    TRY(caucus_text_table_add(s->table, best->exists ? text : "-"));
    caucus_method_name(&best->method, text);
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

/* Whether a change is worth a line: four digits are shown. */
static bool raises(const caucus_advice_best *best, double from)
{
    return best->exists && best->bound - from > 0.00005;
}

static caucus_status suggest_members(suggestions *s)
{
    for (uint32_t g = 0; g < CAUCUS_N_GROWTHS; g++) {
        char change[CAUCUS_ADVICE_TEXT];
        char members[CAUCUS_ADVICE_NUMBER];
        const caucus_advice_growth *growth = &s->advice->growths[g];
        snprintf(change, sizeof change, "%g times the members: %s%s", growth->factor,
                 caucus_text_group(growth->members, members),
                 growth->best.exists ? "" : " (more than there is room for)");
        if (raises(&growth->best, s->advice->best.bound)) {
            TRY(suggest(s, change, &growth->best, s->advice->best.bound));
            s->n_members++;
        }
        remember(s, change, &growth->best);
    }
    const caucus_advice_goal *goal = &s->advice->goal;
    const uint64_t now = s->advice->inputs->counts.collectives[s->advice->inputs->self].members;
    if (goal->reached && goal->members > now) {
        char change[CAUCUS_ADVICE_TEXT];
        char members[CAUCUS_ADVICE_NUMBER];
        snprintf(change, sizeof change, "%.3g times the members: %s", (double)goal->members / (double)now,
                 caucus_text_group(goal->members, members));
        TRY(suggest(s, change, &goal->best, s->advice->best.bound));
        s->n_members++;
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
            char change[CAUCUS_ADVICE_TEXT];
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
    uint32_t n_same = 0;
    for (uint32_t t = 0; advice->by_target != NULL && t < population->n_labels; t++) {
        if (t != own) {
            char change[CAUCUS_ADVICE_TEXT];
            snprintf(change, sizeof change, "target %.400s", population->label.values[t]);
            remember(s, change, &advice->by_target[t]);
            if (!raises(&advice->by_target[t], advice->best.bound)) {
                n_same++;
            } else if (n++ < MOST_TARGETS) {
                TRY(suggest(s, change, &advice->by_target[t], advice->best.bound));
            }
        }
    }
    s->n_same_targets = n_same;
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

caucus_status caucus_advice_put_changes(const caucus_advice *advice, FILE *to)
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
    if (s.n_members == 0) {
        fputs("More members, up to twice as many, raise nothing.\n", to);
    }
    if (s.n_same_targets > 0) {
        fprintf(to, "%u other target%s would raise nothing (--format json has all).\n", s.n_same_targets,
                s.n_same_targets == 1 ? "" : "s");
    }
    put_unavailable(advice, to);
    if (s.most > 0) {
        fprintf(to, "Most would be gained by %s: %+.4f.\n", s.most_by, s.most);
    }
done:
    caucus_text_table_close(s.table);
    return status;
}
