/* Minimising the loss: L-BFGS (Nocedal & Wright 2006, algorithms 7.4 and 7.5) with a line search that takes the first
 * of shrinking steps to lower the loss enough (Armijo). Shared with devices.
 *
 * For logistic regression the initial inverse Hessian is that at the fit of the expected counts: a trial's counts
 * differ from these by chance only, so the first step is nearly Newton's and a handful of evaluations do. Where the
 * counts are far from expected the search is an ordinary one, and the loss convex. For a network it is what is cheap of
 * it where training begins. */
#ifndef CAUCUS_TRAINING_LBFGS_H
#define CAUCUS_TRAINING_LBFGS_H

#include "training/gradient.h"

typedef struct caucus_search { /* of each trainee in the pack */
    caucus_pack loss;          /* at point */
    caucus_pack descent;       /* change of the loss from point to trial, were it linear */
    caucus_pack step;          /* from point to trial, as a share of the one first tried */
    caucus_pack norm;          /* largest component of the gradient at point */
    caucus_pack weight;        /* of the trainee: norm is to fall to tolerance times it */
    caucus_pack evaluations;
    caucus_pack factor;                 /* of the preconditioner: right along the last move */
    caucus_pack inverse[CAUCUS_MEMORY]; /* 1 / (move times change); 0: nothing remembered in this place */
    caucus_mask fresh;                  /* nothing evaluated yet: trial is the start */
    caucus_mask converged;
    uint32_t round; /* places of the memory are taken in turn */
} caucus_search;

/* Begin anew in one lane; its trial must be the start. */
CAUCUS_SHARED void caucus_search_begin(caucus_search *search, uint32_t lane, double weight)
{
    caucus_pack_set(&search->loss, lane, 0.0);
    caucus_pack_set(&search->descent, lane, 0.0);
    caucus_pack_set(&search->step, lane, 1.0);
    caucus_pack_set(&search->norm, lane, 0.0);
    caucus_pack_set(&search->weight, lane, weight);
    caucus_pack_set(&search->evaluations, lane, 0.0);
    caucus_pack_set(&search->factor, lane, 0.0);
    for (uint32_t i = 0; i < CAUCUS_MEMORY; i++) {
        caucus_pack_set(&search->inverse[i], lane, 0.0);
    }
    caucus_mask_set(&search->fresh, lane, true);
    caucus_mask_set(&search->converged, lane, false);
}

/* From one element of a row of the preconditioner to the next. Its blocks are symmetric to the bit, so that a device
 * reads columns instead: threads side by side then read side by side. */
#ifdef CAUCUS_DEVICE_CODE
#define CAUCUS_ROW_STEP(size) (size)
#define CAUCUS_ROW_START(size, i) ((size_t)((i) - (i) % (size)) * (size) + (i) % (size))
#else
#define CAUCUS_ROW_STEP(size) 1u
#define CAUCUS_ROW_START(size, i) ((size_t)(i) * (size))
#endif

/* Softmax does not see what is added to a column's weights under all labels alike, only the penalty does: the optimum's
 * weights sum to 0 over the labels. A preconditioner that takes each label by itself would leave that plane, and the
 * way back, along which the loss hardly bends, would take hundreds of steps. Project onto the plane. */
CAUCUS_SHARED void caucus_balance(const caucus_training *training, caucus_pack *weights)
{
    const uint32_t n_columns = training->design.n_columns;
    for (uint32_t column = CAUCUS_TEAM_RANK; column < n_columns; column += CAUCUS_TEAM_SIZE) {
        caucus_pack sum = caucus_pack_of(0.0);
        for (uint32_t y = 0; y < training->n_labels; y++) {
            sum += weights[(size_t)y * n_columns + column];
        }
        sum *= 1.0 / training->n_labels;
        for (uint32_t y = 0; y < training->n_labels; y++) {
            weights[(size_t)y * n_columns + column] -= sum;
        }
    }
}

/* work = the preconditioner times vector: what is known of the inverse Hessian beforehand, but for a factor. */
CAUCUS_SHARED void caucus_precondition(const caucus_fit *fit, const caucus_pack *vector)
{
    const caucus_training *training = fit->training;
    const uint32_t size = training->block;
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < training->n_parameters; i += CAUCUS_TEAM_SIZE) {
        const double *row = training->precondition + CAUCUS_ROW_START(size, i);
        const uint32_t first = i - i % size;
        const uint32_t left = training->n_parameters - first;
        const uint32_t width = left < size ? left : size;
        const caucus_pack *block = vector + first;
        caucus_pack sum = caucus_pack_of(0.0);
        for (uint32_t j = 0; j < width; j++) {
            sum = caucus_pack_fma(block[j], caucus_pack_of(row[(size_t)j * CAUCUS_ROW_STEP(size)]), sum);
        }
        fit->work[i] = sum;
    }
    caucus_team_sync();
    if (training->learner.kind == CAUCUS_LOGISTIC && size < training->n_parameters) {
        caucus_balance(training, fit->work);
        caucus_team_sync();
    }
}

/* Take in the accepted trials: remember the move, go there. A lane that was not accepted leaves a gap in the memory, so
 * that what it remembers does not depend on the others. */
CAUCUS_SHARED void caucus_search_move(const caucus_fit *fit, caucus_search *search, caucus_mask accepted)
{
    const uint32_t n = fit->training->n_parameters;
    const uint32_t place = search->round % fit->training->memory;
    const caucus_mask moved = accepted & ~search->fresh;
    const caucus_pack zero = caucus_pack_of(0.0);
    caucus_pack *move = fit->moves + (size_t)place * n;
    caucus_pack *change = fit->changes + (size_t)place * n;
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        move[i] = caucus_pack_select(moved, fit->trial[i] - fit->point[i], zero);
        change[i] = caucus_pack_select(moved, fit->slopes[i] - fit->gradient[i], zero);
        fit->point[i] = caucus_pack_select(accepted, fit->trial[i], fit->point[i]);
        fit->gradient[i] = caucus_pack_select(accepted, fit->slopes[i], fit->gradient[i]);
    }
    const caucus_pack product = caucus_team_dot(move, change, n, fit->parts);
    const caucus_pack square = caucus_team_dot(change, change, n, fit->parts);
    caucus_precondition(fit, change);
    const caucus_pack expected = caucus_team_dot(change, fit->work, n, fit->parts);
    /* Otherwise the Hessian would not stay positive definite. */
    const caucus_mask useful = caucus_pack_less(square * 1e-14, product);
    search->inverse[place] = caucus_pack_select(useful, 1.0 / product, zero);
    search->factor = caucus_pack_select(useful, product / expected, search->factor);
    search->factor = caucus_pack_select(search->fresh, caucus_pack_of(1.0), search->factor); /* its own at first */
}

/* direction = -(inverse Hessian) gradient, by the two loops over the memory, newest first and back. Returns the slope
 * of the loss along it. */
CAUCUS_SHARED caucus_pack caucus_search_direct(const caucus_fit *fit, const caucus_search *search)
{
    const uint32_t n = fit->training->n_parameters;
    const uint32_t memory = fit->training->memory;
    caucus_pack shares[CAUCUS_MEMORY];
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        fit->direction[i] = -fit->gradient[i];
    }
    for (uint32_t age = 0; age < memory; age++) {
        const uint32_t place = (search->round + memory - age) % memory;
        if (!caucus_mask_any(caucus_pack_less(caucus_pack_of(0.0), search->inverse[place]))) {
            continue;
        }
        const caucus_pack *move = fit->moves + (size_t)place * n;
        const caucus_pack *change = fit->changes + (size_t)place * n;
        shares[age] = search->inverse[place] * caucus_team_dot(move, fit->direction, n, fit->parts);
        for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
            fit->direction[i] -= shares[age] * change[i];
        }
    }
    caucus_precondition(fit, fit->direction);
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        fit->direction[i] = search->factor * fit->work[i];
    }
    for (uint32_t age = memory; age-- > 0;) {
        const uint32_t place = (search->round + memory - age) % memory;
        if (!caucus_mask_any(caucus_pack_less(caucus_pack_of(0.0), search->inverse[place]))) {
            continue;
        }
        const caucus_pack *move = fit->moves + (size_t)place * n;
        const caucus_pack *change = fit->changes + (size_t)place * n;
        const caucus_pack back = search->inverse[place] * caucus_team_dot(change, fit->direction, n, fit->parts);
        for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
            fit->direction[i] += (shares[age] - back) * move[i];
        }
    }
    return caucus_team_dot(fit->direction, fit->gradient, n, fit->parts);
}

/* Downhill all the same where rounding has spoilt the direction. */
CAUCUS_SHARED void caucus_search_steepest(const caucus_fit *fit, caucus_search *search, caucus_mask spoilt,
                                          caucus_pack *slope)
{
    const uint32_t n = fit->training->n_parameters;
    const caucus_pack square = caucus_team_dot(fit->gradient, fit->gradient, n, fit->parts);
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        fit->direction[i] = caucus_pack_select(spoilt, -fit->gradient[i], fit->direction[i]);
    }
    for (uint32_t place = 0; place < CAUCUS_MEMORY; place++) {
        search->inverse[place] = caucus_pack_select(spoilt, caucus_pack_of(0.0), search->inverse[place]);
    }
    *slope = caucus_pack_select(spoilt, -square, *slope);
}

/* Lanes whose trial lowers the loss enough. A decrease below the rounding of the loss cannot be seen: there the slope
 * at the trial, along the step, must not be as steep upwards as it was downwards (Hager & Zhang 2005). */
CAUCUS_SHARED caucus_mask caucus_search_accepts(const caucus_fit *fit, const caucus_search *search, caucus_pack loss)
{
    const uint32_t n = fit->training->n_parameters;
    const caucus_pack enough = search->loss + search->descent * 1e-4;
    const caucus_pack seen = enough + caucus_pack_abs(search->loss) * 1e-12;
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        fit->work[i] = fit->trial[i] - fit->point[i];
    }
    const caucus_pack slope = caucus_team_dot(fit->slopes, fit->work, n, fit->parts);
    const caucus_mask flat = ~caucus_pack_less(search->descent * -0.9, slope);
    return caucus_pack_less(loss, enough) | caucus_pack_same(loss, enough) |
           ((caucus_pack_less(loss, seen) | caucus_pack_same(loss, seen)) & flat);
}

/* One evaluation in every lane and what follows from it: the next trial. Returns the lanes that have ended: those that
 * search->converged names, and those that have had too many steps. */
CAUCUS_SHARED caucus_mask caucus_search_round(const caucus_fit *fit, caucus_search *search)
{
    const caucus_pack loss = caucus_evaluate(fit);
    const uint32_t n = fit->training->n_parameters;
    const caucus_mask accepted = search->fresh | caucus_search_accepts(fit, search, loss);
    const caucus_pack norm = caucus_team_max_norm(fit->slopes, n, fit->parts);
    caucus_search_move(fit, search, accepted);
    caucus_pack slope = caucus_search_direct(fit, search);
    const caucus_mask spoilt = accepted & ~caucus_pack_less(slope, caucus_pack_of(0.0));
    if (caucus_mask_any(spoilt)) {
        caucus_search_steepest(fit, search, spoilt, &slope);
    }
    /* The minimum of the parabola through what is known, within reason. */
    const caucus_pack parabola = search->descent * -0.5 / (loss - search->loss - search->descent);
    const caucus_pack shrunk = caucus_pack_min(caucus_pack_max(parabola, caucus_pack_of(0.1)), caucus_pack_of(0.5));
    for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
        const caucus_pack back = shrunk * (fit->trial[i] - fit->point[i]);
        fit->trial[i] = fit->point[i] + caucus_pack_select(accepted, fit->direction[i], back);
    }
    search->descent = caucus_pack_select(accepted, slope, search->descent * shrunk);
    search->step = caucus_pack_select(accepted, caucus_pack_of(1.0), search->step * shrunk);
    search->loss = caucus_pack_select(accepted, loss, search->loss);
    search->norm = caucus_pack_select(accepted, norm, search->norm);
    search->evaluations += 1.0;
    search->fresh &= 0;
    search->round++;
    const caucus_pack limit = search->weight * fit->training->learner.tolerance;
    search->converged = caucus_pack_less(search->norm, limit) | caucus_pack_same(search->norm, limit);
    const caucus_pack most = caucus_pack_of((double)fit->training->learner.steps);
    return search->converged | ~caucus_pack_less(search->evaluations, most) |
           caucus_pack_less(search->step, caucus_pack_of(1e-12));
}

#endif
