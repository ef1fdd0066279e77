#include "result/shard.h"

/* Shards are about equal when there are so many units for each. */
enum { UNITS_A_SHARD = 4 };

caucus_shard caucus_shard_whole(uint64_t n_configs, uint64_t n_trials)
{
    return (caucus_shard){
        .n_configs = n_configs, .n_trials = n_trials, .all_configs = n_configs, .all_trials = n_trials};
}

/* The units number - 1 of count has, of n in runs of `unit` where these are many. */
static void cut(uint64_t n, uint64_t unit, uint64_t number, uint64_t count, uint64_t *first, uint64_t *length)
{
    uint64_t units = (n + unit - 1) / unit;
    if (units < UNITS_A_SHARD * count) {
        unit = 1;
        units = n;
    }
    /* as units * number / count, which would not fit */
    const uint64_t each = units / count;
    const uint64_t more = units % count;
    const uint64_t begin = each * (number - 1) + (number - 1 < more ? number - 1 : more);
    const uint64_t end = begin + each + (number - 1 < more);
    *first = begin * unit;
    *length = (end * unit < n ? end * unit : n) - *first;
}

caucus_status caucus_shard_cut(const caucus_stripes *whole, uint64_t number, uint64_t count, caucus_shard *shard)
{
    const uint64_t n_configs = whole->n_configs;
    const uint64_t n_trials = whole->n_trials;
    *shard = caucus_shard_whole(n_configs, n_trials);
    if (count == 0) {
        return CAUCUS_OK;
    }
    if (number < 1 || number > count) {
        return caucus_fail(CAUCUS_INVALID, "there is no shard %llu of %llu: they are numbered from 1",
                           (unsigned long long)number, (unsigned long long)count);
    }
    if (count > n_configs && count > n_trials) {
        const uint64_t most = n_configs > n_trials ? n_configs : n_trials;
        return caucus_fail(CAUCUS_INVALID,
                           "%llu configurations of %llu trials cannot be cut into %llu shards; make at most %llu",
                           (unsigned long long)n_configs, (unsigned long long)n_trials, (unsigned long long)count,
                           (unsigned long long)most);
    }
    shard->number = number;
    shard->count = count;
    const bool by_configs = n_configs / UNITS_A_SHARD >= count || n_configs >= n_trials;
    if (by_configs) {
        cut(n_configs, whole->configs, number, count, &shard->first_config, &shard->n_configs);
    } else {
        cut(n_trials, whole->per_config > 1 ? whole->trials : 1, number, count, &shard->first_trial, &shard->n_trials);
    }
    return CAUCUS_OK;
}
