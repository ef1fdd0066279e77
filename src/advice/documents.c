/* The bounds of counts documents, printed. */
#include "advice/counts.h"
#include "base/json.h"
#include "base/text_table.h"
#include "config/method.h"
#include "population/file_kind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The bounds of one collective. */
typedef struct answer {
    size_t document;
    uint32_t collective;
    uint32_t n_methods;
    const caucus_method *methods;
    double bounds[CAUCUS_MOST_METHODS]; /* NaN: there is none */
    double uppers[CAUCUS_MOST_METHODS];
} answer;

typedef struct printer {
    FILE *to;
    bool begun;
    caucus_text_table *table;
    bool inequalities[CAUCUS_N_INEQUALITIES]; /* the table's columns */
} printer;

typedef caucus_status print_answer(printer *out, const answer *one);

static caucus_status print_csv(printer *out, const answer *one)
{
    if (!out->begun) {
        fputs("document,collective,family,knowledge,inequality,bound,upper\n", out->to);
    }
    for (uint32_t i = 0; i < one->n_methods; i++) {
        const caucus_method *method = &one->methods[i];
        fprintf(out->to, "%zu,%u,%s,%s,%s,", one->document, one->collective, caucus_family_names[method->family],
                caucus_knowledge_names[method->knowledge], caucus_inequality_names[method->inequality]);
        if (!isnan(one->bounds[i])) { /* an empty field is what CSV readers take for missing */
            caucus_json_number(out->to, one->bounds[i]);
        }
        fputc(',', out->to);
        if (!isnan(one->uppers[i])) {
            caucus_json_number(out->to, one->uppers[i]);
        }
        fputc('\n', out->to);
    }
    out->begun = true;
    return CAUCUS_OK;
}

static caucus_status print_json(printer *out, const answer *one)
{
    for (uint32_t i = 0; i < one->n_methods; i++) {
        const caucus_method *method = &one->methods[i];
        fprintf(out->to,
                "%s{\"document\": %zu, \"collective\": %u, \"family\": \"%s\", \"knowledge\": \"%s\", "
                "\"inequality\": \"%s\", \"bound\": ",
                out->begun ? ",\n " : "", one->document, one->collective, caucus_family_names[method->family],
                caucus_knowledge_names[method->knowledge], caucus_inequality_names[method->inequality]);
        caucus_json_number(out->to, one->bounds[i]);
        fputs(", \"upper\": ", out->to);
        caucus_json_number(out->to, one->uppers[i]);
        fputc('}', out->to);
        out->begun = true;
    }
    return CAUCUS_OK;
}

static caucus_status add_number(caucus_text_table *table, double value)
{
    char text[32];
    snprintf(text, sizeof text, fabs(value) < 1000 ? "%.6f" : "%.6g", value);
    return caucus_text_table_add(table, isnan(value) ? "-" : text);
}

/* A row for each knowledge and family, with the inequalities beside each other. */
static caucus_status print_table(printer *out, const answer *one)
{
    for (uint32_t i = 0; i < one->n_methods;) {
        const caucus_method method = one->methods[i];
        char text[32];
        snprintf(text, sizeof text, "%zu", one->document);
        TRY(caucus_text_table_add(out->table, text));
        snprintf(text, sizeof text, "%u", one->collective);
        TRY(caucus_text_table_add(out->table, text));
        TRY(caucus_text_table_add(out->table, caucus_family_names[method.family]));
        TRY(caucus_text_table_add(out->table, caucus_knowledge_names[method.knowledge]));
        for (uint32_t q = 0; q < CAUCUS_N_INEQUALITIES; q++) {
            bool here = i < one->n_methods && one->methods[i].family == method.family &&
                        one->methods[i].knowledge == method.knowledge && one->methods[i].inequality == q;
            if (here) {
                TRY(add_number(out->table, one->bounds[i++]));
            } else if (out->inequalities[q]) {
                TRY(caucus_text_table_add(out->table, ""));
            }
        }
    }
    return CAUCUS_OK;
}

static caucus_status open_table(const caucus_method_choice *choice, printer *out)
{
    static const char *const titles[] = {"document", "collective", "family", "knowledge"};
    caucus_method methods[CAUCUS_MOST_METHODS];
    uint32_t n = caucus_method_choice_list(choice, methods);
    uint32_t n_columns = 4;
    for (uint32_t i = 0; i < n; i++) {
        n_columns += !out->inequalities[methods[i].inequality];
        out->inequalities[methods[i].inequality] = true;
    }
    TRY(caucus_text_table_open(n_columns, &out->table));
    for (uint32_t c = 0; c < 4; c++) {
        TRY(caucus_text_table_add(out->table, titles[c]));
    }
    for (uint32_t q = 0; q < CAUCUS_N_INEQUALITIES; q++) {
        if (out->inequalities[q]) {
            TRY(caucus_text_table_add(out->table, caucus_inequality_names[q]));
        }
    }
    for (uint32_t c = 0; c < n_columns; c++) {
        if (c < 2 || c >= 4) {
            caucus_text_table_align_right(out->table, c);
        }
    }
    return CAUCUS_OK;
}

static caucus_status answer_for(const caucus_counts *counts, size_t document, uint32_t collective,
                                const caucus_method_choice *choice, print_answer *print, printer *out)
{
    caucus_method methods[CAUCUS_MOST_METHODS];
    answer made = {.document = document, .collective = collective, .methods = methods};
    caucus_counts_case opened;
    uint32_t n = caucus_method_choice_list(choice, methods);
    TRY(caucus_counts_case_open(counts, collective, &opened));
    caucus_status status = CAUCUS_OK;
    for (uint32_t i = 0; i < n; i++) {
        const caucus_bound_kind kind = {methods[i].family, methods[i].inequality, CAUCUS_LOWER};
        if (caucus_bound_applies(kind, counts->collectives[collective].strategy)) {
            methods[made.n_methods++] = methods[i];
        }
    }
    TRY_GOTO(caucus_counts_case_bounds(&opened, methods, made.n_methods, CAUCUS_LOWER, counts->delta, made.bounds),
             done);
    TRY_GOTO(caucus_counts_case_bounds(&opened, methods, made.n_methods, CAUCUS_UPPER, counts->delta, made.uppers),
             done);
done:
    caucus_counts_case_close(&opened);
    return status == CAUCUS_OK ? print(out, &made) : status;
}

static caucus_status answer_all(const caucus_counts *documents, size_t n_documents, const caucus_method_choice *choice,
                                print_answer *print, printer *out)
{
    for (size_t i = 0; i < n_documents; i++) {
        for (uint32_t j = 0; j < documents[i].n_collectives; j++) {
            caucus_status status = answer_for(&documents[i], i, j, choice, print, out);
            if (status != CAUCUS_OK) {
                caucus_error_prefix("document %zu: collectives[%u]: ", i, j);
                return status;
            }
        }
    }
    return CAUCUS_OK;
}

/* A table of people is an easy mistake: say what to do with it. */
static caucus_status refuse_table(const char *path)
{
    caucus_file_kind kind = CAUCUS_FILE_TEXT;
    char head[CAUCUS_FILE_HEAD + 1] = "";
    FILE *file = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        return CAUCUS_OK; /* the reader says so */
    }
    size_t length = fread(head, 1, CAUCUS_FILE_HEAD, file);
    fclose(file);
    kind = caucus_file_kind_of(head, length);
    head[strcspn(head, "\r\n")] = '\0';
    bool separated = strpbrk(head, ",;\t|") != NULL && strpbrk(head, ":{}[]#%") == NULL;
    if (kind == CAUCUS_FILE_TEXT && !separated) {
        return CAUCUS_OK;
    }
    return caucus_fail(
        CAUCUS_INVALID,
        "%s: this is a table, not a document of counts. An experiment says what its people are members of: make "
        "one with  caucus init %s -o EXP.yaml  and ask with  caucus bound EXP.yaml --collective ours "
        "--members %s",
        path, path, path);
}

caucus_status caucus_bounds_print_documents(const char *path, const caucus_bound_choice *choice, caucus_format format,
                                            FILE *to)
{
    print_answer *const print[] = {[CAUCUS_TABLE] = print_table, [CAUCUS_CSV] = print_csv, [CAUCUS_JSON] = print_json};
    caucus_status status = CAUCUS_OK;
    caucus_method_choice chosen;
    printer out = {.to = to};
    caucus_counts *documents = NULL;
    size_t n_documents = 0;
    TRY(caucus_method_choice_read(choice, &chosen));
    TRY(refuse_table(path));
    TRY(caucus_counts_read(path, &documents, &n_documents));
    TRY_GOTO(open_table(&chosen, &out), done);
    fputs(format == CAUCUS_JSON ? "[" : "", to);
    TRY_GOTO(answer_all(documents, n_documents, &chosen, print[format], &out), done);
    fputs(format == CAUCUS_JSON ? "]\n" : "", to);
    if (format == CAUCUS_TABLE) {
        caucus_text_table_print(out.table, to);
    }
done:
    for (size_t i = 0; i < n_documents; i++) {
        caucus_counts_free(&documents[i]);
    }
    free(documents);
    caucus_text_table_close(out.table);
    return status;
}
