/* Memory of a document's nodes and texts: they live as long as it does. */
#include "experiment/document.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 16 };

struct caucus_chunk {
    struct caucus_chunk *next;
    size_t used, bytes;
    max_align_t memory[];
};

caucus_status caucus_document_alloc(caucus_document *document, size_t bytes, void *out)
{
    bytes = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct caucus_chunk *chunk = document->chunks;
    if (chunk == NULL || chunk->bytes - chunk->used < bytes) {
        size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        TRY(caucus_alloc(1, sizeof *chunk + size, "an experiment's text", &chunk));
        chunk->bytes = size;
        chunk->next = document->chunks;
        document->chunks = chunk;
    }
    void *memory = (char *)chunk->memory + chunk->used;
    chunk->used += bytes;
    memcpy(out, &memory, sizeof memory);
    return CAUCUS_OK;
}

void caucus_document_close(caucus_document *document)
{
    if (document == NULL) {
        return;
    }
    while (document->chunks != NULL) {
        struct caucus_chunk *next = document->chunks->next;
        free(document->chunks);
        document->chunks = next;
    }
    free(document->source);
    free(document->path);
    free(document);
}
