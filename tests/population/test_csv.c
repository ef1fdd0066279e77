/* CSV files: what RFC 4180 allows is read, and everything else is an error at its place. */
#include "population/csv.h"
#include "table_files.h"

/* The whole table as text: fields between brackets, records ended by a slash. */
static void read_all(const char *path, char separator, char *text, size_t bytes)
{
    caucus_csv *csv = NULL;
    if (caucus_csv_open(path, separator, &csv) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    size_t used = 0;
    for (uint32_t c = 0; c < csv->n_columns; c++) {
        used += (size_t)snprintf(text + used, bytes - used, "[%s]", csv->names[c]);
    }
    for (;;) {
        bool more = false;
        if (caucus_csv_next(csv, &more) != CAUCUS_OK) {
            fail_msg("%s", caucus_error_message());
        }
        if (!more) {
            break;
        }
        used += (size_t)snprintf(text + used, bytes - used, "/");
        for (uint32_t c = 0; c < csv->n_columns; c++) {
            used +=
                (size_t)snprintf(text + used, bytes - used, "[%.*s]", (int)csv->fields[c].length, csv->fields[c].text);
        }
    }
    caucus_csv_close(csv);
}

static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char separator;
        const char *expected;
    } cases[] = {
        {"a,b\n1,2\n3,4\n", 0, "[a][b]/[1][2]/[3][4]"},
        {"a,b\n1,2\n3,4", 0, "[a][b]/[1][2]/[3][4]"},
        {"a,b\r\n1,2\r\n3,4\r\n", 0, "[a][b]/[1][2]/[3][4]"},
        {"a,b\r\n1,2\n3,4", 0, "[a][b]/[1][2]/[3][4]"},
        {"\xEF\xBB\xBF"
         "a,b\n1,2\n",
         0, "[a][b]/[1][2]"},
        {"a;b\n1,5;2\n", 0, "[a][b]/[1,5][2]"},
        {"a\tb\n1 ; 2\t\n", 0, "[a][b]/[1 ; 2][]"},
        {"a|b\n1|2\n", 0, "[a][b]/[1][2]"},
        {"\"a,b;c;d\";e\n1;2\n", 0, "[a,b;c;d][e]/[1][2]"},
        {"a:b,c\n1:2,3\n", ':', "[a][b,c]/[1][2,3]"},
        {"a,b\n\"1\",\"2\"\n", 0, "[a][b]/[1][2]"},
        {"a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", 0, "[a][b]/[x,y][say \"hi\"]"},
        {"a,b\n\"\"\"\",\"\"\"\"\"\"\n", 0, "[a][b]/[\"][\"\"]"},
        {"a,b\n\"two\nlines\",\"two\r\nmore\"\n3,4\n", 0, "[a][b]/[two\nlines][two\r\nmore]/[3][4]"},
        {"\"a\"\"b\",\"c\nd\"\n1,2\n", 0, "[a\"b][c\nd]/[1][2]"},
        {"a,b\n,\n\"\",\"\"\n", 0, "[a][b]/[][]/[][]"},
        {"a,b\n1,", 0, "[a][b]/[1][]"},
        {"a,b\n1,\"2\"", 0, "[a][b]/[1][2]"},
        {"a,b\n\n1,2\n\r\n\n3,4\n\n", 0, "[a][b]/[1][2]/[3][4]"},
        {"a\n1\n\n2\n", 0, "[a]/[1]/[]/[2]"},
        {"a,b\n", 0, "[a][b]"},
        {"a,b", 0, "[a][b]"},
        {",a,\n1,2,3\n", 0, "[][a][]/[1][2][3]"},
        {"a,b\n 1 , x y \n", 0, "[a][b]/[ 1 ][ x y ]"},
        {"gr\xC3\xB6\xC3\x9F"
         "e,\xE2\x82\xAC\n\xF0\x9F\x8C\xB3,\xED\x9F\xBF\n",
         0,
         "[gr\xC3\xB6\xC3\x9F"
         "e][\xE2\x82\xAC]/[\xF0\x9F\x8C\xB3][\xED\x9F\xBF]"},
        {"a,b\n12345678,123456789012345\n1234567,\n", 0, "[a][b]/[12345678][123456789012345]/[1234567][]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        read_all(write_text(cases[i].text), cases[i].separator, text, sizeof text);
        assert_string_equal(text, cases[i].expected);
    }
}

/* Fields of every length at every position relative to the eight bytes that are looked at together. */
static void test_lengths(void **state)
{
    (void)state;
    char text[8192];
    char expected[8192];
    char got[8192];
    size_t n = (size_t)sprintf(text, "a,b,c\n");
    size_t m = (size_t)sprintf(expected, "[a][b][c]");
    const char *letters = "abcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 20; i++) {
        for (int j = 0; j < 10; j++) {
            n += (size_t)sprintf(text + n, "%.*s,%.*s,\"%.*s\"\n", i, letters, j, letters, (i + j) % 13, letters);
            m += (size_t)sprintf(expected + m, "/[%.*s][%.*s][%.*s]", i, letters, j, letters, (i + j) % 13, letters);
        }
    }
    read_all(write_bytes(text, n), 0, got, sizeof got);
    assert_string_equal(got, expected);
}

/* A field that fills whole pages, so that nothing may be read beyond the file's end. */
static void test_ends_on_page(void **state)
{
    (void)state;
    enum { BYTES = 8192 };
    char *text = malloc(BYTES);
    memset(text, 'x', BYTES);
    memcpy(text, "a,b\n1,", 6);
    caucus_csv *csv = NULL;
    bool more = false;
    assert_int_equal(caucus_csv_open(write_bytes(text, BYTES), 0, &csv), CAUCUS_OK);
    assert_int_equal(caucus_csv_next(csv, &more), CAUCUS_OK);
    assert_true(more);
    assert_int_equal(csv->fields[1].length, BYTES - 6);
    caucus_csv_close(csv);
    free(text);
}

/* The message of the first thing wrong with a table. */
static caucus_status read_bad(const char *path)
{
    caucus_csv *csv = NULL;
    caucus_status status = caucus_csv_open(path, 0, &csv);
    for (bool more = true; status == CAUCUS_OK && more;) {
        status = caucus_csv_next(csv, &more);
    }
    caucus_csv_close(csv);
    return status;
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length; /* 0: as a string */
        const char *message;
    } cases[] = {
        {"a,b\n1\n", 0, "table.csv:2:1: 1 field, but the header has 2"},
        {"a,b\n1,2\n1,2,3\n", 0, "table.csv:3:1: 3 fields, but the header has 2"},
        {"a,b\n\"x\ny\",2\n1,2,3\n", 0, "table.csv:4:1: 3 fields, but the header has 2"},
        {"a,b\n1,\"2\n3,4\n", 0, "table.csv:2:3: the quote that opens here is never closed"},
        {"a,b\n1,\"", 0, "table.csv:2:3: the quote that opens here is never closed"},
        {"a,\"b\n1,2", 0, "table.csv:1:3: the quote that opens here is never closed"},
        {"a,b\n1,\"2\"3\n", 0, "table.csv:2:6: text after a closing quote"},
        {"a,b\n1,2\"3\n", 0, "table.csv:2:4: a quote inside a field that is not quoted"},
        {"a,b\n1, \"2\"\n", 0, "table.csv:2:4: a quote inside a field that is not quoted"},
        {"a,b\n1\r2,3\n", 0, "table.csv:2:2: a carriage return without a line feed"},
        {"a,b\r1,2\r", 0, "table.csv:1:4: a carriage return without a line feed"},
        {"a,b\n1,2\n\r", 0, "table.csv:3:1: a carriage return without a line feed"},
        {"a,b\n1,\0\n", 8, "table.csv:2:3: a NUL byte; this is no text file"},
        {"a,b\n\xC3\xA4\xC3\xA4,\xE4\n", 0, "table.csv:2:4: byte 0xE4 is not UTF-8 here"},
        {"a,b\n1,\xC0\xAF\n", 0, "table.csv:2:3: byte 0xC0 is not UTF-8 here"},
        {"a,b\n1,\xED\xA0\x80\n", 0, "table.csv:2:3: byte 0xED is not UTF-8 here"},
        {"a,b\n1,\xF4\x90\x80\x80\n", 0, "table.csv:2:3: byte 0xF4 is not UTF-8 here"},
        {"a,b\n1,\xE2\x82", 0, "table.csv:2:3: byte 0xE2 is not UTF-8 here"},
        {"\xFF\xFE"
         "a\0",
         4, "the file is UTF-16; save it as UTF-8"},
        {"", 0, "table.csv: the file is empty"},
        {"\xEF\xBB\xBF", 0, "table.csv: the file is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].text);
        assert_int_equal(read_bad(write_bytes(cases[i].text, length)), CAUCUS_INVALID);
        assert_message(cases[i].message);
    }
}

/* Encoding errors behind blocks that are plain, at every offset in a block. */
static void test_bad_encoding_far_inside(void **state)
{
    (void)state;
    for (size_t offset = 6; offset < 200; offset++) {
        char text[256];
        memset(text, 'x', sizeof text);
        memcpy(text, "a,b\n1,", 6);
        text[offset] = (char)(offset % 2 == 0 ? 0x80 : 0);
        assert_int_equal(read_bad(write_bytes(text, sizeof text)), CAUCUS_INVALID);
        char place[32];
        snprintf(place, sizeof place, "table.csv:2:%zu: ", offset - 3);
        assert_message(place);
        assert_message(offset % 2 == 0 ? "byte 0x80 is not UTF-8" : "a NUL byte");
    }
}

static void test_no_file(void **state)
{
    (void)state;
    caucus_csv *csv = NULL;
    assert_int_equal(caucus_csv_open(test_path("absent.csv"), 0, &csv), CAUCUS_INVALID);
    assert_message("absent.csv: cannot be read: No such file");
    assert_int_equal(caucus_csv_open(test_folder, 0, &csv), CAUCUS_INVALID);
    assert_message(" is a directory; name a file in it");
    const char separators[] = {'"', '\n', '\r', (char)0xC3};
    for (size_t i = 0; i < sizeof separators; i++) {
        assert_int_equal(caucus_csv_open(write_text("a,b\n"), separators[i], &csv), CAUCUS_INVALID);
        assert_message("a separator is one ASCII character");
    }
    assert_null(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_ends_on_page),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_bad_encoding_far_inside),
        cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
