#include "result/summary.h"

#include "base/parallel.h"
#include "config/until.h"
#include "math/clopper_pearson.h"
#include "math/statistics.h"
#include "result/bound_tally.h"
#include "result/standard_error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARALLEL_FROM = 1 << 16 }; /* values, below which starting threads costs more than it saves */

__extension__ typedef unsigned __int128 unsigned_wide;

const caucus_summary_single caucus_summary_singles[CAUCUS_SUMS_SINGLES] = {
    [CAUCUS_SUMS_GLOBAL_SUCCESS] = {CAUCUS_GLOBAL_SUCCESS, CAUCUS_GLOBAL_SUCCESS_MEAN},
    [CAUCUS_SUMS_JOINT_SUCCESS] = {CAUCUS_JOINT_COUNT, CAUCUS_JOINT_SUCCESS_MEAN},
    [CAUCUS_SUMS_ACCURACY] = {CAUCUS_ACCURACY, CAUCUS_ACCURACY_MEAN},
    [CAUCUS_SUMS_SUBOPTIMALITY] = {CAUCUS_SUBOPTIMALITY, CAUCUS_SUBOPTIMALITY_MEAN},
    [CAUCUS_SUMS_CONVERGED] = {CAUCUS_CONVERGED, CAUCUS_CONVERGED_RATE},
    [CAUCUS_SUMS_ACCURACY_COST] = {CAUCUS_ACCURACY_COST, CAUCUS_ACCURACY_COST_MEAN}};

/* Rows that are taken in together, so that what is read value by value stays in the first cache. */
enum { TURN_ROWS = 256 };

/* A series of which the mean alone is asked for. */
typedef struct mean_tally {
    uint64_t n;
    double sum;
} mean_tally;

/* What is asked for of a configuration. Most of it is added up as trials come; what has quantiles or a deviation is
 * kept as series: successes in every pass, and bounds as columns [collective][method], of which a pass keeps n_columns
 * from first_column on. */
struct caucus_summarizer {
    uint64_t max_trials;
    caucus_shape shape;
    unsigned threads;
    size_t n_columns_all;
    size_t columns_in_pass;
    uint32_t *counts;                   /* [collective][trial] */
    float *global_success;              /* [trial] */
    float *columns;                     /* [column of the pass][trial]; NaN where a bound or a success is absent */
    double *scratch;                    /* [thread][trial] */
    unsigned until;                     /* whose standard errors count (config/until.h) */
    double *errors;                     /* [column, collective] their largest standard errors; NULL: none count */
    caucus_bound_tally *tallies;        /* [n_tallies], all that follow */
    caucus_bound_tally *lower;          /* [collective][method] */
    caucus_bound_tally *upper;          /* the same; empty without them */
    caucus_bound_tally *global, *joint; /* [method] */
    caucus_bound_tally *global_upper, *joint_upper; /* the same; empty without them */
    size_t n_tallies;
    mean_tally singles[CAUCUS_SUMS_SINGLES]; /* but for global success */
    bool has_single[CAUCUS_SUMS_SINGLES];
    /* of the pass that is under way */
    uint32_t test;
    uint32_t pass;
    size_t first_column;
    size_t n_columns;
    uint64_t n_trials;
    caucus_summary *summary;
};

/* Columns of a pass and threads that a budget allows. */
static void fit_budget(caucus_summarizer *made, uint64_t max_trials, const caucus_shape *shape, unsigned threads,
                       uint64_t budget)
{
    made->max_trials = max_trials;
    made->shape = *shape;
    made->n_columns_all = (size_t)shape->n_collectives * shape->n_methods;
    made->n_tallies = (made->n_columns_all + 2 * (size_t)shape->n_methods) * (shape->upper ? 2 : 1);
    uint64_t fitting = budget / (CAUCUS_VALUE_BYTES * max_trials);
    fitting = fitting > 0 ? fitting : 1;
    made->columns_in_pass = fitting < made->n_columns_all ? (size_t)fitting : made->n_columns_all;
    uint64_t most_threads = budget / (sizeof(double) * max_trials);
    made->threads = most_threads < threads ? (unsigned)most_threads : threads;
    made->threads = made->threads > 0 ? made->threads : 1;
}

uint64_t caucus_summarizer_bytes(uint64_t max_trials, const caucus_shape *shape, unsigned threads, uint64_t budget)
{
    caucus_summarizer one;
    fit_budget(&one, max_trials, shape, threads, budget);
    const uint64_t each = shape->n_collectives * sizeof *one.counts + sizeof *one.global_success +
                          one.columns_in_pass * sizeof *one.columns + one.threads * sizeof *one.scratch;
    return each * max_trials + one.n_tallies * sizeof *one.tallies;
}

caucus_status caucus_summarizer_open(uint64_t max_trials, const caucus_shape *shape, unsigned threads, uint64_t budget,
                                     caucus_summarizer **summarizer)
{
    caucus_status status = CAUCUS_OK;
    caucus_summarizer *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "a summary", &made));
    fit_budget(made, max_trials, shape, threads, budget);
    TRY_GOTO(caucus_alloc(shape->n_collectives * max_trials, sizeof *made->counts, "a summary's counts", &made->counts),
             failed);
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        made->has_single[s] = caucus_summary_width(caucus_summary_singles[s].mean, shape) > 0;
    }
    TRY_GOTO(caucus_alloc(max_trials, sizeof *made->global_success, "a summary's series", &made->global_success),
             failed);
    TRY_GOTO(caucus_alloc(made->n_tallies, sizeof *made->tallies, "a summary's sums", &made->tallies), failed);
    made->lower = made->tallies;
    made->global = made->lower + made->n_columns_all;
    made->joint = made->global + shape->n_methods;
    made->upper = made->joint + shape->n_methods;
    made->global_upper = made->upper + made->n_columns_all;
    made->joint_upper = made->global_upper + shape->n_methods;
    TRY_GOTO(
        caucus_alloc(made->columns_in_pass * max_trials, sizeof *made->columns, "a summary's bounds", &made->columns),
        failed);
    TRY_GOTO(caucus_alloc(made->threads * max_trials, sizeof *made->scratch, "a summary's work", &made->scratch),
             failed);
    if (shape->until != 0) {
        made->until = shape->until;
        TRY_GOTO(caucus_alloc(made->n_columns_all + shape->n_collectives, sizeof *made->errors, "standard errors",
                              &made->errors),
                 failed);
    }
    *summarizer = made;
    return CAUCUS_OK;
failed:
    caucus_summarizer_close(made);
    return status;
}

void caucus_summarizer_close(caucus_summarizer *summarizer)
{
    if (summarizer == NULL) {
        return;
    }
    free(summarizer->counts);
    free(summarizer->global_success);
    free(summarizer->columns);
    free(summarizer->tallies);
    free(summarizer->scratch);
    free(summarizer->errors);
    free(summarizer);
}

uint32_t caucus_summarizer_passes(const caucus_summarizer *summarizer)
{
    if (summarizer->n_columns_all == 0) {
        return 1;
    }
    return (uint32_t)((summarizer->n_columns_all + summarizer->columns_in_pass - 1) / summarizer->columns_in_pass);
}

void caucus_summarizer_begin(caucus_summarizer *summarizer, uint32_t test, uint32_t pass)
{
    summarizer->test = test;
    summarizer->pass = pass;
    summarizer->first_column = pass * summarizer->columns_in_pass;
    size_t left = summarizer->n_columns_all - summarizer->first_column;
    summarizer->n_columns = left < summarizer->columns_in_pass ? left : summarizer->columns_in_pass;
    summarizer->n_trials = 0;
    if (pass == 0) {
        memset(summarizer->tallies, 0, summarizer->n_tallies * sizeof *summarizer->tallies);
        memset(summarizer->singles, 0, sizeof summarizer->singles);
    }
}

/* ---- taking trials in -------------------------------------------------------------------------------------------- */

/* A collective's successes in a turn. */
static void take_successes(caucus_summarizer *self, const caucus_block *turn, uint32_t collective, double *successes)
{
    uint32_t *counts = self->counts + collective * self->max_trials + self->n_trials;
    for (uint32_t t = 0; t < turn->n_trials; t++) {
        const uint32_t count = turn->success_count[(size_t)t * self->shape.n_collectives + collective];
        counts[t] = count;
        successes[t] = count != UINT32_MAX ? (double)count / self->test : (double)NAN;
    }
}

/* A column of the pass; where a success is absent its bound does not count. */
static void take_column(float *column, const float *bounds, size_t stride, const double *successes, uint32_t n)
{
    for (uint32_t t = 0; t < n; t++) {
        column[t] = isnan(successes[t]) ? NAN : bounds[t * stride];
    }
}

static void take_bounds(caucus_summarizer *self, const caucus_block *turn, uint32_t collective, const double *successes)
{
    const size_t stride = self->n_columns_all;
    for (uint32_t i = 0; i < self->shape.n_methods; i++) {
        const size_t column = (size_t)collective * self->shape.n_methods + i;
        if (column >= self->first_column && column < self->first_column + self->n_columns) {
            take_column(self->columns + (column - self->first_column) * self->max_trials + self->n_trials,
                        turn->lower_bound + column, stride, successes, turn->n_trials);
        }
        if (self->pass == 0) {
            caucus_bound_tally_add(&self->lower[column], false, turn->lower_bound + column, stride, successes,
                                   turn->n_trials);
        }
        if (self->pass == 0 && self->shape.upper) {
            caucus_bound_tally_add(&self->upper[column], true, turn->upper_bound + column, stride, successes,
                                   turn->n_trials);
        }
    }
}

/* Bounds on all collectives' success together. It is a float32 as well, rounded to nearest. Rounding is monotone, so a
 * bound rounded outwards does not pass a success that it does not exceed. */
static void take_together(const caucus_summarizer *self, caucus_bound_tally *tallies, bool upper, const float *bounds,
                          const float *together, uint32_t n)
{
    double successes[TURN_ROWS];
    for (uint32_t t = 0; t < n; t++) {
        successes[t] = (double)together[t];
    }
    for (uint32_t i = 0; i < self->shape.n_methods; i++) {
        caucus_bound_tally_add(&tallies[i], upper, bounds + i, self->shape.n_methods, successes, n);
    }
}

static void take_single(mean_tally *tally, const float *values, uint32_t n)
{
    for (uint32_t t = 0; t < n; t++) {
        const bool there = !isnan(values[t]);
        tally->n += there;
        tally->sum += there ? (double)values[t] : 0.0;
    }
}

/* What all collectives have in common, in the first pass. */
static void take_common(caucus_summarizer *self, const caucus_block *turn)
{
    const uint32_t n = turn->n_trials;
    float joint[TURN_ROWS];
    for (uint32_t t = 0; t < n; t++) { /* kept as the share that it stands for */
        joint[t] = (float)((double)turn->joint_count[t] / self->test);
    }
    memcpy(self->global_success + self->n_trials, turn->global_success, n * sizeof(float));
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        if (self->has_single[s] && s != CAUCUS_SUMS_GLOBAL_SUCCESS) {
            const caucus_variable *variable = &caucus_variables[caucus_summary_singles[s].variable];
            take_single(&self->singles[s],
                        s == CAUCUS_SUMS_JOINT_SUCCESS ? joint : caucus_variable_data(variable, turn), n);
        }
    }
    if (self->shape.n_methods > 0) {
        take_together(self, self->global, false, turn->global_bound, turn->global_success, n);
        take_together(self, self->joint, false, turn->joint_bound, joint, n);
    }
    if (self->shape.n_methods > 0 && self->shape.upper) {
        take_together(self, self->global_upper, true, turn->global_upper, turn->global_success, n);
        take_together(self, self->joint_upper, true, turn->joint_upper, joint, n);
    }
}

void caucus_summarizer_add(caucus_summarizer *summarizer, const caucus_block *block)
{
    const caucus_shape *shape = &summarizer->shape;
    for (uint32_t done = 0; done < block->n_trials; done += TURN_ROWS) {
        const uint32_t left = block->n_trials - done;
        const caucus_block turn = caucus_block_part(block, shape, done, left < TURN_ROWS ? left : TURN_ROWS);
        double successes[TURN_ROWS];
        for (uint32_t m = 0; m < shape->n_collectives; m++) {
            take_successes(summarizer, &turn, m, successes);
            take_bounds(summarizer, &turn, m, successes);
        }
        if (summarizer->pass == 0) {
            take_common(summarizer, &turn);
        }
        summarizer->n_trials += turn.n_trials;
    }
}

/* ---- in the end ---------------------------------------------------------------------------------------------------
 */

/* The counts of a collective in the trials that it takes part in. */
typedef struct count_tally {
    size_t n;
    uint64_t sum;
    unsigned_wide squares;
    uint32_t least, most;
} count_tally;

static count_tally tally_counts(const uint32_t *counts, uint64_t n_trials)
{
    count_tally sum = {.least = UINT32_MAX};
    for (uint64_t t = 0; t < n_trials; t++) {
        if (counts[t] != UINT32_MAX) {
            sum.n++;
            sum.sum += counts[t];
            sum.squares += (uint64_t)counts[t] * counts[t];
            sum.least = counts[t] < sum.least ? counts[t] : sum.least;
            sum.most = counts[t] > sum.most ? counts[t] : sum.most;
        }
    }
    return sum;
}

/* Quantiles of counts, as caucus_quantiles has them: from a histogram where it fits into the scratch memory of two bins
 * for each trial, which counts that lie close together do. */
static void count_quantiles(const caucus_summarizer *self, const uint32_t *counts, const count_tally *sum,
                            double *scratch, const double *levels, int n_levels, double *quantiles)
{
    const uint64_t n_bins = (uint64_t)sum->most - sum->least + 1;
    if (sum->n == 0 || n_bins > 2 * self->n_trials) {
        size_t n = 0;
        for (uint64_t t = 0; t < self->n_trials; t++) {
            if (counts[t] != UINT32_MAX) {
                scratch[n++] = (double)counts[t] / self->test;
            }
        }
        caucus_quantiles(scratch, n, levels, n_levels, quantiles);
        return;
    }
    uint32_t *bins = (uint32_t *)scratch;
    memset(bins, 0, n_bins * sizeof *bins);
    for (uint64_t t = 0; t < self->n_trials; t++) {
        if (counts[t] != UINT32_MAX) {
            bins[counts[t] - sum->least]++;
        }
    }
    uint64_t bin = 0;
    uint64_t up_to = bins[0]; /* counts in bins[0 .. bin] */
    for (int i = 0; i < n_levels; i++) {
        double part = 0;
        const size_t k = caucus_quantile_place(levels[i], sum->n, &part);
        while (up_to <= k) {
            up_to += bins[++bin];
        }
        uint64_t next = bin;
        while (up_to == k + 1 && k + 1 < sum->n && (next == bin || bins[next] == 0)) {
            next++;
        }
        const double below = (double)(sum->least + bin) / self->test;
        const double above = (double)(sum->least + next) / self->test;
        quantiles[i] = caucus_quantile_between(below, above, part);
    }
}

static void summarize_success(const caucus_summarizer *self, uint32_t collective, double *scratch)
{
    const uint32_t *counts = self->counts + collective * self->max_trials;
    const count_tally sum = tally_counts(counts, self->n_trials);
    const double n = (double)sum.n;
    const unsigned_wide spread = sum.n * sum.squares - (unsigned_wide)sum.sum * sum.sum; /* below 2^128 */
    double **values = self->summary->values;
    double quantiles[CAUCUS_SUMMARY_LEVELS];
    values[CAUCUS_SUCCESS_MEAN][collective] = sum.n > 0 ? (double)sum.sum / self->test / n : (double)NAN;
    values[CAUCUS_SUCCESS_STD][collective] =
        sum.n > 1 ? sqrt((double)spread / (n * (n - 1))) / self->test : (double)NAN;
    count_quantiles(self, counts, &sum, scratch, caucus_summary_levels, CAUCUS_SUMMARY_LEVELS, quantiles);
    values[CAUCUS_SUCCESS_Q05][collective] = quantiles[0];
    values[CAUCUS_SUCCESS_MEDIAN][collective] = quantiles[1];
    values[CAUCUS_SUCCESS_Q95][collective] = quantiles[2];
    if ((self->until & CAUCUS_UNTIL_SUCCESS) != 0) {
        double *error = &self->errors[self->n_columns_all + collective];
        *error = caucus_error_of_mean(values[CAUCUS_SUCCESS_MEAN][collective], values[CAUCUS_SUCCESS_STD][collective],
                                      sum.n);
        if ((self->until & CAUCUS_UNTIL_QUANTILES) != 0 && sum.n > 0) {
            double levels[CAUCUS_ERROR_LEVELS];
            double ends[CAUCUS_ERROR_LEVELS];
            caucus_error_levels(sum.n, levels);
            count_quantiles(self, counts, &sum, scratch, levels, CAUCUS_ERROR_LEVELS, ends);
            *error = fmax(*error, caucus_error_of_quantiles(ends));
        }
    }
}

/* Fill scratch with the values of a series that are there; returns how many. */
static size_t gather(const float *series, uint64_t n_trials, double *scratch)
{
    size_t n = 0;
    for (uint64_t t = 0; t < n_trials; t++) {
        scratch[n] = (double)series[t];
        n += isnan(series[t]) ? 0 : 1;
    }
    return n;
}

/* Quantiles of a column of bounds, which may be of a later pass. */
static void summarize_column_of_bounds(const caucus_summarizer *self, size_t column, const float *bounds,
                                       double *scratch)
{
    double **values = self->summary->values;
    double quantiles[CAUCUS_SUMMARY_LEVELS];
    const size_t n = gather(bounds, self->n_trials, scratch);
    caucus_quantiles(scratch, n, caucus_summary_levels, CAUCUS_SUMMARY_LEVELS, quantiles);
    values[CAUCUS_BOUND_Q05][column] = quantiles[0];
    values[CAUCUS_BOUND_MEDIAN][column] = quantiles[1];
    values[CAUCUS_BOUND_Q95][column] = quantiles[2];
    if ((self->until & CAUCUS_UNTIL_BOUNDS) != 0) {
        self->errors[column] = caucus_error_of_bounds(self->until, scratch, n);
    }
}

static void summarize_lower(const caucus_bound_tally *bounds, size_t column, double **values)
{
    values[CAUCUS_BOUND_MEAN][column] = caucus_bound_tally_mean(bounds);
    values[CAUCUS_TIGHTNESS_MEAN][column] = bounds->n > 0 ? bounds->tightness / (double)bounds->n : (double)NAN;
    values[CAUCUS_VIOLATION_RATE][column] = caucus_bound_tally_rate(bounds, bounds->violations);
    values[CAUCUS_VACUOUS_RATE][column] = caucus_bound_tally_rate(bounds, bounds->vacuous);
    caucus_clopper_pearson(bounds->violations, bounds->n, caucus_summary_confidence,
                           &values[CAUCUS_VIOLATION_LOW][column], &values[CAUCUS_VIOLATION_HIGH][column]);
}

static void summarize_upper(const caucus_bound_tally *bounds, size_t column, double **values)
{
    values[CAUCUS_UPPER_MEAN][column] = caucus_bound_tally_mean(bounds);
    values[CAUCUS_UPPER_VIOLATION_RATE][column] = caucus_bound_tally_rate(bounds, bounds->violations);
    values[CAUCUS_UPPER_VACUOUS_RATE][column] = caucus_bound_tally_rate(bounds, bounds->vacuous);
    caucus_clopper_pearson(bounds->violations, bounds->n, caucus_summary_confidence,
                           &values[CAUCUS_UPPER_VIOLATION_LOW][column], &values[CAUCUS_UPPER_VIOLATION_HIGH][column]);
}

/* What has been added up. */
static void summarize_sums(const caucus_summarizer *self)
{
    double **values = self->summary->values;
    for (size_t i = 0; i < self->n_columns_all; i++) {
        summarize_lower(&self->lower[i], i, values);
        if (self->shape.upper) {
            summarize_upper(&self->upper[i], i, values);
        }
    }
    for (uint32_t i = 0; i < self->shape.n_methods; i++) {
        values[CAUCUS_GLOBAL_BOUND_MEAN][i] = caucus_bound_tally_mean(&self->global[i]);
        values[CAUCUS_GLOBAL_VIOLATION_RATE][i] = caucus_bound_tally_rate(&self->global[i], self->global[i].violations);
        values[CAUCUS_JOINT_BOUND_MEAN][i] = caucus_bound_tally_mean(&self->joint[i]);
        values[CAUCUS_JOINT_VIOLATION_RATE][i] = caucus_bound_tally_rate(&self->joint[i], self->joint[i].violations);
        if (self->shape.upper) {
            const caucus_bound_tally *global = &self->global_upper[i];
            const caucus_bound_tally *joint = &self->joint_upper[i];
            values[CAUCUS_GLOBAL_UPPER_MEAN][i] = caucus_bound_tally_mean(global);
            values[CAUCUS_GLOBAL_UPPER_VIOLATION_RATE][i] = caucus_bound_tally_rate(global, global->violations);
            values[CAUCUS_JOINT_UPPER_MEAN][i] = caucus_bound_tally_mean(joint);
            values[CAUCUS_JOINT_UPPER_VIOLATION_RATE][i] = caucus_bound_tally_rate(joint, joint->violations);
        }
    }
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        if (self->has_single[s]) {
            const mean_tally *single = &self->singles[s];
            *values[caucus_summary_singles[s].mean] = single->n > 0 ? single->sum / (double)single->n : (double)NAN;
        }
    }
    const size_t n = gather(self->global_success, self->n_trials, self->scratch);
    caucus_moments(self->scratch, n, values[CAUCUS_GLOBAL_SUCCESS_MEAN], values[CAUCUS_GLOBAL_SUCCESS_STD]);
}

static void summarize_column(void *context, size_t item, unsigned worker)
{
    const caucus_summarizer *self = context;
    double *scratch = self->scratch + worker * self->max_trials;
    if (item >= self->n_columns) {
        summarize_success(self, (uint32_t)(item - self->n_columns), scratch);
        return;
    }
    summarize_column_of_bounds(self, self->first_column + item, self->columns + item * self->max_trials, scratch);
}

void caucus_summarizer_end(caucus_summarizer *summarizer, caucus_summary *summary)
{
    summarizer->summary = summary;
    size_t n_items = summarizer->n_columns;
    if (summarizer->pass == 0) {
        summary->n_trials = summarizer->n_trials;
        summarize_sums(summarizer);
        n_items += summarizer->shape.n_collectives;
    }
    bool small = n_items * summarizer->n_trials < PARALLEL_FROM;
    caucus_parallel_for(n_items, small ? 1 : summarizer->threads, summarize_column, summarizer);
    if (summarizer->errors != NULL) { /* of all passes in the end */
        double *most = summary->values[CAUCUS_STANDARD_ERROR];
        *most = summarizer->errors[0];
        for (size_t i = 1; i < summarizer->n_columns_all + summarizer->shape.n_collectives; i++) {
            *most = fmax(*most, summarizer->errors[i]);
        }
    }
}
