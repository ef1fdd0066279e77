#include "base/status.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MESSAGE_BYTES = 4096, LARGE_PAGE = 2 << 20 };

static _Thread_local char message[MESSAGE_BYTES];

const char *caucus_error_message(void)
{
    return message;
}

/* Names come from files of strangers, and events are JSON: what is no text becomes question marks. (Control characters
 * are left to who shows it, base/shown.h.) */
static void clean(char *text)
{
    const size_t length = strlen(text);
    for (size_t at = caucus_utf8_check(text, length); at < length; at += caucus_utf8_check(text + at, length - at)) {
        text[at] = '?';
    }
}

caucus_status caucus_fail(caucus_status status, const char *format, ...)
{
    /* Built aside, since an argument may be the old message. */
    char text[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    clean(text);
    memcpy(message, text, sizeof message);
    return status;
}

void caucus_error_prefix(const char *format, ...)
{
    char text[MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= 0 && length < MESSAGE_BYTES) {
        snprintf(text + length, sizeof text - (size_t)length, "%s", message);
    }
    clean(text);
    memcpy(message, text, sizeof message);
}

caucus_status caucus_fail_memory(size_t bytes, const char *what)
{
    return caucus_fail(CAUCUS_FAILED, "out of memory: %zu bytes for %s; use fewer threads, cells or trials", bytes,
                       what);
}

caucus_status caucus_alloc(size_t count, size_t size, const char *what, void *out)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return caucus_fail_memory(SIZE_MAX, what);
    }
    void *memory = calloc(bytes > 0 ? bytes : 1, 1);
    if (memory == NULL) {
        return caucus_fail_memory(bytes, what);
    }
    caucus_prefer_large_pages(memory, bytes);
    memcpy(out, &memory, sizeof memory);
    return CAUCUS_OK;
}

void caucus_prefer_large_pages(void *memory, size_t bytes)
{
    const size_t before = (0 - (uintptr_t)memory) % LARGE_PAGE;
    if (bytes >= before + LARGE_PAGE) {
        (void)madvise((char *)memory + before, (bytes - before) / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE); /* a wish */
    }
}

caucus_status caucus_reserve(size_t bytes, const char *what)
{
    void *volatile memory = malloc(bytes); /* volatile: or compilers leave both calls out */
    if (memory == NULL) {
        return caucus_fail_memory(bytes, what);
    }
    free(memory);
    return CAUCUS_OK;
}
