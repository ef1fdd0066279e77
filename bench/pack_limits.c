/* What the processor's arithmetic gives at most, in packs as training uses them: prints exps a second, and additions
 * and multiplications a second, of one core out of its registers and first cache.
 *
 * cc -O3 -march=native -ffp-contract=off -DCAUCUS_PACK_WIDTH=8 -Isrc bench/pack_limits.c */
#include "training/pack.h"

#include <stdio.h>
#include <time.h>

enum { PACKS = 64, ROUNDS = 2000, REPEATS = 200, CHAINS = 8 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double exps(caucus_pack *x)
{
    const double start = now();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PACKS; i++) {
            x[i] = caucus_pack_exp(x[i] - 1.0); /* tends to a number near -0.85: never far out */
        }
        __asm__ volatile("" ::"r"(x) : "memory");
    }
    return (double)ROUNDS * PACKS * CAUCUS_PACK_WIDTH / (now() - start);
}

static double operations(caucus_pack *x)
{
    caucus_pack chain[CHAINS];
    caucus_pack other[CHAINS];
    for (int i = 0; i < CHAINS; i++) {
        chain[i] = x[i];
        other[i] = x[CHAINS + i];
    }
    const double start = now();
    for (int round = 0; round < ROUNDS * PACKS / CHAINS; round++) {
        for (int i = 0; i < CHAINS; i++) {
            chain[i] = chain[i] + 0.5;
            other[i] = other[i] * 0.999999;
        }
    }
    const double seconds = now() - start;
    for (int i = 0; i < CHAINS; i++) {
        x[i] = chain[i];
        x[CHAINS + i] = other[i];
    }
    return 2.0 * ROUNDS * PACKS * CAUCUS_PACK_WIDTH / seconds;
}

int main(void)
{
    static caucus_pack x[PACKS];
    double most_exps = 0.0;
    double most_operations = 0.0;
    double sum = 0.0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        for (int i = 0; i < PACKS; i++) {
            x[i] = caucus_pack_of(-0.01 * i);
        }
        double rate = exps(x);
        most_exps = rate > most_exps ? rate : most_exps;
        rate = operations(x);
        most_operations = rate > most_operations ? rate : most_operations;
        sum += caucus_pack_get(&x[repeat % PACKS], 0);
    }
    printf("%.4g %.4g\n", most_exps, most_operations);
    return sum == 12345.0; /* the results must matter */
}
