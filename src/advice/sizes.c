/* How many members each promise takes, over a sweep, from a collective's own data: caucus solve --members. */
#include "advice/print.h"
#include "base/csv_write.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

typedef struct printer {
    caucus_format format;
    FILE *to;
    const caucus_experiment *experiment;
    caucus_text_table *table;
    bool begun;
} printer;

/* One answer: a configuration, a method. */
typedef struct answer {
    uint64_t config;
    caucus_method method;
    uint64_t members, consumers;
    caucus_advice_goal goal;
} answer;

static const char *word(const printer *p, uint32_t axis, uint64_t config)
{
    return p->experiment->axes[axis].words[caucus_experiment_axis_position(p->experiment, axis, config)];
}

static caucus_status begin(printer *p)
{
    static const char *const titles[] = {"promise", "members", "times yours", "share", "bound"};
    const uint32_t n_axes = p->experiment->n_axes;
    if (p->format == CAUCUS_JSON) {
        fputc('[', p->to);
    } else if (p->format == CAUCUS_CSV) {
        fputs("config", p->to);
        for (uint32_t a = 0; a < n_axes; a++) {
            fputc(',', p->to);
            caucus_csv_write(p->to, p->experiment->axes[a].name);
        }
        fputs(",family,knowledge,inequality,goal,members,consumers,bound\n", p->to);
    } else {
        TRY(caucus_text_table_open(n_axes + 5, &p->table));
        for (uint32_t a = 0; a < n_axes; a++) {
            TRY(caucus_text_table_add(p->table, p->experiment->axes[a].name));
        }
        for (uint32_t t = 0; t < 5; t++) {
            TRY(caucus_text_table_add(p->table, titles[t]));
            if (t > 0) {
                caucus_text_table_align_right(p->table, n_axes + t);
            }
        }
    }
    return CAUCUS_OK;
}

static void print_csv(printer *p, const answer *one)
{
    fprintf(p->to, "%" PRIu64, one->config);
    for (uint32_t a = 0; a < p->experiment->n_axes; a++) {
        fputc(',', p->to);
        caucus_csv_write(p->to, word(p, a, one->config));
    }
    fprintf(p->to, ",%s,%s,%s,%.15g,", caucus_family_names[one->method.family],
            caucus_knowledge_names[one->method.knowledge], caucus_inequality_names[one->method.inequality],
            one->goal.goal);
    if (one->goal.reached) {
        fprintf(p->to, "%" PRIu64, one->goal.members);
    }
    fprintf(p->to, ",%" PRIu64 ",", one->consumers);
    if (one->goal.best.exists) {
        caucus_json_number(p->to, one->goal.best.bound);
    }
    fputc('\n', p->to);
}

static void print_json(printer *p, const answer *one)
{
    fprintf(p->to, "%s\n {\"config\": %" PRIu64, p->begun ? "," : "", one->config);
    for (uint32_t a = 0; a < p->experiment->n_axes; a++) {
        const caucus_axis *axis = &p->experiment->axes[a];
        fputs(", ", p->to);
        caucus_json_string(p->to, axis->name);
        fputs(": ", p->to);
        if (axis->numeric) {
            caucus_json_number(p->to, axis->numbers[caucus_experiment_axis_position(p->experiment, a, one->config)]);
        } else {
            caucus_json_string(p->to, word(p, a, one->config));
        }
    }
    fprintf(p->to, ", \"family\": \"%s\", \"knowledge\": \"%s\", \"inequality\": \"%s\", \"goal\": ",
            caucus_family_names[one->method.family], caucus_knowledge_names[one->method.knowledge],
            caucus_inequality_names[one->method.inequality]);
    caucus_json_number(p->to, one->goal.goal);
    fputs(", \"members\": ", p->to);
    caucus_json_number(p->to, one->goal.reached ? (double)one->goal.members : NAN);
    fprintf(p->to, ", \"consumers\": %" PRIu64 ", \"bound\": ", one->consumers);
    caucus_json_number(p->to, one->goal.best.exists ? one->goal.best.bound : NAN);
    fputc('}', p->to);
}

static caucus_status print_row(printer *p, const answer *one)
{
    char text[CAUCUS_ADVICE_NUMBER];
    for (uint32_t a = 0; a < p->experiment->n_axes; a++) {
        TRY(caucus_text_table_add(p->table, word(p, a, one->config)));
    }
    caucus_method_name(&one->method, text);
    TRY(caucus_text_table_add(p->table, text));
    TRY(caucus_text_table_add(p->table, one->goal.reached ? caucus_text_group(one->goal.members, text) : "no number"));
    snprintf(text, sizeof text, "%.3g", (double)one->goal.members / (double)one->members);
    TRY(caucus_text_table_add(p->table, one->goal.reached ? text : ""));
    snprintf(text, sizeof text, "%.4g", (double)one->goal.members / (double)one->consumers);
    TRY(caucus_text_table_add(p->table, one->goal.reached ? text : ""));
    caucus_advice_number(one->goal.best.exists ? one->goal.best.bound : NAN, text);
    return caucus_text_table_add(p->table, text);
}

static caucus_status print_answer(printer *p, const answer *one)
{
    if (p->format == CAUCUS_CSV) {
        print_csv(p, one);
    } else if (p->format == CAUCUS_JSON) {
        print_json(p, one);
    } else {
        TRY(print_row(p, one));
    }
    p->begun = true;
    return CAUCUS_OK;
}

/* Whether the experiment asks for a method; one that has no bounds asks for all. */
static bool is_asked(const caucus_config *config, const caucus_method *method)
{
    bool asked = config->bounds.n_methods == 0;
    for (uint32_t i = 0; i < config->bounds.n_methods; i++) {
        const caucus_method *own = &config->bounds.methods[i];
        asked |= own->family == method->family && own->knowledge == method->knowledge &&
                 own->inequality == method->inequality;
    }
    return asked;
}

static caucus_status answer_config(printer *p, const caucus_advice_inputs *inputs, const caucus_advice_options *options)
{
    caucus_advice advice = {0};
    caucus_status status = caucus_advice_start(inputs, options, &advice);
    for (uint32_t i = 0; status == CAUCUS_OK && i < advice.n_methods; i++) {
        answer one = {.config = inputs->index,
                      .method = advice.methods[i],
                      .members = inputs->counts.collectives[inputs->self].members,
                      .consumers = inputs->counts.consumers};
        if (caucus_advice_guarantees(one.method) && is_asked(inputs->config, &one.method)) {
            status = caucus_advice_find_goal(&advice, options->goal, i, &one.goal);
            status = status == CAUCUS_OK ? print_answer(p, &one) : status;
        }
    }
    caucus_advice_close(&advice);
    return status;
}

static caucus_status answer_all(printer *p, caucus_experiment *experiment, caucus_advice_options *options)
{
    for (options->config = 0; options->config < experiment->n_configs; options->config++) {
        caucus_advice_inputs inputs;
        TRY(caucus_advice_inputs_open(experiment, options, &inputs));
        if (options->config == 0 && p->format == CAUCUS_TABLE) {
            fprintf(p->to, "How many members like those in %s are sure of %g %% success, as %s:\n\n", options->members,
                    100 * options->goal, inputs.config->collectives[inputs.self].name);
        }
        caucus_status status = answer_config(p, &inputs, options);
        caucus_advice_inputs_close(&inputs);
        TRY(status);
    }
    return CAUCUS_OK;
}

caucus_status caucus_advice_print_sizes(const char *path, const caucus_advice_options *given, caucus_format format,
                                        FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_advice_options options = *given;
    caucus_experiment *experiment = NULL;
    options.goal = options.goal > 0 ? options.goal : 0.9;
    TRY(caucus_experiment_open(path, options.settings, options.n_settings, &experiment));
    printer p = {.format = format, .to = to, .experiment = experiment};
    TRY_GOTO(begin(&p), done);
    TRY_GOTO(answer_all(&p, experiment, &options), done);
    if (!p.begun) {
        TRY_GOTO(caucus_fail(CAUCUS_INVALID,
                             "%s: none of its bounds is a guarantee that members' own data can give; try bounds: "
                             "{knowledge: [total], inequalities: [clopper_pearson]}",
                             path),
                 done);
    }
    if (format == CAUCUS_JSON) {
        fputs("]\n", to);
    } else if (format == CAUCUS_TABLE) {
        caucus_text_table_print(p.table, to);
        fputs("Members are the same people several times over, in the same shares; each promise is by itself.\n", to);
    }
done:
    caucus_text_table_close(p.table);
    caucus_experiment_close(experiment);
    return status;
}
