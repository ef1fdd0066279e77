#include "compile/classes.h"

#include "compile/partition_cache.h"
#include "config/strategy.h"

#include <math.h>
#include <stdlib.h>

/* Scratch columns over the population's cells while partitions are made. */
typedef struct columns {
    uint32_t n_columns;
    uint32_t n_cells;
    uint32_t **of; /* [column][cell], NULL: not kept */
} columns;

static void columns_free(columns *c)
{
    for (uint32_t i = 0; c->of != NULL && i < c->n_columns; i++) {
        free(c->of[i]);
    }
    free(c->of);
}

static caucus_status columns_init(const caucus_compiled *compiled, columns *c)
{
    c->n_columns = caucus_n_columns(compiled->n_collectives);
    c->n_cells = (uint32_t)compiled->config->population->n_cells;
    return caucus_alloc(c->n_columns, sizeof *c->of, "class columns", &c->of);
}

/* Keep a column: for each cell the position of map[cell] (the cell itself when map is NULL), where below limit and,
 * when inside is given, in that collective's signal set. */
static caucus_status keep(const caucus_compiled *compiled, columns *c, uint32_t column, const uint32_t *map,
                          uint32_t limit, const caucus_signal *inside)
{
    TRY(caucus_alloc(c->n_cells, sizeof **c->of, "class columns", &c->of[column]));
    for (uint32_t cell = 0; cell < c->n_cells; cell++) {
        uint32_t position = compiled->signals.position[map == NULL ? cell : map[cell]];
        bool kept = position < limit && (inside == NULL || inside->index[position] != CAUCUS_NOWHERE);
        c->of[column][cell] = kept ? position : CAUCUS_NOWHERE;
    }
    return CAUCUS_OK;
}

static caucus_status keep_member(const caucus_compiled *compiled, columns *c, uint32_t m)
{
    uint32_t column = caucus_column_member(m);
    TRY(caucus_alloc(c->n_cells, sizeof **c->of, "class columns", &c->of[column]));
    for (uint32_t cell = 0; cell < c->n_cells; cell++) {
        c->of[column][cell] =
            caucus_cells_match(&compiled->signals.cells, cell, &compiled->config->collectives[m].members);
    }
    return CAUCUS_OK;
}

/* Columns that collective m's own counts need. */
static caucus_status member_columns(const caucus_compiled *compiled, uint32_t m, columns *c)
{
    const caucus_collective *collective = &compiled->config->collectives[m];
    const caucus_signal *signal = &compiled->signals.of[m];
    const uint32_t all = compiled->signals.n_positions;
    const bool hands_in_raw = caucus_strategy_stays(collective->strategy) || collective->compliance < 1.0;
    const bool counted_raw = hands_in_raw || compiled->config->accuracy_cost;
    TRY(keep(compiled, c, CAUCUS_RAW, NULL, counted_raw ? all : compiled->n_tracked, NULL));
    TRY(keep(compiled, c, caucus_column_image(m), signal->image, all, NULL));
    if (signal->outside != NULL) {
        TRY(keep(compiled, c, caucus_column_outside(m), signal->outside, all, NULL));
    }
    for (uint32_t j = 0; compiled->crossing && j < compiled->n_collectives; j++) {
        const caucus_signal *other = &compiled->signals.of[j];
        if (j == m || caucus_strategy_adapts(compiled->config->collectives[j].strategy)) {
            continue;
        }
        TRY(keep(compiled, c, caucus_column_image(j), other->image, compiled->n_tracked, signal));
        if (other->outside != NULL) {
            TRY(keep(compiled, c, caucus_column_outside(j), other->outside, compiled->n_tracked, signal));
        }
    }
    return CAUCUS_OK;
}

static caucus_status other_columns(const caucus_compiled *compiled, uint32_t nobody, columns *c)
{
    (void)nobody;
    return keep(compiled, c, CAUCUS_RAW, NULL, compiled->signals.n_positions, NULL);
}

/* Columns that tell test points apart; label only where clean accuracy is counted. */
static caucus_status test_columns(const caucus_compiled *compiled, uint32_t nobody, columns *c)
{
    (void)nobody;
    const uint32_t all = compiled->signals.n_positions;
    bool raw = compiled->config->accuracy;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        TRY(keep(compiled, c, caucus_column_image(m), compiled->signals.of[m].image, all, NULL));
        raw = raw || compiled->config->collectives[m].strategy == CAUCUS_ERASE;
    }
    return raw ? keep(compiled, c, CAUCUS_RAW, NULL, all, NULL) : CAUCUS_OK;
}

/* Everything that any group or the test needs, for draws from one urn. */
static caucus_status urn_columns(const caucus_compiled *compiled, uint32_t nobody, columns *c)
{
    (void)nobody;
    const uint32_t all = compiled->signals.n_positions;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_signal *signal = &compiled->signals.of[m];
        TRY(keep(compiled, c, caucus_column_image(m), signal->image, all, NULL));
        if (signal->outside != NULL) {
            TRY(keep(compiled, c, caucus_column_outside(m), signal->outside, all, NULL));
        }
        if (compiled->config->collectives[m].members.n_terms > 0) {
            TRY(keep_member(compiled, c, m));
        }
    }
    return keep(compiled, c, CAUCUS_RAW, NULL, all, NULL);
}

/* An affinity that is no integer is kept to 2^-52 of the total by scaling all weights up. */
caucus_status caucus_member_weights(const caucus_compiled *compiled, uint32_t m, uint64_t *weights)
{
    const caucus_population *population = compiled->config->population;
    const caucus_collective *collective = &compiled->config->collectives[m];
    const bool preference = collective->affinity > 0.0;
    const double matching = preference ? collective->affinity : 1.0;
    const double scale = preference ? ldexp(1.0, 51 - ilogb((double)population->total * fmax(matching, 1.0))) : 1.0;
    uint64_t total = 0;
    for (size_t i = 0; i < population->n_cells * population->n_labels; i++) {
        bool match =
            caucus_cells_match(&compiled->signals.cells, (uint32_t)(i / population->n_labels), &collective->members);
        double factor = match ? matching : (preference ? 1.0 : 0.0);
        weights[i] = (uint64_t)llround((double)population->weights[i] * scale * factor);
        total += weights[i];
    }
    return total > 0
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "collective %s: nobody in the population may join; widen \"members\"",
                             collective->name);
}

/* Whether a collective looks at labels of people who stand nowhere in particular: those that do something else with
 * another label than the target, and those that ask what such a collective would do with their own people. */
static bool asks_label(const caucus_compiled *compiled, uint32_t m)
{
    for (uint32_t j = 0; j < compiled->n_collectives; j++) {
        if (caucus_strategy_asks_label(compiled->strategies[j]) && (j == m || compiled->crossing)) {
            return true;
        }
    }
    return false;
}

static caucus_status make_partition(caucus_compiled *compiled, const columns *c, bool keep_label, bool label_nowhere,
                                    const uint64_t *weights, const caucus_partition **partition)
{
    const caucus_population *population = compiled->config->population;
    caucus_partition_people people = {.n_cells = c->n_cells,
                                      .n_labels = population->n_labels,
                                      .weights = weights,
                                      .n_columns = c->n_columns,
                                      .columns = (const uint32_t *const *)c->of,
                                      .keep_label = keep_label,
                                      .label_nowhere = label_nowhere};
    TRY(caucus_partition_cache_get(&people, partition));
    compiled->partitions[compiled->n_partitions++] = *partition;
    if ((*partition)->n_classes > compiled->most_classes) {
        compiled->most_classes = (*partition)->n_classes;
    }
    return CAUCUS_OK;
}

/* Columns of a partition, from scratch to its classes. m: the collective that draws, where one does. */
typedef caucus_status (*chooser)(const caucus_compiled *compiled, uint32_t m, columns *c);

static caucus_status partition_by(caucus_compiled *compiled, chooser choose, uint32_t m, bool keep_label,
                                  bool label_nowhere, const uint64_t *weights, const caucus_partition **partition)
{
    columns c = {0};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(columns_init(compiled, &c), done);
    TRY_GOTO(choose(compiled, m, &c), done);
    status = make_partition(compiled, &c, keep_label, label_nowhere, weights, partition);
done:
    columns_free(&c);
    return status;
}

static caucus_status partition_members(caucus_compiled *compiled, uint32_t m)
{
    const caucus_population *population = compiled->config->population;
    const uint64_t *weights = population->weights;
    uint64_t *own = NULL;
    caucus_status status = CAUCUS_OK;
    if (compiled->config->collectives[m].members.n_terms > 0) {
        TRY_GOTO(caucus_alloc(population->n_cells * population->n_labels, sizeof *own, "weights", &own), done);
        TRY_GOTO(caucus_member_weights(compiled, m, own), done);
        weights = own;
    }
    status = partition_by(compiled, member_columns, m, true, asks_label(compiled, m), weights, &compiled->members[m]);
done:
    free(own);
    return status;
}

/* One urn for everybody. */
static caucus_status partition_urn(caucus_compiled *compiled)
{
    bool labels = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        labels = labels || asks_label(compiled, m);
    }
    TRY(partition_by(compiled, urn_columns, 0, true, labels, compiled->config->population->weights, &compiled->others));
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        compiled->members[m] = compiled->others;
    }
    compiled->test = compiled->others;
    return CAUCUS_OK;
}

/* Members are drawn collective by collective: each must find enough people who match among those left, whoever the
 * ones before it took. */
static caucus_status check_urn(const caucus_compiled *compiled)
{
    const caucus_partition *urn = compiled->others;
    uint64_t taken = 0;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_collective *collective = &compiled->config->collectives[m];
        const uint32_t *member = urn->columns[caucus_column_member(m)];
        uint64_t matching = 0;
        for (uint32_t c = 0; c < urn->n_classes; c++) {
            matching += member == NULL || member[c] ? urn->weights[c] : 0;
        }
        if (matching < collective->size + (member == NULL ? 0 : taken)) {
            return caucus_fail(CAUCUS_INVALID,
                               "collective %s: draws without replacement need %llu people who may join (its members "
                               "and, in the worst case, those of the collectives before it), but the population has "
                               "%llu; make it smaller, list it earlier, or draw iid",
                               collective->name, (unsigned long long)(collective->size + (member == NULL ? 0 : taken)),
                               (unsigned long long)matching);
        }
        taken += collective->size;
    }
    return CAUCUS_OK;
}

caucus_status caucus_classes_init(caucus_compiled *compiled)
{
    const uint32_t M = compiled->n_collectives;
    const uint64_t *weights = compiled->config->population->weights;
    TRY(caucus_alloc(M + 2, sizeof *compiled->partitions, "partitions", &compiled->partitions));
    TRY(caucus_alloc(M, sizeof *compiled->members, "partitions", &compiled->members));
    if (compiled->config->without_replacement) {
        TRY(partition_urn(compiled));
        return check_urn(compiled);
    }
    TRY(partition_by(compiled, other_columns, M, true, false, weights, &compiled->others));
    for (uint32_t m = 0; m < M; m++) {
        TRY(partition_members(compiled, m));
    }
    return partition_by(compiled, test_columns, M, compiled->config->accuracy, false, weights, &compiled->test);
}

void caucus_classes_free(caucus_compiled *compiled)
{
    for (uint32_t i = 0; i < compiled->n_partitions; i++) {
        caucus_partition_cache_release(compiled->partitions[i]);
    }
    free(compiled->members);
    free(compiled->partitions);
}
