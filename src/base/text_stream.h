/* A stream into memory that says when memory was short; open_memstream of the C library then loses text and does not.
 */
#ifndef CAUCUS_BASE_TEXT_STREAM_H
#define CAUCUS_BASE_TEXT_STREAM_H

#include "base/status.h"

#include <stdio.h>

typedef struct caucus_text_stream {
    FILE *to; /* to be written to */
    char *text;
    size_t length, capacity;
    bool short_of_memory;
} caucus_text_stream;

/* Start a text. what: for the message. The stream must stay where it is until it is closed. */
caucus_status caucus_text_stream_open(caucus_text_stream *stream, const char *what);

/* End it: stream->text, of stream->length bytes and a NUL, is the caller's to free. On failure there is none. */
caucus_status caucus_text_stream_close(caucus_text_stream *stream, const char *what);

#endif
