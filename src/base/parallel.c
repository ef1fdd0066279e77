#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MOST_WORKERS = 256 };

typedef struct loop {
    size_t n_items;
    void (*body)(void *context, size_t item, unsigned worker);
    void *context;
    atomic_size_t next;
} loop;

typedef struct worker {
    loop *loop;
    unsigned index;
    pthread_t thread;
} worker;

static void *work(void *argument)
{
    worker *self = argument;
    loop *shared = self->loop;
    for (;;) {
        size_t item = atomic_fetch_add(&shared->next, 1);
        if (item >= shared->n_items) {
            return NULL;
        }
        shared->body(shared->context, item, self->index);
    }
}

void caucus_parallel_for(size_t n_items, unsigned n_workers, void (*body)(void *context, size_t item, unsigned worker),
                         void *context)
{
    loop shared = {.n_items = n_items, .body = body, .context = context};
    worker workers[MOST_WORKERS];
    unsigned n = n_workers < MOST_WORKERS ? n_workers : MOST_WORKERS;
    n = n_items < n ? (unsigned)n_items : n;
    unsigned started = 1;
    workers[0] = (worker){.loop = &shared};
    for (; started < n; started++) {
        workers[started] = (worker){.loop = &shared, .index = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) {
            break;
        }
    }
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
    }
}
