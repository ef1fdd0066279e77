#include "platform.h"

#include "success.h"

#include <math.h>
#include <stdlib.h>

/* A position that worst_case may turn: its victim then fails on `mass` of the population. */
typedef struct caucus_flip {
    uint32_t position;
    uint32_t rival; /* the label that it is given */
    double cost;    /* records whose label must change until the rival ties with the leader */
    uint64_t mass;  /* weight of the test people that the victim loses with it */
    bool single;    /* erase: turn x itself, not the signal cell that many x share */
    uint32_t class; /* single: the test class of x */
} caucus_flip;

size_t caucus_platform_flip_size(void)
{
    return sizeof(caucus_flip);
}

size_t caucus_platform_flips(const caucus_compiled *compiled)
{
    if (compiled->config->classifier != CAUCUS_WORST_CASE) {
        return 0;
    }
    return (size_t)compiled->signals.n_positions + compiled->test->n_classes;
}

/* The most frequent label at a position, lowest id on ties, except one (n_labels: none). */
static uint32_t leader_except(const uint64_t *counts, uint32_t n_labels, uint32_t except)
{
    uint32_t best = except == 0 ? 1 : 0;
    for (uint32_t y = best + 1; y < n_labels; y++) {
        if (y != except && counts[y] > counts[best]) {
            best = y;
        }
    }
    return best;
}

/* The fewest records, fractions allowed, that must change to label y until no label leads it. They are taken from the
 * most frequent labels down to a common level; with one label above y that is half the gap. */
static double cost_of(const uint64_t *counts, uint32_t n_labels, uint32_t y)
{
    double own = (double)counts[y];
    double level = own;
    double sum = own;
    double previous = INFINITY;
    uint32_t n = 1;
    for (;;) {
        double next = -1.0; /* the largest count below the previous one that is above the level */
        uint32_t n_next = 0;
        for (uint32_t b = 0; b < n_labels; b++) {
            double count = (double)counts[b];
            if (b == y || count >= previous || count < next) {
                continue;
            }
            n_next = count > next ? 1 : n_next + 1;
            next = count;
        }
        if (n_next == 0 || next <= level) {
            return level - own;
        }
        sum += next * (double)n_next;
        n += n_next;
        level = sum / (double)n;
        previous = next;
    }
}

static void learn_histogram(caucus_trial *trial)
{
    const uint32_t L = trial->compiled->n_labels;
    for (uint32_t p = 0; p < trial->compiled->signals.n_positions; p++) {
        const uint64_t *counts = trial->total + (size_t)p * L;
        uint32_t best = 0;
        bool tied = false;
        for (uint32_t y = 1; y < L; y++) {
            if (counts[y] > counts[best]) {
                best = y;
                tied = false;
            } else {
                tied = tied || counts[y] == counts[best];
            }
        }
        trial->leader[p] = best;
        trial->tied[p] = tied;
    }
}

/* Whether the victim loses position p if its label becomes a rival's, and what that takes. */
static caucus_flip candidate(const caucus_trial *trial, uint32_t m, uint32_t p)
{
    const uint32_t L = trial->compiled->n_labels;
    const uint64_t *counts = trial->total + (size_t)p * L;
    const uint32_t leader = trial->leader[p];
    bool unplanting = trial->compiled->strategies[m] == CAUCUS_UNPLANT_NAIVE ||
                      trial->compiled->strategies[m] == CAUCUS_UNPLANT_ADAPTIVE;
    uint32_t rival = unplanting ? trial->compiled->targets[m] : leader_except(counts, L, leader);
    return (caucus_flip){.position = p, .rival = rival, .cost = cost_of(counts, L, rival)};
}

/* The victim's cells: one candidate for each signal position that it wins, weighed by the test people who meet it. */
static size_t list_signal_flips(caucus_trial *trial, uint32_t victim)
{
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *test = compiled->test;
    const uint32_t *image = test->columns[caucus_column_image(victim)];
    const caucus_signal *signal = &compiled->signals.of[victim];
    size_t n = 0;
    for (uint32_t s = 0; s < signal->n_cells; s++) { /* numbered by place in the signal set while masses are added */
        trial->flips[s] = candidate(trial, victim, signal->positions[s]);
    }
    for (uint32_t c = 0; c < test->n_classes; c++) {
        if (caucus_success_of(trial, victim, c) && !caucus_success_trivial(compiled, victim, c)) {
            trial->flips[signal->index[image[c]]].mass += test->weights[test->n_classes + c];
        }
    }
    for (uint32_t s = 0; s < signal->n_cells; s++) {
        if (trial->flips[s].mass > 0) {
            trial->flips[n++] = trial->flips[s];
        }
    }
    return n;
}

/* erase can also be broken at x itself. Test classes that share a raw position are one candidate. */
static size_t list_single_flips(caucus_trial *trial, uint32_t victim, size_t n)
{
    const caucus_compiled *compiled = trial->compiled;
    if (compiled->strategies[victim] != CAUCUS_ERASE) {
        return n;
    }
    const caucus_partition *test = compiled->test;
    const size_t first = n;
    for (uint32_t c = 0; c < test->n_classes; c++) {
        if (!caucus_success_of(trial, victim, c) || caucus_success_trivial(compiled, victim, c)) {
            continue;
        }
        caucus_flip flip = candidate(trial, victim, test->columns[CAUCUS_RAW][c]);
        flip.single = true;
        flip.class = c;
        flip.mass = test->weights[test->n_classes + c];
        /* Classes are in order of cells, so those of one position follow each other. */
        if (n > first && trial->flips[n - 1].position == flip.position) {
            trial->flips[n - 1].mass += flip.mass;
        } else {
            trial->flips[n++] = flip;
        }
    }
    return n;
}

/* Most mass for its cost first; positions break ties, so that the order is the same everywhere. */
static int by_value(const void *a, const void *b)
{
    const caucus_flip *x = a;
    const caucus_flip *y = b;
    double value_x = (double)x->mass / x->cost;
    double value_y = (double)y->mass / y->cost;
    if (value_x != value_y) {
        return value_x > value_y ? -1 : 1;
    }
    if (x->position != y->position) {
        return x->position < y->position ? -1 : 1;
    }
    return (int)x->single - (int)y->single;
}

static void hurt(caucus_trial *trial)
{
    const caucus_config *config = trial->compiled->config;
    const uint32_t victim = config->victim;
    size_t n = list_single_flips(trial, victim, list_signal_flips(trial, victim));
    if (n > 1) {
        qsort(trial->flips, n, sizeof *trial->flips, by_value);
    }
    const double budget = config->classifier_epsilon * (double)config->consumers;
    double left = budget;
    for (size_t i = 0; i < n; i++) {
        const caucus_flip *flip = &trial->flips[i];
        if (flip->cost > left || (flip->single && !caucus_success_of(trial, victim, flip->class))) {
            continue; /* too dear, or lost already with its signal cell */
        }
        left -= flip->cost;
        trial->leader[flip->position] = flip->rival;
        trial->tied[flip->position] = true; /* which counts against every collective that needs the leader's label */
    }
    trial->spent = (budget - left) / (double)config->consumers;
}

void caucus_platform_train(caucus_trial *trial)
{
    learn_histogram(trial);
    trial->spent = 0.0;
    if (trial->compiled->config->classifier == CAUCUS_WORST_CASE && trial->compiled->n_collectives > 0) {
        hurt(trial);
    }
}
