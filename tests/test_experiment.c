/* Valid experiments: everything that the file says arrives in the configurations. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "experiment.h"

static char directory[] = "/tmp/caucus-experiment-XXXXXX";
static char path[128];

static const char people[] = "home,age,city,income,count\n"
                             "Rent,17,Oslo,low,10\nRent,30,Oslo,high,20\nRent,30,Rome,low,15\n"
                             "Own,41,Oslo,high,30\nOwn,70,Rome,middle,25\nOwn,70,Oslo,low,5\n"
                             "Family,17,Rome,low,40\nFamily,25,Oslo,middle,8\n";

static const char full[] = "name: everything\n"
                           "description: a file with every key\n"
                           "seed: 0xfedcba9876543210\n"
                           "trials: 2K\n"
                           "population:\n"
                           "  file: data/people.csv\n"
                           "  separator: \",\"\n"
                           "  label: income\n"
                           "  features: [home, age, city]\n"
                           "  bins: {age: [18, 65]}\n"
                           "  weight: count\n"
                           "  draw: without_replacement\n"
                           "  by: individuals\n"
                           "platform:\n"
                           "  consumers: 100\n"
                           "  test: 50\n"
                           "  classifier: {name: worst_case, epsilon: 0.02, victim: owners}\n"
                           "collectives:\n"
                           "  - name: renters\n"
                           "    share: 0.25\n"
                           "    strategy: unplant_adaptive\n"
                           "    set: {home: Rent, city: Rome}\n"
                           "    target: high\n"
                           "    members: {home: [Rent, Family]}\n"
                           "    noise: {compliance: 0.9, miss: 0.1}\n"
                           "    estimators: 5\n"
                           "  - name: owners\n"
                           "    size: 20\n"
                           "    strategy: feature_only\n"
                           "    set: {home: Own}\n"
                           "    target: middle\n"
                           "    outside: {home: Family, city: Oslo}\n"
                           "  - size: 10\n"
                           "    strategy: erase\n"
                           "    set: {city: Oslo}\n"
                           "bounds:\n"
                           "  delta: 0.1\n"
                           "  epsilon: 0.01\n"
                           "  slack: total_variation\n"
                           "  families: [budget, linear, staircase]\n"
                           "  knowledge: [labels, full]\n"
                           "  inequalities: [kl, population]\n"
                           "  weights: equal\n"
                           "output: {trials: true, compression: 9, accuracy: false}\n";

static void write_text(const char *name, const char *text)
{
    char file_path[160];
    snprintf(file_path, sizeof file_path, "%s/%s", directory, name);
    FILE *file = fopen(file_path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_directory(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    char name[160];
    snprintf(name, sizeof name, "%s/data", directory);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof name, "%s/experiments", directory);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(path, sizeof path, "%s/experiments/some.thing.yaml", directory);
    write_text("data/people.csv", people);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    static const char *const names[] = {"data/people.csv", "experiments/some.thing.yaml", "data", "experiments", ""};
    for (int i = 0; i < 5; i++) {
        char name[160];
        snprintf(name, sizeof name, "%s/%s", directory, names[i]);
        remove(name);
    }
    return 0;
}

static caucus_experiment *open_with(const char *text, const char *const *settings, size_t n_settings)
{
    write_text("experiments/some.thing.yaml", text);
    caucus_experiment *experiment = NULL;
    if (caucus_experiment_open(path, settings, n_settings, &experiment) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    return experiment;
}

static caucus_experiment *open_text(const char *text)
{
    return open_with(text, NULL, 0);
}

static caucus_config *config_at(caucus_experiment *experiment, uint64_t index)
{
    caucus_config *config = NULL;
    if (caucus_experiment_config(experiment, index, &config) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    return config;
}

static const char *value_name(const caucus_config *config, caucus_assignment a)
{
    return config->population->features[a.feature].values[a.value];
}

static const char *label_name(const caucus_config *config, uint32_t collective)
{
    return config->population->label.values[config->collectives[collective].target];
}

static void check_collectives(const caucus_config *c)
{
    assert_int_equal(c->n_collectives, 3);
    const caucus_collective *renters = &c->collectives[0];
    assert_string_equal(renters->name, "renters");
    assert_int_equal(renters->size, 25);
    assert_int_equal(renters->strategy, CAUCUS_UNPLANT_ADAPTIVE);
    assert_int_equal(renters->n_set, 2);
    assert_string_equal(c->population->features[renters->set[0].feature].name, "home");
    assert_string_equal(value_name(c, renters->set[0]), "Rent");
    assert_string_equal(c->population->features[renters->set[1].feature].name, "city");
    assert_string_equal(value_name(c, renters->set[1]), "Rome");
    assert_string_equal(label_name(c, 0), "high");
    assert_int_equal(renters->members.n_terms, 1);
    assert_int_equal(renters->members.terms[0].n_values, 2);
    uint32_t home = renters->members.terms[0].feature;
    assert_string_equal(c->population->features[home].values[renters->members.terms[0].values[1]], "Family");
    assert_true(renters->affinity == 0 && renters->compliance == 0.9 && renters->miss == 0.1);
    assert_int_equal(renters->estimators, 5);
    const caucus_collective *owners = &c->collectives[1];
    assert_int_equal(owners->size, 20);
    assert_int_equal(owners->n_outside, 2);
    assert_string_equal(value_name(c, owners->outside[0]), "Family");
    assert_string_equal(value_name(c, owners->outside[1]), "Oslo");
    assert_true(owners->compliance == 1 && owners->miss == 0);
    assert_string_equal(label_name(c, 1), "middle");
    assert_string_equal(c->collectives[2].name, "c3");
    assert_int_equal(c->collectives[2].strategy, CAUCUS_ERASE);
    assert_int_equal(c->collectives[2].target, 0);
}

static void test_everything(void **state)
{
    (void)state;
    caucus_experiment *experiment = open_text(full);
    assert_string_equal(experiment->name, "everything");
    assert_true(experiment->seed == 0xfedcba9876543210ull);
    assert_int_equal(experiment->trials, 2000);
    assert_true(experiment->output.trials && experiment->output.compression == 9);
    assert_true(experiment->n_axes == 0 && experiment->n_configs == 1);
    caucus_config *c = config_at(experiment, 0);
    assert_int_equal(c->population->total, 153);
    assert_int_equal(c->population->n_features, 3);
    assert_int_equal(c->population->features[1].n_values, 3); /* under 18, 18 to 65, from 65 */
    assert_true(c->without_replacement && c->individuals);
    assert_true(c->consumers == 100 && c->test == 50);
    assert_int_equal(c->classifier, CAUCUS_WORST_CASE);
    assert_true(c->classifier_epsilon == 0.02);
    assert_int_equal(c->victim, 1);
    assert_true(c->equal_weights && !c->accuracy);
    check_collectives(c);
    assert_true(c->bounds.delta == 0.1 && c->bounds.epsilon == 0.01);
    assert_int_equal(c->bounds.slack, CAUCUS_TOTAL_VARIATION);
    static const caucus_method expected[] = {{CAUCUS_BUDGET, CAUCUS_LABELS, CAUCUS_KL},
                                             {CAUCUS_BUDGET, CAUCUS_LABELS, CAUCUS_POPULATION},
                                             {CAUCUS_BUDGET, CAUCUS_FULL, CAUCUS_KL},
                                             {CAUCUS_BUDGET, CAUCUS_FULL, CAUCUS_POPULATION},
                                             {CAUCUS_LINEAR, CAUCUS_FULL, CAUCUS_POPULATION},
                                             {CAUCUS_STAIRCASE, CAUCUS_LABELS, CAUCUS_KL},
                                             {CAUCUS_STAIRCASE, CAUCUS_LABELS, CAUCUS_POPULATION},
                                             {CAUCUS_STAIRCASE, CAUCUS_FULL, CAUCUS_KL},
                                             {CAUCUS_STAIRCASE, CAUCUS_FULL, CAUCUS_POPULATION}};
    assert_int_equal(c->bounds.n_methods, 9);
    assert_memory_equal(c->bounds.methods, expected, sizeof expected);
    caucus_config_free(c);
    caucus_config *none = NULL;
    assert_int_equal(caucus_experiment_config(experiment, 1, &none), CAUCUS_INVALID);
    caucus_experiment_close(experiment);
}

#define SMALL_TOP                                                                                                      \
    "population: {file: people.csv, label: income, features: [home, city]}\n"                                          \
    "platform: {consumers: 1M, test: 10K}\n"
#define SMALL                                                                                                          \
    SMALL_TOP                                                                                                          \
    "collectives:\n"                                                                                                   \
    "  - {share: 0.1, strategy: feature_label, set: {home: Rent}, target: high}\n"                                     \
    "  - {size: 50K, strategy: feature_label, set: {home: Own}, target: low}\n"

static void test_defaults(void **state)
{
    (void)state;
    char data[160];
    snprintf(data, sizeof data, "population.file=%s/data/people.csv", directory); /* absolute */
    const char *const settings[] = {data};
    caucus_experiment *experiment = open_with(SMALL, settings, 1);
    assert_string_equal(experiment->name, "some.thing");
    assert_true(experiment->seed == 1 && experiment->trials == 1000);
    assert_true(experiment->output.trials && experiment->output.compression == 4);
    caucus_config *c = config_at(experiment, 0);
    assert_true(!c->without_replacement && !c->individuals && c->accuracy && !c->equal_weights);
    assert_int_equal(c->classifier, CAUCUS_HISTOGRAM);
    assert_int_equal(c->population->total, 8); /* no weight: a row is a person */
    assert_true(c->consumers == 1000000 && c->collectives[0].size == 100000 && c->collectives[1].size == 50000);
    assert_string_equal(c->collectives[1].name, "c2");
    assert_true(c->bounds.n_methods == 0 && c->bounds.delta == 0.05 && c->bounds.epsilon == 0);
    caucus_config_free(c);
    caucus_experiment_close(experiment);
    const char *const more[] = {data, "bounds={epsilon: 0.03}", "platform.classifier=worst_case"};
    experiment = open_with(SMALL, more, 3);
    c = config_at(experiment, 0);
    assert_int_equal(c->bounds.n_methods, CAUCUS_N_KNOWLEDGE);
    for (uint32_t i = 0; i < CAUCUS_N_KNOWLEDGE; i++) {
        assert_int_equal(c->bounds.methods[i].family, CAUCUS_STAIRCASE);
        assert_int_equal(c->bounds.methods[i].knowledge, i);
        assert_int_equal(c->bounds.methods[i].inequality, CAUCUS_HOEFFDING);
    }
    assert_true(c->classifier == CAUCUS_WORST_CASE && c->classifier_epsilon == 0.03 && c->victim == 0);
    caucus_config_free(c);
    caucus_experiment_close(experiment);
}

#define DATA "population: {file: data/people.csv, label: income, features: [home, city]}\n"
#define SWEPT                                                                                                          \
    DATA "platform: {consumers: 1M, test: 10K}\n"                                                                      \
         "collectives:\n"                                                                                              \
         "  - {share: 0.1, strategy: feature_label, set: {home: Rent}, target: high}\n"                                \
         "  - {size: 50K, strategy: feature_label, set: {home: Own}, target: low}\n"

static void test_settings(void **state)
{
    (void)state;
    const char *const settings[] = {"trials=5",
                                    "collectives[1].size=7K",
                                    "collectives[0].noise.miss=0.25",
                                    "collectives[0].set.\"city\"=Oslo",
                                    "collectives[1].members={home: [Own, Rent]}",
                                    "platform.consumers=2M",
                                    "trials=6",
                                    "bounds.families=[budget, staircase]",
                                    "name='a: b'"};
    caucus_experiment *experiment = open_with(SWEPT, settings, 9);
    assert_int_equal(experiment->trials, 6);
    assert_string_equal(experiment->name, "a: b");
    caucus_config *c = config_at(experiment, 0);
    assert_true(c->consumers == 2000000 && c->collectives[0].size == 200000 && c->collectives[1].size == 7000);
    assert_true(c->collectives[0].miss == 0.25 && c->collectives[0].compliance == 1);
    assert_int_equal(c->collectives[0].n_set, 2);
    assert_int_equal(c->collectives[1].members.terms[0].n_values, 2);
    assert_int_equal(c->bounds.n_methods, 10);
    caucus_config_free(c);
    /* The text has the settings in it, and reads back as the same experiment with the same text. */
    char *text = strdup(experiment->text);
    caucus_experiment_close(experiment);
    assert_non_null(strstr(text, "trials: 6\n"));
    assert_non_null(strstr(text, "name: \"a: b\"\n"));
    experiment = open_text(text);
    assert_string_equal(experiment->text, text);
    free(text);
    caucus_experiment_close(experiment);
    /* A label that would be something else to YAML, as a setting and in the text. */
    const char *const odd[] = {"name=>=75k"};
    experiment = open_with(SWEPT, odd, 1);
    assert_string_equal(experiment->name, ">=75k");
    text = strdup(experiment->text);
    caucus_experiment_close(experiment);
    experiment = open_text(text);
    assert_string_equal(experiment->name, ">=75k");
    free(text);
    caucus_experiment_close(experiment);
}

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

static void test_yaml_forms(void **state)
{
    (void)state;
    caucus_experiment *experiment =
        open_text("%YAML 1.2\n---\n" DATA "platform: &p\n  consumers: 10K\n  test: 100\n"
                  "collectives:\n"
                  "  - &base {share: 0.1, strategy: feature_label, set: &set {home: Rent}, target: high}\n"
                  "  - {<<: *base, target: low, share: 0.2}\n"
                  "  - {<<: [{share: 0.3}, *base], name: \"third \\u00e9\"}\n"
                  "  - {share: 0.05, strategy: erase, set: *set}\n"
                  "description: >\n  several\n  lines\n...\n");
    caucus_config *c = config_at(experiment, 0);
    assert_int_equal(c->n_collectives, 4);
    assert_true(c->collectives[0].size == 1000 && c->collectives[1].size == 2000 && c->collectives[2].size == 3000);
    assert_string_equal(label_name(c, 1), "low");
    assert_string_equal(label_name(c, 2), "high");
    assert_string_equal(c->collectives[2].name, "third \xc3\xa9");
    assert_int_equal(c->collectives[3].n_set, 1);
    caucus_config_free(c);
    char *text = strdup(experiment->text);
    caucus_experiment_close(experiment);
    experiment = open_text(text); /* aliases and merges written out */
    assert_string_equal(experiment->text, text);
    free(text);
    caucus_experiment_close(experiment);
}

/* Shares that sum to 1 are allowed although rounding would ask for one member too many. */
static void test_shares_fill_the_platform(void **state)
{
    (void)state;
    const char *const settings[] = {"collectives=[{share: 0.5, strategy: erase, set: {home: Own}}, "
                                    "{share: 0.5, strategy: erase, set: {home: Own}}]",
                                    "platform.consumers=7"};
    caucus_experiment *experiment = open_with(SWEPT, settings, 2);
    caucus_config *c = config_at(experiment, 0);
    assert_true(c->collectives[0].size == 4 && c->collectives[1].size == 3);
    caucus_config_free(c);
    caucus_experiment_close(experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_sweep_values),
        cmocka_unit_test(test_tied_axes),
        cmocka_unit_test(test_words_and_numbers),
        cmocka_unit_test(test_populations_are_shared),
        cmocka_unit_test(test_generated),
        cmocka_unit_test(test_yaml_forms),
        cmocka_unit_test(test_shares_fill_the_platform),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
