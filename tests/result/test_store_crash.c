/* The store against what ends a process or a disk at any moment. */
#include "compare_results.h"
#include "store_directory.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* A full disk, as the largest size that a file may have. A segment fails cleanly, and so does the result, with all
 * segments kept. */
static void test_full_disk(void **state)
{
    (void)state;
    char path[128];
    fixture f;
    fixture_init(&f);
    fixture_set_trials(&f, 20000, 500);
    f.experiment.output.compression = 0;
    in_directory("full.h5", path);
    caucus_store_options options = {.output = path, .segment_bytes = 200000};
    struct rlimit kept;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit tiny = {.rlim_cur = 60000, .rlim_max = kept.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    caucus_status first = fixture_run(&f, &options, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
    const char *const segment_words[] = {"segment-00000000.h5.tmp", "File too large", "--resume"};
    assert_fails(first, CAUCUS_FAILED, segment_words, 3);
    const struct rlimit small = {.rlim_cur = 1000000, .rlim_max = kept.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    options.resume = true;
    caucus_status second = fixture_run(&f, &options, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
    const char *const result_words[] = {"result.h5.tmp", "File too large", "--resume"};
    assert_fails(second, CAUCUS_FAILED, result_words, 3);
    assert_false(exists(path));
    caucus_store *store = NULL;
    assert_ok(caucus_store_open(&f.layout, &f.provenance, &options, &store));
    assert_int_equal(caucus_store_trials_found(store), 6 * 20000);
    assert_ok(caucus_store_finish(store, 2));
    caucus_store_close(store);
    assert_true(exists(path));
}

/* Until a child has begun to write, or has ended: on a machine that has much to do it may not start for long. */
static void wait_until_begun(pid_t child, const char *path)
{
    siginfo_t ended = {0};
    while (!parts_exist(path) && ended.si_pid == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    }
}

/* A run that is killed at any moment, again and again, ends with the same file. */
static void test_killed(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    int n_killed = 0;
    int n_partial = 0;
    for (unsigned round = 0; round < 20; round++) {
        char path[128];
        in_directory("killed.h5", path);
        /* one segment for each block, or one for all, so that kills also meet the joining */
        caucus_store_options options = {.output = path, .resume = true, .segment_bytes = round % 2 == 0 ? 1 : 0};
        for (unsigned attempt = 0; attempt < 3; attempt++) {
            fflush(NULL);
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0) {
                _exit(fixture_run(&f, &options, 1));
            }
            if (round % 4 > 1) { /* else as often before it has begun */
                wait_until_begun(child, path);
            }
            /* an unbroken child takes some tens of milliseconds */
            uint64_t wait_us = fixture_hash(round, attempt, 7) % (round % 2 == 1 ? 30000 : 100000);
            nanosleep(&(struct timespec){.tv_nsec = (long)wait_us * 1000}, NULL);
            kill(child, SIGKILL);
            int ended = 0;
            assert_int_equal(waitpid(child, &ended, 0), child);
            n_killed += WIFSIGNALED(ended);
            assert_true(WIFSIGNALED(ended) || WEXITSTATUS(ended) == 0);
            n_partial += parts_exist(path);
        }
        assert_ok(fixture_run(&f, &options, 1));
        assert_true(same_results(reference, path, true));
        assert_false(parts_exist(path));
        unlink(path);
    }
    print_message("killed %d children, %d of them in the middle\n", n_killed, n_partial);
    assert_true(n_partial > 0);
}

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_full_disk), cmocka_unit_test(test_killed)};
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
