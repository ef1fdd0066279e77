#include "compile/classes.h"

#include "compile/partition_cache.h"
#include "config/strategy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Scratch columns over the population's cells while partitions are made. */
typedef struct columns {
    uint32_t n_columns;
    uint32_t n_cells;
    uint32_t **of;   /* [column][cell], NULL: not kept */
    uint32_t *right; /* as in caucus_partition_people, with labels */
    uint32_t labels[2];
} columns;

static void columns_free(columns *c)
{
    for (uint32_t i = 0; c->of != NULL && i < c->n_columns; i++) {
        free(c->of[i]);
    }
    free(c->of);
    free(c->right);
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

/* Who is told apart by where she stands. */
typedef struct standing {
    uint32_t below; /* positions below this one */
    bool uncertain; /* and all whose label is not certain */
    bool tested;    /* and elsewhere whether her label is the certain one */
    bool merged;    /* the latter do not ask for more: one position stands in for all of theirs */
} standing;

static caucus_status keep_raw(const caucus_compiled *compiled, columns *c, standing who)
{
    const uint32_t n = compiled->signals.n_positions;
    uint32_t stand_in = who.below;
    while (stand_in < n && compiled->certain[stand_in] == CAUCUS_NOWHERE) {
        stand_in++;
    }
    const bool merged = who.tested && who.merged && !compiled->config->accuracy_cost && stand_in < n;
    TRY(caucus_alloc(c->n_cells, sizeof **c->of, "class columns", &c->of[CAUCUS_RAW]));
    if (merged) {
        TRY(caucus_alloc(c->n_cells, sizeof *c->right, "class columns", &c->right));
        c->labels[1] = compiled->certain[stand_in];
        c->labels[0] = c->labels[1] == 0 ? 1 : 0;
    }
    for (uint32_t cell = 0; cell < c->n_cells; cell++) {
        const uint32_t p = compiled->signals.position[cell];
        const uint32_t leader = p == CAUCUS_NOWHERE ? CAUCUS_NOWHERE : compiled->certain[p];
        const bool certain = p >= who.below && leader != CAUCUS_NOWHERE;
        const bool kept = p < who.below || (certain ? who.tested : who.uncertain);
        c->of[CAUCUS_RAW][cell] = !kept ? CAUCUS_NOWHERE : certain && merged ? stand_in : p;
        if (merged) {
            c->right[cell] = certain ? leader : CAUCUS_NOWHERE;
        }
    }
    return CAUCUS_OK;
}

/* Where g leads as a test asks for it: of positions whose label is certain only whether collective m wins there. */
static caucus_status keep_tested_image(const caucus_compiled *compiled, columns *c, uint32_t m)
{
    const caucus_signal *signal = &compiled->signals.of[m];
    const bool unplants = caucus_strategy_unplants(compiled->strategies[m]);
    uint32_t stand_ins[2] = {CAUCUS_NOWHERE, CAUCUS_NOWHERE};
    TRY(keep(compiled, c, caucus_column_image(m), signal->image, compiled->signals.n_positions, NULL));
    uint32_t *column = c->of[caucus_column_image(m)];
    for (uint32_t cell = 0; cell < c->n_cells; cell++) {
        const uint32_t leader = compiled->certain[column[cell]];
        if (leader == CAUCUS_NOWHERE) {
            continue;
        }
        const int wins = unplants == (leader != compiled->targets[m]) ? 1 : 0;
        stand_ins[wins] = stand_ins[wins] == CAUCUS_NOWHERE ? column[cell] : stand_ins[wins];
        column[cell] = stand_ins[wins];
    }
    return CAUCUS_OK;
}

/* Who matches. */
static caucus_status keep_match(const caucus_compiled *compiled, columns *c, uint32_t column,
                                const caucus_predicate *predicate)
{
    TRY(caucus_alloc(c->n_cells, sizeof **c->of, "class columns", &c->of[column]));
    for (uint32_t cell = 0; cell < c->n_cells; cell++) {
        c->of[column][cell] = caucus_cells_match(&compiled->signals.cells, cell, predicate);
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
    const standing who = {.below = compiled->n_tracked, .uncertain = hands_in_raw || compiled->config->accuracy_cost};
    TRY(keep_raw(compiled, c, who));
    TRY(keep(compiled, c, caucus_column_image(m), signal->image, all, NULL));
    if (signal->outside != NULL) {
        TRY(keep(compiled, c, caucus_column_outside(m), signal->outside, all, NULL));
    }
    if (compiled->matching && collective->membership.affinity > 0) {
        TRY(keep_match(compiled, c, caucus_column_matching(m, compiled->n_collectives), &collective->membership.of));
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
    return keep_raw(compiled, c, (standing){.uncertain = true});
}

static bool anybody_erases(const caucus_compiled *compiled)
{
    bool erases = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        erases = erases || compiled->strategies[m] == CAUCUS_ERASE;
    }
    return erases;
}

/* Columns of success: where g leads; where erasing compares two positions, which ones these are. */
static caucus_status success_columns(const caucus_compiled *compiled, columns *c)
{
    const uint32_t all = compiled->signals.n_positions;
    const bool erases = anybody_erases(compiled);
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        TRY(erases ? keep(compiled, c, caucus_column_image(m), compiled->signals.of[m].image, all, NULL)
                   : keep_tested_image(compiled, c, m));
    }
    return erases ? keep(compiled, c, CAUCUS_RAW, NULL, all, NULL) : CAUCUS_OK;
}

/* Columns that tell test points apart; label only where clean accuracy is counted. */
static caucus_status test_columns(const caucus_compiled *compiled, uint32_t nobody, columns *c)
{
    (void)nobody;
    TRY(success_columns(compiled, c));
    return compiled->config->accuracy && c->of[CAUCUS_RAW] == NULL
               ? keep_raw(compiled, c, (standing){.uncertain = true, .tested = true, .merged = true})
               : CAUCUS_OK;
}

/* What the people of no collective and the test points need together. */
static caucus_status last_columns(const caucus_compiled *compiled, uint32_t nobody, columns *c)
{
    TRY(test_columns(compiled, nobody, c));
    return c->of[CAUCUS_RAW] == NULL ? other_columns(compiled, nobody, c) : CAUCUS_OK;
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

static bool anybody_asks_label(const caucus_compiled *compiled)
{
    bool asks = false;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        asks = asks || asks_label(compiled, m);
    }
    return asks;
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
            TRY(keep_match(compiled, c, caucus_column_member(m), &compiled->config->collectives[m].members));
        }
    }
    if (anybody_erases(compiled)) {
        return keep(compiled, c, CAUCUS_RAW, NULL, all, NULL);
    }
    return keep_raw(compiled, c,
                    (standing){.below = compiled->n_tracked,
                               .uncertain = true,
                               .tested = compiled->config->accuracy,
                               .merged = !anybody_asks_label(compiled)});
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
                                      .label_nowhere = label_nowhere,
                                      .right = c->right,
                                      .labels = {c->labels[0], c->labels[1]}};
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

/* The class of the coarser partition that each class of the finer one is part of. */
static caucus_status map_classes(const caucus_partition *fine, const caucus_partition *coarse, uint32_t **into)
{
    TRY(caucus_alloc(fine->n_classes, sizeof **into, "classes", into));
    memset(*into, 0xff, fine->n_classes * sizeof **into);
    for (uint32_t i = 0; i < fine->n_kinds; i++) {
        if (fine->class_of[i] == CAUCUS_NOWHERE) {
            continue;
        }
        uint32_t *found = &(*into)[fine->class_of[i]];
        if (*found != CAUCUS_NOWHERE && *found != coarse->class_of[i]) {
            return caucus_fail(CAUCUS_FAILED, "an error of caucus: classes of an urn that are no parts of classes");
        }
        *found = coarse->class_of[i];
    }
    return CAUCUS_OK;
}

/* One urn for everybody, ever coarser. */
static caucus_status partition_urn(caucus_compiled *compiled)
{
    const uint64_t *weights = compiled->config->population->weights;
    const caucus_partition *everybody = NULL;
    const caucus_partition *both = NULL;
    caucus_urn *urn = &compiled->urn;
    TRY(partition_by(compiled, urn_columns, 0, true, anybody_asks_label(compiled), weights, &everybody));
    TRY(partition_by(compiled, last_columns, 0, true, false, weights, &both));
    TRY(partition_by(compiled, other_columns, 0, true, false, weights, &compiled->others));
    TRY(partition_by(compiled, test_columns, 0, compiled->config->accuracy, false, weights, &compiled->test));
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        compiled->members[m] = everybody;
    }
    urn->test_first = compiled->others->n_classes < compiled->test->n_classes;
    const caucus_partition *last = urn->test_first ? compiled->others : compiled->test;
    *(urn->test_first ? &compiled->test : &compiled->others) = both;
    urn->n_classes[0] = everybody->n_classes;
    urn->n_classes[1] = both->n_classes;
    urn->n_classes[2] = last->n_classes;
    TRY(map_classes(everybody, both, &urn->into[0]));
    return map_classes(both, last, &urn->into[1]);
}

/* Members are drawn collective by collective: each must find enough people who match among those left, whoever the
 * ones before it took. */
static caucus_status check_urn(const caucus_compiled *compiled)
{
    uint64_t taken = 0;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        const caucus_collective *collective = &compiled->config->collectives[m];
        const caucus_partition *urn = compiled->members[m];
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
    TRY(caucus_alloc(M + 4, sizeof *compiled->partitions, "partitions", &compiled->partitions));
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
    free(compiled->urn.into[0]);
    free(compiled->urn.into[1]);
    free(compiled->members);
    free(compiled->partitions);
}
