/* The store of a run that keeps no single trials: sums of blocks in any order and in any segments give one result, that
 * of the trials themselves; no block counts twice, and what does not add up is noticed. */
#include "compare_results.h"
#include "result/parts.h"
#include "store_directory.h"

static char sums_reference[128];

static void init_sums(fixture *f)
{
    fixture_init(f);
    f->experiment.output.trials = false;
}

static int make_both(void **state)
{
    if (make_directory(state) != 0) {
        return 1;
    }
    fixture f;
    init_sums(&f);
    caucus_store_options options = {.output = in_directory("sums.h5", sums_reference)};
    assert_ok(fixture_run(&f, &options, 2));
    return 0;
}

static bool same_sums(const char *path)
{
    return same_results(sums_reference, path, false);
}

static double read_number(const char *path, const char *name, hsize_t at)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    double values[256];
    assert_true(H5Sget_simple_extent_npoints(space) <= 256);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    return values[at];
}

/* The fixture's bounds are multiples of 1/4096, so that only their bins are uncertain. */
static void test_as_from_trials(void **state)
{
    (void)state;
    static const char *const names[] = {"success_mean",     "success_std",           "success_median",
                                        "bound_mean",       "tightness_mean",        "violation_rate",
                                        "violation_high",   "vacuous_rate",          "global_success_std",
                                        "joint_bound_mean", "global_violation_rate", "bound_q95"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "summary/%s", names[i]);
        for (hsize_t at = 0; at < FIXTURE_CONFIGS; at++) {
            double wanted = read_number(reference, name, at);
            double found = read_number(sums_reference, name, at);
            if (!(fabs(found - wanted) <= (i == 11 ? 0x1p-10 : 1e-14)) && !(isnan(found) && isnan(wanted))) {
                fail_msg("%s[%d]: %.17g, not %.17g", name, (int)at, found, wanted);
            }
        }
    }
    hid_t file = H5Fopen(sums_reference, H5F_ACC_RDONLY, H5P_DEFAULT);
    static const char *const absent[] = {"success_count", "lower_bound", "trial", "joint_count", "converged"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        assert_true(H5Lexists(file, absent[i], H5P_DEFAULT) == 0);
    }
    int only = 0;
    double resolution = 0;
    assert_ok(caucus_h5_get_number(file, sums_reference, "summaries_only", H5T_NATIVE_INT, &only));
    assert_int_equal(only, 1);
    hid_t dataset = H5Dopen2(file, "summary/bound_q05", H5P_DEFAULT);
    assert_ok(caucus_h5_get_number(dataset, "bound_q05", "resolution", H5T_NATIVE_DOUBLE, &resolution));
    assert_true(resolution == 0x1p-12);
    H5Dclose(dataset);
    H5Fclose(file);
    file = H5Fopen(reference, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_ok(caucus_h5_get_number(file, reference, "summaries_only", H5T_NATIVE_INT, &only));
    assert_int_equal(only, 0);
    H5Fclose(file);
}

static void test_interrupted_gives_the_same(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    init_sums(&f);
    in_directory("interrupted.h5", path);
    put_some(&f, path, false, 0, 11, 1); /* a segment for each block */
    assert_false(exists(path));
    put_some(&f, path, true, 8, 20, 1 << 20); /* two or three configurations in each */
    put_some(&f, path, true, 20, 20, 1);
    caucus_store_options options = {.output = path, .resume = true};
    caucus_store *store = NULL;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    uint64_t found = 0;
    for (uint64_t i = 0; i < 30; i++) {
        found += caucus_store_has(store, i / 5, i % 5) ? (i % 5 == 4 ? 3 : 5) : 0;
    }
    assert_int_equal(caucus_store_trials_found(store), found);
    assert_true(found >= 20 * 3);
    assert_string_equal(caucus_store_notice(store), "");
    caucus_store_close(store);
    assert_ok(fixture_run(&f, &options, 3));
    assert_true(same_sums(path));
    assert_false(parts_exist(path));
}

/* However often blocks come, memory is that of the limit: another segment begins where a configuration more would pass
 * it, and none within a configuration. */
static void test_segments_by_configuration(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    init_sums(&f);
    const caucus_shape shape = caucus_layout_shape(&f.layout);
    in_directory("segments.h5", path);
    caucus_store_options options = {.output = path, .segment_bytes = 2 * 8 * caucus_sums_words(&shape) + 1000};
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    uint64_t n_segments = 0;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_ok(caucus_layout_block_alloc(&f.layout, &block));
    for (uint64_t i = 0; i < 30; i++) {
        assert_ok(fixture_put(&f, store, i, block));
        assert_ok(caucus_parts_count(path, &n_segments));
        assert_int_equal(n_segments, i / 10);
    }
    /* a block that is there already changes nothing, and leaves the array zero */
    fixture_fill(&f, 2, 1, block);
    assert_ok(caucus_store_put(store, block));
    for (size_t i = 0; i < caucus_sums_words(&shape); i++) {
        assert_true(block->sums[i] == 0);
    }
    assert_ok(caucus_store_finish(store, 1));
    free(block);
    caucus_store_close(store);
    assert_true(same_sums(path));
}

static void copy_segment(const char *from, unsigned number, const char *to, unsigned as)
{
    char command[512];
    snprintf(command, sizeof command, "cp '%s.parts/segment-%08u.h5' '%s.parts/segment-%08u.h5'", from, number, to, as);
    assert_int_equal(system(command), 0);
}

/* A copy of a segment adds nothing. One that shares some blocks cannot be used; those it has alone are put again. */
static void test_no_block_counts_twice(void **state)
{
    (void)state;
    char path[128];
    char other[128];
    fixture f;
    init_sums(&f);
    in_directory("twice.h5", path);
    in_directory("other.h5", other);
    put_some(&f, path, false, 0, 10, 1 << 24); /* one segment each */
    put_some(&f, other, false, 7, 16, 1 << 24);
    copy_segment(path, 0, path, 5);
    caucus_store_options options = {.output = path, .resume = true};
    caucus_store *store = NULL;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    uint64_t found = caucus_store_trials_found(store);
    assert_string_equal(caucus_store_notice(store), "");
    caucus_store_close(store);
    copy_segment(other, 0, path, 7);
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_true(caucus_store_trials_found(store) >= found);
    assert_true(caucus_store_trials_found(store) < found + 6 * 5);
    assert_non_null(strstr(caucus_store_notice(store), "segment-00000007.h5"));
    assert_non_null(strstr(caucus_store_notice(store), "computed again"));
    caucus_store_close(store);
    put_some(&f, path, true, 0, 20, 1 << 24);
    assert_ok(fixture_run(&f, &options, 1));
    assert_true(same_sums(path));
}

static void test_damage_is_noticed(void **state)
{
    (void)state;
    char path[128];
    char segment[192];
    fixture f;
    init_sums(&f);
    in_directory("damaged.h5", path);
    put_some(&f, path, false, 0, 10, 1);
    snprintf(segment, sizeof segment, "%s.parts/segment-00000003.h5", path);
    FILE *file = fopen(segment, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 3000, SEEK_SET), 0);
    assert_int_equal(fputc(0x5a, file), 0x5a);
    assert_int_equal(fclose(file), 0);
    caucus_store_options options = {.output = path, .resume = true};
    assert_ok(fixture_run(&f, &options, 1));
    assert_true(same_sums(path));
    /* sums that do not belong to the blocks they are said to be of */
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    options.force = true;
    options.resume = false;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_ok(caucus_layout_block_alloc(&f.layout, &block));
    for (uint64_t i = 0; i < 30; i++) {
        fixture_fill(&f, i / 5, i % 5, block);
        block->sums[CAUCUS_SUMS_TRIALS] += i == 17;
        assert_ok(caucus_store_put(store, block));
    }
    const char *const words[] = {"configuration 3", "24 trials", "23", "segments are kept"};
    assert_fails(caucus_store_finish(store, 1), CAUCUS_FAILED, words, 4);
    free(block);
    caucus_store_close(store);
}

/* Trials and sums do not mix, even where the text were the same. */
static void test_wrong_mode(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    init_sums(&f);
    in_directory("mode.h5", path);
    put_some(&f, path, false, 0, 4, 1);
    f.experiment.output.trials = true;
    caucus_store_options options = {.output = path, .resume = true};
    caucus_store *store = NULL;
    const char *const words[] = {"summaries only", "1 then, 0 now", "--force"};
    assert_fails(caucus_store_open(&f.layout, &f.provenance, &options, &store), CAUCUS_INVALID, words, 3);
    f.experiment.output.trials = false;
    f.layout.trained = true;
    const char *const trained[] = {"classifiers", "0 then, 1 now"};
    assert_fails(caucus_store_open(&f.layout, &f.provenance, &options, &store), CAUCUS_INVALID, trained, 2);
    f.layout.trained = false;
    f.layout.compared = true;
    const char *const compared[] = {"accuracy_cost", "0 then, 1 now"};
    assert_fails(caucus_store_open(&f.layout, &f.provenance, &options, &store), CAUCUS_INVALID, compared, 2);
}

/* What training and comparing add, in both kinds of runs. */
static void test_trained_and_compared(void **state)
{
    (void)state;
    char paths[2][128];
    fixture f;
    fixture_init(&f);
    f.layout.trained = true;
    f.layout.compared = true;
    for (int sums = 0; sums < 2; sums++) {
        f.experiment.output.trials = sums == 0;
        caucus_store_options options = {.output = in_directory(sums == 0 ? "t.h5" : "s.h5", paths[sums])};
        assert_ok(fixture_run(&f, &options, 1));
    }
    for (hsize_t c = 0; c < FIXTURE_CONFIGS; c++) {
        double rate = read_number(paths[0], "summary/converged_rate", c);
        double cost = read_number(paths[0], "summary/accuracy_cost_mean", c);
        double n = 0;
        double sum = 0;
        for (uint64_t t = 0; t < 23; t++) {
            n += fixture_hash(c, t, 54) % 8 > 0;
            sum += (double)fixture_fraction(c, t, 55) - 0.5;
        }
        assert_true(c == 0 ? isnan(rate) : fabs(rate - n / 23) < 1e-15);
        assert_true(fabs(cost - sum / 23) < 1e-15);
        assert_true(c == 0 ? isnan(read_number(paths[1], "summary/converged_rate", c))
                           : read_number(paths[1], "summary/converged_rate", c) == rate);
        assert_true(fabs(read_number(paths[1], "summary/accuracy_cost_mean", c) - cost) < 1e-15);
    }
    assert_true(isnan(read_number(paths[0], "converged", 22)));
    assert_true(read_number(paths[0], "converged", 23) == (double)(fixture_hash(1, 0, 54) % 8 > 0));
    assert_true(read_number(paths[0], "accuracy_cost", 23) == (double)(fixture_fraction(1, 0, 55) - 0.5f));
    hid_t file = H5Fopen(reference, H5F_ACC_RDONLY, H5P_DEFAULT);
    static const char *const absent[] = {"converged", "accuracy_cost", "summary/converged_rate",
                                         "summary/accuracy_cost_mean"};
    for (int i = 0; i < 4; i++) {
        assert_true(H5Lexists(file, absent[i], H5P_DEFAULT) == 0);
    }
    H5Fclose(file);
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_from_trials),
        cmocka_unit_test(test_interrupted_gives_the_same),
        cmocka_unit_test(test_segments_by_configuration),
        cmocka_unit_test(test_no_block_counts_twice),
        cmocka_unit_test(test_damage_is_noticed),
        cmocka_unit_test(test_wrong_mode),
        cmocka_unit_test(test_trained_and_compared),
    };
    return cmocka_run_group_tests(tests, make_both, remove_directory);
}
