/* What tests of tables share: files in a folder of their own, and look-ups in a population. */
#ifndef CAUCUS_TEST_TABLE_FILES_H
#define CAUCUS_TEST_TABLE_FILES_H

#include "population/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char test_folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    strcpy(test_folder, "caucus-test-XXXXXX");
    return mkdtemp(test_folder) == NULL;
}

/* A path in the folder; valid until the next call. */
static inline const char *test_path(const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", test_folder, name);
    return path;
}

static inline int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", test_folder);
    return system(command) != 0;
}

static inline const char *write_bytes(const char *bytes, size_t length)
{
    const char *path = test_path("table.csv");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *write_text(const char *text)
{
    return write_bytes(text, strlen(text));
}

/* The message must contain the part. */
static inline void assert_message(const char *part)
{
    if (strstr(caucus_error_message(), part) == NULL) {
        fail_msg("message \"%s\" has no \"%s\"", caucus_error_message(), part);
    }
}

/* Index of a value, or fail. */
static inline uint32_t value_of(const caucus_categories *categories, const char *value)
{
    for (uint32_t v = 0; v < categories->n_values; v++) {
        if (strcmp(categories->values[v], value) == 0) {
            return v;
        }
    }
    fail_msg("%s has no value \"%s\"", categories->name, value);
    return 0;
}

/* The weight of a combination of values, one for each feature, with a label; 0 where there is no such cell. */
static inline uint64_t weight_of(const caucus_population *p, const char *const *values, const char *label)
{
    for (uint64_t cell = 0; cell < p->n_cells; cell++) {
        bool same = true;
        for (uint32_t f = 0; f < p->n_features; f++) {
            same = same && p->codes[cell * p->n_features + f] == value_of(&p->features[f], values[f]);
        }
        if (same) {
            return p->weights[cell * p->n_labels + value_of(&p->label, label)];
        }
    }
    return 0;
}

/* Values of a feature joined by |. */
static inline void assert_values(const caucus_categories *categories, const char *expected)
{
    char joined[1024] = "";
    for (uint32_t v = 0; v < categories->n_values; v++) {
        strcat(joined, v > 0 ? "|" : "");
        strcat(joined, categories->values[v]);
    }
    assert_string_equal(joined, expected);
}

#endif
