#include "result/stripes.h"

/* Large enough to compress and read well, small enough for HDF5's default cache of a megabyte for each dataset. */
static const uint64_t CHUNK_BYTES = 1 << 20;

/* Where rows are wide, chunks of their narrow values would be tiny: more rows then, as long as a stripe fits. */
static const uint64_t FEWEST_ROWS = 64;
static const uint64_t STRIPE_BYTES = 32 << 20;

static uint64_t widest(const caucus_shape *shape)
{
    uint64_t most = 1;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const uint64_t width = caucus_variable_width(&caucus_variables[v], shape);
        most = width > most ? width : most;
    }
    return most * CAUCUS_VALUE_BYTES;
}

/* A power of two, as blocks are, so that blocks are parts of stripes or the other way round. */
static uint64_t choose_rows(const caucus_shape *shape)
{
    const uint64_t bytes = widest(shape);
    uint64_t rows = 1;
    while (2 * rows * bytes <= CHUNK_BYTES ||
           (rows < FEWEST_ROWS && 2 * rows * caucus_row_bytes(shape) <= STRIPE_BYTES)) {
        rows *= 2;
    }
    return rows;
}

caucus_stripes caucus_stripes_of(const caucus_shape *shape, uint64_t n_configs, uint64_t n_trials)
{
    const uint64_t rows = choose_rows(shape);
    caucus_stripes stripes = {.n_configs = n_configs, .n_trials = n_trials, .configs = 1, .per_config = 1};
    if (n_trials <= rows) {
        stripes.configs = rows / n_trials < n_configs ? rows / n_trials : n_configs;
        stripes.trials = n_trials;
        stripes.n = (n_configs + stripes.configs - 1) / stripes.configs;
    } else {
        stripes.trials = rows;
        stripes.per_config = (n_trials + rows - 1) / rows;
        stripes.n = n_configs * stripes.per_config;
    }
    return stripes;
}

uint64_t caucus_stripes_room(const caucus_stripes *stripes)
{
    return stripes->configs * stripes->trials;
}

uint64_t caucus_stripes_find(const caucus_stripes *stripes, uint64_t config, uint64_t trial)
{
    return config / stripes->configs * stripes->per_config + trial / stripes->trials;
}

caucus_stripe_place caucus_stripes_place(const caucus_stripes *stripes, uint64_t stripe)
{
    caucus_stripe_place place = {.config = stripe / stripes->per_config * stripes->configs,
                                 .trial = stripe % stripes->per_config * stripes->trials};
    const uint64_t configs = stripes->n_configs - place.config;
    const uint64_t trials = stripes->n_trials - place.trial;
    place.n_rows = (configs < stripes->configs ? configs : stripes->configs) *
                   (trials < stripes->trials ? trials : stripes->trials);
    return place;
}

uint64_t caucus_stripes_row(const caucus_stripes *stripes, uint64_t config, uint64_t trial)
{
    return config % stripes->configs * stripes->n_trials + trial % stripes->trials;
}
