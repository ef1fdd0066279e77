#include "result/growth.h"

#include "base/text.h"
#include "hdf5/verified.h"
#include "result/shard_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct caucus_growth {
    char *path;
    caucus_identity identity; /* of the smaller run */
    caucus_shape shape;       /* of the larger one */
    uint64_t *places;         /* [config of the larger run] its place in the smaller one, or NOWHERE */
    caucus_shard_file *file;
    caucus_block *rows; /* as the smaller run has them */
    uint32_t rows_capacity;
};

static const uint64_t NOWHERE = UINT64_MAX;

/* ---- which configurations are the same --------------------------------------------------------------------------- */

typedef struct keyed {
    caucus_random_key key;
    uint64_t config;
} keyed;

static int compare_keys(const void *left, const void *right)
{
    const caucus_random_key *a = &((const keyed *)left)->key;
    const caucus_random_key *b = &((const keyed *)right)->key;
    if (a->seed != b->seed) {
        return a->seed < b->seed ? -1 : 1;
    }
    return (a->config > b->config) - (a->config < b->config);
}

/* The configurations of an experiment in the order of their keys. */
static caucus_status list_keys(const caucus_experiment *experiment, keyed **list)
{
    caucus_status status = CAUCUS_OK;
    keyed *made = NULL;
    TRY(caucus_alloc(experiment->n_configs, sizeof *made, "the configurations", &made));
    for (uint64_t c = 0; c < experiment->n_configs; c++) {
        made[c].config = c;
        TRY_GOTO(caucus_experiment_key(experiment, c, &made[c].key), failed);
    }
    qsort(made, experiment->n_configs, sizeof *made, compare_keys);
    *list = made;
    return CAUCUS_OK;
failed:
    free(made);
    return status;
}

/* Give each configuration of the larger experiment its place in the smaller one; all of these must be met. */
static caucus_status find_places(caucus_growth *growth, const caucus_experiment *smaller,
                                 const caucus_experiment *larger)
{
    caucus_status status = CAUCUS_OK;
    keyed *old = NULL;
    keyed *new = NULL;
    uint64_t lost = 0;
    TRY_GOTO(caucus_alloc(larger->n_configs, sizeof *growth->places, "the configurations", &growth->places), done);
    TRY_GOTO(list_keys(smaller, &old), done);
    TRY_GOTO(list_keys(larger, &new), done);
    for (uint64_t i = 0, j = 0; j < larger->n_configs; j++) {
        while (i < smaller->n_configs && compare_keys(&old[i], &new[j]) < 0) {
            lost += j == 0 || compare_keys(&old[i], &new[j - 1]) != 0;
            i++;
        }
        const bool met = i < smaller->n_configs && compare_keys(&old[i], &new[j]) == 0;
        growth->places[new[j].config] = met ? old[i].config : NOWHERE;
        if (j + 1 == larger->n_configs) { /* those behind the last one */
            for (; i < smaller->n_configs; i++) {
                lost += compare_keys(&old[i], &new[j]) != 0;
            }
        }
    }
    if (lost > 0) {
        status =
            caucus_fail(CAUCUS_INVALID,
                        "%s has %llu configurations that this sweep has not, and would lose them; keep their values "
                        "in the sweep, or " CAUCUS_AFRESH,
                        growth->path, (unsigned long long)lost);
    }
done:
    free(new);
    free(old);
    return status;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* Whether all that the sweep and the number of trials leave alone is the same. */
static caucus_status compare_frames(const caucus_experiment *smaller, const caucus_experiment *larger, bool *same)
{
    char *old = NULL;
    char *new = NULL;
    caucus_status status = caucus_experiment_frame(smaller, &old);
    if (status == CAUCUS_OK) {
        status = caucus_experiment_frame(larger, &new);
    }
    *same = status == CAUCUS_OK && strcmp(old, new) == 0;
    free(old);
    free(new);
    return status;
}

static caucus_status check_grows(const caucus_growth *growth, const caucus_identity *wanted)
{
    const caucus_identity *found = &growth->identity;
    if (wanted->shard.count > 0 || found->shard.count > 0) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%s is of a smaller experiment, and shards do not grow: run the larger one's shards to other "
            "files with -o, or grow the merged result",
            growth->path);
    }
    if (wanted->summaries_only && found->shape.until == 0) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%s is of a smaller experiment, and keeps neither trials nor (as with `until`) their sums, so "
            "that it cannot grow; " CAUCUS_AFRESH,
            growth->path);
    }
    if (wanted->summaries_only && found->n_trials % wanted->block_trials != 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s has the sums of %llu trials, which are no whole number of blocks of %u: use another "
                           "--block",
                           growth->path, (unsigned long long)found->n_trials, wanted->block_trials);
    }
    if (found->n_trials > wanted->n_trials) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s has %llu trials of each configuration, and %llu are asked for, which would "
                           "lose some; " CAUCUS_AFRESH,
                           growth->path, (unsigned long long)found->n_trials, (unsigned long long)wanted->n_trials);
    }
    if (!wanted->mixed && strcmp(found->trainer, wanted->trainer) != 0) {
        return caucus_fail(
            CAUCUS_INVALID,
            "%s was trained by %s, and more of it would be by %s, whose last bits differ: go on where it "
            "was begun, or with --mixed where that is enough; " CAUCUS_AFRESH,
            growth->path, found->trainer, wanted->trainer);
    }
    if (found->data_checksum != wanted->data_checksum) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s was computed on other population data, or on fewer populations than this sweep "
                           "has; " CAUCUS_AFRESH,
                           growth->path);
    }
    if (wanted->summaries_only &&
        (found->shape.n_collectives != wanted->shape.n_collectives || found->shape.trained != wanted->shape.trained)) {
        return caucus_fail(CAUCUS_INVALID, "%s keeps sums of other quantities than this run; " CAUCUS_AFRESH,
                           growth->path);
    }
    return found->shape.n_collectives <= wanted->shape.n_collectives &&
                   found->shape.n_methods == wanted->shape.n_methods && found->shape.trained <= wanted->shape.trained &&
                   found->shape.compared == wanted->shape.compared && found->shape.upper == wanted->shape.upper
               ? CAUCUS_OK
               : caucus_fail(CAUCUS_INVALID, "%s holds other quantities than this run; " CAUCUS_AFRESH, growth->path);
}

/* Two experiments that may be the same but for their size, without their data. */
static caucus_status compare_experiments(caucus_growth *growth, const caucus_layout *layout,
                                         const caucus_identity *wanted)
{
    caucus_status status = CAUCUS_OK;
    caucus_experiment *smaller = NULL;
    caucus_experiment *larger = NULL;
    bool same = false;
    TRY_GOTO(caucus_experiment_recall(growth->identity.experiment, "", growth->path, 0, &smaller), done);
    TRY_GOTO(caucus_experiment_recall(layout->experiment->text, "", growth->path, 0, &larger), done);
    TRY_GOTO(compare_frames(smaller, larger, &same), done);
    if (!same || growth->identity.seed != wanted->seed || growth->identity.rng_version != wanted->rng_version) {
        status = caucus_identity_compare(wanted, &growth->identity, growth->path, false, CAUCUS_AFRESH);
        goto done;
    }
    TRY_GOTO(check_grows(growth, wanted), done);
    TRY_GOTO(find_places(growth, smaller, larger), done);
done:
    caucus_experiment_close(larger);
    caucus_experiment_close(smaller);
    return status;
}

static caucus_status read_identity(caucus_growth *growth)
{
    hid_t file = H5I_INVALID_HID;
    TRY(caucus_verified_open(growth->path, &file));
    const caucus_status status = caucus_identity_read(file, growth->path, "caucus", &growth->identity);
    caucus_h5_close(file);
    return status;
}

caucus_status caucus_growth_open(const char *path, const caucus_layout *layout, const caucus_identity *wanted,
                                 caucus_growth **growth)
{
    caucus_growth *opened = NULL;
    TRY(caucus_alloc(1, sizeof *opened, "a result", &opened));
    opened->shape = caucus_layout_shape(layout);
    opened->path = caucus_text_copy(path);
    caucus_status status = opened->path != NULL ? CAUCUS_OK : caucus_fail_memory(strlen(path), "a path");
    if (status == CAUCUS_OK) {
        status = read_identity(opened);
    }
    if (status == CAUCUS_OK) {
        status = compare_experiments(opened, layout, wanted);
    }
    if (status == CAUCUS_OK) {
        status = caucus_shard_file_open(opened->path, &opened->identity, &opened->file);
    }
    if (status != CAUCUS_OK) {
        caucus_growth_close(opened);
        return status;
    }
    *growth = opened;
    return CAUCUS_OK;
}

void caucus_growth_close(caucus_growth *growth)
{
    if (growth == NULL) {
        return;
    }
    caucus_shard_file_close(growth->file);
    caucus_identity_free(&growth->identity);
    free(growth->rows);
    free(growth->places);
    free(growth->path);
    free(growth);
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

uint64_t caucus_growth_trials(const caucus_growth *growth, uint64_t config)
{
    return growth->places[config] != NOWHERE ? growth->identity.n_trials : 0;
}

/* Copy rows into those of a shape that may have more collectives or variables, which these rows lack. */
static void widen(const caucus_block *from, const caucus_shape *narrow, const caucus_block *to,
                  const caucus_shape *wide, uint32_t n)
{
    const uint32_t absent = UINT32_MAX;
    const float none = NAN;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        const caucus_variable *variable = &caucus_variables[v];
        const size_t had = caucus_variable_width(variable, narrow);
        const size_t has = caucus_variable_width(variable, wide);
        const unsigned char *source = had > 0 ? caucus_variable_data(variable, from) : NULL;
        unsigned char *target = has > 0 ? caucus_variable_data(variable, to) : NULL;
        for (uint64_t i = 0; i < n * has; i++) {
            memcpy(target + i * CAUCUS_VALUE_BYTES, variable->integer ? (const void *)&absent : (const void *)&none,
                   CAUCUS_VALUE_BYTES);
        }
        for (uint64_t i = 0; i < n && had > 0; i++) {
            memcpy(target + i * has * CAUCUS_VALUE_BYTES, source + i * had * CAUCUS_VALUE_BYTES,
                   had * CAUCUS_VALUE_BYTES);
        }
    }
}

caucus_status caucus_growth_read(caucus_growth *growth, uint64_t config, uint64_t trial, uint32_t n,
                                 const caucus_block *to)
{
    const caucus_shape *shape = &growth->identity.shape;
    if (growth->rows_capacity < n) {
        free(growth->rows);
        growth->rows = NULL;
        growth->rows_capacity = 0;
        TRY(caucus_block_alloc_rows(n, shape, &growth->rows));
        growth->rows_capacity = n;
    }
    TRY(caucus_shard_file_read_rows(growth->file, growth->places[config], trial, n, growth->rows, 0));
    widen(growth->rows, shape, to, &growth->shape, n);
    return CAUCUS_OK;
}

caucus_status caucus_growth_read_sums(caucus_growth *growth, uint64_t config, uint64_t *words)
{
    return caucus_growth_trials(growth, config) > 0
               ? caucus_shard_file_read_sums(growth->file, growth->places[config], words)
               : CAUCUS_OK;
}
