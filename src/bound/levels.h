/* How many one-sided events share the failure probability of a bound (docs/bounds.md, "Levels"). */
#ifndef CAUCUS_BOUND_LEVELS_H
#define CAUCUS_BOUND_LEVELS_H

#include "bound/bound.h"

/* E*: the same for every knowledge level. last: events of the last step. */
double caucus_levels_events(const caucus_bound_setting *setting, caucus_bound_kind kind, double last);

/* ln(1/d) of each event, d = delta / E*; two_steps: whether the last step is PL after L (or PU after U) though the
 * inequality has one exact step, which sizes alone decide. mass_members: those that mass is taken over. */
typedef struct caucus_levels {
    double each;
    double mass; /* of L or U in the last step: for budget every set of cells is covered */
    bool two_steps;
} caucus_levels;

caucus_levels caucus_levels_of(const caucus_bound_setting *setting, caucus_bound_kind kind, double delta,
                               uint64_t mass_members);

/* The same where a pilot shares delta out (pilot.h): each is that of all events but the base pairs, which have pairs
 * together; mass is of all sets of cells at once, and nested of each of the k nested ones. One step always. */
typedef struct caucus_pilot_levels {
    double each, mass, nested; /* ln(1/d) */
    double pairs;              /* a probability */
} caucus_pilot_levels;

caucus_pilot_levels caucus_pilot_levels_of(const caucus_bound_setting *setting, caucus_bound_kind kind, double delta);

#endif
