#include "run/cuda_tables.h"

#include "bound/memo.h"
#include "kernels/module.h"

#include <string.h>

/* A writer lays parts one after another; without a buffer it only measures. Parts are written after what they point
 * to, with pointers that hold at the address. */
typedef struct writer {
    uint64_t address;
    unsigned char *buffer;
    uint64_t used;
    uint64_t blank;      /* where the next memo's limits go, counted from blank_from */
    uint64_t blank_from; /* the end of the tables */
    uint64_t memos;      /* where the first memo is */
    uint64_t lead_memos; /* where the first one of leads is */
    const caucus_compiled *compiled;
} writer;

enum { ALIGNMENT = 16 };

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Room for a part; gives its offset. */
static uint64_t reserve(writer *w, uint64_t bytes)
{
    uint64_t at = w->used;
    w->used += aligned(bytes);
    return at;
}

static void fill(writer *w, uint64_t at, const void *part, uint64_t bytes)
{
    if (w->buffer != NULL && bytes > 0) {
        memcpy(w->buffer + at, part, bytes);
    }
}

static void *address_of(const writer *w, uint64_t at)
{
    return (void *)(uintptr_t)(w->address + at); /* of the device: never followed here */
}

/* Copy n elements; gives the address that they will have. NULL stays NULL. */
static void *put(writer *w, const void *elements, uint64_t n, uint64_t element_bytes)
{
    if (elements == NULL) {
        return NULL;
    }
    uint64_t at = reserve(w, n * element_bytes);
    fill(w, at, elements, n * element_bytes);
    return address_of(w, at);
}

static caucus_config *put_config(writer *w, const caucus_config *config)
{
    caucus_config copy = *config;
    copy.population = NULL;
    uint64_t at = reserve(w, config->n_collectives * sizeof *config->collectives);
    for (uint32_t m = 0; m < config->n_collectives; m++) {
        caucus_collective collective = config->collectives[m];
        collective.name = NULL;
        collective.set = NULL;
        collective.members.terms = NULL;
        collective.outside = NULL;
        fill(w, at + m * sizeof collective, &collective, sizeof collective);
    }
    copy.collectives = address_of(w, at);
    copy.bounds.methods = put(w, config->bounds.methods, config->bounds.n_methods, sizeof *config->bounds.methods);
    return put(w, &copy, 1, sizeof copy);
}

static caucus_signal put_signal(writer *w, const caucus_signal *signal)
{
    const uint32_t V = signal->misses.n_variants;
    caucus_signal copy = *signal;
    copy.positions = put(w, signal->positions, signal->n_cells, sizeof *signal->positions);
    copy.index = put(w, signal->index, w->compiled->signals.n_positions, sizeof *signal->index);
    copy.image = NULL;
    copy.outside = NULL;
    copy.erased = put(w, signal->erased, signal->n_cells, sizeof *signal->erased);
    copy.misses.weights = put(w, signal->misses.weights, V, sizeof *signal->misses.weights);
    copy.misses.positions =
        put(w, signal->misses.positions, (uint64_t)signal->n_cells * V, sizeof *signal->misses.positions);
    return copy;
}

static caucus_partition put_partition(writer *w, const caucus_partition *partition)
{
    const uint32_t n = partition->n_classes;
    caucus_partition copy = *partition;
    copy.weights = put(w, partition->weights, n, sizeof *partition->weights);
    uint64_t at = reserve(w, partition->n_columns * sizeof *partition->columns);
    for (uint32_t i = 0; i < partition->n_columns; i++) {
        const uint32_t *column = put(w, partition->columns[i], n, sizeof *column);
        fill(w, at + i * sizeof column, &column, sizeof column);
    }
    copy.columns = address_of(w, at);
    copy.class_of = NULL;
    return copy;
}

static caucus_tables put_tables(writer *w, const caucus_tables *tables)
{
    caucus_tables copy = *tables;
    copy.pool = put(w, tables->pool, tables->n_pool, sizeof *tables->pool);
    copy.tables = put(w, tables->tables, tables->n_tables, sizeof *tables->tables);
    copy.rows = put(w, tables->rows, tables->n_rows, sizeof *tables->rows);
    copy.wides = put(w, tables->wides, tables->n_wides, sizeof *tables->wides);
    copy.ladders = put(w, tables->ladders, tables->n_ladders, sizeof *tables->ladders);
    return copy;
}

static caucus_group *put_group(writer *w, const caucus_group *group)
{
    caucus_group copy = *group;
    copy.people = put(w, group->people, group->n_classes, sizeof *group->people);
    copy.levels = put(w, group->levels, group->n_levels, sizeof *group->levels);
    copy.classes = put(w, group->classes, group->n_class_laws, sizeof *group->classes);
    copy.order = put(w, group->order, group->n_ordered, sizeof *group->order);
    copy.links = put(w, group->links, group->n_links, sizeof *group->links);
    copy.logs = put(w, group->logs, group->n_logs, sizeof *group->logs);
    copy.tables = put_tables(w, &group->tables);
    return put(w, &copy, 1, sizeof copy);
}

static caucus_draws put_draws(writer *w, const caucus_draws *draws, uint32_t n_collectives)
{
    caucus_draws copy;
    uint64_t at = reserve(w, (2 * (uint64_t)n_collectives + 2) * sizeof *draws->groups);
    for (uint32_t i = 0; i < 2 * n_collectives + 2; i++) {
        const caucus_group *group = put_group(w, draws->groups[i]);
        fill(w, at + i * sizeof group, &group, sizeof group);
    }
    copy.groups = address_of(w, at);
    at = reserve(w, n_collectives * sizeof *draws->noise);
    for (uint32_t m = 0; m < n_collectives; m++) {
        const caucus_noise *of = &draws->noise[m];
        caucus_noise noise = *of;
        noise.features = put(w, of->features, of->n_features, sizeof *of->features);
        noise.ladders = put(w, of->ladders, of->n_ladders, sizeof *of->ladders);
        noise.tables = put_tables(w, &of->tables);
        fill(w, at + m * sizeof noise, &noise, sizeof noise);
    }
    copy.noise = address_of(w, at);
    return copy;
}

/* One of the partitions, which lie one after another from `at` on. */
static const caucus_partition *partition_address(const writer *w, uint64_t at, const caucus_partition *partition)
{
    uint32_t i = 0;
    while (w->compiled->partitions[i] != partition) {
        i++;
    }
    return address_of(w, at + i * sizeof *partition);
}

/* The groups' partitions, and who uses which. */
static void put_groups(writer *w, caucus_compiled *copy)
{
    const caucus_compiled *compiled = w->compiled;
    const uint64_t at = reserve(w, compiled->n_partitions * sizeof(caucus_partition));
    for (uint32_t i = 0; i < compiled->n_partitions; i++) {
        const caucus_partition partition = put_partition(w, compiled->partitions[i]);
        fill(w, at + i * sizeof partition, &partition, sizeof partition);
    }
    copy->partitions = NULL;
    copy->others = partition_address(w, at, compiled->others);
    copy->test = partition_address(w, at, compiled->test);
    uint64_t members = reserve(w, compiled->n_collectives * sizeof *compiled->members);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_partition *of = partition_address(w, at, compiled->members[m]);
        fill(w, members + m * sizeof of, &of, sizeof of);
    }
    copy->members = address_of(w, members);
    for (int i = 0; i < 2; i++) {
        copy->urn.into[i] = put(w, compiled->urn.into[i], compiled->urn.n_classes[i], sizeof *compiled->urn.into[i]);
    }
    const uint32_t n_positions = compiled->signals.n_positions;
    copy->certain = put(w, compiled->certain, n_positions, sizeof *compiled->certain);
    copy->clean_certain = put(w, compiled->clean_certain, compiled->config->accuracy_cost ? n_positions : 0,
                              sizeof *compiled->clean_certain);
}

/* A memo is known by its place in the list of memos. */
static const caucus_memo *memo_address(const writer *w, const caucus_memo *memo)
{
    const struct caucus_memos *memos = w->compiled->memos;
    for (size_t i = 0; memo != NULL && i < memos->n_transfers; i++) {
        if (memos->transfers[i].memo == memo) {
            return address_of(w, w->memos + i * sizeof *memo);
        }
    }
    return NULL;
}

static const caucus_lead_memo *lead_memo_address(const writer *w, const caucus_lead_memo *memo)
{
    const struct caucus_memos *memos = w->compiled->memos;
    for (size_t i = 0; memo != NULL && i < memos->n_leads; i++) {
        if (memos->leads[i].memo == memo) {
            return address_of(w, w->lead_memos + i * sizeof *memo);
        }
    }
    return NULL;
}

static void move_transfer(const writer *w, caucus_transfer *transfer)
{
    transfer->memo = memo_address(w, transfer->memo);
}

static void move_base(const writer *w, caucus_margin_base *base)
{
    move_transfer(w, &base->lower);
    move_transfer(w, &base->upper);
    base->lead.memo = lead_memo_address(w, base->lead.memo);
}

/* Room for pairs of counts, which fills as trials meet them. */
static void put_lead_memos(writer *w)
{
    const struct caucus_memos *memos = w->compiled->memos;
    w->lead_memos = reserve(w, memos->n_leads * sizeof(caucus_lead_memo));
    for (size_t i = 0; i < memos->n_leads; i++) {
        caucus_lead_memo memo = *memos->leads[i].memo;
        memo.entries = address_of(w, w->blank_from + w->blank);
        w->blank += memo.n_entries * sizeof *memo.entries;
        fill(w, w->lead_memos + i * sizeof memo, &memo, sizeof memo);
    }
}

/* Every memo has a place for the counts that are likely to occur, which the device fills. */
static struct caucus_memos *put_memos(writer *w)
{
    const struct caucus_memos *memos = w->compiled->memos;
    w->memos = reserve(w, memos->n_transfers * sizeof(caucus_memo));
    const uint64_t at = reserve(w, memos->n_transfers * sizeof *memos->transfers);
    for (size_t i = 0; i < memos->n_transfers; i++) {
        const caucus_memo_windows *windows = &memos->windows[i];
        caucus_memo memo = *memos->transfers[i].memo;
        memo.pages = put(w, windows->pages, memo.n_pages, sizeof *windows->pages);
        memo.entries = address_of(w, w->blank_from + w->blank);
        w->blank += ((uint64_t)windows->n_marked << memo.shift) * sizeof *memo.entries;
        fill(w, w->memos + i * sizeof memo, &memo, sizeof memo);
        caucus_transfer transfer = memos->transfers[i];
        move_transfer(w, &transfer);
        fill(w, at + i * sizeof transfer, &transfer, sizeof transfer);
    }
    put_lead_memos(w);
    const struct caucus_memos copy = {.n_transfers = memos->n_transfers, .transfers = address_of(w, at)};
    return put(w, &copy, 1, sizeof copy);
}

static caucus_bound *put_bound(writer *w, const caucus_bound *bound, const uint32_t *image)
{
    if (bound == NULL) {
        return NULL;
    }
    caucus_bound copy = *bound;
    const uint32_t n = bound->margin.n_others;
    const uint64_t table = (uint64_t)bound->setting.n_cells * bound->setting.n_labels;
    uint64_t at = reserve(w, n * sizeof *bound->others);
    for (uint32_t i = 0; i < n; i++) {
        caucus_margin_other other = bound->others[i];
        other.reach = put(w, other.reach, table, sizeof *other.reach);
        other.can = put(w, other.can, bound->setting.n_labels, sizeof *other.can);
        move_transfer(w, &other.lower);
        move_transfer(w, &other.upper);
        fill(w, at + i * sizeof other, &other, sizeof other);
    }
    copy.others = address_of(w, at);
    copy.margin.others = copy.others;
    move_base(w, &copy.margin.base);
    move_base(w, &copy.margin.pool);
    caucus_transfer *const transfers[] = {&copy.margin.own_lower, &copy.margin.own_upper, &copy.rule.certify_lower,
                                          &copy.rule.certify_upper, &copy.last};
    for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++) {
        move_transfer(w, transfers[i]);
    }
    copy.reach = NULL;
    copy.rule.image = bound->rule.image != NULL ? image : NULL;
    copy.setting.image = NULL;
    copy.setting.sizes = NULL;
    copy.setting.strategies = NULL;
    copy.setting.targets = NULL;
    copy.setting.ratios = NULL;
    copy.setting.reach = NULL;
    copy.memos = NULL;
    return put(w, &copy, 1, sizeof copy);
}

static caucus_bound **put_bounds(writer *w, caucus_bound *const *bounds, const uint32_t *image)
{
    const uint32_t n = 2 * w->compiled->n_reckonings;
    uint64_t at = reserve(w, n * sizeof *bounds);
    for (uint32_t i = 0; i < n; i++) {
        const caucus_bound *bound = put_bound(w, bounds[i], image);
        fill(w, at + i * sizeof bound, &bound, sizeof bound);
    }
    return address_of(w, at);
}

/* A view's arrays are parts of one memory. */
static const void *moved(const caucus_expectation *expectation, const void *part, const uint64_t *memory)
{
    return part == NULL ? NULL
                        : (const unsigned char *)memory +
                              ((const unsigned char *)part - (const unsigned char *)expectation->memory);
}

static caucus_expectation *put_expectation(writer *w, const caucus_expectation *expectation)
{
    if (expectation == NULL) {
        return NULL;
    }
    caucus_expectation copy = *expectation;
    const caucus_bound_view *view = &expectation->view;
    copy.memory = put(w, expectation->memory, expectation->n_words, sizeof *expectation->memory);
    copy.view.own = moved(expectation, view->own, copy.memory);
    copy.view.raw = moved(expectation, view->raw, copy.memory);
    copy.view.base = moved(expectation, view->base, copy.memory);
    copy.view.others = moved(expectation, view->others, copy.memory);
    copy.view.pooled = moved(expectation, view->pooled, copy.memory);
    copy.view.mass = moved(expectation, view->mass, copy.memory);
    copy.view.base_mass = moved(expectation, view->base_mass, copy.memory);
    copy.view.crossed = moved(expectation, view->crossed, copy.memory);
    copy.view.good = moved(expectation, view->good, copy.memory);
    return put(w, &copy, 1, sizeof copy);
}

/* Signals with their collectives' bounds, which point to the signals' tables. */
static void put_collectives(writer *w, caucus_compiled *copy)
{
    const uint64_t n = w->compiled->n_reckonings;
    uint64_t signals = reserve(w, w->compiled->n_collectives * sizeof(caucus_signal));
    uint64_t at = reserve(w, w->compiled->n_collectives * sizeof *w->compiled->guarantees);
    for (uint32_t m = 0; m < w->compiled->n_collectives; m++) {
        const caucus_guarantee *guarantee = &w->compiled->guarantees[m];
        const caucus_signal signal = put_signal(w, &w->compiled->signals.of[m]);
        caucus_guarantee moved_guarantee = *guarantee;
        fill(w, signals + m * sizeof signal, &signal, sizeof signal);
        memset(&moved_guarantee.setting, 0, sizeof moved_guarantee.setting); /* bounds have what they need of it */
        moved_guarantee.reach = NULL;
        moved_guarantee.ratios = NULL;
        moved_guarantee.bounds = put_bounds(w, guarantee->bounds, signal.erased);
        moved_guarantee.fixed = put(w, guarantee->fixed, n * CAUCUS_N_KNOWLEDGE, sizeof *guarantee->fixed);
        moved_guarantee.expected = put_expectation(w, guarantee->expected);
        fill(w, at + m * sizeof moved_guarantee, &moved_guarantee, sizeof moved_guarantee);
    }
    copy->signals.of = address_of(w, signals);
    copy->guarantees = address_of(w, at);
}

static caucus_design put_design(writer *w, const caucus_design *design)
{
    const uint64_t n_groups = design->n_groups;
    const uint64_t n_patterns = design->n_patterns;
    const uint64_t n_columns = design->n_columns;
    caucus_design copy = *design;
    copy.cell_patterns = put(w, design->cell_patterns, design->n_cells * n_groups, sizeof *design->cell_patterns);
    copy.pattern_columns =
        put(w, design->pattern_columns, design->pattern_column_starts[n_patterns], sizeof *design->pattern_columns);
    copy.pattern_column_starts =
        put(w, design->pattern_column_starts, n_patterns + 1, sizeof *design->pattern_column_starts);
    copy.pattern_cells =
        put(w, design->pattern_cells, design->pattern_cell_starts[n_patterns], sizeof *design->pattern_cells);
    copy.pattern_cell_starts = put(w, design->pattern_cell_starts, n_patterns + 1, sizeof *design->pattern_cell_starts);
    copy.column_patterns =
        put(w, design->column_patterns, design->column_starts[n_columns], sizeof *design->column_patterns);
    copy.column_starts = put(w, design->column_starts, n_columns + 1, sizeof *design->column_starts);
    copy.column_feature = NULL;
    return copy;
}

static caucus_training *put_training(writer *w, const caucus_training *training)
{
    if (training == NULL) {
        return NULL;
    }
    const uint64_t n = training->n_parameters;
    caucus_training copy = *training;
    copy.design = put_design(w, &training->design);
    copy.start = put(w, training->start, n, sizeof *training->start);
    copy.precondition = put(w, training->precondition, n * training->block, sizeof *training->precondition);
    copy.smoothed = put(w, training->smoothed, training->design.n_columns, sizeof *training->smoothed);
    return put(w, &copy, 1, sizeof copy);
}

static void put_compiled(writer *w)
{
    const caucus_compiled *compiled = w->compiled;
    const uint32_t M = compiled->n_collectives;
    uint64_t at = reserve(w, sizeof *compiled); /* at the front */
    caucus_compiled copy = *compiled;
    copy.config = put_config(w, compiled->config);
    memset(&copy.signals.cells, 0, sizeof copy.signals.cells);
    copy.signals.position = NULL;
    copy.memos = put_memos(w);
    copy.reckonings = put(w, compiled->reckonings, compiled->n_reckonings, sizeof *compiled->reckonings);
    copy.method_reckoning =
        put(w, compiled->method_reckoning, compiled->config->bounds.n_methods, sizeof *compiled->method_reckoning);
    copy.method_upper =
        put(w, compiled->method_upper, compiled->config->bounds.n_methods, sizeof *compiled->method_upper);
    put_collectives(w, &copy);
    put_groups(w, &copy);
    copy.draws = put_draws(w, &compiled->draws, M);
    copy.crossed_offset = put(w, compiled->crossed_offset, M, sizeof *compiled->crossed_offset);
    copy.global_weights = put(w, compiled->global_weights, M, sizeof *compiled->global_weights);
    copy.outcomes = NULL; /* a device counts class by class */
    copy.outcome_classes = NULL;
    copy.sizes = NULL;
    copy.strategies = put(w, compiled->strategies, M, sizeof *compiled->strategies);
    copy.targets = put(w, compiled->targets, M, sizeof *compiled->targets);
    copy.training = put_training(w, compiled->training);
    copy.raw_training = put_training(w, compiled->raw_training);
    fill(w, at, &copy, sizeof copy);
}

caucus_replica_size caucus_replica_measure(const caucus_compiled *compiled)
{
    writer w = {.compiled = compiled};
    put_compiled(&w);
    return (caucus_replica_size){.bytes = w.used, .blank_bytes = w.blank};
}

void caucus_replica_write(const caucus_compiled *compiled, uint64_t address, void *buffer)
{
    writer w = {.address = address,
                .buffer = buffer,
                .blank_from = caucus_cuda_rounded(caucus_replica_measure(compiled).bytes),
                .compiled = compiled};
    put_compiled(&w);
}
