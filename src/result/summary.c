#include "result/summary.h"

#include "base/parallel.h"
#include "config/until.h"
#include "math/clopper_pearson.h"
#include "math/statistics.h"
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

/* The series of a configuration. Bounds are kept as columns: [collective][method], then global [method], joint
 * [method], and from above [collective][method]; a pass keeps n_columns of them from first_column on. Counts and single
 * series are kept in every pass. */
struct caucus_summarizer {
    uint64_t max_trials;
    uint32_t n_collectives;
    uint32_t n_methods;
    unsigned threads;
    size_t n_columns_all;
    size_t columns_in_pass;
    uint32_t *counts;                    /* [collective][trial] */
    float *singles[CAUCUS_SUMS_SINGLES]; /* [trial] each; NULL where the shape lacks it */
    float *columns;                      /* [column of the pass][trial] */
    double *scratch;                     /* [thread][trial] */
    unsigned until;                      /* whose standard errors count (config/until.h) */
    double *errors;                      /* [column, collective] their largest standard errors; NULL: none count */
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
    made->n_collectives = shape->n_collectives;
    made->n_methods = shape->n_methods;
    made->n_columns_all = ((size_t)shape->n_collectives * (shape->upper ? 2 : 1) + 2) * shape->n_methods;
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
    uint64_t each = one.n_collectives * sizeof *one.counts + one.columns_in_pass * sizeof *one.columns +
                    one.threads * sizeof *one.scratch;
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        each += caucus_summary_width(caucus_summary_singles[s].mean, shape) > 0 ? sizeof *one.singles[s] : 0;
    }
    return each * max_trials;
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
        if (caucus_summary_width(caucus_summary_singles[s].mean, shape) > 0) {
            TRY_GOTO(caucus_alloc(max_trials, sizeof *made->singles[s], "a summary's series", &made->singles[s]),
                     failed);
        }
    }
    TRY_GOTO(
        caucus_alloc(made->columns_in_pass * max_trials, sizeof *made->columns, "a summary's bounds", &made->columns),
        failed);
    TRY_GOTO(caucus_alloc(made->threads * max_trials, sizeof *made->scratch, "a summary's work", &made->scratch),
             failed);
    if (shape->until != 0) {
        made->until = shape->until;
        TRY_GOTO(caucus_alloc(made->n_columns_all + made->n_collectives, sizeof *made->errors, "standard errors",
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
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        free(summarizer->singles[s]);
    }
    free(summarizer->columns);
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
}

/* Copy every row's value at `value` of `width` into a column. */
static void take_column(void *column, const void *rows, size_t width, size_t value, uint32_t n_rows)
{
    char *to = column;
    const char *from = (const char *)rows + value * CAUCUS_VALUE_BYTES;
    for (uint32_t t = 0; t < n_rows; t++) {
        memcpy(to + (size_t)t * CAUCUS_VALUE_BYTES, from + t * width * CAUCUS_VALUE_BYTES, CAUCUS_VALUE_BYTES);
    }
}

void caucus_summarizer_add(caucus_summarizer *summarizer, const caucus_block *block)
{
    const uint64_t first = summarizer->n_trials;
    const uint64_t stride = summarizer->max_trials;
    const uint32_t n_rows = block->n_trials;
    for (uint32_t m = 0; m < summarizer->n_collectives; m++) {
        take_column(summarizer->counts + m * stride + first, block->success_count, summarizer->n_collectives, m,
                    n_rows);
    }
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        const caucus_variable *variable = &caucus_variables[caucus_summary_singles[s].variable];
        if (s == CAUCUS_SUMS_JOINT_SUCCESS) { /* kept as the share that it stands for */
            for (uint32_t t = 0; t < n_rows; t++) {
                summarizer->singles[s][first + t] = (float)((double)block->joint_count[t] / summarizer->test);
            }
        } else if (summarizer->singles[s] != NULL) {
            memcpy(summarizer->singles[s] + first, caucus_variable_data(variable, block), n_rows * sizeof(float));
        }
    }
    const size_t n_own = (size_t)summarizer->n_collectives * summarizer->n_methods;
    for (size_t i = 0; i < summarizer->n_columns; i++) {
        float *column = summarizer->columns + i * stride + first;
        size_t c = summarizer->first_column + i;
        if (c < n_own) {
            take_column(column, block->lower_bound, n_own, c, n_rows);
        } else if (c >= n_own + 2 * (size_t)summarizer->n_methods) {
            take_column(column, block->upper_bound, n_own, c - n_own - 2 * (size_t)summarizer->n_methods, n_rows);
        } else {
            c -= n_own;
            bool joint = c >= summarizer->n_methods;
            take_column(column, joint ? block->joint_bound : block->global_bound, summarizer->n_methods,
                        joint ? c - summarizer->n_methods : c, n_rows);
        }
    }
    summarizer->n_trials += n_rows;
}

/* The counts of a collective in the trials that it takes part in. */
typedef struct tally {
    size_t n;
    uint64_t sum;
    unsigned_wide squares;
    uint32_t least, most;
} tally;

static tally tally_counts(const uint32_t *counts, uint64_t n_trials)
{
    tally sum = {.least = UINT32_MAX};
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
static void count_quantiles(const caucus_summarizer *self, const uint32_t *counts, const tally *sum, double *scratch,
                            const double *levels, int n_levels, double *quantiles)
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
    const tally sum = tally_counts(counts, self->n_trials);
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

/* What a column of bounds says of a series of successes. */
typedef struct comparison {
    size_t n; /* trials to which the bound applies; their bounds are then in scratch */
    uint64_t violations;
    uint64_t vacuous;
    double tightness; /* sum */
} comparison;

static void compare(comparison *sum, double bound, double success, double *scratch)
{
    if (isnan(bound) || isnan(success)) {
        return;
    }
    sum->violations += bound > success;
    sum->vacuous += bound <= 0;
    sum->tightness += success - bound;
    scratch[sum->n++] = bound;
}

static void summarize_bound(const caucus_summarizer *self, size_t column, const float *bounds, double *scratch)
{
    const uint32_t *counts = self->counts + column / self->n_methods * self->max_trials;
    comparison sum = {0};
    for (uint64_t t = 0; t < self->n_trials; t++) {
        double success = counts[t] != UINT32_MAX ? (double)counts[t] / self->test : (double)NAN;
        compare(&sum, (double)bounds[t], success, scratch);
    }
    double **values = self->summary->values;
    const double n = (double)sum.n; /* without trials the rates are 0/0, which is NaN as it should be */
    double quantiles[3];
    caucus_moments(scratch, sum.n, &values[CAUCUS_BOUND_MEAN][column], NULL);
    caucus_quantiles(scratch, sum.n, caucus_summary_levels, CAUCUS_SUMMARY_LEVELS, quantiles);
    values[CAUCUS_BOUND_Q05][column] = quantiles[0];
    values[CAUCUS_BOUND_MEDIAN][column] = quantiles[1];
    values[CAUCUS_BOUND_Q95][column] = quantiles[2];
    values[CAUCUS_TIGHTNESS_MEAN][column] = sum.n > 0 ? sum.tightness / n : (double)NAN;
    values[CAUCUS_VIOLATION_RATE][column] = sum.n > 0 ? (double)sum.violations / n : (double)NAN;
    values[CAUCUS_VACUOUS_RATE][column] = sum.n > 0 ? (double)sum.vacuous / n : (double)NAN;
    caucus_clopper_pearson(sum.violations, sum.n, caucus_summary_confidence, &values[CAUCUS_VIOLATION_LOW][column],
                           &values[CAUCUS_VIOLATION_HIGH][column]);
    if ((self->until & CAUCUS_UNTIL_BOUNDS) != 0) {
        self->errors[column] = caucus_error_of_bounds(self->until, scratch, sum.n);
    }
}

static void summarize_upper(const caucus_summarizer *self, size_t column, const float *bounds, double *scratch)
{
    const uint32_t *counts = self->counts + column / self->n_methods * self->max_trials;
    size_t n = 0;
    uint64_t violations = 0;
    uint64_t vacuous = 0;
    for (uint64_t t = 0; t < self->n_trials; t++) {
        if (counts[t] != UINT32_MAX && !isnan(bounds[t])) {
            violations += (double)bounds[t] < (double)counts[t] / self->test;
            vacuous += bounds[t] >= 1;
            scratch[n++] = (double)bounds[t];
        }
    }
    double **values = self->summary->values;
    caucus_moments(scratch, n, &values[CAUCUS_UPPER_MEAN][column], NULL);
    values[CAUCUS_UPPER_VIOLATION_RATE][column] = n > 0 ? (double)violations / (double)n : (double)NAN;
    values[CAUCUS_UPPER_VACUOUS_RATE][column] = n > 0 ? (double)vacuous / (double)n : (double)NAN;
    caucus_clopper_pearson(violations, n, caucus_summary_confidence, &values[CAUCUS_UPPER_VIOLATION_LOW][column],
                           &values[CAUCUS_UPPER_VIOLATION_HIGH][column]);
}

/* Global and joint success are float32 as well, rounded to nearest. Rounding is monotone, so a bound rounded down does
 * not pass a success that it does not exceed. */
static void summarize_together(const caucus_summarizer *self, bool joint, uint32_t method, const float *bounds,
                               double *scratch)
{
    const float *success = self->singles[joint ? CAUCUS_SUMS_JOINT_SUCCESS : CAUCUS_SUMS_GLOBAL_SUCCESS];
    comparison sum = {0};
    for (uint64_t t = 0; t < self->n_trials; t++) {
        compare(&sum, (double)bounds[t], (double)success[t], scratch);
    }
    double **values = self->summary->values;
    caucus_moments(scratch, sum.n, &values[joint ? CAUCUS_JOINT_BOUND_MEAN : CAUCUS_GLOBAL_BOUND_MEAN][method], NULL);
    values[joint ? CAUCUS_JOINT_VIOLATION_RATE : CAUCUS_GLOBAL_VIOLATION_RATE][method] =
        sum.n > 0 ? (double)sum.violations / (double)sum.n : (double)NAN;
}

static void summarize_single(const caucus_summarizer *self, int single, double *mean, double *deviation,
                             double *scratch)
{
    size_t n = 0;
    for (uint64_t t = 0; t < self->n_trials; t++) {
        if (!isnan(self->singles[single][t])) {
            scratch[n++] = (double)self->singles[single][t];
        }
    }
    caucus_moments(scratch, n, mean, deviation);
}

static void summarize_column(void *context, size_t item, unsigned worker)
{
    const caucus_summarizer *self = context;
    double *scratch = self->scratch + worker * self->max_trials;
    if (item >= self->n_columns) {
        summarize_success(self, (uint32_t)(item - self->n_columns), scratch);
        return;
    }
    const float *bounds = self->columns + item * self->max_trials;
    const size_t n_own = (size_t)self->n_collectives * self->n_methods;
    size_t column = self->first_column + item;
    if (column < n_own) {
        summarize_bound(self, column, bounds, scratch);
    } else if (column >= n_own + 2 * (size_t)self->n_methods) {
        summarize_upper(self, column - n_own - 2 * (size_t)self->n_methods, bounds, scratch);
    } else {
        column -= n_own;
        summarize_together(self, column >= self->n_methods, (uint32_t)(column % self->n_methods), bounds, scratch);
    }
}

void caucus_summarizer_end(caucus_summarizer *summarizer, caucus_summary *summary)
{
    summarizer->summary = summary;
    size_t n_items = summarizer->n_columns;
    if (summarizer->pass == 0) {
        double **values = summary->values;
        double *scratch = summarizer->scratch;
        summary->n_trials = summarizer->n_trials;
        for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
            if (summarizer->singles[s] != NULL) {
                double *deviation = s == CAUCUS_SUMS_GLOBAL_SUCCESS ? values[CAUCUS_GLOBAL_SUCCESS_STD] : NULL;
                summarize_single(summarizer, s, values[caucus_summary_singles[s].mean], deviation, scratch);
            }
        }
        n_items += summarizer->n_collectives;
    }
    bool small = n_items * summarizer->n_trials < PARALLEL_FROM;
    caucus_parallel_for(n_items, small ? 1 : summarizer->threads, summarize_column, summarizer);
    if (summarizer->errors != NULL) { /* of all passes in the end */
        double *most = summary->values[CAUCUS_STANDARD_ERROR];
        *most = summarizer->errors[0];
        for (size_t i = 1; i < summarizer->n_columns_all + summarizer->n_collectives; i++) {
            *most = fmax(*most, summarizer->errors[i]);
        }
    }
}
