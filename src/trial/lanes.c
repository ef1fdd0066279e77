#include "trial/lanes.h"

extern const caucus_lanes caucus_lanes_any_32, caucus_lanes_any_32_few, caucus_lanes_any_64;
#ifdef __x86_64__
extern const caucus_lanes caucus_lanes_avx2_32, caucus_lanes_avx2_32_few, caucus_lanes_avx2_64, caucus_lanes_avx512_32,
    caucus_lanes_avx512_32_few, caucus_lanes_avx512_64;
#endif

enum {
    MOST_BYTES = 128 << 20,      /* of a group: far more would only leave the caches */
    MOST_CACHED_BYTES = 16 << 20 /* of a group, where fewer lanes are an alternative */
};

const caucus_lanes *const *caucus_lanes_here(void)
{
    static const caucus_lanes *const all[] = {
#ifdef __x86_64__
        &caucus_lanes_avx512_32,
        &caucus_lanes_avx512_32_few,
        &caucus_lanes_avx512_64,
        &caucus_lanes_avx2_32,
        &caucus_lanes_avx2_32_few,
        &caucus_lanes_avx2_64,
#endif
        &caucus_lanes_any_32,
        &caucus_lanes_any_32_few,
        &caucus_lanes_any_64,
        &caucus_lanes_one,
        NULL};
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw")) {
        return all;
    }
    return __builtin_cpu_supports("avx2") ? all + 3 : all + 6;
#else
    return all;
#endif
}

bool caucus_lanes_serve(const caucus_lanes *lanes, const caucus_compiled *compiled)
{
    const caucus_config *config = compiled->config;
    if (lanes->n_lanes == 1) {
        return true;
    }
    if (compiled->config->individuals || lanes->bytes(compiled) > MOST_BYTES) {
        return false;
    }
    if (lanes->count_bits == 64) {
        return true;
    }
    /* Trainings read counts of 64 bits. Without replacement test points are taken from the same people. */
    return compiled->training == NULL && config->consumers <= UINT32_MAX - config->test;
}

/* Whether all lanes would be too many: half of them idle, or a group's counts far out of the caches. */
static bool are_too_many(const caucus_lanes *lanes, const caucus_compiled *compiled, uint64_t n_trials)
{
    return 2 * n_trials <= lanes->n_lanes || lanes->bytes(compiled) > MOST_CACHED_BYTES;
}

const caucus_lanes *caucus_lanes_for(const caucus_compiled *compiled, uint64_t n_trials)
{
    const caucus_lanes *const *lanes = caucus_lanes_here();
    while (!caucus_lanes_serve(*lanes, compiled)) {
        lanes++;
    }
    const caucus_lanes *best = *lanes;
    if (best->count_bits != 32 || !are_too_many(best, compiled, n_trials)) {
        return best;
    }
    while (*lanes != NULL && ((*lanes)->count_bits != 32 || (*lanes)->n_lanes >= best->n_lanes)) {
        lanes++;
    }
    return *lanes != NULL ? *lanes : best;
}
