#include "result/damage.h"

#include "base/parallel.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Bytes that a thread reads at a time. */
enum { PIECE = 4 << 20 };

/* ---- pages ---- */

typedef struct search {
    caucus_damage *damage;
    int descriptor;
    uint64_t pages_each;     /* in a piece */
    unsigned char **buffers; /* [worker] */
    pthread_mutex_t lock;    /* guards all below and n_bad */
    caucus_status status;
    char message[1024];
} search;

static void note_failure(search *s, caucus_status status)
{
    pthread_mutex_lock(&s->lock);
    if (s->status == CAUCUS_OK) {
        s->status = status;
        snprintf(s->message, sizeof s->message, "%s", caucus_error_message());
    }
    pthread_mutex_unlock(&s->lock);
}

static void search_piece(void *context, size_t piece, unsigned worker)
{
    search *s = context;
    caucus_damage *damage = s->damage;
    const caucus_seal *seal = &damage->seal;
    const uint64_t first = piece * s->pages_each;
    const uint64_t end = first + s->pages_each < seal->n_pages ? first + s->pages_each : seal->n_pages;
    const size_t n = (size_t)((end - 1 - first) * seal->page_bytes) + caucus_seal_page_length(seal, end - 1);
    uint64_t n_bad = 0;
    caucus_status status =
        caucus_seal_read_bytes(s->descriptor, damage->path, first * seal->page_bytes, s->buffers[worker], n);
    if (status != CAUCUS_OK) {
        note_failure(s, status);
        return;
    }
    for (uint64_t page = first; page < end; page++) {
        damage->bad[page] = !caucus_seal_holds(seal, page, s->buffers[worker] + (page - first) * seal->page_bytes);
        n_bad += damage->bad[page];
    }
    pthread_mutex_lock(&s->lock);
    damage->n_bad += n_bad;
    pthread_mutex_unlock(&s->lock);
}

static caucus_status search_pages(caucus_damage *damage, int descriptor, unsigned threads)
{
    const caucus_seal *seal = &damage->seal;
    search s = {.damage = damage,
                .descriptor = descriptor,
                .pages_each = seal->page_bytes < PIECE ? PIECE / seal->page_bytes : 1,
                .lock = PTHREAD_MUTEX_INITIALIZER};
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(caucus_alloc(seal->n_pages, sizeof *damage->bad, "a list of pages", &damage->bad), done);
    TRY_GOTO(caucus_alloc(threads, sizeof *s.buffers, "pages of a file", &s.buffers), done);
    for (unsigned i = 0; i < threads; i++) {
        TRY_GOTO(caucus_alloc(s.pages_each, seal->page_bytes, "pages of a file", &s.buffers[i]), done);
    }
    caucus_parallel_for((seal->n_pages + s.pages_each - 1) / s.pages_each, threads, search_piece, &s);
    status = s.status == CAUCUS_OK ? CAUCUS_OK : caucus_fail(s.status, "%s", s.message);
done:
    for (unsigned i = 0; s.buffers != NULL && i < threads; i++) {
        free(s.buffers[i]);
    }
    free(s.buffers);
    pthread_mutex_destroy(&s.lock);
    return status;
}

caucus_status caucus_damage_find(const char *path, unsigned threads, caucus_damage *damage)
{
    caucus_status status = CAUCUS_OK;
    struct timespec start;
    struct timespec end;
    *damage = (caucus_damage){.path = caucus_text_copy(path)};
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        TRY_GOTO(caucus_fail(errno == ENOENT ? CAUCUS_INVALID : CAUCUS_FAILED, "cannot open %s: %s", path,
                             errno == ENOENT ? "there is no such file" : strerror(errno)),
                 failed);
    }
    if (damage->path == NULL) {
        TRY_GOTO(caucus_fail_memory(strlen(path), "a path"), failed);
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    TRY_GOTO(caucus_seal_read(descriptor, path, &damage->seal), failed);
    TRY_GOTO(search_pages(damage, descriptor, threads > 0 ? threads : 1), failed);
    clock_gettime(CLOCK_MONOTONIC, &end);
    damage->seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    close(descriptor);
    return CAUCUS_OK;
failed:
    if (descriptor >= 0) {
        close(descriptor);
    }
    caucus_damage_free(damage);
    return status;
}

void caucus_damage_free(caucus_damage *damage)
{
    caucus_seal_free(&damage->seal);
    free(damage->bad);
    free(damage->path);
    *damage = (caucus_damage){0};
}

/* ---- trials ---- */

static bool touches(const caucus_damage *damage, uint64_t address, uint64_t n)
{
    const caucus_seal *seal = &damage->seal;
    if (n == 0 || address >= seal->length || n > seal->length - address) {
        return n != 0; /* beyond the end */
    }
    for (uint64_t page = address / seal->page_bytes; page <= (address + n - 1) / seal->page_bytes; page++) {
        if (damage->bad[page]) {
            return true;
        }
    }
    return false;
}

/* A chunk spans configurations and trials, and all of what is behind them. */
static void mark_chunk(const caucus_identity *identity, uint32_t block_trials, const hsize_t *start,
                       const hsize_t *extent, bool *marks)
{
    const uint64_t n_blocks = identity->n_trials / block_trials + (identity->n_trials % block_trials != 0);
    const uint64_t last_config =
        start[0] + extent[0] < identity->n_configs ? start[0] + extent[0] : identity->n_configs;
    const uint64_t last_trial = start[1] + extent[1] < identity->n_trials ? start[1] + extent[1] : identity->n_trials;
    for (uint64_t config = start[0]; config < last_config && start[1] < last_trial; config++) {
        for (uint64_t block = start[1] / block_trials; block <= (last_trial - 1) / block_trials; block++) {
            marks[config * n_blocks + block] = true;
        }
    }
}

static caucus_status mark_dataset(const caucus_damage *damage, hid_t dataset, const caucus_identity *identity,
                                  uint32_t block_trials, bool *marks)
{
    caucus_status status = CAUCUS_OK;
    hsize_t n_chunks = 0;
    hsize_t extent[CAUCUS_N_DIMENSIONS] = {0};
    hid_t space = H5Dget_space(dataset);
    hid_t creation = H5Dget_create_plist(dataset);
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 2 || rank > CAUCUS_N_DIMENSIONS || H5Pget_chunk(creation, rank, extent) != rank) {
        status = caucus_fail(CAUCUS_INVALID, "%s is damaged: its trials have another shape", damage->path);
        goto done;
    }
    H5_TRY_GOTO(H5Dget_num_chunks(dataset, space, &n_chunks), done, "cannot read %s", damage->path);
    for (hsize_t i = 0; i < n_chunks; i++) {
        hsize_t start[CAUCUS_N_DIMENSIONS] = {0};
        hsize_t bytes = 0;
        haddr_t address = 0;
        unsigned mask = 0;
        H5_TRY_GOTO(H5Dget_chunk_info(dataset, space, i, start, &mask, &address, &bytes), done, "cannot read %s",
                    damage->path);
        if (touches(damage, address, bytes)) {
            mark_chunk(identity, block_trials, start, extent, marks);
        }
    }
done:
    caucus_h5_close(creation);
    caucus_h5_close(space);
    return status;
}

caucus_status caucus_damage_mark(const caucus_damage *damage, hid_t file, const caucus_identity *identity,
                                 uint32_t block_trials, bool *marks)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (caucus_variable_width(&caucus_variables[v], &identity->shape) == 0) {
            continue;
        }
        hid_t dataset = H5Dopen2(file, caucus_variables[v].name, H5P_DEFAULT);
        if (dataset < 0) {
            return caucus_h5_fail("cannot read %s", damage->path);
        }
        caucus_status status = mark_dataset(damage, dataset, identity, block_trials, marks);
        caucus_h5_close(dataset);
        TRY(status);
    }
    return CAUCUS_OK;
}

static caucus_status read_variable(hid_t file, const char *path, const caucus_variable *variable,
                                   const caucus_shape *shape, caucus_block *block)
{
    caucus_status status = CAUCUS_OK;
    const hsize_t start[CAUCUS_N_DIMENSIONS] = {block->config, block->first_trial};
    hsize_t count[CAUCUS_N_DIMENSIONS] = {0};
    const hsize_t n = block->n_trials * caucus_variable_width(variable, shape);
    hid_t in_memory = H5Screate_simple(1, &n, NULL);
    hid_t dataset = H5Dopen2(file, variable->name, H5P_DEFAULT);
    hid_t in_file = H5Dget_space(dataset);
    const int rank = H5Sget_simple_extent_ndims(in_file);
    if (rank < 2 || rank > CAUCUS_N_DIMENSIONS || H5Sget_simple_extent_dims(in_file, count, NULL) != rank) {
        status = caucus_h5_fail("cannot read %s of %s", variable->name, path);
        goto done;
    }
    count[0] = 1;
    count[1] = block->n_trials;
    H5_TRY_GOTO(H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL), done, "cannot read %s of %s",
                variable->name, path);
    H5_TRY_GOTO(H5Dread(dataset, variable->integer ? H5T_NATIVE_UINT32 : H5T_NATIVE_FLOAT, in_memory, in_file,
                        H5P_DEFAULT, caucus_variable_data(variable, block)),
                done, "cannot read %s of %s", variable->name, path);
done:
    caucus_h5_close(in_file);
    caucus_h5_close(dataset);
    caucus_h5_close(in_memory);
    return status;
}

caucus_status caucus_damage_read(hid_t file, const char *path, const caucus_shape *shape, caucus_block *block)
{
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (caucus_variable_width(&caucus_variables[v], shape) > 0) {
            TRY(read_variable(file, path, &caucus_variables[v], shape, block));
        }
    }
    return CAUCUS_OK;
}
