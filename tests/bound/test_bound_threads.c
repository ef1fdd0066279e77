/* Threads that share a bound, and with it its remembered limits, get what a bound of their own would give. */
#include "bound_value.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { THREADS = 4, VIEWS = 3000 };

static const uint64_t sizes[1] = {2000000}; /* far more counts than are remembered: entries are fought over */
static const caucus_strategy strategies[1] = {CAUCUS_FEATURE_LABEL};
static const uint32_t targets[1] = {0};
static const caucus_bound_setting setting = {.consumers = 10000000,
                                             .test = 100000,
                                             .n_labels = 2,
                                             .n_collectives = 1,
                                             .sizes = sizes,
                                             .strategies = strategies,
                                             .targets = targets,
                                             .n_cells = 2};

static double view_value(const caucus_bound *bound, uint64_t i)
{
    double scratch[32]; /* more than caucus_bound_scratch asks for two cells */
    uint64_t left = (i * 7919) % 500000;
    const uint64_t mass[] = {700000 + left, 1300000 - left};
    const uint64_t own[] = {700000 + left, 0, 1300000 - left, 0};
    const uint64_t base[] = {left, 300000 + (i * 104729) % 900000, 150000, 400000 + left};
    const uint32_t good[] = {0, 0};
    caucus_bound_view view = {
        .n_own = sizes[0], .own = own, .mass = mass, .n_base = sizes[0], .base = base, .base_mass = mass, .good = good};
    return bound_value(bound, &view, CAUCUS_TOTAL, scratch);
}

typedef struct worker {
    const caucus_bound *bound;
    uint64_t first;
    double values[VIEWS];
} worker;

static void *work(void *argument)
{
    worker *mine = argument;
    for (uint64_t i = 0; i < VIEWS; i++) {
        uint64_t at = (mine->first + i) % VIEWS;
        mine->values[at] = view_value(mine->bound, at);
    }
    return NULL;
}

static void shared_bound(void **state)
{
    (void)state;
    static worker workers[THREADS];
    for (int inequality = CAUCUS_BERNSTEIN; inequality < CAUCUS_N_INEQUALITIES; inequality++) {
        const caucus_family family = inequality >= CAUCUS_HYPERGEOMETRIC ? CAUCUS_BUDGET : CAUCUS_STAIRCASE;
        const caucus_bound_kind kind = {family, inequality, CAUCUS_LOWER};
        caucus_bound *bound = NULL;
        assert_int_equal(caucus_bound_open(&setting, kind, 0.05, NULL, &bound), CAUCUS_OK);
        assert_true(caucus_bound_scratch(bound) <= 32);
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            workers[i].bound = bound;
            workers[i].first = (uint64_t)i % 2 * VIEWS / 2;
            assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
        caucus_bound_close(bound);
        bool differ = false;
        for (uint64_t i = 0; i < VIEWS; i++) {
            if (i % 100 == 0) { /* a fresh bound remembers nothing */
                assert_int_equal(caucus_bound_open(&setting, kind, 0.05, NULL, &bound), CAUCUS_OK);
                assert_true(view_value(bound, i) == workers[0].values[i]);
                caucus_bound_close(bound);
            }
            for (int j = 1; j < THREADS; j++) {
                assert_true(workers[j].values[i] == workers[0].values[i]);
            }
            differ = differ || workers[0].values[i] != workers[0].values[0];
        }
        assert_true(differ);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shared_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
