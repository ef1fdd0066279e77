/* A ring of blocks with room for all of them, passed between workers and writer. Not safe on two threads at once. */
#ifndef CAUCUS_RUN_BLOCK_QUEUE_H
#define CAUCUS_RUN_BLOCK_QUEUE_H

#include "trial/block.h"

typedef struct caucus_block_queue {
    caucus_block **blocks;
    size_t capacity, first, n;
} caucus_block_queue;

/* The caller frees blocks, and whoever is in it. */
caucus_status caucus_block_queue_init(caucus_block_queue *queue, size_t capacity);

/* No more than capacity, no fewer than none. */
void caucus_block_queue_push(caucus_block_queue *queue, caucus_block *block);
caucus_block *caucus_block_queue_pop(caucus_block_queue *queue);

#endif
