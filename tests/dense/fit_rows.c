/* Trains classifiers on rows of real numbers, for tests and benchmarks.
 *
 *   fit_rows train PROBLEM FITS       the fits of a problem's trials
 *   fit_rows gradient PROBLEM FITS    the gradient at the weights that the file FITS has in front, instead of them
 *   fit_rows time PROBLEM SECONDS     prints trainings a second, evaluations a training, and the share of the time that
 *                                     bare products of the same shapes take
 *   fit_rows library                  prints the library and the processor that it computes for
 *
 * Files are doubles in native order. PROBLEM: kind, penalty, tolerance, steps, hidden, above it, seed, single,
 * batch; rows, columns (the constant, the last, among them), labels, consumers; numbers [row][column]; label [row];
 * expected [row]; people [row][batch]. FITS: converged, steps, gradient [batch] each; weights [parameter][batch];
 * labels [row][batch].
 */
#include "dense/blas.h"
#include "dense/dense.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct problem {
    caucus_learner learner;
    size_t n_rows;
    uint32_t n_columns, n_labels, batch;
    double consumers;
    double *expected;
    uint32_t *people, *labels, *predicted;
    caucus_dense *dense;
    caucus_dense_space *space;
    caucus_dense_fit *fits;
} problem;

static void *need(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

static void check(caucus_status status)
{
    if (status != CAUCUS_OK) {
        fprintf(stderr, "%s\n", caucus_error_message());
        exit(1);
    }
}

static double *read_doubles(FILE *file, size_t n)
{
    double *x = need(calloc(n + 1, sizeof *x));
    if (fread(x, sizeof *x, n, file) != n) {
        fprintf(stderr, "the problem ends too soon\n");
        exit(1);
    }
    return x;
}

static void open_problem(const char *path, problem *p)
{
    FILE *file = need(fopen(path, "rb"));
    double *head = read_doubles(file, 13);
    p->learner = caucus_learner_default((caucus_classifier)head[0]);
    p->learner.penalty = head[1];
    p->learner.tolerance = head[2];
    p->learner.steps = (uint32_t)head[3];
    p->learner.hidden = (uint32_t)head[4];
    p->learner.hidden_above = (uint32_t)head[5];
    p->learner.seed = (uint64_t)head[6];
    p->learner.precision = (caucus_products)head[7];
    p->learner.batch = (uint32_t)head[8];
    p->batch = p->learner.batch;
    p->n_rows = (size_t)head[9];
    p->n_columns = (uint32_t)head[10];
    p->n_labels = (uint32_t)head[11];
    p->consumers = head[12];
    free(head);
    double *numbers = read_doubles(file, p->n_rows * p->n_columns);
    double *labels = read_doubles(file, p->n_rows);
    p->expected = read_doubles(file, p->n_rows);
    double *people = read_doubles(file, p->n_rows * p->batch);
    fclose(file);
    p->people = need(calloc(p->n_rows * p->batch + 1, sizeof *p->people));
    for (size_t i = 0; i < p->n_rows * p->batch; i++) {
        p->people[i] = (uint32_t)people[i];
    }
    free(people);
    p->labels = need(calloc(p->n_rows + 1, sizeof *p->labels));
    p->predicted = need(calloc(p->n_rows * p->batch + 1, sizeof *p->predicted));
    p->fits = need(calloc(p->batch, sizeof *p->fits));
    for (size_t i = 0; i < p->n_rows; i++) {
        p->labels[i] = (uint32_t)labels[i];
    }
    free(labels);
    caucus_dense_table table = {.n_columns = p->n_columns};
    check(caucus_dense_table_resize(&p->learner, p->n_rows, &table));
    for (size_t i = 0; i < p->n_rows; i++) {
        caucus_dense_table_put(&p->learner, &table, i, numbers + i * p->n_columns);
    }
    free(numbers);
    check(caucus_dense_open(&p->learner, &table, p->n_rows, p->n_labels, p->expected, p->labels, (uint64_t)p->consumers,
                            &p->dense));
    check(caucus_dense_space_open(p->dense, NULL, p->batch, &p->space));
}

static void close_problem(problem *p)
{
    caucus_dense_space_close(p->space);
    caucus_dense_close(p->dense);
    free(p->fits);
    free(p->predicted);
    free(p->labels);
    free(p->people);
    free(p->expected);
}

static void train(problem *p)
{
    const caucus_dense_people people = {.n_rows = p->n_rows, .people = p->people, .labels = p->labels};
    caucus_dense_train(p->dense, p->space, &people, p->fits);
}

static void write_fits(problem *p, const char *path)
{
    FILE *file = need(fopen(path, "wb"));
    for (int what = 0; what < 3; what++) {
        for (uint32_t b = 0; b < p->batch; b++) {
            const double x = what == 0 ? p->fits[b].converged : what == 1 ? p->fits[b].steps : p->fits[b].gradient;
            fwrite(&x, sizeof x, 1, file);
        }
    }
    const size_t n = (size_t)p->dense->n_parameters * p->batch;
    double *weights = need(calloc(n, sizeof *weights));
    caucus_dense_weights(p->dense, p->space, weights);
    fwrite(weights, sizeof *weights, n, file);
    free(weights);
    caucus_dense_predict(p->dense, p->space, p->predicted);
    for (size_t i = 0; i < p->n_rows * p->batch; i++) {
        const double x = p->predicted[i];
        fwrite(&x, sizeof x, 1, file);
    }
    fclose(file);
}

static void write_gradient(problem *p, const char *path)
{
    const size_t n = (size_t)p->dense->n_parameters * p->batch;
    FILE *file = need(fopen(path, "rb"));
    double *weights = read_doubles(file, n);
    double *gradient = need(calloc(n, sizeof *gradient));
    fclose(file);
    caucus_dense_gradient(p->dense, p->space, weights, p->people, p->labels, gradient);
    file = need(fopen(path, "wb"));
    fwrite(gradient, sizeof *gradient, n, file);
    fclose(file);
    free(gradient);
    free(weights);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds of the two products of one evaluation, for all trials of the batch. */
static double time_products(const problem *p, double limit)
{
    const caucus_blas *blas = NULL;
    const uint32_t tile = p->dense->shape.tile;
    const int columns = (int)p->n_columns;
    const int wide = (int)(p->dense->shape.n_outputs * p->batch);
    double *weights = need(calloc((size_t)columns * wide, sizeof *weights));
    double *scores = need(calloc((size_t)tile * wide, sizeof *scores));
    float *few_weights = need(calloc((size_t)columns * wide, sizeof *few_weights));
    float *few_scores = need(calloc((size_t)tile * wide, sizeof *few_scores));
    const void *table = p->dense->table.numbers;
    check(caucus_blas_open(&blas));
    double start = seconds();
    int n = 0;
    for (; n == 0 || seconds() - start < limit; n++) {
        for (size_t first = 0; first < p->n_rows; first += tile) {
            const int here = (int)(p->n_rows - first < tile ? p->n_rows - first : tile);
            const size_t at = first * (size_t)columns;
            if (p->learner.precision != CAUCUS_IN_DOUBLE) {
                const float *rows = (const float *)table + at;
                blas->sgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_PLAIN, CAUCUS_BLAS_PLAIN, here, wide, columns, 1, rows,
                            columns, few_weights, wide, 0, few_scores, wide);
                blas->sgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_TRANSPOSED, CAUCUS_BLAS_PLAIN, columns, wide, here, 1, rows,
                            columns, few_scores, wide, 0, few_weights, wide);
            } else {
                const double *rows = (const double *)table + at;
                blas->dgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_PLAIN, CAUCUS_BLAS_PLAIN, here, wide, columns, 1, rows,
                            columns, weights, wide, 0, scores, wide);
                blas->dgemm(CAUCUS_BLAS_ROWS, CAUCUS_BLAS_TRANSPOSED, CAUCUS_BLAS_PLAIN, columns, wide, here, 1, rows,
                            columns, scores, wide, 0, weights, wide);
            }
        }
    }
    const double each = (seconds() - start) / n;
    free(few_scores);
    free(few_weights);
    free(scores);
    free(weights);
    return each;
}

/* Seconds of one whole evaluation for all trials. */
static double time_evaluation(problem *p, double limit)
{
    const size_t n = (size_t)p->dense->n_parameters * p->batch;
    double *gradient = need(calloc(n, sizeof *gradient));
    double *weights = need(calloc(n, sizeof *weights));
    caucus_dense_weights(p->dense, p->space, weights);
    double start = seconds();
    int times = 0;
    for (; times == 0 || seconds() - start < limit; times++) {
        caucus_dense_gradient(p->dense, p->space, weights, p->people, p->labels, gradient);
    }
    const double each = (seconds() - start) / times;
    free(weights);
    free(gradient);
    return each;
}

static void time_training(problem *p, double limit)
{
    double start = seconds();
    uint64_t n = 0;
    double steps = 0;
    do {
        train(p);
        for (uint32_t b = 0; b < p->batch; b++) {
            steps += p->fits[b].steps;
        }
        n += p->batch;
    } while (seconds() - start < limit);
    const double elapsed = seconds() - start;
    const double evaluation = time_evaluation(p, limit / 2);
    const double products = time_products(p, limit / 2);
    printf("{\"trainings_per_second\": %.6g, \"evaluations\": %.4g, \"products_share\": %.4g, \"gflops\": %.4g, "
           "\"batch\": %u, \"tile\": %u}\n",
           (double)n / elapsed, steps / (double)n, products / evaluation,
           4e-9 * (double)p->n_rows * p->n_columns * p->dense->shape.n_outputs * p->batch / evaluation, p->batch,
           p->dense->shape.tile);
}

int main(int n_arguments, char **arguments)
{
    problem p = {0};
    if (n_arguments == 2 && strcmp(arguments[1], "library") == 0) {
        const caucus_blas *blas = NULL;
        if (caucus_blas_open(&blas) != CAUCUS_OK) {
            fprintf(stderr, "%s\n", caucus_error_message());
            return 77;
        }
        printf("%s for %s\n", blas->library, blas->core);
        return 0;
    }
    if (n_arguments != 4) {
        fprintf(stderr, "usage: fit_rows train|gradient|time PROBLEM FITS|SECONDS\n");
        return 2;
    }
    open_problem(arguments[2], &p);
    if (strcmp(arguments[1], "time") == 0) {
        train(&p);
        time_training(&p, atof(arguments[3]));
    } else if (strcmp(arguments[1], "gradient") == 0) {
        write_gradient(&p, arguments[3]);
    } else {
        train(&p);
        write_fits(&p, arguments[3]);
    }
    close_problem(&p);
    return 0;
}
