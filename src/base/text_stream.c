#include "base/text_stream.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

/* Room for n bytes more, and a NUL. */
static bool make_room(caucus_text_stream *stream, size_t n)
{
    if (n < stream->capacity - stream->length) {
        return true;
    }
    size_t capacity = stream->capacity > 0 ? 2 * stream->capacity : FIRST_BYTES;
    capacity = capacity > stream->length + n ? capacity : stream->length + n + 1;
    char *text = realloc(stream->text, capacity);
    if (text == NULL) {
        return false;
    }
    stream->text = text;
    stream->capacity = capacity;
    return true;
}

static ssize_t append(void *cookie, const char *bytes, size_t n)
{
    caucus_text_stream *stream = cookie;
    stream->short_of_memory |= !make_room(stream, n);
    if (stream->short_of_memory) {
        return 0;
    }
    memcpy(stream->text + stream->length, bytes, n);
    stream->length += n;
    return (ssize_t)n;
}

caucus_status caucus_text_stream_open(caucus_text_stream *stream, const char *what)
{
    *stream = (caucus_text_stream){0};
    if (make_room(stream, 0)) {
        stream->to = fopencookie(stream, "w", (cookie_io_functions_t){.write = append});
    }
    if (stream->to == NULL) {
        free(stream->text);
        stream->text = NULL;
        return caucus_fail_memory(FIRST_BYTES, what);
    }
    return CAUCUS_OK;
}

caucus_status caucus_text_stream_close(caucus_text_stream *stream, const char *what)
{
    const bool closed = fclose(stream->to) == 0;
    stream->to = NULL;
    if (!closed || stream->short_of_memory) {
        free(stream->text);
        stream->text = NULL;
        return caucus_fail_memory(stream->capacity, what);
    }
    stream->text[stream->length] = '\0';
    return CAUCUS_OK;
}
