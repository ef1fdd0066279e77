/* Multinomial draws over classes with integer weights, and their analogue without replacement. Shared with devices.
 *
 * Weights and counts live in a heap over the classes: node 1 is everything, node i splits into 2i and 2i + 1, and class
 * c of C is node C + c. A draw splits its count down the tree, C - 1 binomials at most: a branch that nobody falls into
 * costs nothing, and the nodes of a level do not depend on each other. */
#ifndef CAUCUS_MATH_MULTINOMIAL_H
#define CAUCUS_MATH_MULTINOMIAL_H

#include "math/binomial.h"
#include "math/hypergeometric.h"

#include <stddef.h>

/* Sums of the leaves n_classes .. 2 n_classes - 1 of a trial's heap, in place. heap: [2 n_classes]; heap[0] is unused.
 */
CAUCUS_SHARED void caucus_heap_sum(uint64_t *heap, uint32_t n_classes)
{
    for (uint32_t node = n_classes - 1; node >= 1; node--) {
        heap[CAUCUS_AT(node)] = heap[CAUCUS_AT(2 * node)] + heap[CAUCUS_AT(2 * node + 1)];
    }
}

/* The odds at every inner node of a heap of weights, for weights that are drawn from often. odds: [n_classes]. */
CAUCUS_SHARED void caucus_heap_odds(const uint64_t *weights, uint32_t n_classes, caucus_chances *odds)
{
    for (uint32_t node = 1; node < n_classes; node++) {
        odds[node] = caucus_chances_of(weights[2 * node], weights[2 * node + 1]);
    }
}

/* A node's count falls to its children. */
CAUCUS_SHARED void caucus_heap_split(uint64_t *counts, uint32_t node, uint64_t left)
{
    counts[CAUCUS_AT(2 * node + 1)] = counts[CAUCUS_AT(node)] - left;
    counts[CAUCUS_AT(2 * node)] = left;
}

/* Draw n with replacement by a table of odds (caucus_heap_odds). counts: a trial's [2 n_classes] heap; n_classes >= 1,
 * total weight > 0 unless n = 0. */
CAUCUS_SHARED void caucus_multinomial(caucus_place place, uint64_t n, const caucus_chances *odds, uint32_t n_classes,
                                      uint64_t *counts)
{
    const uint32_t first_draw = place.draw;
    counts[CAUCUS_AT(1)] = n;
    for (uint32_t node = 1; node < n_classes; node++) {
        place.draw = first_draw + node;
        caucus_heap_split(counts, node, caucus_draw_binomial_at(place, counts[CAUCUS_AT(node)], &odds[node]));
    }
}

/* The same by weights that belong to the trial: a heap like counts. */
CAUCUS_SHARED void caucus_multinomial_once(caucus_place place, uint64_t n, const uint64_t *weights, uint32_t n_classes,
                                           uint64_t *counts)
{
    const uint32_t first_draw = place.draw;
    counts[CAUCUS_AT(1)] = n;
    for (uint32_t node = 1; node < n_classes; node++) {
        place.draw = first_draw + node;
        caucus_heap_split(counts, node,
                          caucus_draw_binomial(place, counts[CAUCUS_AT(node)], weights[CAUCUS_AT(2 * node)],
                                               weights[CAUCUS_AT(2 * node + 1)]));
    }
}

/* Draw n without replacement from the trial's remaining weights, which must be at least n; does not change them. */
CAUCUS_SHARED void caucus_multivariate_hypergeometric(caucus_place place, uint64_t n, const uint64_t *remaining,
                                                      uint32_t n_classes, uint64_t *counts)
{
    const uint32_t first_draw = place.draw;
    counts[CAUCUS_AT(1)] = n;
    for (uint32_t node = 1; node < n_classes; node++) {
        place.draw = first_draw + node;
        caucus_heap_split(counts, node,
                          caucus_draw_hypergeometric(place, remaining[CAUCUS_AT(2 * node)],
                                                     remaining[CAUCUS_AT(2 * node + 1)], counts[CAUCUS_AT(node)]));
    }
}

#endif
