#include "experiment/entropy_sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXHAUSTIVE = 8, MOST_SWEEPS = 20 };
/* Differences below this are rounding: the order of enumeration decides then, on every machine alike. */
static const double SAME = 1e-12;

double caucus_generate_entropy(uint32_t n, const double *masses, uint32_t base)
{
    if (base < 2) {
        return 0;
    }
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum -= masses[i] > 0 ? masses[i] * log(masses[i]) : 0;
    }
    return sum / log(base);
}

static void geometric(uint32_t n, double rho, double *masses)
{
    double sum = 0;
    double term = 1;
    for (uint32_t m = 0; m < n; m++) {
        masses[m] = term;
        sum += term;
        term *= rho;
    }
    for (uint32_t m = 0; m < n; m++) {
        masses[m] /= sum;
    }
}

void caucus_generate_masses(uint32_t n, double entropy, double *masses)
{
    double low = 0;
    double high = 1;
    if (entropy <= 0 || entropy >= 1) { /* the ends exactly */
        geometric(n, entropy <= 0 ? 0 : 1, masses);
        return;
    }
    /* The entropy of a truncated geometric distribution grows with rho. */
    for (int i = 0; i < 100 && n > 1; i++) {
        double rho = (low + high) / 2;
        geometric(n, rho, masses);
        if (caucus_generate_entropy(n, masses, n) < entropy) {
            low = rho;
        } else {
            high = rho;
        }
    }
    geometric(n, high, masses);
}

void caucus_generate_sizes(uint32_t n, const double *masses, uint64_t total, double *remainders, uint64_t *sizes)
{
    uint64_t given = 0;
    for (uint32_t m = 0; m < n; m++) {
        double exact = masses[m] * (double)total;
        sizes[m] = (uint64_t)floor(exact);
        if (sizes[m] > total - given) { /* rounding of the product alone could do this */
            sizes[m] = total - given;
        }
        remainders[m] = exact - (double)sizes[m];
        given += sizes[m];
    }
    for (; given < total; given++) {
        uint32_t best = 0;
        for (uint32_t m = 1; m < n; m++) {
            best = remainders[m] > remainders[best] + SAME ? m : best;
        }
        sizes[best]++;
        remainders[best] -= 1;
    }
}

typedef struct search {
    uint32_t n, n_targets, base;
    const double *masses;
    double entropy;
    double *loads;    /* [target] mass that aims at it */
    uint32_t *trial;  /* [n] */
    uint32_t *best;   /* [n] */
    double best_miss; /* distance of its entropy from the one asked for */
} search;

static double miss(const search *s)
{
    return fabs(caucus_generate_entropy(s->n_targets, s->loads, s->base) - s->entropy);
}

static void keep_if_nearer(search *s)
{
    double m = miss(s);
    if (m < s->best_miss - SAME) {
        s->best_miss = m;
        memcpy(s->best, s->trial, s->n * sizeof *s->best);
    }
}

/* All assignments whose targets are numbered by first use: the partitions of the collectives into blocks. */
static void enumerate(search *s, uint32_t m, uint32_t n_used)
{
    if (m == s->n) {
        keep_if_nearer(s);
        return;
    }
    for (uint32_t t = 0; t <= n_used && t < s->n_targets; t++) {
        double before = s->loads[t];
        s->trial[m] = t;
        s->loads[t] += s->masses[m];
        enumerate(s, m + 1, t == n_used ? n_used + 1 : n_used);
        s->loads[t] = before;
    }
}

static void descend(search *s)
{
    bool moved = true;
    for (int sweep = 0; sweep < MOST_SWEEPS && moved; sweep++) {
        moved = false;
        for (uint32_t m = 0; m < s->n; m++) {
            uint32_t home = s->trial[m];
            double now = miss(s);
            uint32_t to = home;
            for (uint32_t t = 0; t < s->n_targets; t++) {
                double from_before = s->loads[home];
                double to_before = s->loads[t];
                if (t == home) {
                    continue;
                }
                s->loads[home] = from_before - s->masses[m];
                s->loads[t] = to_before + s->masses[m];
                double then = miss(s);
                if (then < now - SAME) {
                    now = then;
                    to = t;
                }
                s->loads[home] = from_before;
                s->loads[t] = to_before;
            }
            if (to != home) {
                s->loads[home] -= s->masses[m];
                s->loads[to] += s->masses[m];
                s->trial[m] = to;
                moved = true;
            }
        }
    }
    keep_if_nearer(s);
}

/* From two starts: everybody alike, and dealt out in turn. */
static void search_greedily(search *s)
{
    for (uint32_t start = 0; start < 2; start++) {
        memset(s->loads, 0, s->n_targets * sizeof *s->loads);
        for (uint32_t m = 0; m < s->n; m++) {
            s->trial[m] = start == 0 ? 0 : m % s->n_targets;
            s->loads[s->trial[m]] += s->masses[m];
        }
        descend(s);
    }
}

/* Number targets by first use; names: scratch [n_targets]. */
static void number_by_first_use(uint32_t n, uint32_t n_targets, uint32_t *targets, uint32_t *names)
{
    uint32_t used = 0;
    for (uint32_t t = 0; t < n_targets; t++) {
        names[t] = UINT32_MAX;
    }
    for (uint32_t m = 0; m < n; m++) {
        if (names[targets[m]] == UINT32_MAX) {
            names[targets[m]] = used++;
        }
        targets[m] = names[targets[m]];
    }
}

caucus_status caucus_generate_targets(uint32_t n, const double *masses, uint32_t n_targets, double entropy,
                                      uint32_t *targets)
{
    caucus_status status = CAUCUS_OK;
    search s = {.n = n,
                .n_targets = n_targets,
                .base = n < n_targets ? n : n_targets,
                .masses = masses,
                .entropy = entropy,
                .best = targets,
                .best_miss = HUGE_VAL};
    uint32_t *names = NULL;
    TRY_GOTO(caucus_alloc(n_targets, sizeof *s.loads, "an assignment of targets", &s.loads), done);
    TRY_GOTO(caucus_alloc(n, sizeof *s.trial, "an assignment of targets", &s.trial), done);
    TRY_GOTO(caucus_alloc(n_targets, sizeof *names, "an assignment of targets", &names), done);
    if (n <= EXHAUSTIVE) {
        enumerate(&s, 0, 0);
    } else {
        search_greedily(&s);
    }
    number_by_first_use(n, n_targets, targets, names);
done:
    free(names);
    free(s.trial);
    free(s.loads);
    return status;
}
