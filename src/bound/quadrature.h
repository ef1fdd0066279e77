/* Gauss and Legendre's quadrature with 28 nodes. Shared with devices. */
#ifndef CAUCUS_BOUND_QUADRATURE_H
#define CAUCUS_BOUND_QUADRATURE_H

#include "math/shared.h"

enum { CAUCUS_QUADRATURE_NODES = 28 };

typedef struct caucus_quadrature_node {
    double at; /* in (-1, 1) */
    double weight;
} caucus_quadrature_node;

/* Node i, in pairs on both sides of 0, from the middle outwards. */
CAUCUS_SHARED caucus_quadrature_node caucus_quadrature(int i)
{
    enum { HALF = CAUCUS_QUADRATURE_NODES / 2 };
    static const double node[HALF] = {
        0.055079289884034266, 0.16456928213338077, 0.27206162763517810, 0.37625151608907870, 0.47587422495511827,
        0.56972047181140173,  0.65665109403886496, 0.73561087801363177, 0.80564137091717920, 0.86589252257439507,
        0.91563302639213204,  0.95425928062893819, 0.98130316537087272, 0.99644249757395442};
    static const double weight[HALF] = {
        0.11004701301647518,  0.10871119225829413,  0.10605576592284642,  0.10211296757806076,  0.096930657997929922,
        0.090571744393032836, 0.083113417228901212, 0.074646214234568783, 0.065272923966999602, 0.055107345675716739,
        0.044272934759004229, 0.032901427782304378, 0.021132112592771267, 0.0091242825930945177};
    const caucus_quadrature_node found = {i % 2 == 0 ? -node[i / 2] : node[i / 2], weight[i / 2]};
    return found;
}

#endif
