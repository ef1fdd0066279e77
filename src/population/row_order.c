#include "population/row_order.h"

#include <stdlib.h>
#include <string.h>

/* Least significant digit first radix sort. A digit is a run of neighbouring columns whose codes together make a number
 * below MAX_DIGIT, so that thirteen columns of few values are two or three passes and not thirteen. */
enum { MAX_DIGIT = 1 << 16 };

typedef struct sorter {
    const uint32_t *codes; /* [row][column] */
    size_t n_rows;
    uint32_t n_columns;
    const uint32_t *n_values;
    uint32_t *digits; /* [row] */
    uint32_t *spare;  /* [row] */
} sorter;

/* The first column of the digit that ends before `end`, and how many values that digit has. */
static uint32_t digit_begin(const sorter *s, uint32_t end, uint64_t *n_digits)
{
    uint32_t begin = end - 1;
    *n_digits = s->n_values[begin];
    while (begin > 0 && *n_digits * s->n_values[begin - 1] <= MAX_DIGIT) {
        begin--;
        *n_digits *= s->n_values[begin];
    }
    return begin;
}

static caucus_status compute_digits(const sorter *s, uint32_t begin, uint32_t end)
{
    for (size_t row = 0; row < s->n_rows; row++) {
        uint32_t digit = 0;
        for (uint32_t c = begin; c < end; c++) {
            uint32_t code = s->codes[row * s->n_columns + c];
            if (code >= s->n_values[c]) {
                return caucus_fail(CAUCUS_FAILED, "row %zu, column %u: code %u, but the column has %u values", row, c,
                                   code, s->n_values[c]);
            }
            digit = digit * s->n_values[c] + code;
        }
        s->digits[row] = digit;
    }
    return CAUCUS_OK;
}

/* One stable counting sort of order by digits. */
static caucus_status sort_by_digit(const sorter *s, uint64_t n_digits, uint32_t *order)
{
    uint32_t *place = NULL; /* [digit] where the next row of this digit goes */
    TRY(caucus_alloc(n_digits, sizeof *place, "sorting", &place));
    for (size_t row = 0; row < s->n_rows; row++) {
        place[s->digits[row]]++;
    }
    uint32_t sum = 0;
    for (uint64_t d = 0; d < n_digits; d++) {
        uint32_t count = place[d];
        place[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < s->n_rows; i++) {
        s->spare[place[s->digits[order[i]]]++] = order[i];
    }
    memcpy(order, s->spare, s->n_rows * sizeof *order);
    free(place);
    return CAUCUS_OK;
}

caucus_status caucus_row_order(const uint32_t *codes, size_t n_rows, uint32_t n_columns, const uint32_t *n_values,
                               uint32_t *order)
{
    if (n_rows >= UINT32_MAX) {
        return caucus_fail(CAUCUS_INVALID, "more than %u different rows; use fewer columns, or bins", UINT32_MAX - 1);
    }
    sorter s = {.codes = codes, .n_rows = n_rows, .n_columns = n_columns, .n_values = n_values};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(n_rows, sizeof *s.digits, "sorting", &s.digits), done);
    TRY_GOTO(caucus_alloc(n_rows, sizeof *s.spare, "sorting", &s.spare), done);
    for (size_t i = 0; i < n_rows; i++) {
        order[i] = (uint32_t)i;
    }
    for (uint32_t end = n_columns; end > 0;) {
        uint64_t n_digits = 0;
        uint32_t begin = digit_begin(&s, end, &n_digits);
        TRY_GOTO(compute_digits(&s, begin, end), done);
        TRY_GOTO(sort_by_digit(&s, n_digits, order), done);
        end = begin;
    }
done:
    free(s.spare);
    free(s.digits);
    return status;
}
