/* Runs without a file: trials handed over as they are finished, and results in memory, hold the numbers of the file. */
#include "base/status.h"
#include "result/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/caucus-memory-XXXXXX";
static caucus_experiment *experiment;

static const char text[] = "name: tiny\nseed: 7\ntrials: 23\n"
                           "population: {scenario: dirichlet, cells: 6}\n"
                           "platform: {consumers: 500, test: 40, classifier: naive_bayes}\n"
                           "output: {accuracy: true, accuracy_cost: true}\n"
                           "collectives:\n"
                           "  - {name: a, share: 0.1, strategy: feature_label, set: {signal: 'yes'}, target: y1}\n"
                           "  - {name: b, share: 0.05, strategy: erase, set: {signal: 'yes'}}\n"
                           "bounds: {knowledge: [total, full], inequalities: [kl], upper: true}\n"
                           "sweep:\n"
                           "  - {name: aim, path: 'collectives[0].target', values: [y0, y1]}\n"
                           "  - {name: share, path: 'collectives[0].share', values: [0.1, 0.3, 0.5]}\n";

static char *path_of(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}

static int set_up(void **state)
{
    char path[128];
    (void)state;
    assert_non_null(mkdtemp(folder));
    FILE *file = fopen(path_of("tiny.yaml", path), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return caucus_experiment_open(path, NULL, 0, &experiment) == CAUCUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char path[128];
    (void)state;
    caucus_experiment_close(experiment);
    remove(path_of("tiny.yaml", path));
    remove(path_of("tiny.h5", path));
    return rmdir(folder);
}

static caucus_plan *open_plan(unsigned threads, uint32_t block)
{
    caucus_plan *plan = NULL;
    const caucus_plan_options options = {.device = "cpu", .threads = threads, .block_trials = block};
    assert_int_equal(caucus_plan_open(experiment, &options, &plan), CAUCUS_OK);
    return plan;
}

static caucus_result *run_to_file(void)
{
    char path[128];
    caucus_result *result = NULL;
    caucus_plan *plan = open_plan(1, 23);
    const caucus_run_options options = {.output = path_of("tiny.h5", path), .force = true};
    assert_int_equal(caucus_run(plan, &options), CAUCUS_OK);
    assert_int_equal(caucus_result_open(path, &result), CAUCUS_OK);
    caucus_plan_close(plan);
    return result;
}

static size_t bytes_of(const caucus_array *array)
{
    static const size_t sizes[] = {
        [CAUCUS_UINT32] = 4, [CAUCUS_UINT64] = 8, [CAUCUS_FLOAT32] = 4, [CAUCUS_FLOAT64] = 8};
    size_t n = sizes[array->type];
    for (uint32_t d = 0; d < array->n_dimensions; d++) {
        n *= array->shape[d];
    }
    return n;
}

static void assert_same_array(caucus_result *one, caucus_result *other, const char *name)
{
    caucus_array a;
    caucus_array b;
    assert_int_equal(caucus_result_array(one, name, &a), CAUCUS_OK);
    assert_int_equal(caucus_result_array(other, name, &b), CAUCUS_OK);
    assert_int_equal(a.type, b.type);
    assert_int_equal(a.n_dimensions, b.n_dimensions);
    assert_memory_equal(a.shape, b.shape, sizeof a.shape);
    if (a.type == CAUCUS_TEXTS) {
        for (uint64_t i = 0; i < a.shape[0]; i++) {
            assert_string_equal(((char *const *)a.values)[i], ((char *const *)b.values)[i]);
        }
    } else {
        assert_memory_equal(a.values, b.values, bytes_of(&a));
    }
    assert_int_equal(caucus_result_array(one, name, &b), CAUCUS_OK);
    assert_ptr_equal(a.values, b.values); /* kept */
}

static void a_result_in_memory_is_that_of_the_file(void **state)
{
    (void)state;
    caucus_result *file = run_to_file();
    caucus_result *memory = NULL;
    caucus_plan *plan = open_plan(2, 5); /* other blocks and threads */
    assert_int_equal(caucus_run_in_memory(plan, NULL, &memory), CAUCUS_OK);
    caucus_plan_close(plan);
    for (int v = 0; v < CAUCUS_N_VARIABLES; v++) {
        assert_same_array(memory, file, caucus_variables[v].name);
    }
    for (int v = 0; v < CAUCUS_N_SUMMARY; v++) {
        char name[80];
        snprintf(name, sizeof name, "summary/%s", caucus_summary_variables[v].name);
        if ((caucus_summary_variables[v].needs & CAUCUS_NEEDS_UNTIL) != 0) { /* there is no stopping rule here */
            caucus_array none;
            assert_int_equal(caucus_result_array(memory, name, &none), CAUCUS_INVALID);
        } else {
            assert_same_array(memory, file, name);
        }
    }
    static const char *const others[] = {"size", "consumers", "test", "collective", "method", "aim", "share"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_same_array(memory, file, others[i]);
    }
    assert_int_equal(caucus_result_axes(memory), 2);
    assert_string_equal(caucus_result_axis(memory, 1), "share");
    assert_null(caucus_result_axis(memory, 2));
    caucus_array none;
    assert_int_equal(caucus_result_array(memory, "upper", &none), CAUCUS_INVALID);
    caucus_result_close(memory);
    caucus_result_close(file);
}

static char *print(caucus_result *result, caucus_status (*with)(caucus_result *result, FILE *to))
{
    char *words = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&words, &n);
    assert_non_null(to);
    assert_int_equal(with(result, to), CAUCUS_OK);
    fclose(to);
    return words;
}

static caucus_status summary(caucus_result *result, FILE *to)
{
    return caucus_result_print_summary(result, CAUCUS_CSV, to);
}

static caucus_status info(caucus_result *result, FILE *to)
{
    return caucus_result_print_info(result, to);
}

static void it_is_printed_like_a_file(void **state)
{
    (void)state;
    caucus_result *file = run_to_file();
    caucus_result *memory = NULL;
    caucus_plan *plan = open_plan(1, 4);
    assert_int_equal(caucus_run_in_memory(plan, NULL, &memory), CAUCUS_OK);
    char *one = print(file, summary);
    char *other = print(memory, summary);
    assert_string_equal(one, other);
    free(one);
    free(other);
    one = print(memory, info);
    assert_non_null(strstr(one, "state           complete"));
    free(one);
    caucus_result_close(memory);
    caucus_result_close(file);
    caucus_plan_close(plan);
}

typedef struct seen {
    caucus_array counts, bounds, upper; /* of the file */
    uint64_t n;                         /* trials handed over */
    uint64_t stop_after;
} seen;

static bool look(const caucus_trials *trials, void *user)
{
    seen *s = user;
    const uint64_t first = trials->config * s->counts.shape[1] + trials->first_trial;
    const size_t counts = trials->n_collectives;
    const size_t bounds = counts * trials->n_methods;
    assert_memory_equal(trials->success_count, (const uint32_t *)s->counts.values + first * counts,
                        trials->n_trials * counts * sizeof(uint32_t));
    assert_memory_equal(trials->lower_bound, (const float *)s->bounds.values + first * bounds,
                        trials->n_trials * bounds * sizeof(float));
    assert_memory_equal(trials->upper_bound, (const float *)s->upper.values + first * bounds,
                        trials->n_trials * bounds * sizeof(float));
    assert_non_null(trials->accuracy_cost);
    assert_int_equal(trials->test, 40);
    s->n += trials->n_trials;
    return s->n < s->stop_after;
}

static void trials_are_handed_over_once_each(void **state)
{
    (void)state;
    char path[128];
    caucus_result *file = run_to_file();
    seen s = {.stop_after = UINT64_MAX};
    assert_int_equal(caucus_result_array(file, "success_count", &s.counts), CAUCUS_OK);
    assert_int_equal(caucus_result_array(file, "lower_bound", &s.bounds), CAUCUS_OK);
    assert_int_equal(caucus_result_array(file, "upper_bound", &s.upper), CAUCUS_OK);
    caucus_plan *plan = open_plan(2, 4);
    caucus_run_options options = {.trials = look, .user = &s};
    assert_int_equal(caucus_run(plan, &options), CAUCUS_OK);
    assert_int_equal(s.n, 6 * 23);

    s = (seen){.counts = s.counts, .bounds = s.bounds, .upper = s.upper, .stop_after = 30};
    assert_int_equal(caucus_run(plan, &options), CAUCUS_STOPPED);
    assert_true(s.n >= 30 && s.n < 6 * 23);
    assert_non_null(strstr(caucus_error_message(), "of 138 trials were finished"));

    s = (seen){.counts = s.counts, .bounds = s.bounds, .upper = s.upper, .stop_after = UINT64_MAX};
    caucus_result_close(file);
    file = run_to_file(); /* both: to a file and handed over */
    assert_int_equal(caucus_result_array(file, "success_count", &s.counts), CAUCUS_OK);
    assert_int_equal(caucus_result_array(file, "lower_bound", &s.bounds), CAUCUS_OK);
    assert_int_equal(caucus_result_array(file, "upper_bound", &s.upper), CAUCUS_OK);
    options.output = path_of("tiny.h5", path);
    options.force = true;
    assert_int_equal(caucus_run(plan, &options), CAUCUS_OK);
    assert_int_equal(s.n, 6 * 23);
    caucus_result_close(file);
    caucus_plan_close(plan);
}

static void wrong_wishes_are_told(void **state)
{
    (void)state;
    char path[128];
    caucus_result *result = NULL;
    caucus_plan *plan = open_plan(1, 4);
    caucus_run_options options = {0};
    assert_int_equal(caucus_run(plan, &options), CAUCUS_INVALID);
    options.output = path_of("tiny.h5", path);
    assert_int_equal(caucus_run_in_memory(plan, &options, &result), CAUCUS_INVALID);
    options = (caucus_run_options){.resume = true};
    assert_int_equal(caucus_run_in_memory(plan, &options, &result), CAUCUS_INVALID);
    caucus_plan_close(plan);

    caucus_experiment *summarised = NULL;
    const char *const settings[] = {"output.trials=false", "output.accuracy_cost=false"};
    assert_int_equal(caucus_experiment_open(path_of("tiny.yaml", path), settings, 2, &summarised), CAUCUS_OK);
    assert_int_equal(caucus_plan_open(summarised, NULL, &plan), CAUCUS_OK);
    assert_int_equal(caucus_run_in_memory(plan, NULL, &result), CAUCUS_INVALID);
    assert_non_null(strstr(caucus_error_message(), "output.trials=true"));
    options = (caucus_run_options){.trials = look};
    assert_int_equal(caucus_run(plan, &options), CAUCUS_INVALID);
    assert_null(result);
    caucus_plan_close(plan);
    caucus_experiment_close(summarised);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_in_memory_is_that_of_the_file), cmocka_unit_test(it_is_printed_like_a_file),
        cmocka_unit_test(trials_are_handed_over_once_each), cmocka_unit_test(wrong_wishes_are_told)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
