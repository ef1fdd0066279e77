/* Dirichlet draws from counter-based random numbers: the same for the same (seed, stream, item) on every machine. */
#ifndef CAUCUS_MATH_DIRICHLET_H
#define CAUCUS_MATH_DIRICHLET_H

#include <stdint.h>

/* Draw shares ~ Dirichlet(concentration, ..., concentration) over n items, into shares (they add up to 1 but for
 * rounding; some may be 0 where the concentration is small). concentration > 0. Philox4x32-10 with key = seed and
 * counter = (step, stream, item, 0). */
void caucus_dirichlet_draw(uint64_t seed, uint32_t stream, uint32_t item, double concentration, uint64_t n,
                           double *shares);

#endif
