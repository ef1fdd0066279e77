/* A temporary directory with the result of an unbroken run, and assertions on how calls of the store end. */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

#include "base/status.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

static char directory[] = "/tmp/caucus-store-XXXXXX";
static char reference[128]; /* the result of an unbroken run */

static const char *in_directory(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", directory, name);
    return path;
}

static void assert_ok(caucus_status status)
{
    if (status != CAUCUS_OK) {
        fail_msg("status %d: %s", status, caucus_error_message());
    }
}

static void assert_fails(caucus_status status, caucus_status wanted, const char *const *words, size_t n_words)
{
    assert_int_equal(status, wanted);
    for (size_t i = 0; i < n_words; i++) {
        if (strstr(caucus_error_message(), words[i]) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", caucus_error_message(), words[i]);
        }
    }
}

/* Put the blocks from..to-1, scattered by a step that is prime to their number, and stop. */
static inline void put_some(const fixture *f, const char *path, bool resume, uint64_t from, uint64_t to,
                            uint64_t segment_bytes)
{
    const uint64_t n = f->layout.n_configs * f->layout.n_blocks;
    caucus_store_options options = {.output = path, .resume = resume, .segment_bytes = segment_bytes};
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    assert_ok(caucus_store_open(&f->layout, &f->provenance, &options, &store));
    assert_ok(caucus_layout_block_alloc(&f->layout, &block));
    for (uint64_t i = from; i < to; i++) {
        assert_ok(fixture_put(f, store, i * 7 % n, block));
    }
    assert_ok(caucus_store_flush(store));
    free(block);
    caucus_store_close(store);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool parts_exist(const char *path)
{
    char parts[160];
    snprintf(parts, sizeof parts, "%s.parts", path);
    return exists(parts);
}

static int make_directory(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    fixture f;
    fixture_init(&f);
    in_directory("reference.h5", reference);
    caucus_store_options options = {.output = reference};
    assert_ok(fixture_run(&f, &options, 2));
    assert_false(parts_exist(reference));
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

#endif
