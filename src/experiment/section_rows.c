/* Populations of rows: how their table is read, and what an experiment on them can and cannot have. */
#include "base/text.h"
#include "experiment/sections.h"
#include "population/row_table.h"

#include <stdlib.h>
#include <string.h>

bool caucus_section_has_rows(const caucus_node *section)
{
    const caucus_node *numeric = caucus_node_get(section, "numeric");
    const bool none = numeric == NULL || (numeric->kind == CAUCUS_SCALAR && strcmp(numeric->text, "none") == 0);
    return !none || caucus_node_get(section, "x") != NULL;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

void caucus_row_parts_free(caucus_row_parts *parts)
{
    for (uint32_t i = 0; parts->words != NULL && i < parts->n_numeric; i++) {
        free(parts->words[i]);
        free(parts->numbers[i]);
    }
    free(parts->words);
    free(parts->numbers);
    free(parts->numeric);
}

/* {word: number, ...} of one column. */
static caucus_status read_words(caucus_document *document, const caucus_node *words, caucus_row_parts *parts,
                                uint32_t i)
{
    const caucus_range any = {.low = -CAUCUS_LARGEST_NUMBER, .high = CAUCUS_LARGEST_NUMBER};
    uint32_t n = 0;
    TRY(caucus_alloc(words->n_items, sizeof *parts->words[i], "words", &parts->words[i]));
    TRY(caucus_alloc(words->n_items, sizeof *parts->numbers[i], "words", &parts->numbers[i]));
    for (uint32_t w = 0; w < words->n_items; w++) {
        const caucus_item *item = &words->items[w];
        if (item->value == NULL) {
            continue;
        }
        parts->words[i][n] = item->key->text;
        TRY(caucus_read_number(document, item->value, item->key->text, any, &parts->numbers[i][n]));
        n++;
    }
    parts->numeric[i].n_words = n;
    parts->numeric[i].words = parts->words[i];
    parts->numeric[i].numbers = parts->numbers[i];
    return CAUCUS_OK;
}

static caucus_status alloc_numeric(caucus_row_parts *parts, uint32_t n)
{
    TRY(caucus_alloc(n, sizeof *parts->numeric, "columns", &parts->numeric));
    TRY(caucus_alloc(n, sizeof *parts->words, "columns", &parts->words));
    return caucus_alloc(n, sizeof *parts->numbers, "columns", &parts->numbers);
}

/* The words of each column that has some; only of columns that are numeric already, unless any may be. */
static caucus_status read_all_words(caucus_document *document, const caucus_node *node, bool any_column,
                                    caucus_row_parts *parts)
{
    char found[CAUCUS_HINT_BYTES];
    for (uint32_t i = 0; node != NULL && i < node->n_items; i++) {
        const caucus_item *item = &node->items[i];
        uint32_t at = 0;
        if (item->key == NULL || item->value == NULL || item->value->kind != CAUCUS_MAPPING) {
            return caucus_document_fail(document, item->value != NULL ? item->value : node,
                                        "write words: {age: {young: 20, old: 60}}",
                                        "words must be a mapping of columns to their words and numbers, not %s",
                                        caucus_node_describe(item->value != NULL ? item->value : node, found));
        }
        while (at < parts->n_numeric && strcmp(parts->numeric[at].column, item->key->text) != 0) {
            at++;
        }
        if (at == parts->n_numeric && !any_column) {
            return caucus_document_fail(document, item->key, "name it under numeric, or leave its words out",
                                        "words of \"%s\", which is not among the numeric columns", item->key->text);
        }
        if (at == parts->n_numeric) {
            parts->numeric[parts->n_numeric++].column = item->key->text;
        }
        TRY(read_words(document, item->value, parts, at));
    }
    return CAUCUS_OK;
}

/* all; words, those columns that have some; or a list of columns. */
static caucus_status read_numeric(caucus_document *document, const caucus_node *section, caucus_row_spec *spec,
                                  caucus_row_parts *parts)
{
    const caucus_node *node = caucus_node_get(section, "numeric");
    const caucus_node *words = caucus_node_get(section, "words");
    char found[CAUCUS_HINT_BYTES];
    spec->all_numeric = node->kind == CAUCUS_SCALAR && strcmp(node->text, "all") == 0;
    const bool worded = node->kind == CAUCUS_SCALAR && strcmp(node->text, "words") == 0;
    if (worded && words == NULL) {
        return caucus_document_fail(
            document, node, "add words: {age: {young: 20, old: 60}}",
            "numeric: words are the columns that words gives numbers to, and there is no words");
    }
    if (!spec->all_numeric && !worded && (node->kind != CAUCUS_SEQUENCE || node->n_items == 0)) {
        return caucus_document_fail(document, node, "write numeric: all, or numeric: [age, height]",
                                    "numeric must name columns, not %s", caucus_node_describe(node, found));
    }
    if (words != NULL && words->kind != CAUCUS_MAPPING) {
        return caucus_document_fail(document, words, "write words: {age: {young: 20, old: 60}}",
                                    "words must be a mapping of columns to their words and numbers, not %s",
                                    caucus_node_describe(words, found));
    }
    const uint32_t n_listed = spec->all_numeric || worded ? 0 : node->n_items;
    TRY(alloc_numeric(parts, n_listed + (words != NULL ? words->n_items : 0)));
    for (uint32_t i = 0; i < n_listed; i++) {
        TRY(caucus_read_text(document, node->items[i].value, "a numeric column", &parts->numeric[i].column));
        parts->n_numeric++;
    }
    TRY(read_all_words(document, words, spec->all_numeric || worded, parts));
    spec->n_numeric = parts->n_numeric;
    spec->numeric = parts->numeric;
    return CAUCUS_OK;
}

caucus_status caucus_read_row_spec(caucus_document *document, const caucus_node *section, caucus_row_spec *spec,
                                   caucus_row_parts *parts)
{
    static const char *const scales[] = {"standard", "none"};
    const caucus_node *matrix = caucus_node_get(section, "x");
    const caucus_node *scale = caucus_node_get(section, "scale");
    uint32_t choice = 0;
    if (scale != NULL) {
        TRY(caucus_read_choice(document, scale, "scale", scales, 2, &choice));
    }
    spec->standard = choice == 0;
    if (matrix == NULL) {
        return read_numeric(document, section, spec, parts);
    }
    static const char *const columns[] = {"numeric", "features", "bins", "words"};
    for (int i = 0; i < 4; i++) {
        if (caucus_node_get(section, columns[i]) != NULL) {
            return caucus_document_fail(document, caucus_node_key(section, columns[i]), "leave it out, or leave x out",
                                        "the columns of the matrix x are the features, so there are no %s", columns[i]);
        }
    }
    return caucus_read_text(document, matrix, "x", &spec->matrix);
}

/* ---- the platform ------------------------------------------------------------------------------------------------ */

caucus_status caucus_read_row_test(caucus_document *document, const caucus_node *section, caucus_config *config)
{
    static const char *const names[] = {"all", "others"};
    const caucus_node *node = caucus_node_get(section, "success_on");
    const caucus_node *test = caucus_node_get(section, "test");
    uint32_t choice = 0;
    if (node != NULL) {
        TRY(caucus_read_choice(document, node, "success_on", names, 2, &choice));
    }
    config->others_only = choice == 1;
    double share = 0;
    if (config->population->rows->n_own < config->population->rows->n_rows) {
        config->held_out = 1;
        return test == NULL ? CAUCUS_OK
                            : caucus_document_fail(document, test, "leave it out, or population.test_file",
                                                   "all people of population.test_file are the test");
    }
    if (test != NULL && test->kind == CAUCUS_SCALAR && caucus_text_number(test->text, &share) && share > 0 &&
        share < 1) {
        config->held_out = share;
    }
    return CAUCUS_OK;
}

/* Whether people with this label are tested. */
static bool is_tested(const caucus_config *config, uint32_t label)
{
    bool tested = true;
    for (uint32_t m = 0; config->others_only && m < config->n_collectives; m++) {
        tested = tested && (config->collectives[m].strategy == CAUCUS_ERASE || config->collectives[m].target != label);
    }
    return tested;
}

/* That somebody's label is no collective's target. */
static caucus_status check_others(caucus_document *document, const caucus_node *platform, const caucus_config *config)
{
    bool any = false;
    for (uint32_t y = 0; y < config->population->n_labels; y++) {
        any = any || is_tested(config, y);
    }
    return any ? CAUCUS_OK
               : caucus_document_fail(document, caucus_node_get(platform, "success_on"), "write success_on: all",
                                      "success_on: others leaves nobody for the test, since every label is a "
                                      "collective's target");
}

/* That every label has a row that trials train on. held: [label] people who are held out, trained: [label] others. */
static caucus_status check_labels(caucus_document *document, const caucus_node *test, const caucus_config *config,
                                  const uint64_t *held, const uint64_t *trained)
{
    const caucus_population *population = config->population;
    for (uint32_t y = 0; y < population->n_labels; y++) {
        if (trained[y] == 0 && held[y] > 0) {
            return caucus_document_fail(document, test,
                                        "hold out another share, write the number of fresh test people, or leave the "
                                        "label's rows out",
                                        "everybody with label \"%s\" is held out for the test: nobody is left to learn "
                                        "it from",
                                        population->label.values[y]);
        }
    }
    return CAUCUS_OK;
}

/* The test people of an experiment that holds rows out, once it is known what the collectives want. counts: room for
 * twice as many as there are labels. */
static caucus_status count_held_out(caucus_document *document, const caucus_node *test, uint64_t *counts,
                                    caucus_config *config)
{
    const caucus_row_table *rows = config->population->rows;
    const uint32_t n_labels = config->population->n_labels;
    uint64_t *held = counts;
    uint64_t *trained = counts + n_labels;
    uint64_t n_test = 0;
    uint64_t n_trained = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        (caucus_row_is_held_out(rows, r, config->held_out) ? held : trained)[rows->labels[r]] +=
            caucus_row_weight(rows, r);
    }
    for (uint32_t y = 0; y < n_labels; y++) {
        n_test += is_tested(config, y) ? held[y] : 0;
        n_trained += trained[y];
    }
    if (n_test == 0 || n_test >= UINT32_MAX || n_trained == 0) {
        return caucus_document_fail(document, test, "hold out another share, or write the number of fresh test people",
                                    "%llu people are held out for the test and %llu are left to train on",
                                    (unsigned long long)n_test, (unsigned long long)n_trained);
    }
    TRY(check_labels(document, test, config, held, trained));
    if (config->without_replacement && config->consumers > n_trained) {
        return caucus_document_fail(document, test, "lower consumers, hold out fewer, or write draw: iid",
                                    "%llu consumers are more than the %llu people who are left to train on, each of "
                                    "whom is drawn once at most",
                                    (unsigned long long)config->consumers, (unsigned long long)n_trained);
    }
    config->test = (uint32_t)n_test;
    return CAUCUS_OK;
}

/* Whether a collective makes one row of all. */
static bool sets_all(const caucus_collective *collective, uint32_t n_columns)
{
    bool all = collective->strategy != CAUCUS_ERASE;
    for (uint32_t j = 0; j < n_columns; j++) {
        all = all && collective->map->factor[j] == 0;
    }
    return all;
}

static caucus_status check_bounds(caucus_document *document, const caucus_config *config)
{
    const caucus_node *key = caucus_node_key(document->root, "bounds");
    for (uint32_t m = 0; config->bounds.n_methods > 0 && key != NULL && m < config->n_collectives; m++) {
        if (!sets_all(&config->collectives[m], config->population->rows->n_columns)) {
            return caucus_document_fail(
                document, key, "leave bounds out, or cut the numbers with bins and leave numeric out",
                "there are no bounds for people with real-valued features unless every "
                "collective sets all of them and none erases: bounds count people in cells, and "
                "what %s makes of them is hardly ever twice the same",
                config->collectives[m].name);
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_read_rows_end(caucus_document *document, caucus_config *config)
{
    const caucus_node *root = document->root;
    const caucus_node *platform = caucus_node_get(root, "platform");
    TRY(check_bounds(document, config));
    TRY(check_others(document, platform, config));
    if (config->consumers > UINT32_MAX) {
        return caucus_document_fail(document, caucus_node_get(platform, "consumers"), "lower consumers",
                                    "people with real-valued features are counted up to %llu, and there are %llu "
                                    "consumers",
                                    (unsigned long long)UINT32_MAX, (unsigned long long)config->consumers);
    }
    if (config->individuals && config->without_replacement && config->population->rows->weights != NULL) {
        return caucus_document_fail(document, caucus_node_get(caucus_node_get(root, "population"), "by"),
                                    "write by: counts, or draw: iid",
                                    "rows of several people are drawn one by one with replacement only");
    }
    if (config->held_out == 0) {
        return CAUCUS_OK;
    }
    uint64_t *counts = NULL;
    TRY(caucus_alloc((size_t)2 * config->population->n_labels, sizeof *counts, "labels", &counts));
    const caucus_status status = count_held_out(document, caucus_node_get(platform, "test"), counts, config);
    free(counts);
    return status;
}
