/* What must hold between bounds, at their limits, and of what they refuse. */
#include "bound_scene.h"

/* Four cells, three collectives whose members are alike, as in one population; sizes times scale. */
static scene *alike(uint64_t scale, uint32_t variant)
{
    scene *s = scene_of(100 * scale, 1000 * scale, 4, 3, 3);
    const uint64_t parts[] = {12 + 3 * (variant % 4), 5, 6};
    uint64_t others = parts[1] + parts[2];
    for (uint32_t j = 0; j < 3; j++) {
        s->sizes[j] = parts[j] * scale;
        s->targets[j] = (variant >> j) % 3;
        s->strategies[j] = j > 0 && (variant >> (2 * j)) % 2 ? CAUCUS_FEATURE_ONLY_KEEP : CAUCUS_FEATURE_LABEL;
    }
    s->view.n_own = s->view.n_base = s->sizes[0];
    s->view.n_others = others * scale;
    s->view.n_pooled = s->sizes[0] + others * scale;
    uint32_t t = s->targets[0];
    for (uint32_t x = 0; x < 4; x++) {
        s->good[x] = t;
        s->mass[x] = s->own[3 * x + t] = s->sizes[0] / 4;
        uint64_t share[3] = {(7 * x + 3 * variant) % 9, (5 * x + variant) % 8, (3 * x + 2 * variant) % 7};
        uint64_t moved[3] = {0, (11 * x + variant) % 13, (5 * x + variant) % 11}; /* of 40: what j brings to x */
        for (uint32_t y = 0; y < 3; y++) {
            s->base[3 * x + y] = s->sizes[0] * share[y] / 96;
            s->pooled[3 * x + y] = s->view.n_pooled * share[y] / 96;
        }
        for (uint32_t j = 1; j < 3; j++) {
            uint32_t tj = s->targets[j];
            s->crossed[(4 * j + x) * 3 + tj] = s->sizes[0] * moved[j] / 40;
            s->others[3 * x + tj] += s->sizes[j] * moved[j] / 40;
        }
    }
    return s;
}

static const uint64_t SCALE = 96 * 40 * 4; /* divides everything above */

/* Where no level and no sample stands between, more knowledge never gives less. */
static void monotone_in_knowledge(void **state)
{
    (void)state;
    int strict = 0;
    for (uint32_t variant = 0; variant < 400; variant++) {
        scene *s = alike(SCALE, variant);
        s->setting.epsilon = variant % 3 == 0 ? 0.01 : 0;
        for (caucus_family family = CAUCUS_STAIRCASE; family <= CAUCUS_BUDGET; family++) {
            double before = -INFINITY;
            for (caucus_knowledge knowledge = CAUCUS_TOTAL; knowledge < CAUCUS_N_KNOWLEDGE; knowledge++) {
                double bound = value(s, family, knowledge, CAUCUS_POPULATION, 0.05);
                assert_true(bound >= before - 1e-12);
                strict += bound > before + 1e-12 && !isinf(before);
                before = bound;
            }
        }
        free(s);
    }
    assert_true(strict > 100); /* the comparison means something */
}

/* Every inequality tends to population as everything grows, and lies below it on the way. */
static void population_is_the_limit(void **state)
{
    (void)state;
    for (uint32_t variant = 0; variant < 40; variant++) {
        scene *small = alike(SCALE, variant);
        scene *large = alike(SCALE * 500000, variant); /* N = 7.7e11 */
        for (caucus_family family = CAUCUS_STAIRCASE; family <= CAUCUS_BUDGET; family++) {
            for (caucus_knowledge knowledge = CAUCUS_TOTAL; knowledge < CAUCUS_N_KNOWLEDGE; knowledge++) {
                double limit = value(large, family, knowledge, CAUCUS_POPULATION, 0.05);
                near(value(small, family, knowledge, CAUCUS_POPULATION, 0.05), limit);
                const int last = family == CAUCUS_STAIRCASE ? CAUCUS_HYPERGEOMETRIC : CAUCUS_N_INEQUALITIES;
                for (int inequality = CAUCUS_HOEFFDING; inequality < last; inequality++) {
                    assert_true(value(small, family, knowledge, inequality, 0.05) <= limit + 1e-12);
                    /* At N = 8e11 limits are off by 1e-5, which a budget divides by small margins. */
                    assert_true(fabs(value(large, family, knowledge, inequality, 0.05) - limit) < 1e-3);
                }
            }
        }
        free(small);
        free(large);
    }
}

/* With nobody else there, knowledge of others is nothing: all levels agree to the bit. */
static void alone(void **state)
{
    (void)state;
    for (uint32_t variant = 0; variant < 40; variant++) {
        scene *s = alike(SCALE, variant);
        s->setting.n_collectives = 1;
        memcpy(s->pooled, s->base, sizeof s->base);
        s->view.n_pooled = s->view.n_base;
        for (int inequality = 0; inequality < CAUCUS_N_INEQUALITIES; inequality++) {
            for (caucus_family family = inequality < CAUCUS_HYPERGEOMETRIC ? CAUCUS_STAIRCASE : CAUCUS_BUDGET;
                 family <= CAUCUS_BUDGET; family++) {
                double first = value(s, family, CAUCUS_TOTAL, inequality, 0.05);
                for (caucus_knowledge knowledge = CAUCUS_LABELS; knowledge < CAUCUS_N_KNOWLEDGE; knowledge++) {
                    assert_true(value(s, family, knowledge, inequality, 0.05) == first);
                }
            }
        }
        free(s);
    }
}

/* Nobody outside the collectives, nobody in this one: no division by nothing, and no bound from no data. */
static void empty_groups(void **state)
{
    (void)state;
    scene *s = alike(SCALE, 3);
    s->setting.consumers = s->sizes[0] + s->sizes[1] + s->sizes[2];
    for (int inequality = 0; inequality < CAUCUS_N_INEQUALITIES; inequality++) {
        for (caucus_knowledge knowledge = CAUCUS_TOTAL; knowledge < CAUCUS_N_KNOWLEDGE; knowledge++) {
            assert_true(inequality >= CAUCUS_HYPERGEOMETRIC ||
                        isfinite(value(s, CAUCUS_STAIRCASE, knowledge, inequality, 0.05)));
            assert_true(isfinite(value(s, CAUCUS_BUDGET, knowledge, inequality, 0.05)));
        }
    }
    s->sizes[0] = 0;
    s->view.n_own = s->view.n_base = 0;
    for (int inequality = 0; inequality < CAUCUS_N_INEQUALITIES; inequality++) {
        assert_true(isnan(value(s, CAUCUS_STAIRCASE, CAUCUS_TOTAL, inequality, 0.05)));
        assert_true(isnan(value(s, CAUCUS_BUDGET, CAUCUS_TOTAL, inequality, 0.05)));
    }
    free(s);
}

/* A lead that is a tie but for rounding is a tie: 0.3 of the consumers against 0.7 with a gap of 3/7. */
static void rounded_ties(void **state)
{
    (void)state;
    for (uint64_t n = 100; n < 1000; n += 7) {
        scene *s = scene_of(1000, 100, 1, 2, 1);
        s->sizes[0] = s->view.n_own = n;
        s->own[0] = s->mass[0] = n;
        s->view.n_base = 1000 - n;           /* population: any weights */
        s->base[1] = n < 500 ? n : 1000 - n; /* w_m = w_0 (p(b) - p(a)) exactly, where it can be */
        double bound = value(s, CAUCUS_STAIRCASE, CAUCUS_TOTAL, CAUCUS_POPULATION, 0.05);
        near(bound, n < 500 ? 0 : 1);
        near(value(s, CAUCUS_BUDGET, CAUCUS_TOTAL, CAUCUS_POPULATION, 0.05), n < 500 ? 0 : 1);
        free(s);
    }
}

static void rejected(scene *s, double delta, const char *about)
{
    caucus_bound *bound = NULL;
    const caucus_bound_kind kind = {CAUCUS_STAIRCASE, CAUCUS_HOEFFDING, CAUCUS_LOWER};
    assert_int_equal(caucus_bound_open(&s->setting, kind, delta, NULL, &bound), CAUCUS_INVALID);
    if (strstr(caucus_error_message(), about) == NULL) {
        fail_msg("'%s' does not speak of %s", caucus_error_message(), about);
    }
}

static void bad_settings(void **state)
{
    (void)state;
    scene *s = alike(SCALE, 1);
    for (double delta = 0; delta < 3; delta++) {
        rejected(s, delta < 2 ? delta : NAN, "delta");
    }
    s->setting.epsilon = 1;
    rejected(s, 0.05, "epsilon");
    s->setting.epsilon = 0;
    s->targets[2] = 3;
    rejected(s, 0.05, "target 3 of collective 2");
    s->targets[2] = 0;
    s->sizes[2] = UINT64_MAX;
    rejected(s, 0.05, "more members");
    s->sizes[2] = 1;
    s->setting.estimators = s->sizes[0] + 1;
    rejected(s, 0.05, "estimators");
    s->setting.estimators = 0;
    s->setting.pilot = s->sizes[0] + 1;
    rejected(s, 0.05, "a pilot of");
    s->setting.pilot = 1;
    s->strategies[0] = CAUCUS_UNPLANT_NAIVE;
    rejected(s, 0.05, "unplant_naive");
    s->setting.pilot = 0;
    s->strategies[0] = CAUCUS_ERASE;
    s->setting.image = s->image;
    s->image[1] = 2;
    rejected(s, 0.05, "erase");
    s->strategies[0] = CAUCUS_FEATURE_LABEL;
    s->setting.self = 3;
    rejected(s, 0.05, "collective");
    s->setting.self = 0;
    s->setting.test = 0;
    rejected(s, 0.05, "test");
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotone_in_knowledge),
        cmocka_unit_test(population_is_the_limit),
        cmocka_unit_test(alone),
        cmocka_unit_test(empty_groups),
        cmocka_unit_test(rounded_ties),
        cmocka_unit_test(bad_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
