/* Draws from the samplers, for tests that compare whole distributions.
 *
 *   draw_samples binomial N LEFT RIGHT DRAWS SEED              prints "k count" for every k that came up
 *   draw_samples hypergeometric GOOD BAD N DRAWS SEED          the same
 *   draw_samples multinomial N DRAWS SEED WEIGHT...            prints one line of counts for each draw
 *   draw_samples without_replacement N DRAWS SEED WEIGHT...    the same
 *   draw_samples philox BLOCKS SEED                            prints nanoseconds for a bare block of random numbers */
#include "math/multinomial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_WEIGHTS = 64 };

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void print_histogram(uint64_t *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    for (size_t i = 0; i < n;) {
        size_t first = i;
        while (i < n && values[i] == values[first]) {
            i++;
        }
        printf("%llu %zu\n", (unsigned long long)values[first], i - first);
    }
}

static int scalars(char **arguments)
{
    const bool binomial = strcmp(arguments[1], "binomial") == 0;
    const uint64_t a = number(arguments[2]);
    const uint64_t b = number(arguments[3]);
    const uint64_t c = number(arguments[4]);
    const size_t draws = number(arguments[5]);
    uint64_t *values = malloc(draws * sizeof *values);
    if (values == NULL) {
        return 1;
    }
    for (size_t i = 0; i < draws; i++) {
        caucus_place place = {{number(arguments[6]), (uint32_t)i, 0}, 3, 5};
        values[i] = binomial ? caucus_draw_binomial(place, a, b, c) : caucus_draw_hypergeometric(place, a, b, c);
    }
    print_histogram(values, draws);
    free(values);
    return 0;
}

static int vectors(int n_arguments, char **arguments)
{
    const bool replaced = strcmp(arguments[1], "multinomial") == 0;
    const uint32_t n_classes = (uint32_t)n_arguments - 5;
    uint64_t weights[2 * MOST_WEIGHTS] = {0};
    uint64_t counts[2 * MOST_WEIGHTS];
    for (uint32_t c = 0; c < n_classes; c++) {
        weights[n_classes + c] = number(arguments[5 + c]);
    }
    caucus_heap_sum(weights, n_classes);
    for (uint32_t i = 0; i < number(arguments[3]); i++) {
        caucus_place place = {{number(arguments[4]), i, 0}, 3, 5};
        if (replaced) {
            caucus_multinomial_once(place, number(arguments[2]), weights, n_classes, counts);
        } else {
            caucus_multivariate_hypergeometric(place, number(arguments[2]), weights, n_classes, counts);
        }
        for (uint32_t c = 0; c < n_classes; c++) {
            printf("%llu%c", (unsigned long long)counts[n_classes + c], c + 1 < n_classes ? ' ' : '\n');
        }
    }
    return 0;
}

static int philox(uint64_t n, uint64_t seed)
{
    struct timespec start, end;
    uint32_t sum = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (uint64_t i = 0; i < n; i++) {
        caucus_words words = caucus_philox(seed, (uint32_t)i, 0, 0, 0);
        sum ^= words.w[0] ^ words.w[1] ^ words.w[2] ^ words.w[3];
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    printf("%.3f\n", 1e9 * seconds / (double)n);
    return sum == 0x12345678u ? 3 : 0; /* the sum must matter */
}

int main(int n_arguments, char **arguments)
{
    if (n_arguments == 7 && (strcmp(arguments[1], "binomial") == 0 || strcmp(arguments[1], "hypergeometric") == 0)) {
        return scalars(arguments);
    }
    if (n_arguments == 4 && strcmp(arguments[1], "philox") == 0) {
        return philox(number(arguments[2]), number(arguments[3]));
    }
    if (n_arguments > 5 && n_arguments <= 5 + MOST_WEIGHTS) {
        return vectors(n_arguments, arguments);
    }
    fprintf(stderr, "usage: see the head of draw_samples.c\n");
    return 2;
}
