#include "population/value_numbers.h"

#include "base/number.h"
#include "population/spelling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 4, FEWEST_ROWS = 10 };

typedef struct counted {
    double number;
    uint64_t count;
} counted;

static int compare_counted(const void *a, const void *b)
{
    double x = ((const counted *)a)->number;
    double y = ((const counted *)b)->number;
    return (x > y) - (x < y);
}

/* How many people have each value. */
static void count_people(const caucus_population *population, uint32_t column, counted *values)
{
    for (uint64_t x = 0; x < population->n_cells; x++) {
        for (uint32_t y = 0; y < population->n_labels; y++) {
            uint32_t v = column < population->n_features ? population->codes[x * population->n_features + column] : y;
            values[v].count += population->weights[x * population->n_labels + y];
        }
    }
}

/* Move the numbers among the values to the front; false where some other value is no number. */
static bool read_numbers(const caucus_categories *categories, counted *values, size_t *n)
{
    for (uint32_t v = 0; v < categories->n_values; v++) {
        const char *text = categories->values[v];
        if (strcmp(text, CAUCUS_MISSING) == 0) {
            continue;
        }
        counted *to = &values[*n];
        to->count = values[v].count;
        if (!caucus_number_parse(text, strlen(text), &to->number)) {
            return false;
        }
        *n += to->count > 0;
    }
    return true;
}

bool caucus_are_row_numbers(const double *numbers, const uint64_t *counts, size_t n)
{
    bool whole = n >= FEWEST_ROWS && numbers[n - 1] - numbers[0] < 1.1 * (double)n;
    for (size_t i = 0; i < n && whole; i++) {
        whole = counts[i] == 1 && numbers[i] == floor(numbers[i]);
    }
    return whole;
}

caucus_status caucus_value_numbers_open(const caucus_population *population, uint32_t column,
                                        caucus_value_numbers *numbers)
{
    const caucus_categories *categories =
        column < population->n_features ? &population->features[column] : &population->label;
    counted *values = NULL;
    size_t n = 0;
    *numbers = (caucus_value_numbers){0};
    TRY(caucus_alloc(categories->n_values, sizeof *values, "the values of a column", &values));
    count_people(population, column, values);
    caucus_status status = CAUCUS_OK;
    if (read_numbers(categories, values, &n) && n > 0) {
        qsort(values, n, sizeof *values, compare_counted);
        TRY_GOTO(caucus_alloc(n, sizeof *numbers->numbers, "numbers", &numbers->numbers), done);
        TRY_GOTO(caucus_alloc(n, sizeof *numbers->counts, "numbers", &numbers->counts), done);
        numbers->n = n;
        for (size_t i = 0; i < n; i++) {
            numbers->numbers[i] = values[i].number;
            numbers->counts[i] = values[i].count;
        }
        numbers->row_numbers = caucus_are_row_numbers(numbers->numbers, numbers->counts, n);
        numbers->n_edges = caucus_round_edges(numbers->numbers, numbers->counts, n, BINS - 1, numbers->edges);
    }
done:
    free(values);
    if (status != CAUCUS_OK) {
        caucus_value_numbers_close(numbers);
    }
    return status;
}

void caucus_value_numbers_close(caucus_value_numbers *numbers)
{
    free(numbers->numbers);
    free(numbers->counts);
    *numbers = (caucus_value_numbers){0};
}
