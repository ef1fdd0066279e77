/* The solver: L-BFGS (Nocedal & Wright 2006, algorithm 7.4) for all trials of a batch in lockstep, in the operations of
 * dense/operations.h alone.
 *
 * The initial inverse Hessian is that at the fit of the expected counts, so that the first step is nearly Newton's and
 * a handful of evaluations do. The loss itself is never needed: a step is right when the slope along it has not turned
 * about (logistic and ridge are convex; then that is what tells), and else shortened to where the slope, were it
 * linear, would be 0. Trials that have converged rest; when half of those at work rest, the others move to the front
 * and the width of all products halves. So which numbers a trial meets depends on its batch alone. */
#include "dense/space.h"

#include <math.h>
#include <string.h>

static const double TURNED = 0.9;     /* share of the slope that a step may end with, uphill */
static const double LEAST_STEP = 0.1; /* of a step, when it is shortened */
enum { LEAST_WIDTH = 8 };

/* ---- masking ----------------------------------------------------------------------------------------------------- */

/* Keep the columns `keep` [n_kept], in rising order, of an array [n][width]. */
static void pack_doubles(double *array, size_t n, uint32_t width, const uint32_t *keep, uint32_t n_kept)
{
    for (size_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n_kept; j++) {
            array[i * n_kept + j] = array[i * width + keep[j]];
        }
    }
}

static void pack_labels(uint32_t *array, size_t n, uint32_t width, const uint32_t *keep, uint32_t n_kept)
{
    for (size_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n_kept; j++) {
            array[i * n_kept + j] = array[i * width + keep[j]];
        }
    }
}

static void save(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, uint32_t column)
{
    for (size_t i = 0; i < dense->n_parameters; i++) {
        space->result[i * space->batch + space->origin[column]] = space->point[i * width + column];
    }
}

/* Halve the width: those at work, and as many of the resting as fill it up. */
static uint32_t halve(const caucus_dense *dense, caucus_dense_space *space, const caucus_dense_data *data,
                      uint32_t width, uint32_t n_working)
{
    const size_t n = dense->n_parameters;
    uint32_t *keep = (uint32_t *)space->shares; /* free between directions; 4 of its 8 bytes each */
    uint32_t n_kept = 0;
    uint32_t spare = width / 2 - n_working;
    for (uint32_t b = 0; b < width; b++) {
        const bool filler = space->done[b] && spare > 0;
        spare -= filler;
        if (!space->done[b] || filler) {
            keep[n_kept++] = b;
        }
    }
    pack_doubles(space->point, n, width, keep, n_kept);
    pack_doubles(space->gradient, n, width, keep, n_kept);
    for (uint32_t i = 0; i < CAUCUS_DENSE_MEMORY; i++) { /* to the same places: later ones lie behind what they leave */
        pack_doubles(space->moves + i * n * width, n, width, keep, n_kept);
        pack_doubles(space->changes + i * n * width, n, width, keep, n_kept);
        memmove(space->moves + i * n * n_kept, space->moves + i * n * width, n * n_kept * sizeof(double));
        memmove(space->changes + i * n * n_kept, space->changes + i * n * width, n * n_kept * sizeof(double));
    }
    pack_doubles(space->inverses, CAUCUS_DENSE_MEMORY, width, keep, n_kept);
    pack_doubles(space->step, 1, width, keep, n_kept);
    pack_doubles(space->factor, 1, width, keep, n_kept);
    pack_doubles(data->people, dense->n_rows, width, keep, n_kept);
    pack_labels(data->varying, data->n_groups, width, keep, n_kept);
    pack_labels(space->origin, 1, width, keep, n_kept);
    for (uint32_t j = 0; j < n_kept; j++) {
        space->done[j] = space->done[keep[j]];
    }
    return n_kept;
}

/* ---- directions -------------------------------------------------------------------------------------------------- */

/* direction = -(inverse Hessian) gradient; slope: of the loss along it. */
static void direct(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, uint32_t round)
{
    const caucus_operations *ops = dense->operations;
    const size_t n = dense->n_parameters;
    const uint32_t n_known = round < CAUCUS_DENSE_MEMORY ? round : CAUCUS_DENSE_MEMORY;
    for (size_t i = 0; i < n * width; i++) {
        space->direction[i] = -space->gradient[i];
    }
    for (uint32_t age = 1; age <= n_known; age++) {
        const uint32_t place = (round - age) % CAUCUS_DENSE_MEMORY;
        double *share = space->shares + (size_t)place * width;
        ops->dots(space->moves + place * n * width, space->direction, n, width, share);
        for (uint32_t b = 0; b < width; b++) {
            share[b] *= space->inverses[place * width + b];
            space->value[b] = -share[b];
        }
        ops->add(space->value, space->changes + place * n * width, n, width, space->direction);
    }
    caucus_dense_precondition(dense, space, width, space->direction);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            space->direction[i * width + b] = space->factor[b] * space->work[i * width + b];
        }
    }
    for (uint32_t age = n_known; age >= 1; age--) {
        const uint32_t place = (round - age) % CAUCUS_DENSE_MEMORY;
        const double *share = space->shares + (size_t)place * width;
        ops->dots(space->changes + place * n * width, space->direction, n, width, space->value);
        for (uint32_t b = 0; b < width; b++) {
            space->value[b] = share[b] - space->value[b] * space->inverses[place * width + b];
        }
        ops->add(space->value, space->moves + place * n * width, n, width, space->direction);
    }
    ops->dots(space->direction, space->gradient, n, width, space->slope);
}

/* trial = point + step direction. Who rests, or has no way down, stays; the latter forgets what misled it. */
static void propose(const caucus_dense *dense, caucus_dense_space *space, uint32_t width)
{
    const size_t n = dense->n_parameters;
    for (uint32_t b = 0; b < width; b++) {
        const bool lost = !(space->slope[b] < 0);
        for (uint32_t place = 0; lost && place < CAUCUS_DENSE_MEMORY; place++) {
            space->inverses[place * width + b] = 0;
        }
        space->value[b] = space->done[b] || lost ? 0 : space->step[b];
    }
    memcpy(space->trial, space->point, n * width * sizeof *space->trial);
    dense->operations->add(space->value, space->direction, n, width, space->trial);
}

/* Whether each trial's step is taken (in other: 1 or 0), and how long the next one is. */
static void judge(const caucus_dense *dense, caucus_dense_space *space, uint32_t width)
{
    dense->operations->dots(space->direction, space->slopes, dense->n_parameters, width, space->other);
    for (uint32_t b = 0; b < width; b++) {
        const double before = space->slope[b];
        const double after = space->other[b];
        const bool taken = !space->done[b] && before < 0 && after <= -TURNED * before;
        if (taken) {
            space->step[b] = 1;
        } else if (!space->done[b] && before < 0) {
            const double share = before / (before - after); /* where a linear slope is 0 */
            space->step[b] *= share > LEAST_STEP && share < 1 ? share : LEAST_STEP;
        }
        space->other[b] = taken ? 1 : 0;
    }
}

/* Take the steps: remember moves and changes, go to trial. */
static void move(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, uint32_t round)
{
    const caucus_operations *ops = dense->operations;
    const size_t n = dense->n_parameters;
    const uint32_t place = round % CAUCUS_DENSE_MEMORY;
    double *moved = space->moves + place * n * width;
    double *changed = space->changes + place * n * width;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t b = 0; b < width; b++) {
            const size_t at = i * width + b;
            const bool taken = space->other[b] != 0;
            moved[at] = taken ? space->trial[at] - space->point[at] : 0;
            changed[at] = taken ? space->slopes[at] - space->gradient[at] : 0;
            space->point[at] = taken ? space->trial[at] : space->point[at];
            space->gradient[at] = taken ? space->slopes[at] : space->gradient[at];
        }
    }
    ops->dots(moved, changed, n, width, space->value);
    ops->dots(changed, changed, n, width, space->slope);
    caucus_dense_precondition(dense, space, width, changed);
    ops->dots(changed, space->work, n, width, space->other);
    for (uint32_t b = 0; b < width; b++) {
        const double product = space->value[b];
        const bool useful = product > 1e-14 * space->slope[b] && product > 0;
        space->inverses[place * width + b] = useful ? 1 / product : 0;
        space->factor[b] = useful && space->other[b] > 0 ? product / space->other[b] : space->factor[b];
    }
}

/* ---- a batch ----------------------------------------------------------------------------------------------------- */

static void begin(const caucus_dense *dense, caucus_dense_space *space)
{
    const uint32_t width = space->batch;
    for (size_t i = 0; i < dense->n_parameters; i++) {
        for (uint32_t b = 0; b < width; b++) {
            space->point[i * width + b] = dense->start[i];
        }
    }
    for (uint32_t b = 0; b < width; b++) {
        space->origin[b] = b;
        space->done[b] = false;
        space->step[b] = 1;
        space->factor[b] = 1;
    }
    memset(space->inverses, 0, (size_t)CAUCUS_DENSE_MEMORY * width * sizeof *space->inverses);
}

/* Note who has converged, or has had too many steps; returns how many are still at work. */
static uint32_t look(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, uint32_t steps,
                     caucus_dense_fit *fits)
{
    uint32_t n_working = 0;
    dense->operations->largest(space->gradient, dense->n_parameters, width, space->value);
    for (uint32_t b = 0; b < width; b++) {
        if (space->done[b]) {
            continue;
        }
        const double gradient = space->value[b] / dense->consumers;
        const bool converged = gradient <= dense->learner.tolerance;
        if (converged || steps >= dense->learner.steps || !(gradient < HUGE_VAL)) {
            space->done[b] = true;
            fits[space->origin[b]] = (caucus_dense_fit){.converged = converged, .steps = steps, .gradient = gradient};
            save(dense, space, width, b);
        }
        n_working += !space->done[b];
    }
    return n_working;
}

/* The first step of a network, of which nothing is known: of length 1. */
static void first_factor(const caucus_dense *dense, caucus_dense_space *space, uint32_t width)
{
    if (dense->block > 0) {
        return;
    }
    dense->operations->dots(space->gradient, space->gradient, dense->n_parameters, width, space->value);
    for (uint32_t b = 0; b < width; b++) {
        space->factor[b] = space->value[b] > 0 ? 1 / sqrt(space->value[b]) : 1;
    }
}

void caucus_dense_train(const caucus_dense *dense, caucus_dense_space *space, double *people, const uint32_t *labels,
                        uint32_t n_groups, uint32_t *varying, caucus_dense_fit *fits)
{
    const caucus_dense_data data = {.people = people, .labels = labels, .n_groups = n_groups, .varying = varying};
    uint32_t width = space->batch;
    begin(dense, space);
    caucus_dense_evaluate(dense, space, &data, width, space->point, space->gradient);
    first_factor(dense, space, width);
    uint32_t n_working = look(dense, space, width, 1, fits);
    for (uint32_t round = 0; n_working > 0; round++) {
        while (width % 2 == 0 && width / 2 >= LEAST_WIDTH && n_working <= width / 2) {
            width = halve(dense, space, &data, width, n_working);
        }
        direct(dense, space, width, round);
        propose(dense, space, width);
        caucus_dense_evaluate(dense, space, &data, width, space->trial, space->slopes);
        judge(dense, space, width);
        move(dense, space, width, round);
        n_working = look(dense, space, width, round + 2, fits);
    }
}
