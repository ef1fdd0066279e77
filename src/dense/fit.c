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

static double *moves_at(const caucus_dense *dense, const caucus_dense_space *space, uint32_t place)
{
    return space->moves + (size_t)place * dense->n_parameters * space->batch;
}

static double *changes_at(const caucus_dense *dense, const caucus_dense_space *space, uint32_t place)
{
    return space->changes + (size_t)place * dense->n_parameters * space->batch;
}

static void pack_numbers(double *array, size_t n, uint32_t width, const uint32_t *kept, uint32_t n_kept)
{
    for (size_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n_kept; j++) {
            array[i * n_kept + j] = array[i * width + kept[j]];
        }
    }
}

/* Halve the width: those at work, and as many of the resting as fill it up. */
static uint32_t halve(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, uint32_t n_working)
{
    const caucus_operations *ops = space->operations;
    const size_t n = dense->n_parameters;
    uint32_t *kept = space->places;
    uint32_t n_kept = 0;
    uint32_t spare = width / 2 - n_working;
    for (uint32_t b = 0; b < width; b++) {
        const bool filler = space->done[b] && spare > 0;
        spare -= filler;
        if (!space->done[b] || filler) {
            kept[n_kept++] = b;
        }
    }
    ops->keep(space->session, n, width, kept, n_kept, space->point);
    ops->keep(space->session, n, width, kept, n_kept, space->gradient);
    for (uint32_t i = 0; i < CAUCUS_DENSE_MEMORY; i++) {
        ops->keep(space->session, n, width, kept, n_kept, moves_at(dense, space, i));
        ops->keep(space->session, n, width, kept, n_kept, changes_at(dense, space, i));
    }
    ops->keep_people(space->session, width, kept, n_kept);
    pack_numbers(space->inverses, CAUCUS_DENSE_MEMORY, width, kept, n_kept);
    pack_numbers(space->step, 1, width, kept, n_kept);
    pack_numbers(space->factor, 1, width, kept, n_kept);
    for (uint32_t j = 0; j < n_kept; j++) {
        space->origin[j] = space->origin[kept[j]];
        space->done[j] = space->done[kept[j]];
    }
    return n_kept;
}

/* ---- directions -------------------------------------------------------------------------------------------------- */

/* direction = -(inverse Hessian) gradient; slope: of the loss along it. */
static void direct(const caucus_dense *dense, caucus_dense_space *space, uint32_t width, uint32_t round)
{
    const caucus_operations *ops = space->operations;
    const size_t n = dense->n_parameters;
    const uint32_t n_known = round < CAUCUS_DENSE_MEMORY ? round : CAUCUS_DENSE_MEMORY;
    for (uint32_t b = 0; b < width; b++) {
        space->value[b] = -1;
    }
    ops->scale(space->session, space->value, space->gradient, n, width, space->direction);
    for (uint32_t age = 1; age <= n_known; age++) {
        const uint32_t place = (round - age) % CAUCUS_DENSE_MEMORY;
        double *share = space->shares + (size_t)place * width;
        ops->dots(space->session, moves_at(dense, space, place), space->direction, n, width, share);
        for (uint32_t b = 0; b < width; b++) {
            share[b] *= space->inverses[place * width + b];
            space->value[b] = -share[b];
        }
        ops->add(space->session, space->value, changes_at(dense, space, place), space->direction, n, width,
                 space->direction);
    }
    const double *turned = caucus_dense_precondition(dense, space, width, space->direction);
    ops->scale(space->session, space->factor, turned, n, width, space->direction);
    for (uint32_t age = n_known; age >= 1; age--) {
        const uint32_t place = (round - age) % CAUCUS_DENSE_MEMORY;
        const double *share = space->shares + (size_t)place * width;
        ops->dots(space->session, changes_at(dense, space, place), space->direction, n, width, space->value);
        for (uint32_t b = 0; b < width; b++) {
            space->value[b] = share[b] - space->value[b] * space->inverses[place * width + b];
        }
        ops->add(space->session, space->value, moves_at(dense, space, place), space->direction, n, width,
                 space->direction);
    }
    ops->dots(space->session, space->direction, space->gradient, n, width, space->slope);
}

/* trial = point + step direction. Who rests, or has no way down, stays; the latter forgets what misled it. */
static void propose(const caucus_dense *dense, caucus_dense_space *space, uint32_t width)
{
    for (uint32_t b = 0; b < width; b++) {
        const bool lost = !(space->slope[b] < 0);
        for (uint32_t place = 0; lost && place < CAUCUS_DENSE_MEMORY; place++) {
            space->inverses[place * width + b] = 0;
        }
        space->value[b] = space->done[b] || lost ? 0 : space->step[b];
    }
    space->operations->add(space->session, space->value, space->direction, space->point, dense->n_parameters, width,
                           space->trial);
}

/* Whether each trial's step is taken (in other: 1 or 0), and how long the next one is. */
static void judge(const caucus_dense *dense, caucus_dense_space *space, uint32_t width)
{
    space->operations->dots(space->session, space->direction, space->slopes, dense->n_parameters, width, space->other);
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
    const caucus_operations *ops = space->operations;
    const size_t n = dense->n_parameters;
    const uint32_t place = round % CAUCUS_DENSE_MEMORY;
    double *moved = moves_at(dense, space, place);
    double *changed = changes_at(dense, space, place);
    ops->move(space->session, space->other, space->trial, n, width, space->point, moved);
    ops->move(space->session, space->other, space->slopes, n, width, space->gradient, changed);
    ops->dots(space->session, moved, changed, n, width, space->value);
    ops->dots(space->session, changed, changed, n, width, space->slope);
    const double *turned = caucus_dense_precondition(dense, space, width, changed);
    ops->dots(space->session, changed, turned, n, width, space->other);
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
    space->operations->spread(space->session, space->start, dense->n_parameters, width, space->point);
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
    const caucus_operations *ops = space->operations;
    uint32_t n_working = 0;
    uint32_t n_done = 0;
    ops->largest(space->session, space->gradient, dense->n_parameters, width, space->value);
    for (uint32_t b = 0; b < width; b++) {
        space->places[b] = UINT32_MAX;
        if (space->done[b]) {
            continue;
        }
        const double gradient = space->value[b] / dense->consumers;
        const bool converged = gradient <= dense->learner.tolerance;
        if (converged || steps >= dense->learner.steps || !(gradient < HUGE_VAL)) {
            space->done[b] = true;
            fits[space->origin[b]] = (caucus_dense_fit){.converged = converged, .steps = steps, .gradient = gradient};
            space->places[b] = space->origin[b];
            n_done++;
        }
        n_working += !space->done[b];
    }
    if (n_done > 0) {
        ops->scatter(space->session, space->places, space->point, dense->n_parameters, width, space->batch,
                     space->result);
    }
    return n_working;
}

/* The first step of a network, of which nothing is known: of length 1. */
static void first_factor(const caucus_dense *dense, caucus_dense_space *space, uint32_t width)
{
    if (dense->block > 0) {
        return;
    }
    space->operations->dots(space->session, space->gradient, space->gradient, dense->n_parameters, width, space->value);
    for (uint32_t b = 0; b < width; b++) {
        space->factor[b] = space->value[b] > 0 ? 1 / sqrt(space->value[b]) : 1;
    }
}

void caucus_dense_train(const caucus_dense *dense, caucus_dense_space *space, const caucus_dense_people *people,
                        caucus_dense_fit *fits)
{
    uint32_t width = space->batch;
    space->operations->take(space->session, people, width);
    begin(dense, space);
    caucus_dense_evaluate(dense, space, width, space->point, space->gradient);
    first_factor(dense, space, width);
    uint32_t n_working = look(dense, space, width, 1, fits);
    for (uint32_t round = 0; n_working > 0; round++) {
        while (width % 2 == 0 && width / 2 >= LEAST_WIDTH && n_working <= width / 2) {
            width = halve(dense, space, width, n_working);
        }
        direct(dense, space, width, round);
        propose(dense, space, width);
        caucus_dense_evaluate(dense, space, width, space->trial, space->slopes);
        judge(dense, space, width);
        move(dense, space, width, round);
        n_working = look(dense, space, width, round + 2, fits);
    }
    space->operations->leave(space->session);
}
