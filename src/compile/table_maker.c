#include "compile/table_maker.h"

#include "math/portable_math.h"

#include <math.h> /* HUGE_VAL only */
#include <stdlib.h>
#include <string.h>

/* What a table or ladder was made for. */
typedef struct made {
    uint64_t key[3];
    uint32_t index;
    bool used;
} made;

/* Thresholds of the rows of the table at hand, before they are laid out. */
typedef struct pending {
    size_t first; /* in thresholds */
    caucus_table_row row;
} pending;

struct caucus_table_maker {
    caucus_tables tables;
    double n_trials; /* HUGE_VAL: many */
    double n_classes;
    size_t room_pool, room_tables, room_rows, room_wides, room_ladders;
    made *made; /* open addressing */
    size_t n_made, room_made;
    caucus_shape_of_law shape;
    uint64_t *thresholds;
    size_t n_thresholds, room_thresholds;
};

enum { KEY_TABLE = 1, KEY_LADDER = 2, FIRST_MADE = 1024 /* entries; twice as many as tables */ };
enum { FIRST_BYTES = 1 << 16 /* of an array: hardly any is moved more than twice while it grows */ };

caucus_status caucus_table_maker_open(uint64_t n_trials, uint32_t n_classes, caucus_table_maker **out)
{
    TRY(caucus_alloc(1, sizeof **out, "tables of draws", out));
    (*out)->n_trials = n_trials == 0 ? HUGE_VAL : (double)n_trials;
    (*out)->n_classes = (double)n_classes;
    (*out)->tables.strips = CAUCUS_NO_TABLE;
    return CAUCUS_OK;
}

void caucus_tables_free(caucus_tables *tables)
{
    free(tables->pool);
    free(tables->tables);
    free(tables->rows);
    free(tables->wides);
    free(tables->ladders);
    *tables = (caucus_tables){.strips = CAUCUS_NO_TABLE};
}

void caucus_table_maker_close(caucus_table_maker *maker)
{
    if (maker == NULL) {
        return;
    }
    caucus_tables_free(&maker->tables);
    caucus_shape_of_law_free(&maker->shape);
    free(maker->thresholds);
    free(maker->made);
    free(maker);
}

/* Give back what an array has no use for. */
static void fit(void *array, size_t n, size_t element_bytes)
{
    void **pointer = array;
    void *shorter = *pointer != NULL && n > 0 ? realloc(*pointer, n * element_bytes) : NULL;
    *pointer = shorter != NULL ? shorter : *pointer;
}

void caucus_table_maker_finish(caucus_table_maker *maker, caucus_tables *tables)
{
    *tables = maker->tables;
    fit(&tables->pool, tables->n_pool, sizeof *tables->pool);
    fit(&tables->tables, tables->n_tables, sizeof *tables->tables);
    fit(&tables->rows, tables->n_rows, sizeof *tables->rows);
    fit(&tables->wides, tables->n_wides, sizeof *tables->wides);
    fit(&tables->ladders, tables->n_ladders, sizeof *tables->ladders);
    maker->tables = (caucus_tables){.strips = CAUCUS_NO_TABLE};
}

/* Room for n more elements behind the first `used`. */
static caucus_status make_room(void *array, size_t used, size_t n, size_t element_bytes, size_t *room)
{
    if (used + n <= *room) {
        return CAUCUS_OK;
    }
    if (used + n > UINT32_MAX) {
        return caucus_fail(CAUCUS_INVALID,
                           "the tables of draws would have more than 2^32 entries: make the population's "
                           "classes fewer, for instance by fewer features");
    }
    void **pointer = array;
    const size_t larger =
        *room == 0 && used + n < FIRST_BYTES / element_bytes ? FIRST_BYTES / element_bytes : 2 * (used + n);
    void *longer = realloc(*pointer, larger * element_bytes);
    if (longer == NULL) {
        return caucus_fail_memory(larger * element_bytes, "tables of draws");
    }
    *pointer = longer;
    *room = larger;
    return CAUCUS_OK;
}

/* Words of the pool, to be filled; valid until the next call. */
static caucus_status make_words(caucus_table_maker *maker, size_t n, uint32_t *offset, uint32_t **words)
{
    caucus_tables *tables = &maker->tables;
    TRY(make_room(&tables->pool, tables->n_pool, n, sizeof *tables->pool, &maker->room_pool));
    *offset = (uint32_t)tables->n_pool;
    *words = tables->pool + tables->n_pool;
    tables->n_pool += n;
    return CAUCUS_OK;
}

static size_t hash_of(const uint64_t key[3], size_t room)
{
    uint64_t h = key[0] * 0x9e3779b97f4a7c15ULL ^ key[1];
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93ULL ^ key[2];
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93ULL;
    return (size_t)(h ^ h >> 32) & (room - 1);
}

static made *find(const caucus_table_maker *maker, const uint64_t key[3])
{
    size_t i = hash_of(key, maker->room_made);
    while (maker->made[i].used && memcmp(maker->made[i].key, key, sizeof maker->made[i].key) != 0) {
        i = (i + 1) & (maker->room_made - 1);
    }
    return &maker->made[i];
}

/* The entry of a key, new ones empty. */
static caucus_status look_up(caucus_table_maker *maker, const uint64_t key[3], made **entry)
{
    if (2 * (maker->n_made + 1) > maker->room_made) {
        made *old = maker->made;
        const size_t n_old = maker->room_made;
        maker->made = NULL;
        maker->room_made = n_old == 0 ? FIRST_MADE : 2 * n_old;
        caucus_status status = caucus_alloc(maker->room_made, sizeof *maker->made, "tables of draws", &maker->made);
        if (status != CAUCUS_OK) {
            maker->made = old;
            maker->room_made = n_old;
            return status;
        }
        for (size_t i = 0; i < n_old; i++) {
            if (old[i].used) {
                *find(maker, old[i].key) = old[i];
            }
        }
        free(old);
    }
    *entry = find(maker, key);
    return CAUCUS_OK;
}

static void remember(caucus_table_maker *maker, made *entry, const uint64_t key[3], uint32_t index)
{
    memcpy(entry->key, key, sizeof entry->key);
    entry->index = index;
    entry->used = true;
    maker->n_made++;
}

/* A probability and what was cut off the one before, in units of 1 / scale: cut to an integer. */
static uint64_t cut(double relative, double scale, double *carry)
{
    const double exact = relative * scale + *carry;
    uint64_t part = 0;
    if (exact < 9223372036854775808.0) { /* 2^63: signed numbers are faster */
        part = (uint64_t)(int64_t)exact;
        *carry = exact - (double)(int64_t)part; /* exact: 0 where a double has no fraction */
    } else {
        part = (uint64_t)exact;
        *carry = exact - (double)part;
    }
    return part;
}

/* Cut all probabilities but the mode's; returns their sum. Those below it and those above it are two chains, each of
 * which waits for its last result: they go side by side. */
static uint64_t cut_all(const double *relative, size_t n, size_t mode, double scale, uint64_t *parts)
{
    const size_t above = n - mode - 1;
    const size_t both = mode < above ? mode : above;
    double below_carry = 0.0;
    double above_carry = 0.0;
    uint64_t sum = 0;
    for (size_t i = 0; i < both; i++) {
        parts[i] = cut(relative[i], scale, &below_carry);
        parts[mode + 1 + i] = cut(relative[mode + 1 + i], scale, &above_carry);
        sum += parts[i] + parts[mode + 1 + i];
    }
    for (size_t i = both; i < mode; i++) {
        parts[i] = cut(relative[i], scale, &below_carry);
        sum += parts[i];
    }
    for (size_t i = both; i < above; i++) {
        parts[mode + 1 + i] = cut(relative[mode + 1 + i], scale, &above_carry);
        sum += parts[mode + 1 + i];
    }
    return sum;
}

/* Thresholds of relative probabilities: their running sums in 2^-64, cut to integers; what is cut off is carried to the
 * next value. The largest has what all others leave. */
static caucus_status add_thresholds(caucus_table_maker *maker, const double *relative, size_t n, pending *row)
{
    double sum = 0.0;
    double largest = 0.0;
    size_t mode = 0;
    for (size_t i = 0; i < n; i++) {
        sum += relative[i];
        if (relative[i] > largest) { /* as long as they rise: a branch that does not wait for the one before */
            largest = relative[i];
            mode = i;
        }
    }
    TRY(make_room(&maker->thresholds, maker->n_thresholds, n, sizeof *maker->thresholds, &maker->room_thresholds));
    uint64_t *thresholds = maker->thresholds + maker->n_thresholds;
    const double scale = 18446744073709551616.0 / sum; /* 2^64 */
    thresholds[mode] =
        0 - cut_all(relative, n, mode, scale,
                    thresholds); /* what all others leave of 2^64; n = 1: everything, kept as no threshold at all */
    size_t first = 0;
    size_t last = n - 1;
    while (first < mode && thresholds[first] == 0) {
        first++;
    }
    while (last > mode && thresholds[last] == 0) {
        last--;
    }
    uint64_t running = 0;
    for (size_t i = first; i < last; i++) {
        running += thresholds[i];
        thresholds[i - first] = running;
    }
    row->first = maker->n_thresholds;
    row->row.base += first;
    row->row.last = (uint32_t)(last - first);
    row->row.wide = CAUCUS_NO_TABLE;
    maker->n_thresholds += last - first;
    return CAUCUS_OK;
}

static caucus_status add_strips(caucus_table_maker *maker);

caucus_status caucus_make_wide(caucus_table_maker *maker, const caucus_law *law, uint32_t *wide)
{
    caucus_tables *tables = &maker->tables;
    TRY(make_room(&tables->wides, tables->n_wides, 1, sizeof *tables->wides, &maker->room_wides));
    tables->wides[tables->n_wides] = caucus_law_wide(law);
    *wide = tables->n_wides++;
    return CAUCUS_OK;
}

static caucus_status add_law(caucus_table_maker *maker, const caucus_law *law, pending *row)
{
    if (caucus_law_deviation(law) >= CAUCUS_WIDE_DEVIATION) {
        TRY(add_strips(maker));
        *row = (pending){0};
        return caucus_make_wide(maker, law, &row->row.wide);
    }
    TRY(caucus_law_shape(law, &maker->shape));
    *row = (pending){.row = {.base = maker->shape.first}};
    return add_thresholds(maker, maker->shape.relative, maker->shape.n, row);
}

static void fill_words(uint32_t *words, uint32_t from, uint32_t to, uint32_t value)
{
    for (uint32_t i = from; i < to; i++) {
        words[i] = value;
    }
}

/* For every slice the thresholds that its first word has reached, and where in it the next one lies. */
static void fill_slices(const caucus_table *table, const uint64_t *thresholds, uint32_t last, uint32_t *slices)
{
    const uint32_t place_bits = 32 - table->slice_bits;
    const uint32_t several = UINT32_MAX >> table->value_bits;
    const uint32_t to_value = 32 - table->value_bits;
    uint32_t next = 0; /* slice */
    for (uint32_t k = 0; k < last;) {
        const uint32_t slice = (uint32_t)(thresholds[k] >> 32 >> place_bits);
        fill_words(slices, next, slice, k << to_value | 1u << place_bits);
        const uint64_t begin = (uint64_t)slice << place_bits;
        while (k < last && thresholds[k] == begin << 32) { /* reached by all of the slice */
            k++;
        }
        const uint32_t first = k;
        while (k < last && thresholds[k] >> 32 >> place_bits == slice) {
            k++;
        }
        const uint32_t place = k == first       ? 1u << place_bits
                               : k == first + 1 ? (uint32_t)((thresholds[first] >> 32) - begin)
                                                : several;
        slices[slice] = first << to_value | place;
        next = slice + 1;
    }
    fill_words(slices, next, 1u << table->slice_bits, last << to_value | 1u << place_bits);
}

static bool is_counted(const caucus_table *table)
{
    return table->n_rows == 1 && table->stride <= CAUCUS_MOST_COUNTED;
}

/* Whether slices pay for `draws` draws: a draw without them takes some three times as long as a threshold's slices. */
static bool slices_pay(const caucus_table *table, double draws)
{
    return !is_counted(table) && 3.0 * draws >= (double)table->n_rows * (double)table->stride;
}

/* Lay out the rows whose thresholds are waiting as one table, which is drawn from so often. */
static caucus_status lay_out(caucus_table_maker *maker, const pending *rows, uint32_t n_rows, double draws,
                             uint32_t *index)
{
    caucus_tables *tables = &maker->tables;
    caucus_table table = {.first_row = tables->n_rows, .n_rows = n_rows, .stride = 1, .value_bits = 1};
    for (uint32_t r = 0; r < n_rows; r++) {
        table.stride = rows[r].row.last > table.stride ? rows[r].row.last : table.stride;
    }
    while (1u << table.value_bits <= table.stride) {
        table.value_bits++;
    }
    table.slice_bits = table.value_bits + 1;
    if (is_counted(&table)) {
        table.stride = (table.stride + CAUCUS_COUNTED_TURN - 1) / CAUCUS_COUNTED_TURN * CAUCUS_COUNTED_TURN;
    }
    uint32_t *words = NULL;
    TRY(make_room(&tables->tables, tables->n_tables, 1, sizeof *tables->tables, &maker->room_tables));
    TRY(make_room(&tables->rows, tables->n_rows, n_rows, sizeof *tables->rows, &maker->room_rows));
    table.slices = CAUCUS_NO_TABLE;
    if (slices_pay(&table, draws)) {
        TRY(make_words(maker, (size_t)n_rows << table.slice_bits, &table.slices, &words));
    }
    TRY(make_words(maker, n_rows, &table.bases, &words));
    TRY(make_words(maker, (size_t)n_rows * table.stride, &table.high, &words));
    TRY(make_words(maker, (size_t)n_rows * table.stride, &table.low, &words));
    for (uint32_t r = 0; r < n_rows; r++) {
        const uint64_t *thresholds = maker->thresholds + rows[r].first;
        uint32_t *restrict high = tables->pool + table.high + (size_t)r * table.stride;
        uint32_t *restrict low = tables->pool + table.low + (size_t)r * table.stride;
        const uint32_t last = rows[r].row.last;
        for (uint32_t i = 0; i < last; i++) {
            high[i] = (uint32_t)(thresholds[i] >> 32);
        }
        for (uint32_t i = 0; i < last; i++) {
            low[i] = (uint32_t)thresholds[i];
        }
        fill_words(high, last, table.stride, UINT32_MAX);
        fill_words(low, last, table.stride, UINT32_MAX);
        if (table.slices != CAUCUS_NO_TABLE) {
            fill_slices(&table, thresholds, last, tables->pool + table.slices + ((size_t)r << table.slice_bits));
        }
        tables->pool[table.bases + r] = (uint32_t)rows[r].row.base;
        tables->rows[tables->n_rows + r] = rows[r].row;
    }
    tables->n_rows += n_rows;
    tables->tables[tables->n_tables] = table;
    *index = tables->n_tables++;
    maker->n_thresholds = 0;
    return CAUCUS_OK;
}

/* The strips that wide draws share, once. */
static caucus_status add_strips(caucus_table_maker *maker)
{
    enum { STRIPS = 2 * CAUCUS_WIDE_STRIPS };
    if (maker->tables.strips != CAUCUS_NO_TABLE) {
        return CAUCUS_OK;
    }
    double heights[STRIPS];
    uint32_t *words = NULL;
    TRY(make_words(maker, 2 * (size_t)STRIPS, &maker->tables.heights, &words));
    for (uint32_t s = 0; s < STRIPS; s++) {
        const double log_height = caucus_wide_height(s);
        const int64_t units = (int64_t)(log_height * 1.44269504088896340736 * 72057594037927936.0);
        words[2 * s] = (uint32_t)((uint64_t)units >> 32);
        words[2 * s + 1] = (uint32_t)units;
        heights[s] = caucus_exp(log_height);
    }
    const size_t n_waiting = maker->n_thresholds; /* of the table that is being made */
    pending row = {0};
    TRY(add_thresholds(maker, heights, STRIPS, &row));
    TRY(lay_out(maker, &row, 1, HUGE_VAL, &maker->tables.strips));
    maker->n_thresholds = n_waiting;
    return CAUCUS_OK;
}

caucus_status caucus_make_table(caucus_table_maker *maker, const caucus_law *law, uint32_t *table)
{
    const uint64_t key[3] = {KEY_TABLE, law->n == 0 ? UINT64_MAX : law->n,
                             caucus_bits_of(law->n == 0 ? law->mean : law->p)};
    made *entry = NULL;
    pending row;
    TRY(look_up(maker, key, &entry));
    if (entry->used) {
        *table = entry->index;
        return CAUCUS_OK;
    }
    TRY(add_law(maker, law, &row));
    TRY(lay_out(maker, &row, 1, maker->n_trials, table));
    remember(maker, entry, key, *table);
    return CAUCUS_OK;
}

uint32_t caucus_ladder_digits(uint64_t most)
{
    uint32_t n = 1;
    while (most >> CAUCUS_LADDER_BITS * n > 0) {
        n++;
    }
    return n;
}

caucus_status caucus_make_ladder(caucus_table_maker *maker, double p, double q, uint64_t most, uint32_t *out)
{
    caucus_ladder ladder = {.n_digits = caucus_ladder_digits(most),
                            .kind = p <= 0.0 ? CAUCUS_LADDER_NONE : CAUCUS_LADDER_ALL};
    caucus_tables *tables = &maker->tables;
    made *entry = NULL;
    ladder.kind = p > 0.0 && q > 0.0 ? CAUCUS_LADDER_SPLITS : ladder.kind;
    const uint64_t key[3] = {KEY_LADDER, ladder.n_digits, caucus_bits_of(p)};
    TRY(look_up(maker, key, &entry));
    if (entry->used) {
        *out = entry->index;
        return CAUCUS_OK;
    }
    const caucus_law widest = caucus_law_binomial(1ULL << CAUCUS_LADDER_BITS * ladder.n_digits, p, q);
    if (caucus_law_deviation(&widest) >= CAUCUS_WIDE_DEVIATION) {
        TRY(add_strips(maker)); /* now, so that the digits' tables follow each other */
    }
    for (uint32_t j = 0; ladder.kind == CAUCUS_LADDER_SPLITS && j < ladder.n_digits; j++) {
        pending rows[CAUCUS_LADDER_ROWS];
        uint32_t table = 0;
        for (uint64_t a = 1; a <= CAUCUS_LADDER_ROWS; a++) {
            const caucus_law law = caucus_law_binomial(a << CAUCUS_LADDER_BITS * j, p, q);
            TRY(add_law(maker, &law, &rows[a - 1]));
        }
        TRY(lay_out(maker, rows, CAUCUS_LADDER_ROWS, maker->n_trials * maker->n_classes, &table));
        ladder.first_table = j == 0 ? table : ladder.first_table;
    }
    TRY(make_room(&tables->ladders, tables->n_ladders, 1, sizeof *tables->ladders, &maker->room_ladders));
    tables->ladders[tables->n_ladders] = ladder;
    *out = tables->n_ladders++;
    remember(maker, entry, key, *out);
    return CAUCUS_OK;
}

caucus_status caucus_make_choice(caucus_table_maker *maker, const uint64_t *weights, uint32_t n, uint32_t *table)
{
    __extension__ typedef unsigned __int128 product;
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += weights[i];
    }
    TRY(make_room(&maker->thresholds, maker->n_thresholds, n, sizeof *maker->thresholds, &maker->room_thresholds));
    uint32_t last = n - 1;
    while (last > 0 && weights[last] == 0) {
        last--;
    }
    uint64_t running = 0;
    for (uint32_t i = 0; i < last; i++) {
        running += weights[i];
        maker->thresholds[i] = (uint64_t)(((product)running << 64) / total);
    }
    const pending row = {.row = {.last = last, .wide = CAUCUS_NO_TABLE}};
    maker->n_thresholds = 0;
    return lay_out(maker, &row, 1, HUGE_VAL, table);
}
