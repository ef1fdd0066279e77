#include "run/block_queue.h"

caucus_status caucus_block_queue_init(caucus_block_queue *queue, size_t capacity)
{
    queue->capacity = capacity;
    return caucus_alloc(capacity, sizeof *queue->blocks, "a queue of blocks", &queue->blocks);
}

void caucus_block_queue_push(caucus_block_queue *queue, caucus_block *block)
{
    queue->blocks[(queue->first + queue->n++) % queue->capacity] = block;
}

caucus_block *caucus_block_queue_pop(caucus_block_queue *queue)
{
    caucus_block *block = queue->blocks[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->n--;
    return block;
}
