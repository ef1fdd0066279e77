/* How many Philox blocks draws take: the samplers that devices run, with a random source that counts. */
#include "limits.h"
#include "math/random.h"

static uint64_t n_blocks;

static inline caucus_words counted_random(caucus_place place, uint32_t attempt)
{
    n_blocks++;
    return caucus_random(place, attempt);
}

#define caucus_random counted_random
#include "math/binomial.h"
#include "math/hypergeometric.h"

typedef uint64_t (*sampler)(caucus_place place, uint64_t a, uint64_t b, uint64_t c);

static uint64_t hypergeometric(caucus_place place, uint64_t good, uint64_t bad, uint64_t n)
{
    return caucus_draw_hypergeometric(place, good, bad, n);
}

static uint64_t binomial(caucus_place place, uint64_t good, uint64_t bad, uint64_t n)
{
    return caucus_draw_binomial(place, n, good, bad);
}

static double blocks_of(sampler draw, const limits_draws *draws, uint32_t n_trials)
{
    n_blocks = 0;
    for (uint32_t trial = 0; trial < n_trials; trial++) {
        for (uint32_t i = 0; i < draws->n; i++) {
            caucus_place place = {{1, trial, 0}, 0, i};
            draw(place, draws->of[i].good, draws->of[i].bad, draws->of[i].n);
        }
    }
    return (double)n_blocks / n_trials;
}

double limits_blocks_hypergeometric(const limits_draws *draws, uint32_t n_trials)
{
    return blocks_of(hypergeometric, draws, n_trials);
}

double limits_blocks_binomial(const limits_draws *draws, uint32_t n_trials)
{
    return blocks_of(binomial, draws, n_trials);
}
