#include "base/shown.h"

#include "base/text_stream.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Write bytes, those of control characters as \xNN: C0 and DEL, and C1, which is C2 80 to C2 9F in UTF-8. held: a C2
 * that waits for its second byte. */
static void put(FILE *to, const char *bytes, size_t n, bool one_line, bool *held)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if (*held) {
            *held = false;
            if (c >= 0x80 && c < 0xa0) {
                fprintf(to, "\\x%02x", c);
                continue;
            }
            fputc(0xc2, to);
        }
        if (c == 0xc2) {
            *held = true;
        } else if ((c < 0x20 && (one_line || (c != '\n' && c != '\t'))) || c == 0x7f) {
            fprintf(to, "\\x%02x", c);
        } else {
            fputc(c, to);
        }
    }
}

void caucus_shown_put(FILE *to, const char *text)
{
    bool held = false;
    put(to, text, strlen(text), false, &held);
    if (held) {
        fputc(0xc2, to);
    }
}

typedef struct shown_stream {
    FILE *to;
    bool held;
} shown_stream;

static ssize_t write_shown(void *cookie, const char *bytes, size_t n)
{
    shown_stream *stream = cookie;
    put(stream->to, bytes, n, false, &stream->held);
    return ferror(stream->to) ? 0 : (ssize_t)n;
}

static int close_shown(void *cookie)
{
    free(cookie);
    return 0;
}

FILE *caucus_shown_open(FILE *to)
{
    shown_stream *stream = malloc(sizeof *stream);
    if (stream == NULL) {
        return NULL;
    }
    *stream = (shown_stream){.to = to};
    FILE *opened = fopencookie(stream, "w", (cookie_io_functions_t){.write = write_shown, .close = close_shown});
    if (opened == NULL) {
        free(stream);
    }
    return opened;
}

char *caucus_shown_copy(const char *text)
{
    caucus_text_stream copy;
    bool held = false;
    if (caucus_text_stream_open(&copy, "a text") != CAUCUS_OK) {
        return NULL;
    }
    put(copy.to, text, strlen(text), true, &held);
    if (held) {
        fputc(0xc2, copy.to);
    }
    return caucus_text_stream_close(&copy, "a text") == CAUCUS_OK ? copy.text : NULL;
}
