#include "experiment/vector_file.h"

#include "base/number.h"
#include "base/text.h"
#include "experiment/sections.h"

#include <libdeflate.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 26, TOKEN_BYTES = 64 };
static const char SEPARATORS[] = " ,;\t\r\n";

static caucus_status read_bytes(caucus_document *document, const caucus_node *node, const char *path, char **text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return caucus_document_fail(document, node, NULL, "%.300s cannot be read", path);
    }
    caucus_status status = caucus_alloc(MOST_BYTES, 1, "a file of numbers", text);
    if (status == CAUCUS_OK) {
        const size_t n = fread(*text, 1, MOST_BYTES, file);
        const bool failed = ferror(file) != 0;
        if (failed || n == MOST_BYTES || memchr(*text, 0, n) != NULL) {
            status = caucus_document_fail(document, node, NULL, "%.300s %s", path,
                                          failed            ? "cannot be read"
                                          : n == MOST_BYTES ? "is larger than 64 MB"
                                                            : "is no text of numbers");
        } else {
            (*text)[n] = '\0';
        }
    }
    fclose(file);
    return status;
}

static caucus_status parse(caucus_document *document, const caucus_node *node, const char *text,
                           caucus_vector_file *file)
{
    size_t capacity = 0;
    for (const char *at = text + strspn(text, SEPARATORS); *at != '\0'; at += strspn(at, SEPARATORS)) {
        const size_t length = strcspn(at, SEPARATORS);
        if (file->n == capacity) {
            capacity = 2 * capacity + 64;
            double *numbers = realloc(file->numbers, capacity * sizeof *numbers);
            if (numbers == NULL) {
                return caucus_fail_memory(capacity * sizeof *numbers, "a file of numbers");
            }
            file->numbers = numbers;
        }
        if (!caucus_number_parse(at, length, &file->numbers[file->n]) || !isfinite(file->numbers[file->n])) {
            return caucus_document_fail(document, node, NULL,
                                        "%.300s: number %zu is \"%.*s\", which is no finite number", file->path,
                                        file->n + 1, (int)(length < TOKEN_BYTES ? length : TOKEN_BYTES), at);
        }
        file->n++;
        at += length;
    }
    file->checksum = libdeflate_crc32(0, file->numbers, file->n * sizeof *file->numbers);
    return CAUCUS_OK;
}

caucus_status caucus_vector_file_read(caucus_document *document, const caucus_node *node,
                                      const caucus_vector_file **found)
{
    caucus_status status = CAUCUS_OK;
    caucus_vector_file *file = NULL;
    char *path = NULL;
    char *text = NULL;
    TRY(caucus_find_file(document, document->path, node, "vector", &path));
    caucus_vector_file **at = &document->vectors;
    while (*at != NULL && strcmp((*at)->path, path) != 0) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        TRY_GOTO(caucus_alloc(1, sizeof *file, "a file of numbers", &file), done);
        file->path = path;
        path = NULL;
        TRY_GOTO(read_bytes(document, node, file->path, &text), done);
        TRY_GOTO(parse(document, node, text, file), done);
        *at = file;
        file = NULL;
    }
    *found = *at;
done:
    caucus_vector_file_free_all(file);
    free(text);
    free(path);
    return status;
}

void caucus_vector_file_free_all(caucus_vector_file *all)
{
    while (all != NULL) {
        caucus_vector_file *next = all->next;
        free(all->numbers);
        free(all->path);
        free(all);
        all = next;
    }
}
