/* Writes the result files that the tests of readers open: make_result DIRECTORY. */
#include "store_fixture.h"

#include <stdio.h>

static int run(const fixture *f, const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    caucus_store_options options = {.output = path, .force = true};
    if (fixture_run(f, &options, 2) != CAUCUS_OK) {
        fprintf(stderr, "make_result: %s\n", caucus_error_message());
        return 1;
    }
    return 0;
}

/* The first blocks of a run that then stops. */
static int run_partly(const fixture *f, const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    caucus_store_options options = {.output = path, .force = true, .segment_bytes = 1};
    caucus_store *store = NULL;
    caucus_block *block = NULL;
    caucus_status status = caucus_store_open(&f->layout, &f->provenance, &options, &store);
    if (status == CAUCUS_OK) {
        status = caucus_layout_block_alloc(&f->layout, &block);
    }
    for (uint64_t i = 0; i < 2 * f->layout.n_blocks + 1 && status == CAUCUS_OK; i++) {
        status = fixture_put(f, store, i, block);
    }
    free(block);
    caucus_store_close(store);
    return status == CAUCUS_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_result DIRECTORY\n");
        return 2;
    }
    fixture f;
    fixture_init(&f);
    int failed = run(&f, argv[1], "absent.h5") | run_partly(&f, argv[1], "partial.h5");
    /* nobody absent, one axis, swept N_test, no compression */
    for (int c = 0; c < FIXTURE_CONFIGS; c++) {
        f.n_present[c] = FIXTURE_COLLECTIVES;
        f.sizes[c * FIXTURE_COLLECTIVES + 2] = 77;
        f.test[c] = 1000 + 10 * c;
    }
    f.axes[0].n_values = 3;
    f.experiment.n_axes = 1;
    f.layout.n_configs = 3;
    f.experiment.output.compression = 0;
    return failed | run(&f, argv[1], "full.h5");
}
