/* A loop spread over threads. */
#ifndef CAUCUS_BASE_PARALLEL_H
#define CAUCUS_BASE_PARALLEL_H

#include <stddef.h>

/* Call body(context, item, worker) once for each item < n_items, on up to n_workers threads (this one among them);
 * worker < n_workers tells threads apart, for scratch. Returns when all are done. Where threads cannot be had, fewer do
 * the work. */
void caucus_parallel_for(size_t n_items, unsigned n_workers, void (*body)(void *context, size_t item, unsigned worker),
                         void *context);

#endif
