/* What lies between two products, for one row of all trials, in one precision: a part of operations_body.h, with REAL
 * and EXP as there. */
#include "dense/lanes.h"
#include "dense/operations.h"

#include <string.h>

/* Trials whose softmax is taken together. */
enum { SOFTMAX_LANES = 64 / sizeof(REAL) };

CAUCUS_CLONES static void squash(REAL *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i++) { /* tanh */
        const REAL e = EXP(x[i] < 0 ? 2 * x[i] : -2 * x[i]);
        const REAL t = (1 - e) / (1 + e);
        x[i] = x[i] < 0 ? -t : t;
    }
}

/* Two labels: the probability of label 1. */
CAUCUS_CLONES static void logistic_row(REAL *restrict s, const REAL *restrict people, uint32_t width)
{
    for (uint32_t b = 0; b < width; b++) {
        const REAL x = s[b];
        const REAL e = EXP(x < 0 ? x : -x);
        const REAL q = people[b] / (1 + e);
        s[b] = x < 0 ? e * q : q;
    }
}

/* People times probabilities of n trials, side by side; outputs lie `width` apart. */
static inline __attribute__((always_inline)) void softmax_lanes(REAL *restrict s, const REAL *restrict people,
                                                                uint32_t n_outputs, size_t width, uint32_t n)
{
    REAL most[SOFTMAX_LANES];
    REAL sum[SOFTMAX_LANES];
    for (uint32_t b = 0; b < n; b++) {
        most[b] = 0;
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        const REAL *restrict of_output = s + k * width;
        for (uint32_t b = 0; b < n; b++) {
            most[b] = of_output[b] > most[b] ? of_output[b] : most[b];
        }
    }
    for (uint32_t b = 0; b < n; b++) {
        sum[b] = EXP(-most[b]);
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        REAL *restrict of_output = s + k * width;
        for (uint32_t b = 0; b < n; b++) {
            const REAL e = EXP(of_output[b] - most[b]);
            of_output[b] = e;
            sum[b] += e;
        }
    }
    for (uint32_t b = 0; b < n; b++) {
        sum[b] = people[b] / sum[b];
    }
    for (uint32_t k = 0; k < n_outputs; k++) {
        REAL *restrict of_output = s + k * width;
        for (uint32_t b = 0; b < n; b++) {
            of_output[b] *= sum[b];
        }
    }
}

/* Loops of a length that is known stay in registers. */
CAUCUS_CLONES static void softmax_row(REAL *restrict s, const REAL *restrict people, uint32_t n_outputs, uint32_t width)
{
    uint32_t b = 0;
    for (; b + SOFTMAX_LANES <= width; b += SOFTMAX_LANES) {
        softmax_lanes(s + b, people + b, n_outputs, width, SOFTMAX_LANES);
    }
    if (b < width) {
        softmax_lanes(s + b, people + b, n_outputs, width, width - b);
    }
}

CAUCUS_CLONES static void squares_row(REAL *restrict s, const REAL *restrict people, uint32_t n_outputs, uint32_t width)
{
    for (size_t k = 0; k < n_outputs; k++) {
        for (size_t b = 0; b < width; b++) {
            s[k * width + b] = (s[k * width + b] + 1) * people[b];
        }
    }
}

/* Take the people of a row from the slopes of their label's output. */
static void take_label(REAL *s, const REAL *people, uint32_t width, uint32_t label, const uint32_t *varying,
                       uint32_t batch, REAL times)
{
    if (label < CAUCUS_DENSE_VARYING) {
        for (uint32_t b = 0; label > 0 && b < width; b++) {
            s[(size_t)(label - 1) * width + b] -= times * people[b];
        }
        return;
    }
    const uint32_t *of_trial = varying + (size_t)(label - CAUCUS_DENSE_VARYING) * batch;
    for (uint32_t b = 0; b < width; b++) {
        if (of_trial[b] > 0) {
            s[(size_t)(of_trial[b] - 1) * width + b] -= times * people[b];
        }
    }
}

/* What a layer makes of the units below it, for a row. */
CAUCUS_CLONES static void combine_row(const REAL *restrict hidden, const REAL *restrict top, uint32_t n_hidden,
                                      uint32_t n_outputs, uint32_t width, REAL *restrict s)
{
    const size_t outputs = (size_t)n_outputs * width;
    memcpy(s, top + n_hidden * outputs, outputs * sizeof *s);
    for (size_t h = 0; h < n_hidden; h++) {
        for (size_t k = 0; k < n_outputs; k++) {
            for (size_t b = 0; b < width; b++) {
                s[k * width + b] += hidden[h * width + b] * top[h * outputs + k * width + b];
            }
        }
    }
}

/* From the slopes s of a layer's units: those of the units below it, in their place, and of its weights, into sums. */
CAUCUS_CLONES static void descend_row(const REAL *restrict s, const REAL *restrict top, uint32_t n_hidden,
                                      uint32_t n_outputs, uint32_t width, REAL *restrict hidden, double *restrict sums,
                                      REAL *restrict slope)
{
    const size_t outputs = (size_t)n_outputs * width;
    for (size_t h = 0; h < n_hidden; h++) {
        for (size_t b = 0; b < width; b++) {
            slope[b] = 0;
        }
        for (size_t k = 0; k < n_outputs; k++) {
            for (size_t b = 0; b < width; b++) {
                const REAL g = s[k * width + b];
                sums[h * outputs + k * width + b] += (double)(hidden[h * width + b] * g);
                slope[b] += g * top[h * outputs + k * width + b];
            }
        }
        for (size_t b = 0; b < width; b++) {
            hidden[h * width + b] = slope[b] * (1 - hidden[h * width + b] * hidden[h * width + b]);
        }
    }
    for (size_t i = 0; i < outputs; i++) {
        sums[n_hidden * outputs + i] += (double)s[i];
    }
}
