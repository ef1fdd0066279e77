#include "training/one_hot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Blocks that features are dealt into, at most. More would not pay: each costs an addition for every cell. */
enum { MOST_BLOCKS = 6 };

typedef struct numbering { /* cells numbered by what they look like in some features, by first occurrence */
    uint32_t n;
    uint32_t *of; /* [cell] */
} numbering;

typedef struct cell_index { /* open addressing; shared by all numberings of a design */
    uint64_t *keys;
    uint32_t *values; /* UINT32_MAX: free */
    size_t size;      /* a power of two, more than twice the cells */
} cell_index;

typedef struct design_maker {
    uint32_t n_cells;
    uint32_t n_features;
    const uint32_t *codes;
    cell_index index;
    uint32_t *n_values;  /* [feature] that some cell has */
    uint32_t *bundle_of; /* [feature] */
    uint32_t n_bundles;
    numbering *terms; /* features, then pairs (f, g), f < g, in order */
    uint32_t n_terms;
    uint32_t *group_of; /* [term] */
    numbering *groups;
    uint32_t n_groups;
} design_maker;

static uint32_t term_of_pair(const design_maker *maker, uint32_t f, uint32_t g)
{
    return maker->n_features + f * maker->n_features - f * (f + 1) / 2 + (g - f - 1);
}

/* Split each number by one more feature. */
static void refine(design_maker *maker, uint32_t feature, numbering *cells)
{
    cell_index *seen = &maker->index;
    memset(seen->values, 0xff, seen->size * sizeof *seen->values);
    cells->n = 0;
    for (uint32_t cell = 0; cell < maker->n_cells; cell++) {
        const uint64_t code = maker->codes[(size_t)cell * maker->n_features + feature];
        const uint64_t key = (uint64_t)cells->of[cell] << 32 | code;
        size_t slot = (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 20) & (seen->size - 1);
        while (seen->values[slot] != UINT32_MAX && seen->keys[slot] != key) {
            slot = (slot + 1) & (seen->size - 1);
        }
        if (seen->values[slot] == UINT32_MAX) {
            seen->keys[slot] = key;
            seen->values[slot] = cells->n++;
        }
        cells->of[cell] = seen->values[slot];
    }
}

static void number_bundles(design_maker *maker, uint32_t first, uint32_t second, numbering *cells)
{
    cells->n = 1;
    memset(cells->of, 0, maker->n_cells * sizeof *cells->of);
    for (uint32_t f = 0; f < maker->n_features; f++) {
        if (maker->bundle_of[f] == first || maker->bundle_of[f] == second) {
            refine(maker, f, cells);
        }
    }
}

/* Deal features into n bundles with about as many combinations each: largest first, to the smallest bundle. */
static void deal(design_maker *maker, uint32_t n)
{
    double size[MOST_BLOCKS] = {0};
    maker->n_bundles = n;
    memset(maker->bundle_of, 0xff, maker->n_features * sizeof *maker->bundle_of);
    for (uint32_t i = 0; i < maker->n_features; i++) {
        uint32_t largest = UINT32_MAX;
        for (uint32_t f = 0; f < maker->n_features; f++) {
            if (maker->bundle_of[f] == UINT32_MAX &&
                (largest == UINT32_MAX || maker->n_values[f] > maker->n_values[largest])) {
                largest = f;
            }
        }
        uint32_t bundle = 0;
        for (uint32_t b = 1; b < n; b++) {
            bundle = size[b] < size[bundle] ? b : bundle;
        }
        maker->bundle_of[largest] = bundle;
        /* The logarithm, so that sizes multiply; a constant feature still takes its place. */
        size[bundle] += log2((double)maker->n_values[largest]) + 1e-3;
    }
}

/* Groups: the bundles, or with interactions the pairs of bundles, since a pair of features must lie in one group. */
static uint32_t count_groups(uint32_t n_bundles, bool interactions)
{
    return interactions && n_bundles > 1 ? n_bundles * (n_bundles - 1) / 2 : n_bundles;
}

static void number_groups(design_maker *maker, bool interactions)
{
    maker->n_groups = 0;
    for (uint32_t first = 0; first < maker->n_bundles; first++) {
        if (!interactions || maker->n_bundles == 1) {
            number_bundles(maker, first, first, &maker->groups[maker->n_groups++]);
            continue;
        }
        for (uint32_t second = first + 1; second < maker->n_bundles; second++) {
            number_bundles(maker, first, second, &maker->groups[maker->n_groups++]);
        }
    }
}

static uint32_t group_of_bundles(const design_maker *maker, uint32_t first, uint32_t second, bool interactions)
{
    if (!interactions || maker->n_bundles == 1) {
        return first;
    }
    if (first == second) {
        second = first == 0 ? 1 : 0;
    }
    const uint32_t low = first < second ? first : second;
    const uint32_t high = first < second ? second : first;
    return low * maker->n_bundles - low * (low + 1) / 2 + (high - low - 1);
}

static void assign_terms(design_maker *maker, bool interactions)
{
    for (uint32_t f = 0; f < maker->n_features; f++) {
        maker->group_of[f] = group_of_bundles(maker, maker->bundle_of[f], maker->bundle_of[f], interactions);
        for (uint32_t g = f + 1; interactions && g < maker->n_features; g++) {
            maker->group_of[term_of_pair(maker, f, g)] =
                group_of_bundles(maker, maker->bundle_of[f], maker->bundle_of[g], interactions);
        }
    }
}

/* Additions of an evaluation: each cell and group, each pattern and its columns, forth and back. */
static double cost(const design_maker *maker)
{
    double sum = (double)maker->n_cells * maker->n_groups;
    for (uint32_t t = 0; t < maker->n_terms; t++) {
        sum += maker->groups[maker->group_of[t]].n;
    }
    return sum;
}

static void choose_groups(design_maker *maker, bool interactions)
{
    const uint32_t most = maker->n_features < MOST_BLOCKS ? maker->n_features : MOST_BLOCKS;
    uint32_t best = 1;
    double least = INFINITY;
    for (uint32_t n = 1; n <= most; n++) {
        deal(maker, n);
        number_groups(maker, interactions);
        assign_terms(maker, interactions);
        if (cost(maker) < least) {
            least = cost(maker);
            best = n;
        }
    }
    deal(maker, best);
    number_groups(maker, interactions);
    assign_terms(maker, interactions);
}

static caucus_status alloc_numberings(uint32_t n, uint32_t n_cells, const char *what, numbering **numberings)
{
    TRY(caucus_alloc(n, sizeof **numberings, what, numberings));
    for (uint32_t i = 0; i < n; i++) {
        TRY(caucus_alloc(n_cells, sizeof *(*numberings)[i].of, what, &(*numberings)[i].of));
    }
    return CAUCUS_OK;
}

static void free_numberings(uint32_t n, numbering *numberings)
{
    for (uint32_t i = 0; numberings != NULL && i < n; i++) {
        free(numberings[i].of);
    }
    free(numberings);
}

static uint32_t most_groups(uint32_t n_features, bool interactions)
{
    uint32_t most = 1;
    for (uint32_t n = 1; n <= MOST_BLOCKS && n <= n_features; n++) {
        const uint32_t groups = count_groups(n, interactions);
        most = groups > most ? groups : most;
    }
    return most;
}

static caucus_status maker_open(design_maker *maker, bool interactions)
{
    const uint32_t n = maker->n_features;
    maker->n_terms = interactions ? n + n * (n - 1) / 2 : n;
    maker->index.size = 16;
    while (maker->index.size < 2 * (size_t)maker->n_cells + 2) {
        maker->index.size *= 2;
    }
    TRY(caucus_alloc(maker->index.size, sizeof *maker->index.keys, "an index of cells", &maker->index.keys));
    TRY(caucus_alloc(maker->index.size, sizeof *maker->index.values, "an index of cells", &maker->index.values));
    TRY(caucus_alloc(n, sizeof *maker->n_values, "features", &maker->n_values));
    TRY(caucus_alloc(n, sizeof *maker->bundle_of, "features", &maker->bundle_of));
    TRY(caucus_alloc(maker->n_terms, sizeof *maker->group_of, "columns", &maker->group_of));
    TRY(alloc_numberings(maker->n_terms, maker->n_cells, "columns of cells", &maker->terms));
    return alloc_numberings(most_groups(n, interactions), maker->n_cells, "patterns of cells", &maker->groups);
}

static void maker_close(design_maker *maker, bool interactions)
{
    free_numberings(most_groups(maker->n_features, interactions), maker->groups);
    free_numberings(maker->n_terms, maker->terms);
    free(maker->group_of);
    free(maker->bundle_of);
    free(maker->n_values);
    free(maker->index.values);
    free(maker->index.keys);
}

static void number_terms(design_maker *maker)
{
    for (uint32_t f = 0; f < maker->n_features; f++) {
        maker->terms[f].n = 1;
        refine(maker, f, &maker->terms[f]);
        maker->n_values[f] = maker->terms[f].n;
        for (uint32_t g = f + 1; maker->n_terms > maker->n_features && g < maker->n_features; g++) {
            numbering *pair = &maker->terms[term_of_pair(maker, f, g)];
            pair->n = 1;
            refine(maker, f, pair);
            refine(maker, g, pair);
        }
    }
}

/* Which columns each pattern has: those of its first cell, term by term. */
static caucus_status list_pattern_columns(const design_maker *maker, const uint32_t *bases, caucus_design *design)
{
    const uint32_t n = design->n_patterns;
    uint32_t *first = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc((size_t)n + 1, sizeof *first, "patterns", &first));
    for (uint32_t cell = maker->n_cells; cell-- > 0;) {
        for (uint32_t k = 0; k < maker->n_groups; k++) {
            first[design->cell_patterns[(size_t)cell * maker->n_groups + k]] = cell;
        }
    }
    TRY_GOTO(
        caucus_alloc((size_t)n + 1, sizeof *design->pattern_column_starts, "patterns", &design->pattern_column_starts),
        done);
    size_t total = 0;
    for (uint32_t t = 0; t < maker->n_terms; t++) {
        total += maker->groups[maker->group_of[t]].n;
    }
    total += maker->groups[0].n;
    TRY_GOTO(caucus_alloc(total, sizeof *design->pattern_columns, "columns of patterns", &design->pattern_columns),
             done);
    uint32_t p = 0;
    uint32_t end_of_list = 0;
    for (uint32_t k = 0; k < maker->n_groups; k++) {
        for (uint32_t i = 0; i < maker->groups[k].n; i++, p++) {
            if (k == 0) {
                design->pattern_columns[end_of_list++] = 0;
            }
            for (uint32_t t = 0; t < maker->n_terms; t++) {
                if (maker->group_of[t] == k) {
                    design->pattern_columns[end_of_list++] = bases[t] + maker->terms[t].of[first[p]];
                }
            }
            design->pattern_column_starts[p + 1] = end_of_list;
        }
    }
done:
    free(first);
    return status;
}

static caucus_status list_column_patterns(caucus_design *design)
{
    const uint32_t n = design->n_columns;
    const uint32_t *starts = design->pattern_column_starts;
    TRY(caucus_alloc((size_t)n + 2, sizeof *design->column_starts, "columns", &design->column_starts));
    TRY(caucus_alloc(starts[design->n_patterns], sizeof *design->column_patterns, "patterns of columns",
                     &design->column_patterns));
    uint32_t *next = design->column_starts + 1; /* one place ahead while lists are filled */
    for (uint32_t i = 0; i < starts[design->n_patterns]; i++) {
        next[design->pattern_columns[i] + 1]++;
    }
    for (uint32_t column = 0; column < n; column++) {
        next[column + 1] += next[column];
    }
    for (uint32_t p = 0; p < design->n_patterns; p++) {
        for (uint32_t i = starts[p]; i < starts[p + 1]; i++) {
            design->column_patterns[next[design->pattern_columns[i]]++] = p;
        }
    }
    return CAUCUS_OK;
}

static caucus_status list_pattern_cells(caucus_design *design)
{
    const size_t total = (size_t)design->n_cells * design->n_groups;
    TRY(caucus_alloc((size_t)design->n_patterns + 2, sizeof *design->pattern_cell_starts, "patterns",
                     &design->pattern_cell_starts));
    TRY(caucus_alloc(total, sizeof *design->pattern_cells, "cells of patterns", &design->pattern_cells));
    uint64_t *next = design->pattern_cell_starts + 1;
    for (size_t i = 0; i < total; i++) {
        next[design->cell_patterns[i] + 1]++;
    }
    for (uint32_t p = 0; p < design->n_patterns; p++) {
        next[p + 1] += next[p];
    }
    for (size_t i = 0; i < total; i++) {
        design->pattern_cells[next[design->cell_patterns[i]]++] = (uint32_t)(i / design->n_groups);
    }
    return CAUCUS_OK;
}

static caucus_status number_patterns(const design_maker *maker, caucus_design *design)
{
    uint64_t n_patterns = 0;
    for (uint32_t k = 0; k < maker->n_groups; k++) {
        n_patterns += maker->groups[k].n;
    }
    uint64_t n_columns = 1;
    uint64_t n_listed = maker->groups[0].n; /* columns of patterns */
    for (uint32_t t = 0; t < maker->n_terms; t++) {
        n_columns += maker->terms[t].n;
        n_listed += maker->groups[maker->group_of[t]].n;
    }
    if (n_patterns > INT32_MAX || n_columns > INT32_MAX || n_listed > INT32_MAX) {
        return caucus_fail(
            CAUCUS_INVALID,
            "a classifier on %u cells with %u features would have %llu columns in %llu places; use fewer "
            "features, wider bins or no interactions",
            maker->n_cells, maker->n_features, (unsigned long long)n_columns, (unsigned long long)n_listed);
    }
    design->n_patterns = (uint32_t)n_patterns;
    design->n_columns = (uint32_t)n_columns;
    TRY(caucus_alloc((size_t)maker->n_cells * maker->n_groups, sizeof *design->cell_patterns, "patterns of cells",
                     &design->cell_patterns));
    uint32_t base = 0;
    for (uint32_t k = 0; k < maker->n_groups; k++) {
        for (uint32_t cell = 0; cell < maker->n_cells; cell++) {
            design->cell_patterns[(size_t)cell * maker->n_groups + k] = base + maker->groups[k].of[cell];
        }
        base += maker->groups[k].n;
    }
    return CAUCUS_OK;
}

/* Number the columns: where each term's begin, and the feature that each belongs to. */
static caucus_status number_columns(const design_maker *maker, uint32_t *bases, caucus_design *design)
{
    TRY(caucus_alloc(design->n_columns, sizeof *design->column_feature, "columns", &design->column_feature));
    uint32_t column = 1;
    for (uint32_t t = 0, f = 0, g = 0; t < maker->n_terms; t++) {
        bases[t] = column;
        uint32_t feature = t;
        if (t >= maker->n_features) {
            g++;
            if (t == maker->n_features || g == maker->n_features) {
                f = t == maker->n_features ? 0 : f + 1;
                g = f + 1;
            }
            feature = f;
        }
        for (uint32_t i = 0; i < maker->terms[t].n; i++) {
            design->column_feature[column++] = feature;
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_design_init(uint32_t n_cells, uint32_t n_features, const uint32_t *codes, bool interactions,
                                 caucus_design *design)
{
    memset(design, 0, sizeof *design);
    interactions = interactions && n_features > 1;
    design_maker maker = {.n_cells = n_cells, .n_features = n_features, .codes = codes};
    uint32_t *bases = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(maker_open(&maker, interactions), done);
    TRY_GOTO(caucus_alloc(maker.n_terms, sizeof *bases, "columns", &bases), done);
    number_terms(&maker);
    choose_groups(&maker, interactions);
    design->n_cells = n_cells;
    design->n_groups = maker.n_groups;
    design->n_ones = maker.n_terms + 1;
    TRY_GOTO(number_patterns(&maker, design), done);
    TRY_GOTO(number_columns(&maker, bases, design), done);
    TRY_GOTO(list_pattern_columns(&maker, bases, design), done);
    TRY_GOTO(list_column_patterns(design), done);
    TRY_GOTO(list_pattern_cells(design), done);
done:
    free(bases);
    maker_close(&maker, interactions);
    if (status != CAUCUS_OK) {
        caucus_design_free(design);
    }
    return status;
}

void caucus_design_free(caucus_design *design)
{
    free(design->column_feature);
    free(design->column_starts);
    free(design->column_patterns);
    free(design->pattern_cell_starts);
    free(design->pattern_cells);
    free(design->pattern_column_starts);
    free(design->pattern_columns);
    free(design->cell_patterns);
    memset(design, 0, sizeof *design);
}

size_t caucus_design_bytes(uint32_t n_cells, uint32_t n_features, bool interactions)
{
    const double n = n_features;
    const double terms = interactions ? n + n * (n - 1) / 2 : n;
    const double groups = most_groups(n_features, interactions);
    const double bytes = (double)n_cells * (4 * terms + 12 * groups + 48) + 4 * groups * terms;
    return bytes < 9e18 ? (size_t)bytes : SIZE_MAX / 2;
}

void caucus_design_columns(const caucus_design *design, uint32_t cell, uint32_t *columns)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < design->n_groups; k++) {
        const uint32_t pattern = design->cell_patterns[(size_t)cell * design->n_groups + k];
        for (uint32_t j = design->pattern_column_starts[pattern]; j < design->pattern_column_starts[pattern + 1]; j++) {
            columns[n++] = design->pattern_columns[j];
        }
    }
}
