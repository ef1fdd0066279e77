#include "compile/draws.h"

#include "compile/group_cache.h"
#include "compile/table_maker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Groups in the order in which they are drawn. */
typedef struct order {
    const caucus_compiled *compiled;
    uint64_t *people;      /* [class] who may join the group at hand */
    double *taken;         /* [class] without replacement: expected to have been drawn */
    double *taken_joining; /* the same of those who may join */
    double sum_taken;      /* of everybody, exact */
    bool chosen;           /* some group before was not drawn from everybody */
} order;

/* member: [class] 1 for those who may join, NULL: everybody. */
static caucus_status plan_group(order *o, uint32_t number, const caucus_partition *partition, const uint32_t *member,
                                uint64_t size)
{
    const bool urn = o->compiled->config->without_replacement;
    caucus_group_request request = {.n_classes = partition->n_classes,
                                    .people = o->people,
                                    .size = size,
                                    .urn = urn,
                                    .taken = o->taken_joining,
                                    .exact = o->sum_taken == 0.0 || (member == NULL && !o->chosen),
                                    .form = CAUCUS_ANY_FORM,
                                    .n_trials = o->compiled->config->n_trials};
    double left = 0.0;
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        const bool may_join = member == NULL || member[c] != 0;
        o->people[c] = may_join ? partition->weights[c] : 0;
        o->taken_joining[c] = urn && may_join ? o->taken[c] : 0.0;
        request.sum_taken += o->taken_joining[c];
        left += (double)o->people[c] - o->taken_joining[c];
    }
    request.sum_taken = member == NULL ? o->sum_taken : request.sum_taken;
    TRY(caucus_group_cache_get(&request, &o->compiled->draws.groups[number]));
    for (uint32_t c = 0; urn && size > 0 && c < partition->n_classes; c++) {
        o->taken[c] += (double)size * (((double)o->people[c] - o->taken_joining[c]) / left);
    }
    o->sum_taken += urn ? (double)size : 0.0;
    o->chosen = o->chosen || (member != NULL && size > 0);
    return CAUCUS_OK;
}

/* Who is expected to have been taken, by the classes of the next urn. */
static void next_urn(order *o, uint32_t next)
{
    const caucus_urn *urn = &o->compiled->urn;
    double *fine = o->taken_joining; /* by now free */
    memcpy(fine, o->taken, urn->n_classes[next - 1] * sizeof *fine);
    memset(o->taken, 0, urn->n_classes[next] * sizeof *o->taken);
    for (uint32_t c = 0; c < urn->n_classes[next - 1]; c++) {
        o->taken[urn->into[next - 1][c]] += fine[c];
    }
}

static caucus_status plan_groups(order *o)
{
    const caucus_compiled *compiled = o->compiled;
    const uint32_t M = compiled->n_collectives;
    for (uint32_t m = 0; m < M; m++) {
        const caucus_collective *collective = &compiled->config->collectives[m];
        const caucus_partition *partition = compiled->members[m];
        const uint32_t *member = partition->columns[caucus_column_member(m)]; /* only where one urn serves all */
        TRY(plan_group(o, 2 * m, partition, member, collective->estimators));
        TRY(plan_group(o, 2 * m + 1, partition, member, collective->size - collective->estimators));
    }
    for (uint32_t i = 0; i < 2; i++) {
        const bool test = compiled->urn.test_first == (i == 0);
        next_urn(o, i + 1);
        TRY(plan_group(o, test ? 2 * M + 1 : 2 * M, test ? compiled->test : compiled->others, NULL,
                       test ? compiled->config->test : compiled->others_size));
    }
    return CAUCUS_OK;
}

/* A feature's ladders: the wanted value first, then each other value among those that are left. */
static caucus_status plan_feature(const caucus_compiled *compiled, const caucus_collective *collective, uint32_t i,
                                  caucus_table_maker *maker, caucus_noise *noise)
{
    const uint32_t n_values = compiled->config->population->features[collective->set[i].feature].n_values;
    noise->features[i] = (caucus_draw_feature){
        .n_values = n_values, .wanted = collective->set[i].value, .first_ladder = noise->n_ladders};
    for (uint32_t v = 0; v + 1 < n_values; v++) {
        const double left = (double)(n_values - v);
        const double other = (double)(n_values - 1) / (double)n_values;
        const double missed = v == 0 ? collective->miss * other : (left - 1.0) / left;
        TRY(caucus_make_ladder(maker, v == 0 ? 1.0 - missed : 1.0 / left, missed, collective->size,
                               &noise->ladders[noise->n_ladders]));
        noise->n_ladders++;
    }
    return CAUCUS_OK;
}

/* Members of the largest class: hardly ever more than this, for whom a ladder then takes more steps. */
static uint64_t largest_class(const caucus_compiled *compiled, uint32_t m)
{
    const caucus_partition *partition = compiled->members[m];
    const uint32_t *member = partition->columns[caucus_column_member(m)]; /* only where one urn serves all */
    const double size = (double)compiled->config->collectives[m].size;
    double total = 0.0;
    double most = 0.0;
    for (uint32_t c = 0; c < partition->n_classes; c++) {
        const double weight = member == NULL || member[c] != 0 ? (double)partition->weights[c] : 0.0;
        total += weight;
        most = weight > most ? weight : most;
    }
    const double mean = total > 0.0 ? size * (most / total) : 0.0;
    const double likely = mean + 10.0 * sqrt(mean) + 10.0;
    return (uint64_t)(likely < size ? likely : size);
}

static caucus_status plan_noise(const caucus_compiled *compiled, uint32_t m, caucus_table_maker *maker)
{
    const caucus_collective *collective = &compiled->config->collectives[m];
    caucus_noise *noise = &compiled->draws.noise[m];
    const uint64_t most = largest_class(compiled, m);
    noise->compliance_digits = caucus_ladder_digits(most);
    noise->miss_digits = caucus_ladder_digits(collective->size);
    TRY(caucus_make_ladder(maker, collective->compliance, 1.0 - collective->compliance, most, &noise->compliance));
    if (compiled->signals.of[m].misses.n_variants > 0) {
        size_t n_values = 0;
        for (uint32_t i = 0; i < collective->n_set; i++) {
            n_values += compiled->config->population->features[collective->set[i].feature].n_values;
        }
        noise->n_features = collective->n_set;
        TRY(caucus_alloc(collective->n_set, sizeof *noise->features, "misses", &noise->features));
        TRY(caucus_alloc(n_values, sizeof *noise->ladders, "misses", &noise->ladders));
        for (uint32_t i = 0; i < collective->n_set; i++) {
            TRY(plan_feature(compiled, collective, i, maker, noise));
        }
    }
    caucus_table_maker_finish(maker, &noise->tables);
    return CAUCUS_OK;
}

static caucus_status plan_all_noise(const caucus_compiled *compiled)
{
    caucus_status status = CAUCUS_OK;
    for (uint32_t m = 0; m < compiled->n_collectives && status == CAUCUS_OK; m++) {
        caucus_table_maker *maker = NULL;
        TRY(caucus_table_maker_open(compiled->config->n_trials, compiled->members[m]->n_classes, &maker));
        status = plan_noise(compiled, m, maker);
        caucus_table_maker_close(maker);
    }
    return status;
}

caucus_status caucus_draws_open(caucus_compiled *compiled)
{
    const uint32_t M = compiled->n_collectives;
    const uint32_t n = compiled->most_classes;
    caucus_draws *draws = &compiled->draws;
    order o = {.compiled = compiled};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(2 * (size_t)M + 2, sizeof *draws->groups, "the plan of draws", &draws->groups), done);
    TRY_GOTO(caucus_alloc(M, sizeof *draws->noise, "the plan of draws", &draws->noise), done);
    TRY_GOTO(caucus_alloc(n, sizeof *o.people, "classes", &o.people), done);
    TRY_GOTO(caucus_alloc(n, sizeof *o.taken, "classes", &o.taken), done);
    TRY_GOTO(caucus_alloc(n, sizeof *o.taken_joining, "classes", &o.taken_joining), done);
    TRY_GOTO(plan_groups(&o), done);
    status = plan_all_noise(compiled);
done:
    free(o.taken_joining);
    free(o.taken);
    free(o.people);
    return status;
}

void caucus_draws_close(caucus_draws *draws, uint32_t n_collectives)
{
    for (uint32_t i = 0; draws->groups != NULL && i < 2 * n_collectives + 2; i++) {
        caucus_group_cache_release(draws->groups[i]);
    }
    for (uint32_t m = 0; draws->noise != NULL && m < n_collectives; m++) {
        caucus_tables_free(&draws->noise[m].tables);
        free(draws->noise[m].features);
        free(draws->noise[m].ladders);
    }
    free(draws->groups);
    free(draws->noise);
    *draws = (caucus_draws){0};
}
