#include "trial/lanes.h"

extern const caucus_lanes caucus_lanes_any;
#ifdef __x86_64__
extern const caucus_lanes caucus_lanes_avx2, caucus_lanes_avx512;
#endif

enum { MOST_BYTES = 128 << 20 /* of a group: far more would only leave the caches */ };

const caucus_lanes *const *caucus_lanes_here(void)
{
    static const caucus_lanes *const any[] = {&caucus_lanes_any, &caucus_lanes_one, NULL};
#ifdef __x86_64__
    static const caucus_lanes *const avx2[] = {&caucus_lanes_avx2, &caucus_lanes_any, &caucus_lanes_one, NULL};
    static const caucus_lanes *const avx512[] = {&caucus_lanes_avx512, &caucus_lanes_avx2, &caucus_lanes_any,
                                                 &caucus_lanes_one, NULL};
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw")) {
        return avx512;
    }
    if (__builtin_cpu_supports("avx2")) {
        return avx2;
    }
#endif
    return any;
}

static bool serves(const caucus_lanes *lanes, const caucus_compiled *compiled)
{
    if (lanes->n_lanes == 1) {
        return true;
    }
    return compiled->crowd == NULL && lanes->bytes(compiled) <= MOST_BYTES;
}

const caucus_lanes *caucus_lanes_for(const caucus_compiled *compiled)
{
    const caucus_lanes *const *lanes = caucus_lanes_here();
    while (!serves(*lanes, compiled)) {
        lanes++;
    }
    return *lanes;
}
