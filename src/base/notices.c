#include "base/notices.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>

caucus_status caucus_notices_add(caucus_notices *notices, const char *format, ...)
{
    char *line = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return caucus_fail_memory(0, "a notice");
    }
    const char *before = caucus_notices_text(notices);
    char *longer = caucus_text_format("%s%s%s", before, before[0] != '\0' ? "\n" : "", line);
    free(line);
    if (longer == NULL) {
        return caucus_fail_memory((size_t)length, "a notice");
    }
    free(notices->text);
    notices->text = longer;
    return CAUCUS_OK;
}

const char *caucus_notices_text(const caucus_notices *notices)
{
    return notices->text != NULL ? notices->text : "";
}

void caucus_notices_free(caucus_notices *notices)
{
    free(notices->text);
    notices->text = NULL;
}
