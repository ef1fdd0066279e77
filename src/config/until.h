/* When a run has trials enough: the section `until` of an experiment (docs/statistics.md). */
#ifndef CAUCUS_CONFIG_UNTIL_H
#define CAUCUS_CONFIG_UNTIL_H

#include <stdint.h>

/* Whose standard errors count, as a set of bits. */
enum {
    CAUCUS_UNTIL_SUCCESS = 1 << 0,   /* the mean success of each collective */
    CAUCUS_UNTIL_BOUNDS = 1 << 1,    /* the mean of each of its lower bounds */
    CAUCUS_UNTIL_QUANTILES = 1 << 2, /* the quantiles of both, as far as their means count */
    CAUCUS_N_UNTIL = 3
};
extern const char *const caucus_until_names[CAUCUS_N_UNTIL]; /* [bit] */

typedef struct caucus_until {
    double standard_error; /* that no standard error may exceed; 0: trials are as many as was said */
    uint64_t most;         /* trials of a configuration */
    unsigned of;
} caucus_until;

/* The trials of a configuration after the round that follows one with `trials`: twice as many, at most `most`. */
uint64_t caucus_until_next(const caucus_until *until, uint64_t trials);

/* Those of the first round that has at least `trials`, where rounds begin with `first`. */
uint64_t caucus_until_round(const caucus_until *until, uint64_t first, uint64_t trials);

#endif
