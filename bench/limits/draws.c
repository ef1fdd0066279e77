/* The draws of a trial of vehicles-planting: members, then the others, down the tree of the population's classes, then
 * the test. */
#include "limits.h"
#include "math/multinomial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 32, COUNTRIES = 5, LINE = 256 };
enum { CONSUMERS = 1000000, MEMBERS = 101000, TEST = 100000 };

/* Columns country, profile, evaluation, count: a class for each line in the signal set, one a country for the rest. */
static int read_classes(FILE *file, uint64_t *counts, uint32_t *n_classes)
{
    char line[LINE];
    char country, profile[LINE], evaluation[LINE];
    unsigned number;
    unsigned long long count;
    *n_classes = COUNTRIES;
    memset(counts, 0, MOST_CLASSES * sizeof *counts);
    if (fgets(line, sizeof line, file) == NULL) {
        return 1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%c%u,%[^,],%[^,],%llu", &country, &number, profile, evaluation, &count) != 5 || number < 1 ||
            number > COUNTRIES || *n_classes == MOST_CLASSES) {
            return 1;
        }
        if (strcmp(profile, "signal") == 0) {
            counts[(*n_classes)++] = count;
        } else {
            counts[number - 1] += count;
        }
    }
    return *n_classes == COUNTRIES;
}

/* Draws of n people down the tree, where everybody draws what is expected. */
static void add_tree(const uint64_t *heap, uint32_t n_classes, uint64_t n, limits_draws *draws)
{
    for (uint32_t node = 1; node < n_classes; node++) {
        limits_draw *draw = &draws->of[draws->n++];
        draw->good = heap[2 * node];
        draw->bad = heap[2 * node + 1];
        draw->n = n * heap[node] / heap[1];
    }
}

int limits_read_draws(const char *path, limits_draws *draws)
{
    uint64_t counts[MOST_CLASSES], heap[2 * MOST_CLASSES];
    uint32_t n_classes = 0;
    FILE *file = fopen(path, "r");
    int failed = file == NULL || read_classes(file, counts, &n_classes) != 0;
    if (file != NULL) {
        fclose(file);
    }
    if (failed) {
        fprintf(stderr, "device_limits: %s is not the file of vehicles-planting's classes\n", path);
        return 1;
    }
    memcpy(heap + n_classes, counts, n_classes * sizeof *counts);
    caucus_heap_sum(heap, n_classes);
    draws->n = 0;
    add_tree(heap, n_classes, MEMBERS, draws);
    const uint64_t everybody = heap[1];
    for (uint32_t c = 0; c < n_classes; c++) {
        heap[n_classes + c] -= MEMBERS * heap[n_classes + c] / everybody;
    }
    caucus_heap_sum(heap, n_classes);
    add_tree(heap, n_classes, CONSUMERS - MEMBERS, draws);
    const limits_draw test = {(everybody - CONSUMERS) / COUNTRIES, (everybody - CONSUMERS) / COUNTRIES * 4, TEST};
    draws->of[draws->n++] = test;
    return 0;
}
