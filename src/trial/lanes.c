#include "trial/lanes.h"

extern const caucus_lanes caucus_lanes_any_32, caucus_lanes_any_64;
#ifdef __x86_64__
extern const caucus_lanes caucus_lanes_avx2_32, caucus_lanes_avx2_64, caucus_lanes_avx512_32, caucus_lanes_avx512_64;
#endif

enum { MOST_BYTES = 128 << 20 /* of a group: far more would only leave the caches */ };

const caucus_lanes *const *caucus_lanes_here(void)
{
    static const caucus_lanes *const all[] = {
#ifdef __x86_64__
        &caucus_lanes_avx512_32, &caucus_lanes_avx512_64, &caucus_lanes_avx2_32, &caucus_lanes_avx2_64,
#endif
        &caucus_lanes_any_32,    &caucus_lanes_any_64,    &caucus_lanes_one,     NULL};
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw")) {
        return all;
    }
    return __builtin_cpu_supports("avx2") ? all + 2 : all + 4;
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

const caucus_lanes *caucus_lanes_for(const caucus_compiled *compiled)
{
    const caucus_lanes *const *lanes = caucus_lanes_here();
    while (!caucus_lanes_serve(*lanes, compiled)) {
        lanes++;
    }
    return *lanes;
}
