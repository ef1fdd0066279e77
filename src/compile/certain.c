/* The lead of label a over label b at a cell is a sum over all people of independent groups. Each group's sum leaves
 * its mean by t or more with probability at most exp(-t^2 / (2 (v + c t / 3))) (Bernstein), v its variance and c what
 * one person can leave her own mean by. Drawn without replacement it is at most that as well, since the sum of a sample
 * without replacement has the smaller moment generating function (Hoeffding 1963, theorem 4). Groups that share an urn
 * are not independent, so that each may leave its mean by a t of its own, and the probabilities are added up. */
#include "compile/certain.h"

#include "compile/classes.h"
#include "config/strategy.h"
#include "math/portable_math.h"

#include <math.h> /* sqrt only: correctly rounded everywhere */
#include <stdlib.h>

/* Tallies are kept for all groups at once; where that would be too much, no cell is certain. */
enum { MOST_TALLIES = 1 << 22 };

/* Probabilities with which a person of a group hands in a record at a position. */
typedef struct tallies {
    uint32_t n_groups; /* collectives, then everybody else */
    uint32_t n_labels;
    size_t n_positions;
    double *size;    /* [group] people */
    double *share;   /* [group][position][label] */
    double *unknown; /* [group][position] with a label that depends on the members' data */
} tallies;

static double *share_at(const tallies *t, uint32_t group, size_t position)
{
    return t->share + (group * t->n_positions + position) * t->n_labels;
}

static void tallies_free(tallies *t)
{
    free(t->unknown);
    free(t->share);
    free(t->size);
}

static caucus_status tallies_init(const caucus_compiled *compiled, tallies *t)
{
    *t = (tallies){.n_groups = compiled->n_collectives + 1,
                   .n_labels = compiled->n_labels,
                   .n_positions = compiled->signals.n_positions};
    const size_t n = t->n_groups * t->n_positions;
    TRY(caucus_alloc(t->n_groups, sizeof *t->size, "groups", &t->size));
    TRY(caucus_alloc(n * t->n_labels, sizeof *t->share, "expected records", &t->share));
    return caucus_alloc(n, sizeof *t->unknown, "expected records", &t->unknown);
}

bool caucus_lead_is_certain(const caucus_lead_part *parts, uint32_t n_parts, double nats)
{
    double lead = 0.0;
    double most_lost = 0.0;
    double variances = 0.0;
    for (uint32_t i = 0; i < n_parts; i++) {
        lead += parts[i].n * (parts[i].plus - parts[i].minus);
        variances += parts[i].n * (parts[i].plus + parts[i].minus);
    }
    if (!(lead > 0.0) || lead * lead <= 2.0 * variances * nats) {
        return false; /* most cells that are not certain: what may be lost is more than the root of that */
    }
    for (uint32_t i = 0; i < n_parts; i++) {
        const caucus_lead_part *part = &parts[i];
        const double mean = part->plus - part->minus;
        const double variance = part->n * (part->plus + part->minus);
        const double third = (1.0 + (mean < 0.0 ? -mean : mean)) * nats / 3.0;
        most_lost += variance > 0.0 ? third + sqrt(third * third + 2.0 * variance * nats) : 0.0;
    }
    return lead > most_lost;
}

/* A record of a group's, with a probability. */
static void add(const tallies *t, uint32_t group, uint32_t position, uint32_t label, bool known, double p)
{
    if (position == CAUCUS_NOWHERE || p == 0.0) {
        return;
    }
    if (known) {
        share_at(t, group, position)[label] += p;
    } else {
        t->unknown[group * t->n_positions + position] += p;
    }
}

static double sum_of(const uint64_t *weights, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)weights[i];
    }
    return sum;
}

/* Marks that may be missed, spread over what misses make of them. waiting: [signal cell][label] */
static void add_missed(const caucus_compiled *compiled, const tallies *t, uint32_t m, const double *waiting)
{
    const caucus_signal *signal = &compiled->signals.of[m];
    const caucus_misses *misses = &signal->misses;
    const bool known = !caucus_strategy_adapts(compiled->strategies[m]);
    for (uint32_t i = 0; i < signal->n_cells * t->n_labels; i++) {
        for (uint32_t v = 0; v < misses->n_variants && waiting[i] > 0.0; v++) {
            add(t, m, misses->positions[(size_t)(i / t->n_labels) * misses->n_variants + v], i % t->n_labels, known,
                waiting[i] * misses->weights[v]);
        }
    }
}

/* What members hand in. */
static caucus_status add_members(const caucus_compiled *compiled, const tallies *t, uint32_t m, const uint64_t *weights)
{
    const double compliance = compiled->config->collectives[m].compliance;
    const caucus_signals *signals = &compiled->signals;
    const caucus_signal *signal = &signals->of[m];
    const uint32_t L = compiled->n_labels;
    const size_t n = compiled->config->population->n_cells * L;
    const uint32_t target = compiled->targets[m];
    const bool known = !caucus_strategy_adapts(compiled->strategies[m]);
    const double total = sum_of(weights, n);
    double *waiting = NULL;
    TRY(caucus_alloc((size_t)signal->n_cells * L, sizeof *waiting, "expected records", &waiting));
    for (size_t i = 0; i < n; i++) {
        const size_t cell = i / L;
        const uint32_t label = (uint32_t)(i % L);
        const double p = (double)weights[i] / total;
        if (weights[i] == 0) {
            continue;
        }
        const uint32_t raw = signals->position[cell];
        const uint32_t outside = signal->outside == NULL ? CAUCUS_NOWHERE : signals->position[signal->outside[cell]];
        const caucus_record record = caucus_strategy_record(compiled->strategies[m], target, target, raw, label,
                                                            signals->position[signal->image[cell]], outside);
        if (record.marked && signal->misses.n_variants > 0) {
            waiting[(size_t)signal->index[record.position] * L + record.label] += compliance * p;
        } else {
            add(t, m, record.position, record.label, known, compliance * p);
        }
        add(t, m, raw, label, true, (1.0 - compliance) * p);
    }
    add_missed(compiled, t, m, waiting);
    free(waiting);
    return CAUCUS_OK;
}

/* Everybody's own data, of a group that hands in what is true or would. */
static void add_raw(const caucus_compiled *compiled, const tallies *t, uint32_t group, const uint64_t *weights)
{
    const size_t n = compiled->config->population->n_cells * compiled->n_labels;
    const double total = sum_of(weights, n);
    for (size_t i = 0; i < n; i++) {
        add(t, group, compiled->signals.position[i / compiled->n_labels], (uint32_t)(i % compiled->n_labels), true,
            (double)weights[i] / total);
    }
}

static caucus_status fill(const caucus_compiled *compiled, const tallies *t, bool clean)
{
    const caucus_population *population = compiled->config->population;
    uint64_t *own = NULL;
    caucus_status status = CAUCUS_OK;
    TRY(caucus_alloc(population->n_cells * population->n_labels, sizeof *own, "weights", &own));
    for (uint32_t m = 0; m < compiled->n_collectives && status == CAUCUS_OK; m++) {
        const bool chosen = compiled->config->collectives[m].members.n_terms > 0;
        const uint64_t *weights = chosen ? own : population->weights;
        status = chosen ? caucus_member_weights(compiled, m, own) : CAUCUS_OK;
        t->size[m] = (double)compiled->sizes[m];
        if (status == CAUCUS_OK && clean) {
            add_raw(compiled, t, m, weights);
        } else if (status == CAUCUS_OK) {
            status = add_members(compiled, t, m, weights);
        }
    }
    t->size[compiled->n_collectives] = (double)compiled->others_size;
    add_raw(compiled, t, compiled->n_collectives, population->weights);
    free(own);
    return status;
}

/* The label that is expected to lead at a position. */
static uint32_t expected_leader(const tallies *t, size_t position)
{
    double most = -1.0;
    uint32_t leader = 0;
    for (uint32_t y = 0; y < t->n_labels; y++) {
        double sum = 0.0;
        for (uint32_t g = 0; g < t->n_groups; g++) {
            sum += t->size[g] * share_at(t, g, position)[y];
        }
        leader = sum > most ? y : leader;
        most = sum > most ? sum : most;
    }
    return leader;
}

static bool is_certain(const tallies *t, size_t position, uint32_t leader, double nats, caucus_lead_part *parts)
{
    bool certain = true;
    for (uint32_t y = 0; y < t->n_labels && certain; y++) {
        for (uint32_t g = 0; g < t->n_groups; g++) {
            const double *share = share_at(t, g, position);
            parts[g] =
                (caucus_lead_part){t->size[g], share[leader], share[y] + t->unknown[g * t->n_positions + position]};
        }
        certain = y == leader || caucus_lead_is_certain(parts, t->n_groups, nats);
    }
    return certain;
}

static caucus_status find(const caucus_compiled *compiled, bool clean, uint32_t *certain)
{
    tallies t = {0};
    caucus_lead_part *parts = NULL;
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(tallies_init(compiled, &t), done);
    TRY_GOTO(caucus_alloc(t.n_groups, sizeof *parts, "groups", &parts), done);
    TRY_GOTO(fill(compiled, &t, clean), done);
    /* 2^-64 for a cell: of all groups and labels that may lead instead */
    const double nats = 64.0 * 0.69314718055994531 + caucus_log((double)t.n_groups * t.n_labels);
    for (size_t p = 0; p < t.n_positions; p++) {
        const uint32_t leader = expected_leader(&t, p);
        certain[p] = is_certain(&t, p, leader, nats, parts) ? leader : CAUCUS_NOWHERE;
    }
done:
    free(parts);
    tallies_free(&t);
    return status;
}

/* Whether what the platform sees of every group is an ordinary sum. */
static bool can_be_certain(const caucus_compiled *compiled)
{
    const caucus_config *config = compiled->config;
    bool can = config->classifier == CAUCUS_HISTOGRAM && !config->individuals;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        can = can && !(config->without_replacement && config->collectives[m].members.n_terms > 0);
    }
    return can &&
           (uint64_t)(compiled->n_collectives + 1) * compiled->signals.n_positions * compiled->n_labels <= MOST_TALLIES;
}

/* Hardly any certain cells spare hardly any draws, and which ones they are differs from one configuration to the next,
 * so that these could not share what they draw by: as many as this or none. */
static const double FEWEST_CERTAIN = 1.0 / 16.0; /* of all positions */

static void forget_few(uint32_t *certain, uint32_t n)
{
    uint32_t n_certain = 0;
    for (uint32_t p = 0; p < n; p++) {
        n_certain += certain[p] != CAUCUS_NOWHERE ? 1 : 0;
    }
    for (uint32_t p = 0; p < n && (double)n_certain < FEWEST_CERTAIN * (double)n; p++) {
        certain[p] = CAUCUS_NOWHERE;
    }
}

caucus_status caucus_certain_open(caucus_compiled *compiled)
{
    const uint32_t n = compiled->signals.n_positions;
    const bool costs = compiled->config->accuracy_cost;
    TRY(caucus_alloc(n, sizeof *compiled->certain, "certain cells", &compiled->certain));
    TRY(caucus_alloc(costs ? n : 0, sizeof *compiled->clean_certain, "certain cells", &compiled->clean_certain));
    for (uint32_t p = 0; p < n; p++) {
        compiled->certain[p] = CAUCUS_NOWHERE;
    }
    if (!can_be_certain(compiled)) {
        for (uint32_t p = 0; costs && p < n; p++) {
            compiled->clean_certain[p] = CAUCUS_NOWHERE;
        }
        return CAUCUS_OK;
    }
    TRY(find(compiled, false, compiled->certain));
    if (costs) {
        TRY(find(compiled, true, compiled->clean_certain));
    }
    for (uint32_t p = 0; costs && p < n; p++) { /* who is drawn for the one is there for the other */
        if (compiled->certain[p] == CAUCUS_NOWHERE || compiled->clean_certain[p] == CAUCUS_NOWHERE) {
            compiled->certain[p] = compiled->clean_certain[p] = CAUCUS_NOWHERE;
        }
    }
    forget_few(compiled->certain, n);
    if (costs) {
        forget_few(compiled->clean_certain, n); /* the same cells */
    }
    return CAUCUS_OK;
}

void caucus_certain_close(caucus_compiled *compiled)
{
    free(compiled->clean_certain);
    free(compiled->certain);
}
