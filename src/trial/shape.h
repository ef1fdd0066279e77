/* The shape of results: how many values of each kind a trial has. Shared with devices. */
#ifndef CAUCUS_SHAPE_H
#define CAUCUS_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct caucus_shape {
    uint32_t n_collectives; /* the most in any configuration */
    uint32_t n_methods;     /* bound methods */
    bool trained;           /* some configuration's classifier is trained, so there is `converged` */
    bool compared;          /* `accuracy_cost` is asked for */
} caucus_shape;

#endif
