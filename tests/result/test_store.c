/* The store: blocks in any order, interrupted and resumed, give the result of an unbroken run; nothing is overwritten
 * unasked; what is torn or foreign is noticed. */
#include "compare_results.h"
#include "result/parts.h"
#include "store_directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ASSERT_INVALID(call, ...)                                                                                      \
    assert_fails(call, CAUCUS_INVALID, (const char *const[]){__VA_ARGS__},                                             \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void test_interrupted_gives_the_same(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    in_directory("interrupted.h5", path);
    put_some(&f, path, false, 0, 11, 400);
    assert_false(exists(path));
    put_some(&f, path, true, 8, 20, 1 << 20);
    put_some(&f, path, true, 20, 20, 1);
    caucus_store_options options = {.output = path, .resume = true};
    caucus_store *store = NULL;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    uint64_t found = 0;
    for (uint64_t i = 0; i < 30; i++) {
        if (caucus_store_has(store, i / 5, i % 5)) {
            found += i % 5 == 4 ? 3 : 5;
        }
    }
    assert_int_equal(caucus_store_trials_found(store), found);
    assert_int_not_equal(found, 0);
    assert_string_equal(caucus_store_notice(store), "");
    caucus_store_close(store);
    f.provenance.host_threads = 7;
    assert_ok(fixture_run(&f, &options, 3));
    assert_true(same_results(reference, path, true));
    assert_false(parts_exist(path));
}

static void test_difference_is_noticed(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    f.sizes[0]++;
    caucus_store_options options = {.output = in_directory("different.h5", path)};
    assert_ok(fixture_run(&f, &options, 1));
    assert_false(same_results(reference, path, true));
}

/* Chunks do not depend on blocks; only the dataset that lists blocks does. */
static void test_values_read_back(void **state)
{
    (void)state;
    static const unsigned compressions[] = {0, 1, 9};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        fixture f;
        fixture_init(&f);
        fixture_set_trials(&f, 70001, 4096);
        f.layout.n_configs = 2;
        f.axes[0].n_values = 1;
        f.experiment.output.compression = compressions[i];
        caucus_store_options options = {.output = in_directory("values.h5", path), .force = true};
        assert_ok(fixture_run(&f, &options, 2));
        hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        hid_t dataset = H5Dopen2(file, "lower_bound", H5P_DEFAULT);
        float *bounds = malloc(2 * 70001 * 6 * sizeof *bounds);
        assert_true(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, bounds) >= 0);
        for (uint64_t row = 0; row < 2 * 70001; row++) {
            for (uint32_t v = 0; v < 6; v++) {
                float wanted = fixture_bound(&f, row / 70001, row % 70001, v / 2, v % 2);
                float found = bounds[row * 6 + v];
                if (!(found == wanted || (isnan(found) && isnan(wanted)))) {
                    fail_msg("row %llu value %u: %g, not %g", (unsigned long long)row, v, found, wanted);
                }
            }
        }
        hid_t properties = H5Dget_create_plist(dataset);
        assert_int_equal(H5Pget_nfilters(properties),
                         compressions[i] == 0 ? 1 : 2); /* a checksum; or shuffle, and deflate, which has one */
        hsize_t chunk[4];
        assert_int_equal(H5Pget_chunk(properties, 4, chunk), 4);
        assert_int_equal(chunk[0], 1);
        assert_int_equal(chunk[1], 1 << 15); /* a power of two: 6 values of 4 bytes fill most of a megabyte */
        free(bounds);
        H5Pclose(properties);
        H5Dclose(dataset);
        H5Fclose(file);
    }
}

static void put_in_order(const fixture *f, const char *path, bool resume, uint64_t from, uint64_t to)
{
    caucus_store_options options = {.output = path, .resume = resume, .segment_bytes = 4 << 20};
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    assert_ok(caucus_store_open(&f->layout, &f->provenance, &options, &store));
    assert_ok(caucus_layout_block_alloc(&f->layout, &block));
    for (uint64_t i = from; i < to; i++) {
        assert_ok(fixture_put(f, store, i, block));
    }
    assert_ok(caucus_store_flush(store));
    free(block);
    caucus_store_close(store);
}

/* Blocks of more trials than a stripe has, less, and so many that stripes cut them; whatever is packed, or has to be
 * saved before it can be, the result is that of an unbroken run, and unfinished runs can be read. */
static void test_packed_stripes(void **state)
{
    (void)state;
    static const uint32_t block_trials[] = {4096, 65536, 5000};
    static const unsigned compressions[] = {1, 0, 4};
    static const bool packs[] = {true, true, false};
    for (int i = 0; i < 3; i++) {
        char path[128];
        char whole[128];
        fixture f;
        fixture_init(&f);
        fixture_set_trials(&f, 70001, block_trials[i]);
        f.layout.n_configs = 2;
        f.axes[0].n_values = 1;
        f.experiment.output.compression = compressions[i];
        caucus_store_options options = {.output = in_directory("whole.h5", whole), .force = true};
        assert_ok(fixture_run(&f, &options, 2));
        in_directory("stripes.h5", path);
        const uint64_t n = 2 * f.layout.n_blocks;
        put_in_order(&f, path, false, 0, n / 2);
        put_in_order(&f, path, true, n / 2, n - 1);
        caucus_identity identity;
        caucus_notices notices = {0};
        caucus_parts *parts = NULL;
        caucus_block *read = NULL;
        caucus_block *wanted = NULL;
        const caucus_shape shape = caucus_layout_shape(&f.layout);
        assert_ok(caucus_identity_of(&f.layout, &identity));
        assert_ok(caucus_parts_open(path, &identity, false, &notices, &parts));
        assert_ok(caucus_layout_block_alloc(&f.layout, &read));
        assert_ok(caucus_layout_block_alloc(&f.layout, &wanted));
        uint64_t there = 0;
        for (uint64_t b = 0; b < n; b++) {
            if (!caucus_parts_has(parts, b / f.layout.n_blocks, b % f.layout.n_blocks)) {
                continue;
            }
            there++;
            assert_ok(caucus_parts_read(parts, b / f.layout.n_blocks, b % f.layout.n_blocks, read));
            fixture_fill(&f, b / f.layout.n_blocks, b % f.layout.n_blocks, wanted);
            assert_int_equal(read->n_trials, wanted->n_trials);
            for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
                const size_t width = caucus_variable_width(&caucus_variables[v], &shape);
                if (width > 0) {
                    assert_memory_equal(caucus_variable_data(&caucus_variables[v], read),
                                        caucus_variable_data(&caucus_variables[v], wanted),
                                        width * read->n_trials * CAUCUS_VALUE_BYTES);
                }
            }
        }
        assert_int_equal(there, n - 1);
        bool packed = false;
        const caucus_stripes stripes = caucus_stripes_of(&shape, 2, 70001);
        for (uint64_t stripe = 0; stripe < stripes.n && !packed; stripe++) {
            caucus_stripe_chunks chunks;
            assert_ok(caucus_parts_read_chunks(parts, stripe, &chunks, &packed));
        }
        assert_int_equal(packed, packs[i]);
        free(wanted);
        free(read);
        caucus_parts_close(parts);
        caucus_notices_free(&notices);
        caucus_identity_free(&identity);
        options = (caucus_store_options){.output = path, .resume = true};
        assert_ok(fixture_run(&f, &options, 2));
        assert_true(same_results(whole, path, true));
        unlink(path);
    }
}

static void test_block_size_leaves_chunks(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    fixture_set_trials(&f, 23, 23);
    caucus_store_options options = {.output = in_directory("blocks.h5", path)};
    assert_ok(fixture_run(&f, &options, 1));
    hid_t a = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t b = H5Fopen(reference, H5F_ACC_RDONLY, H5P_DEFAULT);
    static const char *const names[] = {"success_count", "lower_bound", "joint_bound", "summary/bound_median"};
    for (size_t i = 0; i < 4; i++) {
        int n = 0;
        hid_t left = H5Dopen2(a, names[i], H5P_DEFAULT);
        hid_t right = H5Dopen2(b, names[i], H5P_DEFAULT);
        assert_true(same_dataset(left, right, &n));
        H5Dclose(left);
        H5Dclose(right);
    }
    H5Fclose(a);
    H5Fclose(b);
}

static void test_nothing_is_overwritten(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    caucus_store *store = NULL;
    caucus_store_options options = {.output = in_directory("kept.h5", path)};
    assert_ok(fixture_run(&f, &options, 1));
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &store), "kept.h5", "--force", "-o");
    assert_true(same_results(reference, path, true));
    assert_false(parts_exist(path));
    /* resuming what is finished finds everything done */
    options.resume = true;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_int_equal(caucus_store_trials_found(store), 6 * 23);
    assert_true(caucus_store_has(store, 5, 4));
    assert_ok(caucus_store_finish(store, 1));
    caucus_store_close(store);
    assert_true(same_results(reference, path, true));
    /* but not another experiment's */
    f.experiment.text = "name: three\nseed: 1\n";
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &store), "another experiment", "line 1",
                   "name: three", "--force");
    options = (caucus_store_options){.output = path, .force = true};
    f.experiment.seed = 5;
    assert_ok(fixture_run(&f, &options, 1));
    assert_false(same_results(reference, path, true));
    assert_false(parts_exist(path));
}

static void test_bad_places(void **state)
{
    (void)state;
    char path[160];
    fixture f;
    fixture_init(&f);
    caucus_store *store = NULL;
    snprintf(path, sizeof path, "%s/nowhere/out.h5", directory);
    caucus_store_options options = {.output = path};
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &store), "there is no directory", "nowhere");
    options.output = directory;
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &store), "cannot be a result file");
    options.output = "";
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &store), "cannot be a result file");
}

static void test_left_over_segments(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    in_directory("left.h5", path);
    put_some(&f, path, false, 0, 10, 1);
    caucus_store *store = NULL;
    caucus_store_options options = {.output = path};
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &store), "10 segments", "--resume", "--force");
    assert_true(parts_exist(path));
    uint32_t block_trials = 0;
    assert_ok(caucus_store_find_block_trials(path, &block_trials));
    assert_int_equal(block_trials, 5);
    assert_ok(caucus_store_find_block_trials(reference, &block_trials));
    assert_int_equal(block_trials, 0);
    options.force = true;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_int_equal(caucus_store_trials_found(store), 0);
    /* a second process may not write the same result */
    caucus_store *second = NULL;
    options.resume = true;
    ASSERT_INVALID(caucus_store_open(&f.layout, &f.provenance, &options, &second), "another process");
    caucus_store_close(store);
    assert_false(parts_exist(path));
}

static void test_wrong_experiments(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    in_directory("wrong.h5", path);
    put_some(&f, path, false, 0, 10, 400);
    caucus_store *store = NULL;
    caucus_store_options options = {.output = path, .resume = true};
    fixture other = f;
    other.layout.experiment = &other.experiment;
    other.experiment.text = "name: two\nseed: 18446744073709551615\ntrials: 24\n";
    ASSERT_INVALID(caucus_store_open(&other.layout, &f.provenance, &options, &store), "line 3", "\"trials: 23\"",
                   "\"trials: 24\"", "--force", "-o");
    other.experiment = f.experiment;
    other.experiment.seed = 3;
    ASSERT_INVALID(caucus_store_open(&other.layout, &f.provenance, &options, &store), "seed", "18446744073709551615");
    other.experiment = f.experiment;
    other.experiment.checksum = 3;
    ASSERT_INVALID(caucus_store_open(&other.layout, &f.provenance, &options, &store), "checksum of the population");
    other.experiment = f.experiment;
    other.layout.rng_version = 2;
    ASSERT_INVALID(caucus_store_open(&other.layout, &f.provenance, &options, &store), "random streams: 1 then, 2 now");
    other.layout.rng_version = 1;
    fixture_set_trials(&other, 23, 6);
    ASSERT_INVALID(caucus_store_open(&other.layout, &f.provenance, &options, &store), "block size: 5 then, 6 now");
    assert_ok(fixture_run(&f, &options, 1));
    assert_true(same_results(reference, path, true));
}

static void segment_path(const char *output, unsigned number, char path[192])
{
    snprintf(path, 192, "%s.parts/segment-%08u.h5", output, number);
}

/* Every way to spoil a segment: its blocks are computed again, and the result is what it should be. */
static void test_damaged_segments(void **state)
{
    (void)state;
    for (int way = 0; way < 6; way++) {
        char path[128];
        char segment[192];
        char aside[208];
        char extra[192];
        fixture f;
        fixture_init(&f);
        in_directory("damaged.h5", path);
        put_some(&f, path, false, 0, 10, 1);
        segment_path(path, 3, segment);
        snprintf(aside, sizeof aside, "%s.damaged", segment);
        struct stat file;
        assert_int_equal(stat(segment, &file), 0);
        int descriptor = open(segment, O_RDWR);
        assert_true(descriptor >= 0);
        unsigned char byte = 0;
        const off_t places[] = {file.st_size / 2, 20, file.st_size - 3};
        if (way < 3) { /* one bit turned: data, HDF5's own, seal */
            assert_int_equal(pread(descriptor, &byte, 1, places[way]), 1);
            byte ^= 4;
            assert_int_equal(pwrite(descriptor, &byte, 1, places[way]), 1);
        } else if (way < 5) { /* torn, emptied */
            assert_int_equal(ftruncate(descriptor, way == 3 ? file.st_size - 100 : 0), 0);
        } else { /* foreign */
            assert_int_equal(ftruncate(descriptor, 0), 0);
            assert_int_equal(pwrite(descriptor, "these are notes on something else", 33, 0), 33);
        }
        close(descriptor);
        snprintf(extra, sizeof extra, "%s.parts/segment-00000099.h5.tmp", path);
        close(open(extra, O_CREAT | O_WRONLY, 0600));
        caucus_store_options options = {.output = path, .resume = true};
        caucus_store *store = NULL;
        assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
        assert_non_null(strstr(caucus_store_notice(store), "segment-00000003.h5"));
        assert_non_null(strstr(caucus_store_notice(store), "computed again"));
        assert_false(exists(segment));
        assert_true(exists(aside));
        assert_false(exists(extra));
        caucus_store_close(store);
        assert_ok(fixture_run(&f, &options, 1));
        assert_true(same_results(reference, path, true));
        assert_false(parts_exist(path));
        unlink(path);
    }
}

static void test_foreign_files_stay(void **state)
{
    (void)state;
    char path[128];
    char notes[192];
    fixture f;
    fixture_init(&f);
    in_directory("foreign.h5", path);
    put_some(&f, path, false, 0, 10, 400);
    snprintf(notes, sizeof notes, "%s.parts/notes.txt", path);
    close(open(notes, O_CREAT | O_WRONLY, 0600));
    caucus_store_options options = {.output = path, .resume = true};
    caucus_store *store = NULL;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_non_null(strstr(caucus_store_notice(store), "notes.txt"));
    caucus_store_close(store);
    assert_ok(fixture_run(&f, &options, 1));
    assert_true(same_results(reference, path, true));
    assert_true(exists(notes));
}

/* Copies of blocks, as two machines may leave them, do no harm. */
static void test_duplicates(void **state)
{
    (void)state;
    char path[128];
    char from[192];
    char command[512];
    fixture f;
    fixture_init(&f);
    in_directory("duplicates.h5", path);
    put_some(&f, path, false, 0, 10, 400);
    segment_path(path, 0, from);
    snprintf(command, sizeof command, "cp '%s' '%s.parts/segment-00000777.h5'", from, path);
    assert_int_equal(system(command), 0);
    caucus_store_options options = {.output = path, .resume = true};
    assert_ok(fixture_run(&f, &options, 1));
    assert_true(same_results(reference, path, true));
}

static void test_join_needs_all(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    in_directory("partial.h5", path);
    put_some(&f, path, false, 0, 10, 400);
    caucus_store_options options = {.output = path, .resume = true};
    caucus_store *store = NULL;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    const char *const words[] = {"20 of its 30 blocks"};
    assert_fails(caucus_store_finish(store, 1), CAUCUS_FAILED, words, 1);
    caucus_store_close(store);
    assert_false(exists(path));
}

static void test_no_methods_only_summary(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    f.layout.n_methods = 0;
    f.experiment.output.trials = false;
    f.axes[0].name = "size"; /* a name that results use themselves */
    f.axes[1].name = "1 / b";
    caucus_store_options options = {.output = in_directory("summary.h5", path)};
    assert_ok(fixture_run(&f, &options, 2));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(H5Lexists(file, "success_count", H5P_DEFAULT) == 0);
    assert_true(H5Lexists(file, "method", H5P_DEFAULT) == 0);
    assert_true(H5Lexists(file, "axis_size", H5P_DEFAULT) > 0);
    assert_true(H5Lexists(file, "axis_1___b", H5P_DEFAULT) > 0);
    assert_true(H5Lexists(file, "summary/success_mean", H5P_DEFAULT) > 0);
    assert_true(H5Lexists(file, "summary/bound_mean", H5P_DEFAULT) == 0);
    H5Fclose(file);
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interrupted_gives_the_same),
        cmocka_unit_test(test_difference_is_noticed),
        cmocka_unit_test(test_values_read_back),
        cmocka_unit_test(test_packed_stripes),
        cmocka_unit_test(test_block_size_leaves_chunks),
        cmocka_unit_test(test_nothing_is_overwritten),
        cmocka_unit_test(test_bad_places),
        cmocka_unit_test(test_left_over_segments),
        cmocka_unit_test(test_wrong_experiments),
        cmocka_unit_test(test_damaged_segments),
        cmocka_unit_test(test_foreign_files_stay),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_join_needs_all),
        cmocka_unit_test(test_no_methods_only_summary),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
