/* Tables of draws and draws from them, for tests that compare whole distributions.
 *
 *   draw_samples table poisson MEAN | binomial N P Q   prints the first value, then its thresholds, in 2^-64
 *   draw_samples wide poisson MEAN | binomial N P Q    prints "strip d log2" for the ends of every strip: log2 of the
 *                                                      probability at mode + d relative to the mode, less the strip's
 *   draw_samples law DRAWS SEED poisson MEAN | ...     prints "k count" for every k that came up
 *   draw_samples ladder DRAWS SEED N MOST P Q          the same, of N people by a ladder for MOST
 *   draw_samples group DRAWS SEED FORM URN TAKEN SIZE PEOPLE...   prints counts: without replacement of the group that
 *                                                      is drawn after one of TAKEN people, and of that one
 *   draw_samples links SIZE PEOPLE...                  prints, for a group with replacement by rest, the places of its
 *                                                      order where links begin, the last rest's at the end
 *   draw_samples second DRAWS SEED TOTAL SIZE PEOPLE...   draws the second link of such a group, where the first one
 *                                                      has left it TOTAL people: prints the attempt that stood, then
 *                                                      counts
 *   draw_samples tables SIZE PEOPLE...                 prints the tables that a group with replacement by missing
 * people has, and whether its shares are coarse draw_samples philox BLOCKS SEED                    prints nanoseconds
 * for a bare block of random numbers */
#include "caucus.h"
#include "compile/group_plan.h"
#include "compile/table_maker.h"
#include "trial/draw_group.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_CLASSES = 4096 };

static uint64_t number(const char *text)
{
    return strtoull(text, NULL, 10);
}

static caucus_law law_of(char **arguments)
{
    if (strcmp(arguments[0], "poisson") == 0) {
        return caucus_law_poisson(strtod(arguments[1], NULL));
    }
    return caucus_law_binomial(number(arguments[1]), strtod(arguments[2], NULL), strtod(arguments[3], NULL));
}

static void must(caucus_status status)
{
    if (status != CAUCUS_OK) {
        fprintf(stderr, "%s\n", caucus_error_message());
        exit(1);
    }
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
        printf("%" PRIu64 " %zu\n", values[first], i - first);
    }
}

static caucus_place place_of(uint64_t seed, size_t i, uint32_t stream)
{
    return (caucus_place){{seed, (uint32_t)i, 7}, stream, 0};
}

static int print_table(char **arguments)
{
    const caucus_law law = law_of(arguments);
    caucus_table_maker *maker = NULL;
    caucus_tables tables;
    uint32_t index = 0;
    must(caucus_table_maker_open(0, 1, &maker));
    must(caucus_make_table(maker, &law, &index));
    caucus_table_maker_finish(maker, &tables);
    const caucus_table *table = &tables.tables[index];
    const caucus_table_row *row = &tables.rows[table->first_row];
    if (row->wide != CAUCUS_NO_TABLE) {
        return 3;
    }
    printf("%" PRIu64 "\n", row->base);
    for (uint32_t i = 0; i < row->last; i++) {
        printf("%" PRIu64 "\n", caucus_join_words(tables.pool[table->high + i], tables.pool[table->low + i]));
    }
    return 0;
}

static int print_wide(char **arguments)
{
    const caucus_law law = law_of(arguments);
    const caucus_wide wide = caucus_law_wide(&law);
    printf("%" PRIu64 "\n", wide.mode);
    for (int strip = -CAUCUS_WIDE_STRIPS; strip < CAUCUS_WIDE_STRIPS; strip++) {
        const double height = caucus_wide_height((uint32_t)(strip + CAUCUS_WIDE_STRIPS)) * 1.4426950408889634;
        for (int end = 0; end < 2; end++) {
            const int64_t d = (int64_t)strip * wide.width + (end == 0 ? 0 : wide.width - 1);
            const double log2_value = (double)caucus_wide_log(&wide, d) / 72057594037927936.0;
            printf("%d %" PRId64 " %.17g %.17g\n", strip, d, log2_value, height);
        }
    }
    return 0;
}

static int draw_law(size_t draws, uint64_t seed, char **arguments)
{
    const caucus_law law = law_of(arguments);
    caucus_table_maker *maker = NULL;
    caucus_tables tables;
    uint32_t index = 0;
    uint64_t *values = malloc(draws * sizeof *values);
    must(caucus_table_maker_open(0, 1, &maker));
    must(caucus_make_table(maker, &law, &index));
    caucus_table_maker_finish(maker, &tables);
    for (size_t i = 0; values != NULL && i < draws; i++) {
        caucus_reader reader = caucus_reader_at(place_of(seed, i, 3));
        values[i] = caucus_table_draw(&tables, index, 0, &reader, CAUCUS_SPACE_COUNTS, 6);
    }
    print_histogram(values, draws);
    return 0;
}

static int draw_ladder(size_t draws, uint64_t seed, char **arguments)
{
    caucus_table_maker *maker = NULL;
    caucus_tables tables;
    uint32_t index = 0;
    uint64_t *values = malloc(draws * sizeof *values);
    must(caucus_table_maker_open(0, 1, &maker));
    must(caucus_make_ladder(maker, strtod(arguments[2], NULL), strtod(arguments[3], NULL), number(arguments[1]),
                            &index));
    caucus_table_maker_finish(maker, &tables);
    for (size_t i = 0; values != NULL && i < draws; i++) {
        caucus_reader reader = caucus_reader_at(place_of(seed, i, 3));
        values[i] = caucus_ladder_draw(&tables, index, number(arguments[0]), &reader, 6);
    }
    print_histogram(values, draws);
    return 0;
}

/* A group of size people, planned in a form after `taken` have been drawn from everybody. */
static caucus_group *plan_group(int form, bool urn, uint64_t size, uint64_t taken, uint32_t n, const uint64_t *people)
{
    static double expected[MOST_CLASSES];
    uint64_t total = 0;
    for (uint32_t c = 0; c < n; c++) {
        total += people[c];
    }
    for (uint32_t c = 0; c < n; c++) {
        expected[c] = (double)taken * ((double)people[c] / (double)total);
    }
    const caucus_group_request request = {.n_classes = n,
                                          .people = people,
                                          .size = size,
                                          .urn = urn,
                                          .taken = expected,
                                          .sum_taken = (double)taken,
                                          .exact = true,
                                          .form = form};
    caucus_group *group = NULL;
    must(caucus_group_plan(&request, &group));
    return group;
}

static void print_counts(const uint64_t *counts, uint32_t n, char end)
{
    for (uint32_t c = 0; c < n; c++) {
        printf("%" PRIu64 "%c", counts[c], c + 1 < n ? ' ' : end);
    }
}

static int draw_group(int n_arguments, char **arguments)
{
    static uint64_t people[MOST_CLASSES], taken[MOST_CLASSES], first_counts[MOST_CLASSES], counts[MOST_CLASSES];
    const size_t draws = number(arguments[0]);
    const int form = atoi(arguments[2]);
    const bool urn = atoi(arguments[3]) != 0;
    const uint64_t n_taken = number(arguments[4]);
    const uint32_t n = (uint32_t)(n_arguments - 6);
    for (uint32_t c = 0; c < n; c++) {
        people[c] = number(arguments[6 + c]);
    }
    caucus_group *first = plan_group(n_taken > 0 ? CAUCUS_ANY_FORM : CAUCUS_DRAW_BY_PEOPLE, urn, n_taken, 0, n, people);
    caucus_group *group = plan_group(form, urn, number(arguments[5]), n_taken, n, people);
    for (size_t i = 0; i < draws; i++) {
        memset(taken, 0, sizeof taken);
        caucus_group_draw(first, place_of(number(arguments[1]), i, 1), taken, first_counts);
        caucus_group_draw(group, place_of(number(arguments[1]), i, 2), taken, counts);
        print_counts(counts, n, n_taken > 0 ? ' ' : '\n');
        if (n_taken > 0) {
            print_counts(first_counts, n, '\n');
        }
    }
    caucus_group_free(first);
    caucus_group_free(group);
    return 0;
}

/* With replacement. Arguments: SIZE PEOPLE... */
static caucus_group *plan_with_replacement(int form, int n_arguments, char **arguments)
{
    static uint64_t people[MOST_CLASSES];
    const uint32_t n = (uint32_t)(n_arguments - 1);
    for (uint32_t c = 0; c < n; c++) {
        people[c] = number(arguments[1 + c]);
    }
    return plan_group(form, false, number(arguments[0]), 0, n, people);
}

static int print_tables(int n_arguments, char **arguments)
{
    caucus_group *group = plan_with_replacement(CAUCUS_DRAW_BY_MISSING, n_arguments, arguments);
    printf("%u %d\n", group->tables.n_tables, group->coarse != CAUCUS_NO_TABLE ? 1 : 0);
    caucus_group_free(group);
    return 0;
}

static int print_links(int n_arguments, char **arguments)
{
    caucus_group *group = plan_with_replacement(CAUCUS_DRAW_BY_REST, n_arguments, arguments);
    for (uint32_t i = 0; i < group->n_links; i++) {
        printf("%u\n", group->links[i].first);
    }
    printf("%u\n", group->n_ordered - 1);
    caucus_group_free(group);
    return 0;
}

static int draw_second(int n_arguments, char **arguments)
{
    static uint64_t counts[MOST_CLASSES];
    caucus_group *group = plan_with_replacement(CAUCUS_DRAW_BY_REST, n_arguments - 3, arguments + 3);
    if (group->n_links != 2) {
        return 3;
    }
    for (size_t i = 0; i < number(arguments[0]); i++) {
        caucus_reader reader = caucus_reader_at(place_of(number(arguments[1]), i, 1));
        const uint64_t rest = caucus_group_link(group, &group->links[1], number(arguments[2]), NULL, counts, &reader);
        counts[group->order[group->n_ordered - 1]] = rest;
        printf("%" PRIu32 " ", reader.attempt);
        print_counts(counts, group->n_classes, '\n');
    }
    caucus_group_free(group);
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

int main(int n, char **arguments)
{
    const char *command = n > 3 ? arguments[1] : "";
    if (strcmp(command, "table") == 0) {
        return print_table(arguments + 2);
    }
    if (strcmp(command, "wide") == 0) {
        return print_wide(arguments + 2);
    }
    if (strcmp(command, "law") == 0 && n > 5) {
        return draw_law(number(arguments[2]), number(arguments[3]), arguments + 4);
    }
    if (strcmp(command, "ladder") == 0 && n == 8) {
        return draw_ladder(number(arguments[2]), number(arguments[3]), arguments + 4);
    }
    if (strcmp(command, "group") == 0 && n > 8 && n <= 8 + MOST_CLASSES) {
        return draw_group(n - 2, arguments + 2);
    }
    if (strcmp(command, "links") == 0 && n <= 3 + MOST_CLASSES) {
        return print_links(n - 2, arguments + 2);
    }
    if (strcmp(command, "second") == 0 && n > 6 && n <= 6 + MOST_CLASSES) {
        return draw_second(n - 2, arguments + 2);
    }
    if (strcmp(command, "tables") == 0 && n <= 3 + MOST_CLASSES) {
        return print_tables(n - 2, arguments + 2);
    }
    if (strcmp(command, "philox") == 0) {
        return philox(number(arguments[2]), number(arguments[3]));
    }
    fprintf(stderr, "usage: see the head of draw_samples.c\n");
    return 2;
}
