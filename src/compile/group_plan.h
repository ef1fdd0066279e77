/* Choosing how a group is drawn, and making the tables for it. */
#ifndef CAUCUS_COMPILE_GROUP_PLAN_H
#define CAUCUS_COMPILE_GROUP_PLAN_H

#include "base/status.h"
#include "trial/draw_plan.h"

/* A form that is asked for, for tests: -1 the cheapest one. */
enum { CAUCUS_ANY_FORM = -1 };

typedef struct caucus_group_request {
    uint32_t n_classes;
    const uint64_t *people; /* [class] who may join, or their weights with replacement; together at most 2^53 */
    uint64_t size;          /* to be drawn */
    bool urn;               /* without replacement; then: */
    const double *taken;    /* [class] how many are expected to have been drawn before */
    double sum_taken;       /* of all classes together */
    bool exact;             /* sum_taken is what every trial has drawn, uniformly from everybody */
    int form;
    uint64_t n_trials; /* that draw it, 0: many: for how tables are looked up, not for what is found */
} caucus_group_request;

/* CAUCUS_INVALID where the form that is asked for is impossible. */
caucus_status caucus_group_plan(const caucus_group_request *request, caucus_group **group);
void caucus_group_free(caucus_group *group);

/* Bytes of everything that a group has. */
size_t caucus_group_bytes(const caucus_group *group);

#endif
