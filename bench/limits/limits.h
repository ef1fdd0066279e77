/* What a device can do at most, measured: the parts of bench/limits and what they share. */
#ifndef CAUCUS_BENCH_LIMITS_H
#define CAUCUS_BENCH_LIMITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LIMITS_MOST_DRAWS = 64, LIMITS_BLOCK = 256, LIMITS_REPEATS = 5 };

/* One hypergeometric or binomial draw: n from good and bad. */
typedef struct limits_draw {
    uint64_t good, bad, n;
} limits_draw;

/* The draws of one trial. */
typedef struct limits_draws {
    limits_draw of[LIMITS_MOST_DRAWS];
    uint32_t n;
} limits_draws;

/* The draws of a trial of vehicles-planting at its expected counts, from the population's CSV file. 0, or 1 with a
 * message on stderr. */
int limits_read_draws(const char *path, limits_draws *draws);

/* Philox blocks that a trial's draws take, by counting those of n_trials trials on the host. */
double limits_blocks_hypergeometric(const limits_draws *draws, uint32_t n_trials);
double limits_blocks_binomial(const limits_draws *draws, uint32_t n_trials);

/* One line of the report: {"figure": name, "value": value, "unit": unit}. */
void limits_print(const char *name, double value, const char *unit);

/* Each prints its figures; 0, or 1 with a message on stderr. host: on one core of the processor, where that says
 * anything. */
int limits_philox(int host);
int limits_samplers(int host, const limits_draws *draws);
int limits_memory(void);
int limits_products(void);

#ifdef __cplusplus
}
#endif
#endif
