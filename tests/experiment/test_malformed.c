/* Malformed experiments: each has its own message at its own place, and none takes the program down. */
#include "caucus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CASES TEST_SOURCE_DIR "/tests/experiment/malformed/"

enum { MOST_LINES = 200, LINE = 512, TEXT = 1 << 15 };

static char directory[] = "/tmp/caucus-malformed-XXXXXX";
static char target[128]; /* the experiment in it */

static void write_bytes(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static char *read_whole(const char *path)
{
    char *text = calloc(1, 1 << 18);
    FILE *file = fopen(path, "rb");
    assert_non_null(text);
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 18) - 1, file) > 0);
    fclose(file);
    return text;
}

static int make_directory(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(target, sizeof target, "%s/x.yaml", directory);
    char path[128];
    snprintf(path, sizeof path, "%s/people.csv", directory);
    char *people = read_whole(CASES "people.csv");
    write_bytes(path, people, strlen(people));
    free(people);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/people.csv", directory);
    unlink(path);
    unlink(target);
    return rmdir(directory);
}

/* ---- the table of cases ---- */

typedef struct test_case {
    char name[LINE];
    char base[64];
    char edits[MOST_LINES][LINE];
    int n_edits;
    char expected[2][LINE];
    int n_expected;
} test_case;

/* The base with lines taken out and put in. */
static void edit(const test_case *c, char *text)
{
    char path[256];
    snprintf(path, sizeof path, CASES "%s.yaml", c->base);
    char *base = read_whole(path);
    snprintf(text, TEXT, "%s", base);
    free(base);
    for (int e = 0; e < c->n_edits;) {
        char out[TEXT] = "";
        char in[TEXT] = "";
        for (; e < c->n_edits && c->edits[e][0] == '-'; e++) {
            snprintf(out + strlen(out), LINE, "%s\n", c->edits[e] + 2);
        }
        for (; e < c->n_edits && c->edits[e][0] == '+'; e++) {
            snprintf(in + strlen(in), LINE, "%s\n", c->edits[e] + 2);
        }
        char *at = out[0] != '\0' ? strstr(text, out) : NULL;
        if (at == NULL) {
            fail_msg("case \"%s\" takes out what %s.yaml does not have:\n%s", c->name, c->base, out);
            return;
        }
        char *rest = strdup(at + strlen(out));
        snprintf(at, TEXT - (size_t)(at - text), "%s%s", in, rest);
        free(rest);
    }
}

/* The caret must stand under the column that the message names (the excerpts here are not cut). */
static void check_caret(const char *name, const char *message)
{
    int line = 0;
    int column = 0;
    const char *place = strstr(message, "x.yaml:");
    assert_non_null(place);
    assert_int_equal(sscanf(place, "x.yaml:%d:%d:", &line, &column), 2);
    const char *excerpt = strstr(message, " | ");
    assert_non_null(excerpt);
    const char *caret_line = strstr(excerpt, "\n      | ");
    if (caret_line == NULL || (int)strcspn(caret_line + 9, "^") + 1 != column) {
        fail_msg("%s: the caret is not in column %d:\n%s", name, column, message);
    }
}

/* first line and hint, with the temporary directory written as DIR and the experiment's own path left out. */
static void normalize(const char *message, char first[LINE], char hint[LINE])
{
    char text[8192] = "";
    const char *at = message;
    const char *found = NULL;
    while ((found = strstr(at, directory)) != NULL) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*sDIR", (int)(found - at), at);
        at = found + strlen(directory);
    }
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s", at);
    const char *begin = strncmp(text, "DIR/x.yaml:", 11) == 0 ? text + 11 : text;
    snprintf(first, LINE, "%.*s", (int)strcspn(begin, "\n"), begin);
    const char *line = strstr(text, "\nhint: ");
    snprintf(hint, LINE, "%s", line != NULL ? line + 1 : "");
}

static void check_case(const test_case *c)
{
    char text[TEXT] = "";
    const char *settings[8];
    size_t n_settings = 0;
    bool edited = true;
    for (int e = 0; e < c->n_edits; e++) {
        if (c->edits[e][0] == '$') {
            settings[n_settings++] = c->edits[e] + 2;
            edited = false;
        } else if (c->edits[e][0] == '|') {
            snprintf(text + strlen(text), LINE, "%s\n", c->edits[e] + 2);
            edited = false;
        }
    }
    test_case base = *c;
    base.n_edits = edited ? c->n_edits : 0;
    if (text[0] == '\0') {
        edit(&base, text);
    }
    write_bytes(target, text, strlen(text));
    caucus_experiment *experiment = NULL;
    caucus_status status = caucus_experiment_open(target, settings, n_settings, &experiment);
    caucus_experiment_close(experiment);
    if (status != CAUCUS_INVALID) {
        fail_msg("case \"%s\" ended with status %d: %s", c->name, status, status ? caucus_error_message() : "accepted");
    }
    char first[LINE];
    char hint[LINE];
    normalize(caucus_error_message(), first, hint);
    if (strcmp(first, c->expected[0]) != 0 || strcmp(hint, c->n_expected > 1 ? c->expected[1] : "") != 0) {
        fail_msg("case \"%s\" expected\n? %s\n? %s\nbut got\n? %s\n? %s", c->name, c->expected[0],
                 c->n_expected > 1 ? c->expected[1] : "", first, hint);
    }
    if (strstr(caucus_error_message(), "x.yaml:") != NULL) {
        check_caret(c->name, caucus_error_message());
    }
}

static void test_table(void **state)
{
    (void)state;
    FILE *file = fopen(CASES "cases.txt", "r");
    assert_non_null(file);
    test_case *c = calloc(1, sizeof *c);
    char base[64] = "base";
    char line[LINE];
    int n_cases = 0;
    while (true) {
        bool more = fgets(line, sizeof line, file) != NULL;
        line[strcspn(line, "\n")] = '\0';
        bool boundary = !more || strncmp(line, "== ", 3) == 0 || line[0] == '#' || line[0] == '@';
        if (boundary && c->name[0] != '\0') {
            assert_true(c->n_expected > 0);
            check_case(c);
            n_cases++;
            memset(c, 0, sizeof *c);
        }
        if (!more) {
            break;
        }
        if (line[0] == '@') {
            snprintf(base, sizeof base, "%.60s", line + 2);
        } else if (strncmp(line, "== ", 3) == 0) {
            snprintf(c->name, sizeof c->name, "%s", line + 3);
            snprintf(c->base, sizeof c->base, "%s", base);
        } else if (line[0] == '?') {
            assert_true(c->n_expected < 2);
            snprintf(c->expected[c->n_expected++], LINE, "%s", line + 2);
        } else if (line[0] != '#' && line[0] != '\0') {
            assert_true(c->n_edits < MOST_LINES);
            snprintf(c->edits[c->n_edits++], LINE, "%s", line);
        }
    }
    free(c);
    fclose(file);
    print_message("%d malformed experiments\n", n_cases);
    assert_true(n_cases >= 75);
}

static void test_bases_are_valid(void **state)
{
    (void)state;
    static const char *const names[] = {CASES "base.yaml", CASES "generated.yaml"};
    for (int i = 0; i < 2; i++) {
        caucus_experiment *experiment = NULL;
        if (caucus_experiment_open(names[i], NULL, 0, &experiment) != CAUCUS_OK) {
            fail_msg("%s", caucus_error_message());
        }
        caucus_experiment_close(experiment);
    }
}

/* ---- files that are hardly text ---- */

static void expect(const void *bytes, size_t length, const char *part)
{
    write_bytes(target, bytes, length);
    caucus_experiment *experiment = NULL;
    caucus_status status = caucus_experiment_open(target, NULL, 0, &experiment);
    caucus_experiment_close(experiment);
    assert_int_equal(status, CAUCUS_INVALID);
    if (strstr(caucus_error_message(), part) == NULL) {
        fail_msg("expected \"%s\" in: %s", part, caucus_error_message());
    }
}

static void expect_text(const char *text, const char *part)
{
    expect(text, strlen(text), part);
}

static void test_files_that_are_no_text(void **state)
{
    (void)state;
    expect_text("", "x.yaml:1:1: the experiment is empty");
    expect_text("\n\n\n", "x.yaml:1:1: the experiment is empty");
    expect_text("name: b\xff se\n", "x.yaml:1:8: byte 0xff is no UTF-8 text");
    expect_text("a: 1\nname: \xc3\x28\n", "x.yaml:2:7: byte 0xc3 is no UTF-8 text");
    expect_text("name: \xed\xa0\x80\n", "byte 0xed is no UTF-8 text"); /* half of a UTF-16 pair */
    expect_text("name: \xc0\xaf\n", "byte 0xc0 is no UTF-8 text");     /* overlong */
    expect_text("name: \xe2\x82", "byte 0xe2 is no UTF-8 text");       /* cut off */
    expect("name: a\0b\n", 10, "x.yaml:1:8: control character U+0000");
    expect_text("name: \x1b[31m\n", "control character U+001B");
    expect_text("\x89HDF\r\n\x1a\n", "x.yaml:1:1: byte 0x89 is no UTF-8 text");
    assert_null(strchr(caucus_error_message(), '\x89'));              /* nothing of it goes to the terminal */
    expect("\xff\xfen\0a\0m\0e\0", 10, "byte 0xff is no UTF-8 text"); /* UTF-16 */
    expect_text("name: \"a\\0b\"\n", "a text with a NUL character in it");
    unsigned char garbage[4096];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof garbage; i++) {
        random = random * 1664525u + 1013904223u;
        garbage[i] = (unsigned char)(random >> 24);
    }
    expect(garbage, sizeof garbage, "x.yaml:1:");
}

static void test_paths_that_are_no_files(void **state)
{
    (void)state;
    caucus_experiment *experiment = NULL;
    assert_int_equal(caucus_experiment_open(directory, NULL, 0, &experiment), CAUCUS_INVALID);
    assert_non_null(strstr(caucus_error_message(), "is a directory; name the experiment file in it"));
    assert_int_equal(caucus_experiment_open("/nowhere/x.yaml", NULL, 0, &experiment), CAUCUS_INVALID);
    assert_string_equal(caucus_error_message(), "cannot open experiment /nowhere/x.yaml: No such file or directory");
    assert_null(experiment);
}

/* The whole message, once: place, line, caret, hint; columns count characters, tabs are kept for the caret. */
static void test_whole_message(void **state)
{
    (void)state;
    expect_text("# Zürich\nname: zürich\n\"größe\": 1\n", "x.yaml:3:1: unknown key \"größe\" in the experiment\n"
                                                          "    3 | \"größe\": 1\n"
                                                          "      | ^^^^^^^\n"
                                                          "hint: allowed: name, description, seed, ");
    expect_text("name: ü\nseed: [ä,\tö]\ntrials: {ö: 1}\n", "x.yaml:2:7: seed must be");
    expect_text("description: {ö: [\t\"ä\", ö: 2]}\nname: \"ü\" ü\n", "\n      | ");
    expect_text("\xef\xbb\xbfnmae: x\n", "x.yaml:1:1: unknown key \"nmae\"");
    expect_text("name: x\r\nsead: 1\r\n", "x.yaml:2:1: unknown key \"sead\" in the experiment\n"
                                          "    2 | sead: 1\n"
                                          "      | ^^^^\n"
                                          "hint: did you mean \"seed\"?");
}

static void test_deep_and_long(void **state)
{
    (void)state;
    char *text = malloc(11 << 20);
    assert_non_null(text);
    memset(text, '[', 100000);
    expect(text, 100000, "nested more than 60 levels deep");
    size_t length = 0;
    for (int i = 0; i < 100; i++) {
        length += (size_t)sprintf(text + length, "%*sa:\n", i, "");
    }
    expect(text, length, "nested more than 60 levels deep");
    /* Nine levels of ten aliases each would be 10^9 values. */
    length = (size_t)sprintf(text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        length +=
            (size_t)sprintf(text + length, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
                            i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    expect(text, length, "more than 8000000 values, counting what aliases repeat");
    /* 10 MB in one word, and in one line of values. */
    length = (size_t)sprintf(text, "seed: ");
    memset(text + length, 'x', 10 << 20);
    expect(text, length + (10 << 20), "x.yaml:1:7: seed must be");
    length = (size_t)sprintf(text, "trials: [0");
    while (length < 10 << 20) {
        length += (size_t)sprintf(text + length, ",12345678901234567890");
    }
    length += (size_t)sprintf(text + length, "]\n");
    expect(text, length, "x.yaml:1:9: trials must be a whole number from 1 to 4294967296, not a list");
    /* More keys than any mapping has. */
    length = 0;
    for (int i = 0; i < 10001; i++) {
        length += (size_t)sprintf(text + length, "key%d: 1\n", i);
    }
    expect(text, length, "x.yaml:10001:1: more than 10000 keys in one mapping");
    free(text);
}

/* Bytes of a valid experiment changed at random: accepted or refused with a place, never a crash. */
static void test_mutations(void **state)
{
    (void)state;
    static const char letters[] = "\n\t :,-[]{}#&*!|>'\"%@`0123456789.aeE~\\\xc3\xff";
    char *base = read_whole(CASES "base.yaml");
    size_t length = strlen(base);
    char *text = malloc(length + 1);
    uint64_t random = 42;
    int n_accepted = 0;
    for (int round = 0; round < 1500; round++) {
        memcpy(text, base, length + 1);
        size_t kept = length;
        for (int change = 0; change <= round % 4; change++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            size_t at = (size_t)(random >> 33) % kept;
            text[at] = letters[(random >> 20) % (sizeof letters - 1)];
            if (round % 7 == 6) {
                kept = at + 1; /* cut off */
            }
        }
        write_bytes(target, text, kept);
        caucus_experiment *experiment = NULL;
        caucus_status status = caucus_experiment_open(target, NULL, 0, &experiment);
        if (status == CAUCUS_OK) {
            n_accepted++;
        } else if (status != CAUCUS_INVALID || strstr(caucus_error_message(), "x.yaml:") == NULL) {
            fail_msg("round %d: status %d, %s\n%s", round, status, caucus_error_message(), text);
        }
        caucus_experiment_close(experiment);
    }
    free(text);
    free(base);
    assert_in_range(n_accepted, 1, 1000); /* else it tests nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bases_are_valid),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_files_that_are_no_text),
        cmocka_unit_test(test_paths_that_are_no_files),
        cmocka_unit_test(test_whole_message),
        cmocka_unit_test(test_deep_and_long),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
