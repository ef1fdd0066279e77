#include "experiment/notes.h"

#include "base/text.h"
#include "experiment/sweep.h"
#include "population/round_edges.h"
#include "population/value_numbers.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    MANY_VALUES = 50,  /* of a feature or label: more are told of */
    FEW_PEOPLE = 20,   /* a table with fewer is an example, and not judged */
    NOTED_COLUMNS = 3, /* in one line */
    MOST_NOTES = 40,   /* collectives of a sweep can be many */
    RARE = 1000,       /* one person in so many has it: hardly anybody */
    TEXT_BYTES = 1024,
};

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static bool was_said(const char *notes, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = notes; at != NULL; at = strchr(at, '\n'), at += at != NULL) {
        if (strncmp(at, line, length) == 0 && at[length] == '\n') {
            return true;
        }
    }
    return false;
}

static caucus_status __attribute__((format(printf, 2, 3))) say(caucus_experiment *experiment, const char *format, ...)
{
    char line[2 * TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    const char *before = experiment->notes != NULL ? experiment->notes : "";
    if (experiment->n_notes == MOST_NOTES || was_said(before, line)) {
        return CAUCUS_OK;
    }
    char *notes = caucus_text_format("%s%s\n", before, line);
    if (notes == NULL) {
        return caucus_fail_memory(strlen(before) + sizeof line, "notes");
    }
    free(experiment->notes);
    experiment->notes = notes;
    experiment->n_notes++;
    return CAUCUS_OK;
}

static void append(char *text, size_t bytes, const char *words)
{
    size_t used = strlen(text);
    snprintf(text + used, bytes - used, "%s", words);
}

/* ---- populations ----------------------------------------------------------------------------------------------- */

static uint64_t cell_weight(const caucus_population *population, uint64_t cell)
{
    uint64_t sum = 0;
    for (uint32_t y = 0; y < population->n_labels; y++) {
        sum += population->weights[cell * population->n_labels + y];
    }
    return sum;
}

/* What to do with a column of many values: bins where they are numbers, else to leave it out. */
static caucus_status advise(const caucus_population *population, uint32_t column, char *text, size_t bytes)
{
    caucus_value_numbers numbers;
    char edges[160];
    const char *name = column < population->n_features ? population->features[column].name : population->label.name;
    TRY(caucus_value_numbers_open(population, column, &numbers));
    if (numbers.n_edges > 0 && !numbers.row_numbers) {
        caucus_edges_text(numbers.edges, numbers.n_edges, edges, sizeof edges);
        snprintf(text, bytes, "cut %.100s by bins: {%.100s: %s}", name, name, edges);
    } else {
        snprintf(text, bytes, "leave %.100s out of the features", name);
    }
    caucus_value_numbers_close(&numbers);
    return CAUCUS_OK;
}

/* Whether a feature has so many values that it alone parts people. */
static bool is_fine(const caucus_population *population, uint32_t feature)
{
    uint64_t n_values = population->features[feature].n_values;
    return n_values > MANY_VALUES || n_values * 2 > population->total;
}

/* People who are alone in their cell: what a platform learns of them is chance. */
static caucus_status note_cells(caucus_experiment *experiment, const caucus_population *population)
{
    uint64_t n_alone = 0;
    char cells[CAUCUS_TEXT_GROUPED];
    char people[CAUCUS_TEXT_GROUPED];
    char alone[CAUCUS_TEXT_GROUPED];
    char remedies[3 * TEXT_BYTES / 2] = "";
    uint32_t n_told = 0;
    uint32_t n_fine = 0; /* columns so fine that they part people */
    for (uint64_t x = 0; x < population->n_cells; x++) {
        n_alone += cell_weight(population, x) == 1;
    }
    if (n_alone * 10 < population->total) {
        return CAUCUS_OK;
    }
    for (uint32_t f = 0; f < population->n_features; f++) {
        if (!is_fine(population, f) || n_fine++ >= NOTED_COLUMNS) {
            continue;
        }
        char remedy[TEXT_BYTES / 2];
        TRY(advise(population, f, remedy, sizeof remedy));
        append(remedies, sizeof remedies, n_told++ > 0 ? "; " : ": ");
        append(remedies, sizeof remedies, remedy);
    }
    if (n_fine > n_told) {
        char more[64];
        snprintf(more, sizeof more, "; and %u more (caucus columns lists all)", n_fine - n_told);
        append(remedies, sizeof remedies, more);
    }
    return say(experiment,
               "%s: %s cells for %s people, %s of them alone in theirs, so that what a platform learns of them is "
               "chance%s",
               population->source, caucus_text_group(population->n_cells, cells),
               caucus_text_group(population->total, people), caucus_text_group(n_alone, alone),
               n_told > 0 ? remedies : ": use fewer features, or wider bins");
}

static caucus_status note_constants(caucus_experiment *experiment, const caucus_population *population)
{
    for (uint32_t f = 0; f < population->n_features; f++) {
        const caucus_categories *feature = &population->features[f];
        if (feature->n_values == 1) {
            TRY(say(experiment, "%s: feature %.200s has one value only, \"%.200s\", and tells nothing",
                    population->source, feature->name, feature->values[0]));
        }
    }
    return CAUCUS_OK;
}

/* Of people with real-valued features: what makes many columns, or many outputs, of one in the file. */
static caucus_status note_row_columns(caucus_experiment *experiment, const caucus_population *population)
{
    char values[CAUCUS_TEXT_GROUPED];
    for (uint32_t f = 0; f < population->n_features; f++) {
        const caucus_categories *feature = &population->features[f];
        if (feature->n_values > MANY_VALUES) {
            TRY(say(
                experiment,
                "%s: feature %.200s becomes %s columns of 0 and 1, one for each value; leave it out of the features, "
                "or name it under numeric",
                population->source, feature->name, caucus_text_group(feature->n_values, values)));
        }
    }
    return population->n_labels <= MANY_VALUES
               ? CAUCUS_OK
               : say(experiment, "%s: label %.200s has %s different values; is it the column to predict?",
                     population->source, population->label.name, caucus_text_group(population->n_labels, values));
}

static caucus_status note_columns(caucus_experiment *experiment, const caucus_population *population)
{
    char remedy[TEXT_BYTES / 2];
    if (population->n_labels > MANY_VALUES) {
        char values[CAUCUS_TEXT_GROUPED];
        TRY(advise(population, population->n_features, remedy, sizeof remedy));
        bool bins = strncmp(remedy, "cut", 3) == 0;
        TRY(say(experiment, "%s: label %.200s has %s different values; %s", population->source, population->label.name,
                caucus_text_group(population->n_labels, values), bins ? remedy : "is it the column to predict?"));
    }
    return CAUCUS_OK;
}

static caucus_status note_left_out(caucus_experiment *experiment, const caucus_population *population)
{
    char rows[CAUCUS_TEXT_GROUPED];
    char people[CAUCUS_TEXT_GROUPED + 16] = "";
    if (population->n_unlabelled_rows > 0) {
        if (population->n_unlabelled != population->n_unlabelled_rows) {
            char number[CAUCUS_TEXT_GROUPED];
            snprintf(people, sizeof people, " (%s people)", caucus_text_group(population->n_unlabelled, number));
        }
        bool one = population->n_unlabelled_rows == 1;
        TRY(say(experiment,
                "%s: %s more row%s%s %s no label in column %.200s and %s left out; unlabelled: keep would %s",
                population->source, caucus_text_group(population->n_unlabelled_rows, rows), one ? "" : "s", people,
                one ? "has" : "have", population->label.name, one ? "is" : "are", one ? "keep it" : "keep them"));
    }
    if (population->n_aside > 0) {
        bool one = population->n_aside == 1;
        TRY(say(experiment, "%s: %u column%s without a name or with row numbers %s no feature%s", population->source,
                population->n_aside, one ? "" : "s", one ? "is" : "are", one ? "" : "s"));
    }
    return CAUCUS_OK;
}

caucus_status caucus_notes_population(caucus_experiment *experiment, const caucus_population *population)
{
    if (!population->finite) { /* a model: it is what it is */
        return CAUCUS_OK;
    }
    TRY(note_left_out(experiment, population));
    if (population->total < FEW_PEOPLE) {
        return CAUCUS_OK;
    }
    if (population->rows != NULL) {
        TRY(note_constants(experiment, population));
        return note_row_columns(experiment, population);
    }
    TRY(note_cells(experiment, population));
    TRY(note_constants(experiment, population));
    return note_columns(experiment, population);
}

/* ---- configurations -------------------------------------------------------------------------------------------- */

static uint64_t label_weight(const caucus_population *population, uint32_t label)
{
    uint64_t sum = 0;
    for (uint64_t x = 0; x < population->n_cells; x++) {
        sum += population->weights[x * population->n_labels + label];
    }
    return sum;
}

static uint64_t signal_weight(const caucus_population *population, const caucus_collective *collective)
{
    uint64_t sum = 0;
    for (uint64_t x = 0; x < population->n_cells; x++) {
        const uint32_t *codes = population->codes + x * population->n_features;
        bool inside = true;
        for (uint32_t i = 0; i < collective->n_set && inside; i++) {
            inside = codes[collective->set[i].feature] == collective->set[i].value;
        }
        sum += inside ? cell_weight(population, x) : 0;
    }
    return sum;
}

/* "hardly anybody (3 of 8,993 people)" or "nobody". */
static void put_rare(const caucus_population *population, uint64_t weight, char text[TEXT_BYTES])
{
    char some[CAUCUS_TEXT_GROUPED];
    char all[CAUCUS_TEXT_GROUPED];
    snprintf(text, TEXT_BYTES, "hardly anybody (%s of %s people) has", caucus_text_group(weight, some),
             caucus_text_group(population->total, all));
    if (weight == 0) {
        snprintf(text, TEXT_BYTES, "nobody has");
    }
}

static caucus_status note_collective(caucus_experiment *experiment, const caucus_population *population,
                                     const caucus_collective *collective)
{
    char rare[TEXT_BYTES];
    uint64_t labelled =
        collective->strategy == CAUCUS_ERASE ? population->total : label_weight(population, collective->target);
    if (labelled < population->total / RARE) {
        put_rare(population, labelled, rare);
        TRY(say(experiment, "%s: %s the target of %.200s, %.200s", population->source, rare, collective->name,
                population->label.values[collective->target]));
    }
    uint64_t with_signal = signal_weight(population, collective);
    if (with_signal < population->total / RARE) {
        put_rare(population, with_signal, rare);
        TRY(say(experiment,
                "%s: %s the signal of %.200s by nature, so that the platform learns it from the collective%s",
                population->source, rare, collective->name, with_signal == 0 ? " alone" : " nearly alone"));
    }
    return CAUCUS_OK;
}

/* Whether the collective before asked the same of the population. */
static bool is_same(const caucus_collective *a, const caucus_collective *b)
{
    return a->target == b->target && a->strategy == b->strategy && a->n_set == b->n_set &&
           memcmp(a->set, b->set, a->n_set * sizeof *a->set) == 0;
}

static uint64_t digest(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) { /* FNV-1a */
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/* Whether notes were taken of the same collectives in the same population: most sweeps change something else. */
static bool is_noted(caucus_experiment *experiment, const caucus_config *config)
{
    uint64_t hash = digest(UINT64_C(14695981039346656037), &config->population, sizeof config->population);
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        const caucus_collective *collective = &config->collectives[m];
        hash = digest(hash, &collective->strategy, sizeof collective->strategy);
        hash = digest(hash, &collective->target, sizeof collective->target);
        hash = digest(hash, collective->set, collective->n_set * sizeof *collective->set);
    }
    caucus_sweep *sweep = experiment->sweep;
    for (uint32_t i = 0; sweep != NULL && i < sweep->n_noted; i++) {
        if (sweep->noted[i] == hash) {
            return true;
        }
    }
    if (sweep != NULL && sweep->n_noted < CAUCUS_SWEEP_NOTED) {
        sweep->noted[sweep->n_noted++] = hash;
    }
    return false;
}

caucus_status caucus_notes_config(caucus_experiment *experiment, const caucus_config *config)
{
    const caucus_population *population = config->population;
    if (!population->finite || population->rows != NULL || population->total < FEW_PEOPLE ||
        experiment->n_notes == MOST_NOTES || is_noted(experiment, config)) {
        return CAUCUS_OK;
    }
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        if (m == 0 || !is_same(&config->collectives[m - 1], &config->collectives[m])) {
            TRY(note_collective(experiment, population, &config->collectives[m]));
        }
    }
    return CAUCUS_OK;
}

/* ---- sweeps ---------------------------------------------------------------------------------------------------- */

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

caucus_status caucus_notes_sweep(caucus_experiment *experiment)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_axis *axis = &experiment->axes[a];
        char **words = NULL;
        TRY(caucus_alloc(axis->n_values, sizeof *words, "the values of an axis", &words));
        memcpy(words, axis->words, axis->n_values * sizeof *words);
        qsort(words, axis->n_values, sizeof *words, compare_words);
        uint64_t v = 1;
        while (v < axis->n_values && strcmp(words[v - 1], words[v]) != 0) {
            v++;
        }
        caucus_status status = v < axis->n_values ? say(experiment,
                                                        "axis %s has the value %.200s twice: the same configuration is "
                                                        "computed twice, with the same numbers",
                                                        axis->name, words[v])
                                                  : CAUCUS_OK;
        free(words);
        TRY(status);
    }
    return CAUCUS_OK;
}
