/* What tells the random numbers of a configuration from those of others: its place in the sweep, by what it is rather
 * than by its number, so that a sweep that grows or is split keeps the numbers that it had (docs/engine.md). */
#include "base/text.h"
#include "experiment/sweep.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each path with the value that it has, as written; lengths keep different pairs from reading alike. */
static caucus_status write_pairs(const caucus_experiment *experiment, uint64_t index, char **pairs, uint32_t *n)
{
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        const uint64_t v = caucus_experiment_axis_position(experiment, a, index);
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            const char *path = axis->paths[p]->text;
            char *value = NULL;
            TRY(caucus_document_emit_line(axis->values[v * axis->n_paths + p], &value));
            pairs[*n] = caucus_text_format("%zu:%s=%zu:%s\n", strlen(path), path, strlen(value), value);
            free(value);
            if (pairs[*n] == NULL) {
                return caucus_fail_memory(strlen(path), "a configuration's key");
            }
            (*n)++;
        }
    }
    return CAUCUS_OK;
}

caucus_status caucus_experiment_key(const caucus_experiment *experiment, uint64_t index, caucus_random_key *key)
{
    caucus_status status = CAUCUS_OK;
    char **pairs = NULL;
    uint32_t n = 0;
    uint32_t most = 0;
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        most += experiment->sweep->axes[a].n_paths;
    }
    *key = (caucus_random_key){.seed = experiment->seed};
    if (most == 0) {
        return CAUCUS_OK;
    }
    XXH3_state_t state;
    TRY(caucus_alloc(most, sizeof *pairs, "a configuration's key", &pairs));
    TRY_GOTO(write_pairs(experiment, index, pairs, &n), done);
    qsort(pairs, n, sizeof *pairs, compare_texts); /* whatever the order of the axes */
    XXH3_128bits_reset(&state);
    for (uint32_t i = 0; i < n; i++) {
        XXH3_128bits_update(&state, pairs[i], strlen(pairs[i]));
    }
    const XXH128_hash_t digest = XXH3_128bits_digest(&state);
    key->seed ^= digest.high64;
    key->config = (uint32_t)digest.low64;
done:
    for (uint32_t i = 0; i < n; i++) {
        free(pairs[i]);
    }
    free(pairs);
    return status;
}

caucus_status caucus_experiment_frame(const caucus_experiment *experiment, char **text)
{
    static const char *const omit[] = {"name", "description", "trials", "until", "sweep", NULL};
    for (uint32_t a = 0; a < experiment->n_axes; a++) {
        const caucus_sweep_axis *axis = &experiment->sweep->axes[a];
        for (uint32_t p = 0; p < axis->n_paths; p++) {
            *axis->slots[p] = NULL; /* left out of the text */
        }
    }
    return caucus_document_emit(experiment->document->root, omit, text);
}
