/* Sweeps and generated lists: the grid, its coordinates, and what each configuration gets. */
#include "experiment_fixture.h"

static void check_axis(const caucus_axis *axis, const char *name, const double *numbers, uint64_t n)
{
    assert_string_equal(axis->name, name);
    assert_int_equal(axis->n_values, n);
    assert_true(axis->numeric);
    for (uint64_t i = 0; i < n; i++) {
        if (axis->numbers[i] != numbers[i]) {
            fail_msg("value %d of %s is %.17g, not %.17g", (int)i, name, axis->numbers[i], numbers[i]);
        }
    }
}

static void test_sweep_values(void **state)
{
    (void)state;
    caucus_experiment *experiment = open_text(
        SWEPT "sweep:\n"
              "  - {path: \"collectives[0].share\", values: {linspace: [0.1, 0.4, 4]}}\n"
              "  - {name: n, path: platform.consumers, values: {logspace: [1M, 100M, 3]}}\n"
              "  - {path: \"collectives[1].noise.miss\", values: {range: [0.1, 0.4, 0.1]}}\n"
              "  - {name: down, path: bounds.epsilon, values: {range: [0.3, 0, -0.15]}}\n"
              "  - {path: bounds.delta, values: [0.05]}\n"
              "  - {name: one, path: \"collectives[0].noise.compliance\", values: {linspace: [0.5, 1, 1]}}\n");
    assert_int_equal(experiment->n_axes, 6);
    check_axis(&experiment->axes[0], "share", (double[]){0.1, 0.2, 0.3, 0.4}, 4);
    check_axis(&experiment->axes[1], "n", (double[]){1e6, 1e7, 1e8}, 3);
    check_axis(&experiment->axes[2], "miss", (double[]){0.1, 0.2, 0.3}, 3); /* 0.4 is the stop, also by rounding */
    check_axis(&experiment->axes[3], "down", (double[]){0.3, 0.15}, 2);
    check_axis(&experiment->axes[4], "delta", (double[]){0.05}, 1);
    check_axis(&experiment->axes[5], "one", (double[]){0.5}, 1);
    assert_int_equal(experiment->n_configs, 4 * 3 * 3 * 2);
    for (uint64_t i = 0; i < experiment->n_configs; i++) {
        uint64_t at[6];
        for (uint32_t a = 0; a < 6; a++) {
            at[a] = caucus_experiment_axis_position(experiment, a, i);
        }
        assert_int_equal(((at[0] * 3 + at[1]) * 3 + at[2]) * 2 + at[3], i); /* the last axis is the fastest */
        caucus_config *c = config_at(experiment, i);
        assert_true(c->consumers == (uint64_t)experiment->axes[1].numbers[at[1]]);
        assert_true(c->collectives[0].size ==
                    (uint64_t)llround(experiment->axes[0].numbers[at[0]] * (double)c->consumers));
        assert_true(c->collectives[1].miss == experiment->axes[2].numbers[at[2]]);
        assert_true(c->bounds.epsilon == experiment->axes[3].numbers[at[3]]);
        assert_true(c->collectives[0].compliance == 0.5);
        caucus_config_free(c);
    }
    assert_int_equal(experiment->n_populations, 1);
    caucus_experiment_close(experiment);
}

static void test_tied_axes(void **state)
{
    (void)state;
    caucus_experiment *experiment = open_text(
        SWEPT "sweep:\n"
              "  - name: pair\n"
              "    paths: [\"collectives[0].target\", \"collectives[1].target\", \"collectives[1].size\"]\n"
              "    values: [[high, low, 10K], [low, high, 20K], [high, high, 30K]]\n"
              "  - {name: both, paths: [\"collectives[0].noise.miss\", \"collectives[1].noise.miss\"], "
              "values: {linspace: [0, 1, 3]}}\n"
              "  - {name: grown, paths: [platform.consumers, platform.test], values: [[1M, 10K], [2M, 20K]]}\n");
    assert_int_equal(experiment->n_configs, 3 * 3 * 2);
    const caucus_axis *pair = &experiment->axes[0];
    assert_false(pair->numeric); /* high is there twice: the rows are told apart as a whole */
    assert_string_equal(pair->words[0], "high, low, 10K");
    assert_string_equal(pair->words[2], "high, high, 30K");
    check_axis(&experiment->axes[1], "both", (double[]){0, 0.5, 1}, 3);
    check_axis(&experiment->axes[2], "grown", (double[]){1e6, 2e6}, 2);
    assert_string_equal(experiment->axes[2].words[1], "2M");
    caucus_config *c = config_at(experiment, (1 * 3 + 1) * 2 + 1);
    assert_string_equal(label_name(c, 0), "low");
    assert_string_equal(label_name(c, 1), "high");
    assert_int_equal(c->collectives[1].size, 20000);
    assert_true(c->collectives[0].miss == 0.5 && c->collectives[1].miss == 0.5);
    assert_true(c->consumers == 2000000 && c->test == 20000);
    caucus_config_free(c);
    caucus_experiment_close(experiment);
}

static void test_words_and_numbers(void **state)
{
    (void)state;
    caucus_experiment *experiment =
        open_text(SWEPT "sweep:\n"
                        "  - {path: \"collectives[0].target\", values: [low, middle]}\n"
                        "  - {path: bounds.delta, values: [\"0.1\", 0.2]}\n"
                        "  - {path: \"collectives[0].strategy\", values: [feature_label, feature_only_keep]}\n");
    assert_false(experiment->axes[0].numeric);
    assert_null(experiment->axes[0].numbers);
    assert_string_equal(experiment->axes[0].words[1], "middle");
    assert_false(experiment->axes[1].numeric); /* quoted: meant as a word */
    assert_string_equal(experiment->axes[2].name, "strategy");
    caucus_config *c = config_at(experiment, 7);
    assert_int_equal(c->collectives[0].strategy, CAUCUS_FEATURE_ONLY_KEEP);
    assert_true(c->bounds.delta == 0.2);
    caucus_config_free(c);
    caucus_experiment_close(experiment);
}

/* One population for each distinct section; how it is drawn from does not make it another. */
static void test_populations_are_shared(void **state)
{
    (void)state;
    caucus_experiment *experiment = open_text("population: {scenario: dirichlet, cells: 20}\n"
                                              "platform: {consumers: 1K, test: 10}\n"
                                              "collectives: [{share: 0.1, strategy: erase, set: {signal: yes}}]\n"
                                              "sweep:\n"
                                              "  - {path: population.by, values: [counts, individuals]}\n"
                                              "  - {path: population.cells, values: [20, 40, 60]}\n"
                                              "  - {path: bounds.delta, values: [0.1, 0.2]}\n");
    assert_int_equal(experiment->n_configs, 12);
    assert_int_equal(experiment->n_populations, 3);
    caucus_config *a = config_at(experiment, 2); /* counts, 40 cells */
    caucus_config *b = config_at(experiment, 9); /* individuals, 40 cells */
    assert_ptr_equal(a->population, b->population);
    assert_int_equal(a->population->n_cells, 40);
    assert_true(!a->individuals && b->individuals);
    caucus_config_free(a);
    caucus_config_free(b);
    uint32_t checksum = experiment->checksum;
    caucus_experiment_close(experiment);
    experiment = open_text("population: {scenario: dirichlet, cells: 20, seed: 2}\n"
                           "platform: {consumers: 1K, test: 10}\n"
                           "collectives: [{share: 0.1, strategy: erase, set: {signal: yes}}]\n");
    assert_int_not_equal(experiment->checksum, checksum);
    caucus_experiment_close(experiment);
}

static void test_generated(void **state)
{
    (void)state;
    caucus_experiment *experiment = open_text(DATA "platform: {consumers: 100K, test: 1K}\n"
                                                   "collectives:\n"
                                                   "  count: 3\n"
                                                   "  share: 0.4\n"
                                                   "  strategy: feature_label\n"
                                                   "  sets: [{home: Rent}, {home: Own, city: Rome}]\n"
                                                   "  targets: [middle, low]\n"
                                                   "  names: [first, second, third]\n"
                                                   "  noise: {miss: 0.5}\n"
                                                   "sweep:\n"
                                                   "  - {path: collectives.mass_entropy, values: [0, 0.7, 1]}\n"
                                                   "  - {path: collectives.label_entropy, values: [0, 1]}\n"
                                                   "  - {path: collectives.count, values: [1, 3]}\n");
    assert_int_equal(experiment->n_configs, 12);
    for (uint64_t i = 0; i < 12; i++) {
        caucus_config *c = config_at(experiment, i);
        double wanted = experiment->axes[0].numbers[caucus_experiment_axis_position(experiment, 0, i)];
        uint64_t total = 0;
        for (uint32_t m = 0; m < c->n_collectives; m++) {
            total += c->collectives[m].size;
            assert_int_equal(c->collectives[m].n_set, m == 1 ? 2 : 1);
            assert_true(c->collectives[m].miss == 0.5);
        }
        assert_int_equal(total, 40000);
        assert_string_equal(label_name(c, 0), "middle");
        assert_int_equal(c->n_collectives, i % 2 == 0 ? 1 : 3);
        if (c->n_collectives == 3) {
            double entropy = 0;
            for (uint32_t m = 0; m < 3; m++) {
                double r = (double)c->collectives[m].size / 40000;
                entropy -= r > 0 ? r * log(r) / log(3) : 0;
            }
            assert_true(fabs(entropy - wanted) < 1e-3); /* sizes are whole */
            assert_string_equal(c->collectives[2].name, "third");
            bool alike = c->collectives[1].target == c->collectives[0].target &&
                         c->collectives[2].target == c->collectives[0].target;
            /* with everything in one hand (mass entropy 0) all assignments are alike, and the first is taken */
            assert_int_equal(alike, i % 4 == 1 || wanted == 0);
        }
        caucus_config_free(c);
    }
    caucus_experiment_close(experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sweep_values),      cmocka_unit_test(test_tied_axes),
        cmocka_unit_test(test_words_and_numbers), cmocka_unit_test(test_populations_are_shared),
        cmocka_unit_test(test_generated),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
