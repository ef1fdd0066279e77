#include "compile/outcomes.h"

#include "trial/success.h"

#include <stdlib.h>
#include <string.h>

static bool raw_decides(const caucus_compiled *compiled)
{
    bool decides = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        decides = decides || compiled->strategies[m] == CAUCUS_ERASE;
    }
    return decides;
}

static uint64_t hash_of(const uint32_t *row, uint32_t n)
{
    uint64_t h = n;
    for (uint32_t i = 0; i < n; i++) {
        h = (h ^ row[i]) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29;
    }
    return h;
}

/* What decides success on the points of a class: the raw position or nothing, then the images. */
static void describe(const caucus_compiled *compiled, bool raw, uint32_t test_class, uint32_t *row)
{
    row[0] = raw ? caucus_success_raw(compiled, test_class) : CAUCUS_NOWHERE;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        row[1 + m] = compiled->test->columns[caucus_column_image(m)][test_class];
    }
}

/* Number the outcomes by an index with open addressing. rows: [outcome][width], the last one for its own use. */
static void number_outcomes(caucus_compiled *compiled, uint32_t *rows, uint32_t *slots, size_t n_slots)
{
    const uint32_t width = 1 + compiled->n_collectives;
    const bool raw = raw_decides(compiled);
    memset(slots, 0xff, n_slots * sizeof *slots);
    for (uint32_t c = 0; c < compiled->test->n_classes; c++) {
        uint32_t *row = rows + (size_t)compiled->n_outcomes * width;
        describe(compiled, raw, c, row);
        size_t at = hash_of(row, width) & (n_slots - 1);
        while (slots[at] != CAUCUS_NOWHERE && memcmp(rows + (size_t)slots[at] * width, row, width * sizeof *row) != 0) {
            at = (at + 1) & (n_slots - 1);
        }
        if (slots[at] == CAUCUS_NOWHERE) {
            slots[at] = compiled->n_outcomes;
            compiled->outcome_classes[compiled->n_outcomes++] = c;
        }
        compiled->outcomes[c] = slots[at];
    }
}

caucus_status caucus_outcomes_open(caucus_compiled *compiled)
{
    caucus_status status = CAUCUS_OK;
    const size_t n = compiled->test->n_classes;
    uint32_t *rows = NULL;
    uint32_t *slots = NULL;
    size_t n_slots = 16;
    while (n_slots < 2 * n) {
        n_slots *= 2;
    }
    TRY_GOTO(caucus_alloc(n, sizeof *compiled->outcomes, "outcomes", &compiled->outcomes), done);
    TRY_GOTO(caucus_alloc(n, sizeof *compiled->outcome_classes, "outcomes", &compiled->outcome_classes), done);
    TRY_GOTO(caucus_alloc(n * (1 + compiled->n_collectives), sizeof *rows, "outcomes", &rows), done);
    TRY_GOTO(caucus_alloc(n_slots, sizeof *slots, "outcomes", &slots), done);
    number_outcomes(compiled, rows, slots, n_slots);
done:
    free(slots);
    free(rows);
    return status;
}

void caucus_outcomes_close(caucus_compiled *compiled)
{
    free(compiled->outcomes);
    free(compiled->outcome_classes);
}
