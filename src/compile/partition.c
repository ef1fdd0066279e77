#include "compile/partition.h"

#include <stdlib.h>
#include <string.h>

/* Classes while they are being found: rows of kept column values in an open-addressing index. */
typedef struct builder {
    uint32_t n_kept;
    uint32_t n_classes;
    uint32_t *kept;     /* [n_kept] columns */
    uint32_t *rows;     /* [class][n_kept] */
    uint64_t *weights;  /* [class] */
    uint32_t *class_of; /* [cell][label] */
    uint32_t *slots;
    uint32_t n_slots;
} builder;

static uint32_t find_slot(const builder *b, const uint32_t *row)
{
    uint64_t hash = 0x2545f4914f6cdd1dULL;
    for (uint32_t i = 0; i < b->n_kept; i++) {
        hash = (hash ^ row[i]) * 0xff51afd7ed558ccdULL;
        hash ^= hash >> 29;
    }
    uint32_t slot = (uint32_t)(hash >> 32) & (b->n_slots - 1);
    while (b->slots[slot] != CAUCUS_NOWHERE &&
           memcmp(b->rows + (size_t)b->slots[slot] * b->n_kept, row, b->n_kept * sizeof *row) != 0) {
        slot = (slot + 1) & (b->n_slots - 1);
    }
    return slot;
}

static void builder_free(builder *b)
{
    free(b->slots);
    free(b->class_of);
    free(b->weights);
    free(b->rows);
    free(b->kept);
}

static caucus_status builder_init(const caucus_partition_people *people, builder *b)
{
    uint64_t most = (uint64_t)people->n_cells * people->n_labels;
    if (most >= CAUCUS_NOWHERE / 4) {
        return caucus_fail(CAUCUS_INVALID, "more than %u combinations of cell and label; use fewer features or bins",
                           CAUCUS_NOWHERE / 4);
    }
    TRY(caucus_alloc(people->n_columns, sizeof *b->kept, "columns", &b->kept));
    for (uint32_t c = 0; c < people->n_columns; c++) {
        if (c == CAUCUS_LABEL ? people->keep_label : people->columns[c] != NULL) {
            b->kept[b->n_kept++] = c;
        }
    }
    for (b->n_slots = 16; b->n_slots < 2 * most; b->n_slots *= 2) {
    }
    TRY(caucus_alloc(most * b->n_kept, sizeof *b->rows, "classes", &b->rows));
    TRY(caucus_alloc(most, sizeof *b->weights, "classes", &b->weights));
    TRY(caucus_alloc(most, sizeof *b->class_of, "classes", &b->class_of));
    TRY(caucus_alloc(b->n_slots, sizeof *b->slots, "the index of classes", &b->slots));
    memset(b->slots, 0xff, b->n_slots * sizeof *b->slots);
    return CAUCUS_OK;
}

/* Labels that nobody will ask for are all 0, so that their people are one class. */
static uint32_t kept_label(const caucus_partition_people *people, uint32_t cell, uint32_t label)
{
    const uint32_t *raw = people->columns[CAUCUS_RAW];
    if (people->right != NULL && people->right[cell] != CAUCUS_NOWHERE) {
        return people->labels[label == people->right[cell] ? 1 : 0];
    }
    bool asked = people->label_nowhere || (raw != NULL && raw[cell] != CAUCUS_NOWHERE);
    return asked ? label : 0;
}

static void collect(const caucus_partition_people *people, builder *b)
{
    for (uint32_t cell = 0; cell < people->n_cells; cell++) {
        for (uint32_t y = 0; y < people->n_labels; y++) {
            uint64_t weight = people->weights[(size_t)cell * people->n_labels + y];
            uint32_t *class_of = &b->class_of[(size_t)cell * people->n_labels + y];
            *class_of = CAUCUS_NOWHERE;
            if (weight == 0) {
                continue;
            }
            uint32_t *row = b->rows + (size_t)b->n_classes * b->n_kept; /* the next free row */
            for (uint32_t i = 0; i < b->n_kept; i++) {
                row[i] = b->kept[i] == CAUCUS_LABEL ? kept_label(people, cell, y) : people->columns[b->kept[i]][cell];
            }
            uint32_t slot = find_slot(b, row);
            if (b->slots[slot] == CAUCUS_NOWHERE) {
                b->slots[slot] = b->n_classes++;
            }
            *class_of = b->slots[slot];
            b->weights[*class_of] += weight;
        }
    }
}

static caucus_status fill(const builder *b, uint32_t n_columns, caucus_partition *partition)
{
    uint32_t n = b->n_classes;
    partition->n_classes = n;
    partition->n_columns = n_columns;
    TRY(caucus_alloc(n, sizeof *partition->weights, "class weights", &partition->weights));
    memcpy(partition->weights, b->weights, n * sizeof *b->weights);
    TRY(caucus_alloc(n_columns, sizeof *partition->columns, "columns", &partition->columns));
    for (uint32_t i = 0; i < b->n_kept; i++) {
        uint32_t **column = &partition->columns[b->kept[i]];
        TRY(caucus_alloc(n, sizeof **column, "class columns", column));
        for (uint32_t c = 0; c < n; c++) {
            (*column)[c] = b->rows[(size_t)c * b->n_kept + i];
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_partition_init(const caucus_partition_people *people, caucus_partition *partition)
{
    caucus_status status = CAUCUS_OK;
    builder b = {0};
    *partition = (caucus_partition){0};
    TRY_GOTO(builder_init(people, &b), done);
    collect(people, &b);
    partition->n_kinds = people->n_cells * people->n_labels;
    partition->class_of = b.class_of;
    b.class_of = NULL;
    if (b.n_classes == 0) {
        status = caucus_fail(CAUCUS_INVALID, "nobody in the population may join");
        goto done;
    }
    status = fill(&b, people->n_columns, partition);
done:
    builder_free(&b);
    if (status != CAUCUS_OK) {
        caucus_partition_free(partition);
    }
    return status;
}

void caucus_partition_free(caucus_partition *partition)
{
    for (uint32_t c = 0; partition->columns != NULL && c < partition->n_columns; c++) {
        free(partition->columns[c]);
    }
    free(partition->columns);
    free(partition->class_of);
    free(partition->weights);
    *partition = (caucus_partition){0};
}
