/* Bins that a person would choose: about as many people in each, and edges that are easy to say. */
#ifndef CAUCUS_POPULATION_ROUND_EDGES_H
#define CAUCUS_POPULATION_ROUND_EDGES_H

#include "base/status.h"

enum { CAUCUS_MOST_ROUND_EDGES = 7 };

/* Edges for at most n_edges + 1 bins of numbers that increase; counts: how many people have each. Edges lie above the
 * smallest number and at most at the largest. Returns how many there are: fewer than asked for where a few numbers have
 * most people, 0 where all numbers are the same. */
uint32_t caucus_round_edges(const double *numbers, const uint64_t *counts, size_t n, uint32_t n_edges,
                            double edges[CAUCUS_MOST_ROUND_EDGES]);

/* "[25, 40, 60]" */
void caucus_edges_text(const double *edges, uint32_t n_edges, char *text, size_t bytes);

#endif
