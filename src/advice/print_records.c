/* Advice for programs. */
#include "advice/advice.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

static bool is_best(const caucus_advice *advice, uint32_t i)
{
    return advice->best.exists && memcmp(&advice->methods[i], &advice->best.method, sizeof(caucus_method)) == 0;
}

void caucus_advice_csv(const caucus_advice *advice, FILE *to)
{
    fputs("family,knowledge,inequality,bound,upper,best\n", to);
    for (uint32_t i = 0; i < advice->n_methods; i++) {
        const caucus_method *method = &advice->methods[i];
        fprintf(to, "%s,%s,%s,", caucus_family_names[method->family], caucus_knowledge_names[method->knowledge],
                caucus_inequality_names[method->inequality]);
        if (!isnan(advice->bounds[i])) {
            caucus_json_number(to, advice->bounds[i]);
        }
        fputc(',', to);
        if (!isnan(advice->uppers[i])) {
            caucus_json_number(to, advice->uppers[i]);
        }
        fprintf(to, ",%s\n", is_best(advice, i) ? "true" : "false");
    }
}

static void put_method(const caucus_method *method, double bound, FILE *to)
{
    fprintf(to, "\"family\": \"%s\", \"knowledge\": \"%s\", \"inequality\": \"%s\", \"bound\": ",
            caucus_family_names[method->family], caucus_knowledge_names[method->knowledge],
            caucus_inequality_names[method->inequality]);
    caucus_json_number(to, bound);
}

static void put_best(const caucus_advice_best *best, FILE *to)
{
    if (!best->exists) {
        fputs("null", to);
        return;
    }
    fputc('{', to);
    put_method(&best->method, best->bound, to);
    fputc('}', to);
}

static void put_features(const caucus_advice *advice, uint32_t cell, FILE *to)
{
    const caucus_population *population = advice->inputs->config->population;
    const uint32_t *codes = advice->inputs->cells.codes + (size_t)cell * population->n_features;
    fputc('{', to);
    for (uint32_t f = 0; f < population->n_features; f++) {
        fputs(f > 0 ? ", " : "", to);
        caucus_json_string(to, population->features[f].name);
        fputs(": ", to);
        caucus_json_string(to, population->features[f].values[codes[f]]);
    }
    fputc('}', to);
}

static void put_cells(const caucus_advice *advice, FILE *to)
{
    char *const *labels = advice->inputs->config->population->label.values;
    fputs(",\n \"cells\": [", to);
    for (uint32_t i = 0; i < advice->n_signal_cells; i++) {
        fprintf(to, "%s\n  {\"cell\": ", i > 0 ? "," : "");
        put_features(advice, advice->signal_cells[i], to);
        fprintf(to, ", \"members\": %llu", (unsigned long long)advice->landing[i]);
        if (advice->accounts != NULL) {
            const caucus_cell_account *account = &advice->accounts[i];
            const char *const names[] = {"margin", "needed", "own", "others_outside", "other_collectives"};
            const double numbers[] = {account->margin, account->needed, account->own, account->rest, account->others};
            fprintf(to, ", \"state\": \"%s\", \"label\": ", caucus_cell_state_names[account->state]);
            caucus_json_string(to, labels[account->good]);
            fputs(", \"rival\": ", to);
            caucus_json_string(to, labels[account->rival]);
            for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
                fprintf(to, ", \"%s\": ", names[n]);
                caucus_json_number(to, numbers[n]);
            }
        }
        fputc('}', to);
    }
    fputc(']', to);
}

static void put_changes(const caucus_advice *advice, FILE *to)
{
    fputs(",\n \"more_members\": [", to);
    for (uint32_t g = 0; g < CAUCUS_N_GROWTHS; g++) {
        fprintf(to, "%s\n  {\"factor\": %g, \"members\": %llu, \"best\": ", g > 0 ? "," : "", advice->growths[g].factor,
                (unsigned long long)advice->growths[g].members);
        put_best(&advice->growths[g].best, to);
        fputc('}', to);
    }
    const caucus_advice_goal *goal = &advice->goal;
    fputs("],\n \"goal\": {\"goal\": ", to);
    caucus_json_number(to, goal->goal);
    fprintf(to, ", \"reached\": %s, \"members\": %llu, \"room\": %llu, \"best\": ", goal->reached ? "true" : "false",
            (unsigned long long)goal->members, (unsigned long long)goal->room);
    put_best(&goal->best, to);
    fputs("},\n \"sensitivity\": {\"goal\": ", to);
    caucus_json_number(to, advice->sensitivity.goal);
    fputs(", \"ratio\": ", to);
    caucus_json_number(to, advice->sensitivity.ratio > 0 ? advice->sensitivity.ratio : NAN);
    fputs("},\n \"by_knowledge\": {", to);
    for (uint32_t k = 0; k < CAUCUS_N_KNOWLEDGE; k++) {
        fprintf(to, "%s\n  \"%s\": ", k > 0 ? "," : "", caucus_knowledge_names[k]);
        put_best(&advice->by_knowledge[k], to);
    }
    fputs("},\n \"by_target\": {", to);
    for (uint32_t t = 0; advice->by_target != NULL && t < advice->inputs->counts.n_labels; t++) {
        fputs(t > 0 ? ",\n  " : "\n  ", to);
        caucus_json_string(to, advice->inputs->config->population->label.values[t]);
        fputs(": ", to);
        put_best(&advice->by_target[t], to);
    }
    fputc('}', to);
}

void caucus_advice_json(const caucus_advice *advice, FILE *to)
{
    const caucus_advice_inputs *inputs = advice->inputs;
    const caucus_counts *counts = &inputs->counts;
    const caucus_counts_collective *mine = &counts->collectives[inputs->self];
    fputs("{\"collective\": ", to);
    caucus_json_string(to, inputs->config->collectives[inputs->self].name);
    fprintf(to, ", \"configuration\": %llu, \"members\": %llu, \"consumers\": %llu, \"test\": %llu, \"delta\": ",
            (unsigned long long)inputs->index, (unsigned long long)mine->members, (unsigned long long)counts->consumers,
            (unsigned long long)counts->test);
    caucus_json_number(to, counts->delta);
    fprintf(to, ", \"strategy\": \"%s\", \"target\": ", caucus_strategy_names[mine->strategy]);
    caucus_json_string(to,
                       mine->strategy != CAUCUS_ERASE ? inputs->config->population->label.values[mine->target] : NULL);
    fprintf(to, ", \"signal_cells\": %u,\n \"bounds\": [", advice->n_signal_cells);
    for (uint32_t i = 0; i < advice->n_methods; i++) {
        fputs(i > 0 ? ",\n  {" : "\n  {", to);
        put_method(&advice->methods[i], advice->bounds[i], to);
        fputs(", \"upper\": ", to);
        caucus_json_number(to, advice->uppers[i]);
        fputc('}', to);
    }
    fputs("],\n \"best\": ", to);
    put_best(&advice->best, to);
    put_cells(advice, to);
    put_changes(advice, to);
    fputs("}\n", to);
}
