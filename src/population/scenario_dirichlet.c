#include "math/dirichlet.h"
#include "population/scenario_build.h"
#include "population/scenario_list.h"

#include <math.h>
#include <stdlib.h>

/* Random populations whose signal has a chosen uniqueness xi = p(S) and suboptimality gap Delta = max over S of
 * (max_{y != t} p(y|x) - p(t|x)), t = y0 (Hardt et al. 2023). S is what a collective reaches that sets signal: yes; the
 * feature group tells its cells apart. docs/populations.md says how the gap is brought about. */

enum { CELLS, LABELS, CONCENTRATION, CELL_CONCENTRATION, UNIQUENESS, GAP, SEED, N_PARAMETERS };
enum { SIGNAL, GROUP, N_FEATURES };
enum { STREAM_LABELS = 1, STREAM_CELLS = 2 }; /* of random numbers; the item is the cell, or the side */
enum {
    LEAST_SHARE = 1024,
    LEAST_WEIGHT = 1024
}; /* a cell has 1/1024 of its side's mean weight or more, at least 1024 */
enum { MAX_CELLS = 1 << 20, MAX_LABELS = 256 };

static const caucus_parameter parameters[N_PARAMETERS] = {
    [CELLS] = {"cells", 100, 2, MAX_CELLS, true, "cells, an even number: half have the signal, half have not"},
    [LABELS] = {"labels", 4, 2, MAX_LABELS, true, "labels y0, y1, ...; y0 is the target that the gap is about"},
    [CONCENTRATION] = {"concentration", 1.0, 0.01, 1e6, false,
                       "of the Dirichlet law of p(y|x): small makes labels certain, large makes them alike"},
    [CELL_CONCENTRATION] = {"cell_concentration", 10.0, 0.01, 1e6, false,
                            "of the Dirichlet law of p(group|signal): small makes few groups large"},
    [UNIQUENESS] = {"uniqueness", 0.02, 0.0, 1.0, false, "p(signal = yes), the signal set's natural probability"},
    [GAP] = {"gap", 0.2, -1.0, 1.0, false, "how far y0 trails the best label at the worst signal cell"},
    [SEED] = {"seed", 1, 0, 9007199254740992.0, true, "of the random draws"},
};

/* One side of the population: the cells with the signal, or those without. */
typedef struct side {
    uint32_t signal; /* 0 no, 1 yes */
    uint32_t n_groups;
    uint32_t n_labels;
    uint64_t weight;
    double *chances;  /* [group][label] p(y|x) */
    uint64_t *masses; /* [group] */
} side;

static double trail(const double *chances, uint32_t n_labels, uint32_t *best)
{
    *best = 1;
    for (uint32_t y = 2; y < n_labels; y++) {
        *best = chances[y] > chances[*best] ? y : *best;
    }
    return chances[*best] - chances[0];
}

/* Make y0 trail the best label by gap, with the others' chances kept in proportion. With r = the best of the others'
 * shares among themselves, y0 gets a = (r - gap) / (1 + r). Where that would be negative, y0 gets nothing and the best
 * label grows to gap. */
static void set_trail(double *chances, uint32_t n_labels, double gap)
{
    uint32_t best = 1;
    (void)trail(chances, n_labels, &best);
    double others = 0;
    for (uint32_t y = 1; y < n_labels; y++) {
        others += chances[y];
    }
    if (others <= 0) { /* y0 had it all: the first other label stands for the rest */
        chances[1] = 1;
        others = 1;
    }
    double r = chances[best] / others;
    double a = (r - gap) / (1 + r);
    double best_share = r;
    if (a < 0) {
        a = 0;
        best_share = gap;
    }
    for (uint32_t y = 1; y < n_labels; y++) {
        double share = chances[y] / others;
        share = y == best ? best_share : r < 1 ? share * (1 - best_share) / (1 - r) : 0;
        chances[y] = share * (1 - a);
    }
    chances[0] = a;
}

/* No cell may trail by more than the gap, and the one that trails most trails by all of it. */
static void set_gap(side *s, double gap)
{
    uint32_t best = 0;
    uint32_t worst_group = 0;
    double worst = -2;
    for (uint32_t g = 0; g < s->n_groups; g++) {
        double d = trail(s->chances + (size_t)g * s->n_labels, s->n_labels, &best);
        if (d > worst) {
            worst = d;
            worst_group = g;
        }
        if (d > gap) {
            set_trail(s->chances + (size_t)g * s->n_labels, s->n_labels, gap);
        }
    }
    if (worst < gap) {
        set_trail(s->chances + (size_t)worst_group * s->n_labels, s->n_labels, gap);
    }
}

/* Rounding to integers may leave y0 a few units further behind than the gap allows: hand them over. */
static void hold_gap(uint64_t *weights, uint32_t n_labels, uint64_t total, double gap)
{
    int64_t allowed = (int64_t)floor(gap * (double)total);
    for (;;) {
        uint32_t best = 1;
        for (uint32_t y = 2; y < n_labels; y++) {
            best = weights[y] > weights[best] ? y : best;
        }
        int64_t excess = (int64_t)(weights[best] - weights[0]) - allowed;
        if (excess <= 0 || weights[best] == 0) {
            return;
        }
        uint64_t units = (uint64_t)(excess + 1) / 2;
        units = units < weights[best] ? units : weights[best];
        weights[best] -= units;
        weights[0] += units;
    }
}

static void draw_side(side *s, const double *values, double *shares)
{
    uint64_t seed = (uint64_t)values[SEED];
    caucus_dirichlet_draw(seed, STREAM_CELLS, s->signal, values[CELL_CONCENTRATION], s->n_groups, shares);
    uint64_t least = s->weight / s->n_groups / LEAST_SHARE;
    caucus_scenario_split(s->weight - least * s->n_groups, shares, s->n_groups, s->masses);
    for (uint32_t g = 0; g < s->n_groups; g++) {
        s->masses[g] += least;
        caucus_dirichlet_draw(seed, STREAM_LABELS, 2 * g + s->signal, values[CONCENTRATION], s->n_labels,
                              s->chances + (size_t)g * s->n_labels);
    }
    if (s->signal == 1) {
        set_gap(s, values[GAP]);
    }
}

static caucus_status fill_side(side *s, const double *values, caucus_population *population)
{
    caucus_status status = CAUCUS_OK;
    double *shares = NULL; /* [group] */
    TRY_GOTO(caucus_alloc(s->n_groups, sizeof *shares, "cells", &shares), done);
    TRY_GOTO(caucus_alloc(s->n_groups, sizeof *s->masses, "cells", &s->masses), done);
    TRY_GOTO(caucus_alloc((size_t)s->n_groups * s->n_labels, sizeof *s->chances, "cells", &s->chances), done);
    draw_side(s, values, shares);
    for (uint32_t g = 0; g < s->n_groups; g++) {
        size_t cell = (size_t)s->signal * s->n_groups + g;
        uint64_t *weights = population->weights + cell * s->n_labels;
        population->codes[cell * N_FEATURES + SIGNAL] = s->signal;
        population->codes[cell * N_FEATURES + GROUP] = g;
        caucus_scenario_split(s->masses[g], s->chances + (size_t)g * s->n_labels, s->n_labels, weights);
        if (s->signal == 1) {
            hold_gap(weights, s->n_labels, s->masses[g], values[GAP]);
        }
    }
done:
    free(s->chances);
    free(s->masses);
    free(shares);
    return status;
}

static caucus_status check_weight(uint64_t weight, uint32_t n_groups, double uniqueness)
{
    uint64_t least = (uint64_t)LEAST_SHARE * LEAST_WEIGHT * n_groups;
    if (weight > 0 && weight < least) {
        double share = (double)least / (double)CAUCUS_SCENARIO_TOTAL;
        return caucus_fail(CAUCUS_INVALID,
                           "dirichlet: uniqueness %g leaves too little for %u cells; use 0, 1, or %g to %g, or fewer "
                           "cells",
                           uniqueness, n_groups, share, 1 - share);
    }
    return CAUCUS_OK;
}

static caucus_status make(const double *values, caucus_population **population)
{
    uint32_t n_cells = (uint32_t)values[CELLS];
    if (n_cells % 2 != 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "dirichlet: %u cells cannot be halved into those with and without the "
                           "signal; use an even number",
                           n_cells);
    }
    uint64_t signal_weight = (uint64_t)floor(values[UNIQUENESS] * (double)CAUCUS_SCENARIO_TOTAL + 0.5);
    side sides[2] = {{.signal = 0, .weight = CAUCUS_SCENARIO_TOTAL - signal_weight},
                     {.signal = 1, .weight = signal_weight}};
    const caucus_names names[N_FEATURES + 1] = {
        [SIGNAL] = {"signal", 2, (const char *const[]){"no", "yes"}, NULL},
        [GROUP] = {"group", n_cells / 2, NULL, "g"},
        [N_FEATURES] = {"label", (uint32_t)values[LABELS], NULL, "y"},
    };
    caucus_population *made = NULL;
    TRY(caucus_scenario_build(names, N_FEATURES, n_cells, "scenario dirichlet", &made));
    caucus_status status = CAUCUS_OK;
    for (int i = 0; i < 2; i++) { /* a side without weight is left empty, and finishing drops it */
        sides[i].n_groups = n_cells / 2;
        sides[i].n_labels = made->n_labels;
        TRY_GOTO(check_weight(sides[i].weight, sides[i].n_groups, values[UNIQUENESS]), failed);
        if (sides[i].weight > 0) {
            TRY_GOTO(fill_side(&sides[i], values, made), failed);
        }
    }
    TRY_GOTO(caucus_population_finish(made), failed);
    *population = made;
    return CAUCUS_OK;
failed:
    caucus_population_free(made);
    return status;
}

const caucus_scenario caucus_scenario_dirichlet = {"dirichlet", N_PARAMETERS, parameters, make};
