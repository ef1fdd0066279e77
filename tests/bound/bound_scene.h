/* A situation whose numbers a test sets one by one, and bounds of it. */
#ifndef TESTS_BOUND_SCENE_H
#define TESTS_BOUND_SCENE_H

#include "bound_value.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_CELLS = 6, MOST_LABELS = 4, MOST_COLLECTIVES = 4 };

/* A situation whose numbers the tests set one by one. */
typedef struct scene {
    uint64_t sizes[MOST_COLLECTIVES];
    caucus_strategy strategies[MOST_COLLECTIVES];
    uint32_t targets[MOST_COLLECTIVES];
    uint32_t image[MOST_CELLS];
    uint64_t own[MOST_CELLS * MOST_LABELS];
    uint64_t mass[MOST_CELLS];
    uint64_t base[MOST_CELLS * MOST_LABELS];
    uint64_t others[MOST_CELLS * MOST_LABELS];
    uint64_t pooled[MOST_CELLS * MOST_LABELS];
    uint64_t crossed[MOST_COLLECTIVES * MOST_CELLS * MOST_LABELS];
    uint32_t good[MOST_CELLS];
    caucus_bound_setting setting;
    caucus_bound_view view;
} scene;

static inline scene *scene_of(uint64_t consumers, uint64_t test, uint32_t n_cells, uint32_t n_labels,
                              uint32_t n_collectives)
{
    scene *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->setting = (caucus_bound_setting){.consumers = consumers,
                                        .test = test,
                                        .n_labels = n_labels,
                                        .n_collectives = n_collectives,
                                        .sizes = s->sizes,
                                        .strategies = s->strategies,
                                        .targets = s->targets,
                                        .n_cells = n_cells};
    s->view = (caucus_bound_view){.own = s->own,
                                  .mass = s->mass,
                                  .base = s->base,
                                  .base_mass = s->mass,
                                  .good = s->good,
                                  .others = s->others,
                                  .pooled = s->pooled,
                                  .crossed = s->crossed};
    return s;
}

static inline double value_from(const scene *s, caucus_side side, caucus_family family, caucus_knowledge knowledge,
                                caucus_inequality inequality, double delta)
{
    caucus_bound *bound = NULL;
    const caucus_bound_kind kind = {family, inequality, side};
    if (caucus_bound_open(&s->setting, kind, delta, NULL, &bound) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    void *scratch = malloc(caucus_bound_scratch(bound) * sizeof(double));
    double result = bound_value(bound, &s->view, knowledge, scratch);
    free(scratch);
    caucus_bound_close(bound);
    return result;
}

static inline double value(const scene *s, caucus_family family, caucus_knowledge knowledge,
                           caucus_inequality inequality, double delta)
{
    return value_from(s, CAUCUS_LOWER, family, knowledge, inequality, delta);
}

static inline void near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-12)) {
        fail_msg("%.17g instead of %.17g", got, expected);
    }
}

#endif
