/* Shares cut to a few leading bits.
 *
 * Thousands of classes have as many different shares, and each would need a table of draws of its own. Cut, most of
 * them are alike. A person has coarse shares with the probability that these leave nothing out, which makes her draw by
 * them and the others' by what they leave out one draw by the true ones (docs/engine.md, "Groups"). */
#ifndef CAUCUS_COMPILE_COARSE_SHARES_H
#define CAUCUS_COMPILE_COARSE_SHARES_H

#include <stdint.h>

/* The fewest bits with which hardly any of `size` people are drawn by what they leave out, and tables are few; 0 where
 * that does not pay. people: [class] weights, together at most 2^53. */
int caucus_coarse_bits(const uint64_t *people, uint32_t n_classes, uint64_t size);

/* Cut to so many bits: coarse and left_out, [class], add up to people. Returns the sum of the former. */
uint64_t caucus_coarse_cut(const uint64_t *people, uint32_t n_classes, int bits, uint64_t *coarse, uint64_t *left_out);

#endif
