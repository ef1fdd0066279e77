/* Valid experiments: everything that the file says arrives in the configurations. */
#include "experiment_fixture.h"

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

static const char *value_name(const caucus_config *config, caucus_assignment a)
{
    return config->population->features[a.feature].values[a.value];
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
    assert_true(experiment->output.trials && experiment->output.compression == 1);
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
        cmocka_unit_test(test_yaml_forms),
        cmocka_unit_test(test_shares_fill_the_platform),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
