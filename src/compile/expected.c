#include "compile/expected.h"

#include "trial/draw.h"

/* Expected counts of collective m, its estimators taken out in proportion. */
static void expect_collective(caucus_trial *trial, uint32_t m, uint64_t members)
{
    static const double WHOLE = 2251799813685248.0; /* 2^51 for all collectives together */
    const caucus_compiled *compiled = trial->compiled;
    const caucus_partition *partition = compiled->members[m];
    const uint32_t *may_join = partition->columns[caucus_column_member(m)]; /* only where one urn serves all */
    const uint32_t n = partition->n_classes;
    const caucus_collective *collective = &compiled->config->collectives[m];
    double matching = 0.0;
    for (uint32_t c = 0; c < n; c++) {
        matching += may_join == NULL || may_join[c] ? (double)partition->weights[c] : 0.0;
    }
    double share = collective->size == 0 ? 0.0 : (double)collective->size / (double)members;
    double estimating = collective->size == 0 ? 0.0 : (double)collective->estimators / (double)collective->size;
    trial->n_members[m] = 0;
    trial->n_estimators[m] = 0;
    for (uint32_t c = 0; c < n; c++) {
        double weight = may_join == NULL || may_join[c] ? (double)partition->weights[c] : 0.0;
        double expected = WHOLE * share * (weight / matching);
        const uint64_t people = (uint64_t)llround(expected);
        const uint64_t estimators = (uint64_t)llround(expected * estimating);
        if (collective->estimators > 0) {
            trial->estimators[c] = estimators;
        }
        trial->classes[c] = people - estimators;
        trial->n_estimators[m] += estimators;
        trial->n_members[m] += people;
    }
    caucus_draw_matching(trial, m);
    caucus_draw_tally(trial, m, partition, collective->estimators > 0);
    caucus_strategy_choose(trial, m);
    caucus_draw_submit(trial, m, partition, true);
}

void caucus_expected_draw(caucus_trial *trial)
{
    const caucus_compiled *compiled = trial->compiled;
    uint64_t members = compiled->config->consumers - compiled->others_size;
    for (uint32_t m = 0; m < compiled->n_collectives; m++) {
        expect_collective(trial, m, members);
    }
}
