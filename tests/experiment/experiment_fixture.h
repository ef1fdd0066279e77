/* A directory with a table of people and an experiment that uses it, for tests of experiments. */
#ifndef CAUCUS_EXPERIMENT_FIXTURE_H
#define CAUCUS_EXPERIMENT_FIXTURE_H

#include "experiment/experiment.h"

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

static char directory[] = "/tmp/caucus-experiment-XXXXXX";
static char path[128];

static const char people[] = "home,age,city,income,count\n"
                             "Rent,17,Oslo,low,10\nRent,30,Oslo,high,20\nRent,30,Rome,low,15\n"
                             "Own,41,Oslo,high,30\nOwn,70,Rome,middle,25\nOwn,70,Oslo,low,5\n"
                             "Family,17,Rome,low,40\nFamily,25,Oslo,middle,8\n";

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

static const char *label_name(const caucus_config *config, uint32_t collective)
{
    return config->population->label.values[config->collectives[collective].target];
}

#define DATA "population: {file: data/people.csv, label: income, features: [home, city]}\n"
#define SWEPT                                                                                                          \
    DATA "platform: {consumers: 1M, test: 10K}\n"                                                                      \
         "collectives:\n"                                                                                              \
         "  - {share: 0.1, strategy: feature_label, set: {home: Rent}, target: high}\n"                                \
         "  - {size: 50K, strategy: feature_label, set: {home: Own}, target: low}\n"

#endif
