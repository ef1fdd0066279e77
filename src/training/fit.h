/* Training from counts to labels, for the trainees that fall to one team: first, first + stride, ... of n. Shared with
 * devices. */
#ifndef CAUCUS_TRAINING_FIT_H
#define CAUCUS_TRAINING_FIT_H

#include "math/normal.h"
#include "training/lbfgs.h"

typedef struct caucus_team_work {
    caucus_trainee *trainees;
    uint32_t n;
    uint32_t next;
    uint32_t stride;
    caucus_trainee *waiting[CAUCUS_PACK_WIDTH]; /* trained, their parameters finished, labels still to come */
    uint32_t n_waiting;
} caucus_team_work;

/* Counts of a trainee in each pattern and label. Whole numbers: the order does not matter. */
CAUCUS_SHARED void caucus_fit_tally(const caucus_fit *fit, const caucus_trainee *trainee)
{
    const caucus_design *design = &fit->training->design;
    const uint32_t n_labels = fit->training->n_labels;
    caucus_team_sync();
#ifdef CAUCUS_DEVICE_CODE
    for (uint32_t i = CAUCUS_TEAM_RANK; i < design->n_patterns * n_labels; i += CAUCUS_TEAM_SIZE) {
        const uint32_t pattern = i / n_labels;
        uint64_t sum = 0;
        for (uint64_t j = design->pattern_cell_starts[pattern]; j < design->pattern_cell_starts[pattern + 1]; j++) {
            sum += trainee->counts[((size_t)design->pattern_cells[j] * n_labels + i % n_labels) * trainee->stride];
        }
        fit->tally[i] = sum;
    }
#else
    memset(fit->tally, 0, (size_t)design->n_patterns * n_labels * sizeof *fit->tally);
    for (uint32_t cell = 0; cell < design->n_cells; cell++) {
        const uint32_t *patterns = design->cell_patterns + (size_t)cell * design->n_groups;
        const uint64_t *counts = trainee->counts + (size_t)cell * n_labels * trainee->stride;
        for (uint32_t k = 0; k < design->n_groups; k++) {
            uint64_t *tally = fit->tally + (size_t)patterns[k] * n_labels;
            for (uint32_t y = 0; y < n_labels; y++) {
                tally[y] += counts[y * trainee->stride];
            }
        }
    }
#endif
    caucus_team_sync();
}

CAUCUS_SHARED uint64_t caucus_column_count(const caucus_fit *fit, uint32_t label, uint32_t column)
{
    const caucus_design *design = &fit->training->design;
    uint64_t sum = 0;
    for (uint32_t j = design->column_starts[column]; j < design->column_starts[column + 1]; j++) {
        sum += fit->tally[(size_t)design->column_patterns[j] * fit->training->n_labels + label];
    }
    return sum;
}

/* Sum of a lane's totals. */
CAUCUS_SHARED double caucus_weigh(const caucus_fit *fit, uint32_t lane)
{
    const uint32_t n_cells = fit->training->design.n_cells;
    const uint32_t n_chunks = caucus_chunks(n_cells);
    for (uint32_t chunk = CAUCUS_TEAM_RANK; chunk < n_chunks; chunk += CAUCUS_TEAM_SIZE) {
        const uint32_t end = chunk + 1 < n_chunks ? (chunk + 1) * CAUCUS_CHUNK : n_cells;
        double part = 0.0;
        for (uint32_t cell = chunk * CAUCUS_CHUNK; cell < end; cell++) {
            part += caucus_pack_get(&fit->totals[cell], lane);
        }
        caucus_pack_set(&fit->parts[chunk], lane, part);
    }
    caucus_team_sync();
    double sum = 0.0;
    for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
        sum += caucus_pack_get(&fit->parts[chunk], lane);
    }
    return sum;
}

/* Load a trainee's counts into a lane. Returns their sum, scaled. */
CAUCUS_SHARED double caucus_load(const caucus_fit *fit, const caucus_trainee *trainee, uint32_t lane)
{
    const caucus_training *training = fit->training;
    const uint32_t n_labels = training->n_labels;
    const bool counting = training->learner.kind == CAUCUS_MLP || training->learner.is_private;
    if (!counting) {
        caucus_fit_tally(fit, trainee);
        for (uint32_t i = CAUCUS_TEAM_RANK; i < training->n_parameters; i += CAUCUS_TEAM_SIZE) {
            const uint64_t count =
                caucus_column_count(fit, i / training->design.n_columns, i % training->design.n_columns);
            caucus_pack_set(&fit->linear[i], lane, (double)count * trainee->scale);
        }
    }
    for (uint32_t cell = CAUCUS_TEAM_RANK; cell < training->design.n_cells; cell += CAUCUS_TEAM_SIZE) {
        const size_t row = (size_t)cell * n_labels;
        uint64_t total = 0;
        for (uint32_t y = 0; y < n_labels; y++) {
            const uint64_t count = trainee->counts[(row + y) * trainee->stride];
            total += count;
            if (counting) {
                caucus_pack_set(&fit->counts[row + y], lane, (double)count * trainee->scale);
            }
        }
        caucus_pack_set(&fit->totals[cell], lane, (double)total * trainee->scale);
    }
    caucus_team_sync();
    return caucus_weigh(fit, lane);
}

/* Labels for whoever waits for them. */
CAUCUS_SHARED void caucus_flush(const caucus_fit *fit, caucus_team_work *work)
{
    if (work->n_waiting > 0) {
        caucus_predict(fit, work->waiting, work->n_waiting);
    }
    work->n_waiting = 0;
}

/* A trainee's parameters are what a lane of `parameters` holds. */
CAUCUS_SHARED void caucus_finish(const caucus_fit *fit, caucus_team_work *work, caucus_trainee *trainee,
                                 const caucus_pack *parameters, uint32_t lane, caucus_fit_report report)
{
    caucus_team_sync();
    for (uint32_t i = CAUCUS_TEAM_RANK; i < fit->training->n_parameters; i += CAUCUS_TEAM_SIZE) {
        const double parameter = caucus_pack_get(&parameters[i], lane);
        caucus_pack_set(&fit->finished[i], work->n_waiting, parameter);
        if (trainee->parameters != NULL) {
            trainee->parameters[i] = parameter;
        }
    }
    if (CAUCUS_TEAM_RANK == 0) {
        trainee->report = report;
    }
    work->waiting[work->n_waiting++] = trainee;
    if (work->n_waiting == CAUCUS_PACK_WIDTH) {
        caucus_flush(fit, work);
    }
}

/* The next trainee of the team, or NULL. */
CAUCUS_SHARED caucus_trainee *caucus_next_trainee(caucus_team_work *work)
{
    if (work->next >= work->n) {
        return NULL;
    }
    caucus_trainee *trainee = &work->trainees[work->next];
    work->next = work->n - work->next > work->stride ? work->next + work->stride : work->n;
    return trainee;
}

/* Multinomial and smoothed: log frequencies of labels, and of values given the label. Labels that nobody has are never
 * predicted. */
CAUCUS_SHARED void caucus_train_naive_bayes(const caucus_fit *fit, caucus_team_work *work)
{
    const caucus_training *training = fit->training;
    const uint32_t n_columns = training->design.n_columns;
    const double smoothing = training->learner.smoothing;
    caucus_trainee *trainee;
    while ((trainee = caucus_next_trainee(work)) != NULL) {
        caucus_fit_tally(fit, trainee);
        double total = 0.0;
        for (uint32_t y = 0; y < training->n_labels; y++) {
            total += (double)caucus_column_count(fit, y, 0);
        }
        for (uint32_t i = CAUCUS_TEAM_RANK; i < training->n_parameters; i += CAUCUS_TEAM_SIZE) {
            const uint32_t column = i % n_columns;
            const double count = (double)caucus_column_count(fit, i / n_columns, column);
            const double label = (double)caucus_column_count(fit, i / n_columns, 0);
            double parameter = count > 0.0 ? caucus_log(count / total) : -1e300;
            if (column > 0) {
                parameter = caucus_log((count + smoothing) / (label + training->smoothed[column]));
            }
            caucus_pack_set(&fit->point[i], 0, parameter);
        }
        caucus_fit_report report;
        report.converged = true;
        report.steps = 1;
        report.gradient = caucus_double_of(0x7ff8000000000000ULL); /* not a number: nothing is searched for */
        caucus_finish(fit, work, trainee, fit->point, 0, report);
    }
}

/* Put the next trainee into a lane, at the start; without one the lane idles with what it has. */
CAUCUS_SHARED caucus_trainee *caucus_enter(const caucus_fit *fit, caucus_team_work *work, caucus_search *search,
                                           uint32_t lane)
{
    caucus_trainee *trainee = caucus_next_trainee(work);
    const uint32_t n = fit->training->n_parameters;
    if (trainee != NULL) {
        const double total = caucus_load(fit, trainee, lane);
        for (uint32_t i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE) {
            caucus_pack_set(&fit->trial[i], lane, fit->training->start[i]);
        }
        caucus_search_begin(search, lane, total);
    }
    return trainee;
}

CAUCUS_SHARED void caucus_train_search(const caucus_fit *fit, caucus_team_work *work)
{
    caucus_search search;
    caucus_trainee *trainees[CAUCUS_PACK_WIDTH];
    uint32_t n_active = 0;
    search.round = 0;
    for (uint32_t lane = 0; lane < CAUCUS_PACK_WIDTH; lane++) {
        caucus_search_begin(&search, lane, 0.0);
        trainees[lane] = caucus_enter(fit, work, &search, lane);
        n_active += trainees[lane] != NULL;
    }
    while (n_active > 0) {
        const caucus_mask ended = caucus_search_round(fit, &search);
        for (uint32_t lane = 0; lane < CAUCUS_PACK_WIDTH; lane++) {
            if (trainees[lane] == NULL || caucus_mask_get(&ended, lane) == 0) {
                continue;
            }
            const double weight = caucus_pack_get(&search.weight, lane);
            caucus_fit_report report;
            report.converged = caucus_mask_get(&search.converged, lane) != 0;
            report.steps = (uint32_t)caucus_pack_get(&search.evaluations, lane);
            report.gradient = weight > 0.0 ? caucus_pack_get(&search.norm, lane) / weight : 0.0;
            caucus_finish(fit, work, trainees[lane], fit->point, lane, report);
            trainees[lane] = caucus_enter(fit, work, &search, lane);
            n_active -= trainees[lane] == NULL;
        }
    }
}

/* Noise of one step into work: Gaussians by inversion, two parameters to a block of random numbers. */
CAUCUS_SHARED void caucus_draw_noise(const caucus_fit *fit, caucus_trainee *const *trainees, uint32_t n, uint32_t step)
{
    const uint32_t n_all = fit->training->n_parameters;
    for (uint32_t pair = CAUCUS_TEAM_RANK; 2 * pair < n_all; pair += CAUCUS_TEAM_SIZE) {
        for (uint32_t lane = 0; lane < n; lane++) {
            caucus_place place = trainees[lane]->place;
            place.draw = pair;
            const caucus_words words = caucus_random(place, step);
            caucus_pack_set(&fit->work[2 * pair], lane, caucus_normal_quantile(caucus_uniform_first(words)));
            if (2 * pair + 1 < n_all) {
                caucus_pack_set(&fit->work[2 * pair + 1], lane, caucus_normal_quantile(caucus_uniform_second(words)));
            }
        }
    }
    caucus_team_sync();
}

/* One step from trial, whose gradient is in slopes: to point, and with momentum on to the next trial. */
CAUCUS_SHARED void caucus_step_privately(const caucus_fit *fit)
{
    const caucus_training *training = fit->training;
    const bool noisy = training->noise > 0.0;
    for (uint32_t i = CAUCUS_TEAM_RANK; i < training->n_parameters; i += CAUCUS_TEAM_SIZE) {
        const caucus_pack noise = noisy ? fit->work[i] * training->noise : caucus_pack_of(0.0);
        const caucus_pack point = fit->trial[i] - (fit->slopes[i] + noise) * training->rate;
        fit->trial[i] = point + (point - fit->point[i]) * training->learner.momentum;
        fit->point[i] = point;
    }
}

/* Full-batch gradient descent on clipped gradients with noise, from 0, always the same number of steps (Abadi et al.
 * 2016 with every person in every batch), with Nesterov's momentum, which looks at noisy gradients alone and so takes
 * nothing from the promise. */
CAUCUS_SHARED void caucus_train_privately(const caucus_fit *fit, caucus_team_work *work)
{
    const caucus_training *training = fit->training;
    const uint32_t n_all = training->n_parameters;
    for (;;) {
        caucus_trainee *trainees[CAUCUS_PACK_WIDTH];
        uint32_t n = 0;
        while (n < CAUCUS_PACK_WIDTH && (trainees[n] = caucus_next_trainee(work)) != NULL) {
            caucus_load(fit, trainees[n], n);
            n++;
        }
        if (n == 0) {
            return;
        }
        for (uint32_t i = CAUCUS_TEAM_RANK; i < n_all; i += CAUCUS_TEAM_SIZE) {
            fit->trial[i] = caucus_pack_of(0.0);
            fit->point[i] = caucus_pack_of(0.0);
        }
        for (uint32_t step = 0; step < training->learner.private_steps; step++) {
            caucus_evaluate(fit);
            caucus_team_sync(); /* work is read until here */
            if (training->noise > 0.0) {
                caucus_draw_noise(fit, trainees, n, step);
            }
            caucus_step_privately(fit);
        }
        for (uint32_t lane = 0; lane < n; lane++) {
            caucus_fit_report report;
            report.converged = true;
            report.steps = training->learner.private_steps;
            report.gradient = caucus_double_of(0x7ff8000000000000ULL);
            caucus_finish(fit, work, trainees[lane], fit->point, lane, report);
        }
    }
}

/* How a training goes about it. */
typedef enum caucus_way { CAUCUS_BY_COUNTING, CAUCUS_BY_NOISY_STEPS, CAUCUS_BY_SEARCH } caucus_way;

CAUCUS_SHARED caucus_way caucus_training_way(const caucus_training *training)
{
    if (training->learner.kind == CAUCUS_NAIVE_BAYES) {
        return CAUCUS_BY_COUNTING;
    }
    return training->learner.kind == CAUCUS_LOGISTIC && training->learner.is_private ? CAUCUS_BY_NOISY_STEPS
                                                                                     : CAUCUS_BY_SEARCH;
}

/* Train trainees first, first + stride, ... below n in a workspace, the way that its training goes: a device has a
 * kernel for each. The workspace is zeroed where trainees are fewer than a pack has lanes. */
CAUCUS_SHARED void caucus_train_by(caucus_way way, const caucus_fit *fit, caucus_trainee *trainees, uint32_t n,
                                   uint32_t first, uint32_t stride)
{
    caucus_team_work work;
    work.trainees = trainees;
    work.n = n;
    work.next = first;
    work.stride = stride;
    work.n_waiting = 0;
    if (way == CAUCUS_BY_COUNTING) {
        caucus_train_naive_bayes(fit, &work);
    } else if (way == CAUCUS_BY_NOISY_STEPS) {
        caucus_train_privately(fit, &work);
    } else {
        caucus_train_search(fit, &work);
    }
    caucus_flush(fit, &work);
}

/* The same with caucus_fit_place's bytes of space. */
CAUCUS_SHARED void caucus_train(const caucus_training *training, caucus_trainee *trainees, uint32_t n, uint32_t first,
                                uint32_t stride, void *space)
{
    caucus_fit fit;
    caucus_fit_place(training, space, &fit);
    caucus_train_by(caucus_training_way(training), &fit, trainees, n, first, stride);
}

#endif
