/* An experiment from a table: caucus init. Everything in it is a guess that its comments explain. */
#include "advice/table_place.h"
#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MOST_FEATURES = 6,
    UNCUT_NUMBERS = 12, /* more different numbers than this are cut by bins */
    MOST_CATEGORIES = 30,
    MOST_LABELS = 12,
    PEOPLE_A_CELL = 10,
    LISTED_LABELS = 6,
};

/* What became of a column, for the comment on it. */
typedef enum role { LEFT_OUT, LABEL, WEIGHT, FEATURE } role;

typedef struct draft {
    const caucus_table_options *options;
    const char *file;
    const caucus_profile *profile;
    role *roles;         /* [column] */
    const char **why;    /* [column] left out; NULL: else */
    uint32_t label;      /* column */
    uint32_t signal;     /* column: the feature that the collective sets */
    const char *guessed; /* why this is the label */
} draft;

static const caucus_column_profile *column_of(const draft *d, uint32_t c)
{
    return &d->profile->columns[c];
}

static bool is_number(const caucus_column_profile *column)
{
    return column->kind == CAUCUS_COLUMN_WHOLE || column->kind == CAUCUS_COLUMN_REAL;
}

static bool is_cut(const caucus_column_profile *column)
{
    return is_number(column) && (column->n_values > UNCUT_NUMBERS || column->too_many) && column->n_edges > 0;
}

/* Categories that the column has, once cut. */
static uint32_t categories(const caucus_column_profile *column)
{
    return (is_cut(column) ? column->n_edges + 1 : column->n_values) + (column->n_missing > 0);
}

/* Why a column can be no feature or label at all; NULL: it can. */
static const char *unfit(const draft *d, const caucus_column_profile *column)
{
    return column->name[0] == '\0'                      ? "it has no name"
           : column->ambiguous                          ? "several columns have this name"
           : column->aside || column->row_numbers       ? "it numbers the rows"
           : column->kind == CAUCUS_COLUMN_EMPTY        ? "there is nothing in it"
           : column->n_values == 1                      ? "it has one value only"
           : column->n_missing * 2 > d->profile->n_rows ? "most of it is missing"
           : is_number(column)                          ? NULL
           : column->nearly_unique || column->too_many  ? "nearly every row has a value of its own"
           : column->n_values > MOST_CATEGORIES         ? "it has many different values"
                                                        : NULL;
}

/* ---- the label -------------------------------------------------------------------------------------------------- */

static bool is_named(const caucus_column_profile *column, const char *const *names, size_t n)
{
    bool named = false;
    for (size_t i = 0; i < n; i++) {
        named |= strcasecmp(column->name, names[i]) == 0;
    }
    return named;
}

/* A label by its name; else the last column of a few categories; else the last one that can be cut. */
static bool guess_label(draft *d)
{
    static const char *const names[] = {"label", "target", "class", "outcome", "y"};
    for (int pass = 0; pass < 3; pass++) {
        for (uint32_t c = d->profile->n_columns; c-- > 0;) {
            const caucus_column_profile *column = column_of(d, c);
            bool few = !is_cut(column) && column->n_values <= MOST_LABELS;
            bool fits = pass == 0   ? is_named(column, names, sizeof names / sizeof names[0])
                        : pass == 1 ? few
                                    : is_cut(column);
            if (fits && unfit(d, column) == NULL && d->roles[c] == LEFT_OUT) {
                static const char *const reasons[] = {"guessed by its name",
                                                      "guessed: the last column with a few different values",
                                                      "guessed: the last column of numbers, cut in the middle"};
                d->label = c;
                d->guessed = reasons[pass];
                return true;
            }
        }
    }
    return false;
}

static caucus_status choose_label(draft *d, const char *asked)
{
    const char *path = d->options->path;
    if (asked == NULL) {
        return guess_label(d)
                   ? CAUCUS_OK
                   : caucus_fail(CAUCUS_INVALID,
                                 "%s: no column looks like a label, with a few different values; name one with "
                                 "--label, and look at the columns with caucus columns",
                                 path);
    }
    d->label = caucus_table_source_find(d->profile->source, asked);
    if (d->label == d->profile->n_columns) {
        const char *const *names = (const char *const *)d->profile->source->names;
        size_t nearest = caucus_text_nearest(asked, names, d->profile->n_columns);
        bool near = nearest < d->profile->n_columns;
        return caucus_fail(CAUCUS_INVALID, "%s: no column is named \"%s\"; %s%s%s", path, asked,
                           near ? "did you mean \"" : "caucus columns lists them", near ? names[nearest] : "",
                           near ? "\"?" : "");
    }
    const caucus_column_profile *column = column_of(d, d->label);
    if (column->ambiguous || column->n_values < 2) {
        return caucus_fail(CAUCUS_INVALID, "%s: column \"%s\" cannot be the label: %s", path, asked,
                           column->ambiguous ? "several columns have this name" : "it has fewer than two values");
    }
    d->guessed = "";
    return CAUCUS_OK;
}

/* ---- weight and features ---------------------------------------------------------------------------------------- */

/* A column of counts by its name: whole numbers from 0. */
static void choose_weight(draft *d)
{
    static const char *const names[] = {"count", "counts", "freq", "frequency", "n", "weight"};
    for (uint32_t c = 0; c < d->profile->n_columns; c++) {
        const caucus_column_profile *column = column_of(d, c);
        if (column->kind == CAUCUS_COLUMN_WHOLE && column->low >= 0 && column->n_missing == 0 && !column->ambiguous &&
            is_named(column, names, sizeof names / sizeof names[0])) {
            d->roles[c] = WEIGHT;
            return;
        }
    }
}

/* In the table's order, as long as about ten rows are left for a cell, were all cells alike. */
static caucus_status choose_features(draft *d)
{
    double cells = 1;
    uint32_t n = 0;
    double most = (double)d->profile->n_rows / PEOPLE_A_CELL;
    most = most < 16 ? 16 : most;
    for (uint32_t c = 0; c < d->profile->n_columns; c++) {
        if (d->roles[c] != LEFT_OUT) {
            continue;
        }
        d->why[c] = unfit(d, column_of(d, c));
        if (d->why[c] != NULL) {
            continue;
        }
        if (n == MOST_FEATURES || (n > 0 && cells * categories(column_of(d, c)) > most)) {
            d->why[c] = "more features would leave too few people for each combination of values";
            continue;
        }
        cells *= categories(column_of(d, c));
        d->signal = n == 0 ? c : d->signal;
        d->roles[c] = FEATURE;
        n++;
    }
    return n > 0 ? CAUCUS_OK
                 : caucus_fail(CAUCUS_INVALID, "%s: no column is left to be a feature; caucus columns says why",
                               d->options->path);
}

/* ---- YAML ------------------------------------------------------------------------------------------------------- */

static void put_text(FILE *to, const char *text)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./";
    size_t length = strlen(text);
    if (length > 0 && strspn(text, safe) == length) {
        fputs(text, to);
    } else {
        caucus_json_string(to, text);
    }
}

/* A comment may hold no line end. */
static void put_comment(FILE *to, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        fputc((unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c, to);
    }
}

static void put_columns(const draft *d, FILE *to)
{
    const char *separator = "";
    fputs("  features: [", to);
    for (uint32_t c = 0; c < d->profile->n_columns; c++) {
        if (d->roles[c] == FEATURE) {
            fputs(separator, to);
            put_text(to, column_of(d, c)->name);
            separator = ", ";
        }
    }
    fputs("]\n", to);
    for (uint32_t c = 0; c < d->profile->n_columns; c++) {
        if (d->why[c] != NULL) {
            fputs("  # not ", to);
            put_comment(to, column_of(d, c)->name[0] != '\0' ? column_of(d, c)->name : "a column without a name");
            fprintf(to, ": %s\n", d->why[c]);
        }
    }
}

/* The edges of a label are its middle one. */
static void edges_of(const draft *d, uint32_t c, char *text, size_t bytes)
{
    const caucus_column_profile *column = column_of(d, c);
    bool middle = c == d->label;
    caucus_edges_text(column->edges + (middle ? column->n_edges / 2 : 0), middle ? 1 : column->n_edges, text, bytes);
}

static void put_bins(const draft *d, FILE *to)
{
    bool begun = false;
    for (uint32_t c = 0; c < d->profile->n_columns; c++) {
        char edges[256];
        if (d->roles[c] == LEFT_OUT || d->roles[c] == WEIGHT || !is_cut(column_of(d, c))) {
            continue;
        }
        fputs(begun ? ""
                    : "  bins:                              # numbers are cut at these edges: below, from one to the "
                      "next, from the last on\n",
              to);
        begun = true;
        edges_of(d, c, edges, sizeof edges);
        fputs("    ", to);
        put_text(to, column_of(d, c)->name);
        fprintf(to, ": %s\n", edges);
    }
}

static void put_missing(const draft *d, FILE *to)
{
    if (d->options->missing == NULL) {
        return;
    }
    fputs("  missing: [", to);
    for (size_t i = 0; i < d->options->n_missing; i++) {
        fputs(i > 0 ? ", " : "", to);
        caucus_json_string(to, d->options->missing[i]);
    }
    fputs("]\n", to);
}

static void put_population(const draft *d, FILE *to)
{
    const caucus_column_profile *label = column_of(d, d->label);
    char rows[CAUCUS_TEXT_GROUPED];
    fputs("population:\n  file: ", to);
    put_text(to, d->file);
    fprintf(to, "    # %s rows\n", caucus_text_group(d->profile->n_rows, rows));
    if (d->options->group != NULL) {
        fputs("  group: ", to);
        put_text(to, d->options->group);
        fputc('\n', to);
    }
    if (d->options->separator != '\0') {
        fprintf(to, "  separator: \"%s\"\n",
                d->options->separator == '\t' ? "tab" : (char[]){d->options->separator, 0});
    }
    fputs("  label: ", to);
    put_text(to, label->name);
    fprintf(to, "    # what the platform predicts%s%s\n", d->guessed[0] != '\0' ? "; " : "", d->guessed);
    if (label->n_missing > 0) {
        fprintf(to, "  # %s rows without a label are left out; unlabelled: keep would keep them\n",
                caucus_text_group(label->n_missing, rows));
    }
    put_columns(d, to);
    put_bins(d, to);
    for (uint32_t c = 0; c < d->profile->n_columns; c++) {
        if (d->roles[c] == WEIGHT) {
            fputs("  weight: ", to);
            put_text(to, column_of(d, c)->name);
            fputs("    # guessed by its name: how many people a row stands for\n", to);
        }
    }
    put_missing(d, to);
}

/* The value that the collective reports: one that many have, but not most. Of a cut column the name of its first bin.
 */
static void put_signal_value(const draft *d, FILE *to)
{
    const caucus_column_profile *column = column_of(d, d->signal);
    char text[CAUCUS_NUMBER_BYTES + 2] = "<";
    if (!is_cut(column)) {
        put_text(to, column->values[column->n_values > 1]);
        return;
    }
    caucus_number_format(column->edges[0], false, text + 1);
    put_text(to, text);
}

static void put_target(const draft *d, FILE *to)
{
    const caucus_column_profile *label = column_of(d, d->label);
    char text[CAUCUS_NUMBER_BYTES + 3] = ">=";
    if (!is_cut(label)) { /* the rarest that one person in a hundred has */
        uint32_t v = label->n_values - 1;
        while (v > 1 && label->counts[v] * 100 < d->profile->n_rows) {
            v--;
        }
        put_text(to, label->values[v]);
        return;
    }
    caucus_number_format(label->edges[label->n_edges / 2], false, text + 2);
    put_text(to, text);
}

static void put_labels(const draft *d, FILE *to)
{
    const caucus_column_profile *label = column_of(d, d->label);
    for (uint32_t v = 0; !is_cut(label) && v < label->n_values && v < LISTED_LABELS; v++) {
        fputs(v > 0 ? ", " : "    # or ", to);
        put_comment(to, label->values[v]);
    }
    fputs(!is_cut(label) && label->n_values > LISTED_LABELS ? ", ...\n" : "\n", to);
}

static void put_rest(const draft *d, FILE *to)
{
    fputs("\nplatform:\n"
          "  consumers: 10K                     # whose data it learns from, the collective included\n"
          "  test: 2K                           # fresh people, on whom success is measured\n"
          "\ncollectives:\n"
          "  - name: ours\n"
          "    share: 0.05                      # of the consumers; swept below\n"
          "    strategy: feature_label          # they report the values of set, and the target as their label\n"
          "    set: {",
          to);
    put_text(to, column_of(d, d->signal)->name);
    fputs(": ", to);
    put_signal_value(d, to);
    fputs("}    # what they report, whatever is true\n    target: ", to);
    put_target(d, to);
    put_labels(d, to);
    fputs("\nbounds:\n"
          "  delta: 0.05                        # each promise may fail in one trial of twenty\n"
          "  families: [staircase, budget]\n"
          "  knowledge: [total]\n"
          "  inequalities: [clopper_pearson]\n"
          "\nsweep:                               # how large must the collective be?\n"
          "  - {name: share, path: \"collectives[0].share\", values: [0.01, 0.02, 0.05, 0.1, 0.2]}\n",
          to);
}

static void put_experiment(const draft *d, FILE *to)
{
    fputs("# A first experiment on ", to);
    put_comment(to, d->file);
    fputs(", made by caucus init. All choices are guesses: change them.\n"
          "#\n"
          "#   caucus columns FILE        shows the table's columns, their values and bins for numbers\n"
          "#   caucus check EXP.yaml      says what this experiment amounts to, and what is odd about its data\n"
          "#   caucus run EXP.yaml        runs it\n\n"
          "seed: 1\n"
          "trials: 200\n\n",
          to);
    put_population(d, to);
    put_rest(d, to);
}

caucus_status caucus_init_print(const caucus_table_options *options, const char *label, const char *file, FILE *to)
{
    caucus_status status = CAUCUS_OK;
    caucus_profile profile;
    TRY(caucus_profile_of(options, &profile));
    draft d = {.options = options, .file = file != NULL ? file : options->path, .profile = &profile};
    TRY_GOTO(caucus_alloc(profile.n_columns, sizeof *d.roles, "columns", &d.roles), done);
    TRY_GOTO(caucus_alloc(profile.n_columns, sizeof *d.why, "columns", &d.why), done);
    choose_weight(&d);
    TRY_GOTO(choose_label(&d, label), done);
    d.roles[d.label] = LABEL;
    TRY_GOTO(choose_features(&d), done);
    put_experiment(&d, to);
done:
    free(d.why);
    free(d.roles);
    caucus_profile_close(&profile);
    return status;
}
