#include "hdf5/chunks.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef enum slot_state { SLOT_EMPTY, SLOT_FILLED, SLOT_READY } slot_state;

/* A chunk on its way; slots are used in turn, so that chunks are stored in the order they came. */
typedef struct slot {
    slot_state state;
    hid_t dataset;
    hsize_t offset[CAUCUS_N_DIMENSIONS];
    char *raw;
    size_t n_raw;
    char *stored; /* what goes into the file */
    size_t n_stored;
} slot;

struct caucus_chunk_writer {
    const char *path;
    unsigned level;
    size_t max_stored;
    unsigned n_slots;
    slot *slots;
    uint64_t n_added;  /* chunks so far; chunk i is in slot i % n_slots */
    uint64_t n_taken;  /* by workers */
    uint64_t n_stored; /* in the file */
    unsigned n_threads;
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_cond_t ready;
    bool stop;
};

/* HDF5's shuffle filter: the first bytes of all values, then the second bytes, and so on. */
static void shuffle(const char *raw, size_t n_bytes, char *shuffled)
{
    const size_t n = n_bytes / CAUCUS_VALUE_BYTES;
    for (size_t b = 0; b < CAUCUS_VALUE_BYTES; b++) {
        for (size_t i = 0; i < n; i++) {
            shuffled[b * n + i] = raw[i * CAUCUS_VALUE_BYTES + b];
        }
    }
}

/* What a worker owns. */
typedef struct tools {
    struct libdeflate_compressor *compressor;
    char *shuffled;
} tools;

static void compress_slot(const caucus_chunk_writer *writer, slot *job, const tools *own)
{
    shuffle(job->raw, job->n_raw, own->shuffled);
    job->n_stored =
        libdeflate_zlib_compress(own->compressor, own->shuffled, job->n_raw, job->stored, writer->max_stored);
}

typedef struct worker_start {
    caucus_chunk_writer *writer;
    tools own;
} worker_start;

static void free_start(worker_start *start)
{
    if (start != NULL) {
        libdeflate_free_compressor(start->own.compressor);
        free(start->own.shuffled);
        free(start);
    }
}

static void *work(void *argument)
{
    worker_start *start = argument;
    caucus_chunk_writer *writer = start->writer;
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->stop && writer->n_taken == writer->n_added) {
            pthread_cond_wait(&writer->filled, &writer->lock);
        }
        if (writer->stop) {
            break;
        }
        slot *job = &writer->slots[writer->n_taken++ % writer->n_slots];
        pthread_mutex_unlock(&writer->lock);
        compress_slot(writer, job, &start->own);
        pthread_mutex_lock(&writer->lock);
        job->state = SLOT_READY;
        pthread_cond_signal(&writer->ready);
    }
    pthread_mutex_unlock(&writer->lock);
    free_start(start);
    return NULL;
}

static caucus_status start_worker(caucus_chunk_writer *writer, size_t max_chunk_bytes)
{
    caucus_status status = CAUCUS_OK;
    worker_start *start = NULL;
    TRY(caucus_alloc(1, sizeof *start, "compression", &start));
    start->writer = writer;
    start->own.compressor = libdeflate_alloc_compressor((int)writer->level);
    if (start->own.compressor == NULL) {
        status = caucus_fail_memory(max_chunk_bytes, "compression");
        goto fail;
    }
    TRY_GOTO(caucus_alloc(max_chunk_bytes, 1, "compression", &start->own.shuffled), fail);
    int error = pthread_create(&writer->threads[writer->n_threads], NULL, work, start);
    if (error != 0) {
        status = caucus_fail(CAUCUS_FAILED, "cannot start a thread: %s", strerror(error));
        goto fail;
    }
    writer->n_threads++;
    return CAUCUS_OK;
fail:
    free_start(start);
    return status;
}

/* The most that a chunk can become; a compressor of the level must be asked. */
static caucus_status bound_stored(caucus_chunk_writer *writer, size_t max_chunk_bytes)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor((int)writer->level);
    if (compressor == NULL) {
        return caucus_fail_memory(max_chunk_bytes, "compression");
    }
    writer->max_stored = libdeflate_zlib_compress_bound(compressor, max_chunk_bytes);
    libdeflate_free_compressor(compressor);
    return CAUCUS_OK;
}

caucus_status caucus_chunk_writer_open(unsigned threads, unsigned level, size_t max_chunk_bytes, const char *path,
                                       caucus_chunk_writer **writer)
{
    caucus_status status = CAUCUS_OK;
    caucus_chunk_writer *made = NULL;
    const unsigned n_workers = level == 0 ? 0 : (threads > 0 ? threads : 1);
    TRY(caucus_alloc(1, sizeof *made, "a chunk writer", &made));
    made->path = path;
    made->level = level;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->filled, NULL);
    pthread_cond_init(&made->ready, NULL);
    if (n_workers == 0) {
        *writer = made;
        return CAUCUS_OK;
    }
    made->n_slots = 2 * n_workers + 2;
    TRY_GOTO(bound_stored(made, max_chunk_bytes), fail);
    TRY_GOTO(caucus_alloc(made->n_slots, sizeof *made->slots, "a chunk writer", &made->slots), fail);
    for (unsigned i = 0; i < made->n_slots; i++) {
        TRY_GOTO(caucus_alloc(max_chunk_bytes, 1, "a chunk", &made->slots[i].raw), fail);
        TRY_GOTO(caucus_alloc(made->max_stored, 1, "a chunk", &made->slots[i].stored), fail);
    }
    TRY_GOTO(caucus_alloc(n_workers, sizeof *made->threads, "a chunk writer", &made->threads), fail);
    for (unsigned i = 0; i < n_workers; i++) {
        status = start_worker(made, max_chunk_bytes);
        if (status != CAUCUS_OK && i == 0) { /* fewer threads only take longer */
            goto fail;
        }
    }
    *writer = made;
    return CAUCUS_OK;
fail:
    caucus_chunk_writer_close(made);
    return status;
}

void caucus_chunk_writer_close(caucus_chunk_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    pthread_mutex_lock(&writer->lock);
    writer->stop = true;
    pthread_cond_broadcast(&writer->filled);
    pthread_mutex_unlock(&writer->lock);
    for (unsigned i = 0; i < writer->n_threads; i++) {
        pthread_join(writer->threads[i], NULL);
    }
    for (unsigned i = 0; writer->slots != NULL && i < writer->n_slots; i++) {
        free(writer->slots[i].raw);
        free(writer->slots[i].stored);
    }
    pthread_cond_destroy(&writer->ready);
    pthread_cond_destroy(&writer->filled);
    pthread_mutex_destroy(&writer->lock);
    free(writer->threads);
    free(writer->slots);
    free(writer);
}

static caucus_status store(const caucus_chunk_writer *writer, hid_t dataset, const hsize_t *offset, const void *bytes,
                           size_t n_bytes)
{
    if (H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offset, n_bytes, bytes) < 0) {
        return caucus_h5_fail("cannot write %s", writer->path);
    }
    return CAUCUS_OK;
}

/* Wait for the oldest queued chunk and store it. */
static caucus_status store_next(caucus_chunk_writer *writer)
{
    slot *job = &writer->slots[writer->n_stored % writer->n_slots];
    pthread_mutex_lock(&writer->lock);
    while (job->state != SLOT_READY) {
        pthread_cond_wait(&writer->ready, &writer->lock);
    }
    job->state = SLOT_EMPTY;
    pthread_mutex_unlock(&writer->lock);
    writer->n_stored++;
    return store(writer, job->dataset, job->offset, job->stored, job->n_stored);
}

caucus_status caucus_chunk_writer_add(caucus_chunk_writer *writer, hid_t dataset, int rank, const hsize_t *offset,
                                      const void *bytes, size_t n_bytes)
{
    if (writer->level == 0) {
        return store(writer, dataset, offset, bytes, n_bytes);
    }
    if (writer->n_added - writer->n_stored == writer->n_slots) {
        TRY(store_next(writer));
    }
    slot *job = &writer->slots[writer->n_added % writer->n_slots]; /* empty: no worker looks at it */
    job->dataset = dataset;
    job->n_raw = n_bytes;
    memcpy(job->offset, offset, (size_t)rank * sizeof *offset);
    memcpy(job->raw, bytes, n_bytes);
    pthread_mutex_lock(&writer->lock);
    job->state = SLOT_FILLED;
    writer->n_added++;
    pthread_cond_signal(&writer->filled);
    pthread_mutex_unlock(&writer->lock);
    return CAUCUS_OK;
}

caucus_status caucus_chunk_writer_finish(caucus_chunk_writer *writer)
{
    while (writer->n_stored < writer->n_added) {
        TRY(store_next(writer));
    }
    return CAUCUS_OK;
}

caucus_status caucus_chunk_filters(hid_t properties, unsigned level)
{
    if (level > 0 && (H5Pset_shuffle(properties) < 0 || H5Pset_deflate(properties, level) < 0)) {
        return caucus_h5_fail("cannot set up compression");
    }
    return CAUCUS_OK;
}
