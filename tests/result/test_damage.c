/* Results with a byte changed: what is printed is right, or the file is refused. And results whose seal is right, but
 * not what they say. */
#include "reseal.h"
#include "result/result.h"
#include "store_directory.h"

#include <sys/stat.h>

enum { FLIPS = 500, MOST_BYTES = 1 << 22 };

typedef struct bytes {
    unsigned char *data;
    size_t n;
} bytes;

static bytes load(const char *path)
{
    bytes all = {.data = malloc(MOST_BYTES)};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    all.n = fread(all.data, 1, MOST_BYTES, file);
    fclose(file);
    assert_in_range(all.n, 1, MOST_BYTES - 1);
    return all;
}

static void save(const char *path, const unsigned char *data, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* What info and summary print of a result; NULL when it is refused. */
static char *print_all(const char *path)
{
    caucus_result *result = NULL;
    char *text = NULL;
    size_t size = 0;
    caucus_status status = caucus_result_open(path, &result);
    FILE *to = open_memstream(&text, &size);
    for (int format = CAUCUS_TABLE; status == CAUCUS_OK && format <= CAUCUS_JSON; format++) {
        status = caucus_result_print_summary(result, (caucus_format)format, to);
    }
    if (status == CAUCUS_OK) {
        status = caucus_result_print_info(result, to);
    }
    caucus_result_close(result);
    fclose(to);
    if (status != CAUCUS_OK) {
        free(text);
        return NULL;
    }
    return text;
}

static void flip_everywhere(const char *name, uint32_t compression)
{
    char whole[128];
    char flipped[128];
    fixture f;
    fixture_init(&f);
    f.experiment.output.compression = compression;
    in_directory(name, whole);
    in_directory("flipped.h5", flipped);
    assert_ok(fixture_run(&f, &(caucus_store_options){.output = whole}, 2));
    bytes all = load(whole);
    rename(whole, flipped);
    char *right = print_all(flipped);
    assert_non_null(right);
    unsigned refused = 0;
    for (uint64_t i = 0; i < FLIPS; i++) {
        const size_t at = fixture_hash(i, compression, 1) % all.n;
        const unsigned char change = (unsigned char)(1 + fixture_hash(i, compression, 2) % 255);
        all.data[at] ^= change;
        save(flipped, all.data, all.n);
        char *text = print_all(flipped);
        if (text != NULL) {
            assert_string_equal(text, right);
        }
        refused += text == NULL;
        free(text);
        all.data[at] ^= change;
    }
    print_message("%u of %d results with a changed byte are refused, the others print what is right\n", refused, FLIPS);
    assert_true(refused > FLIPS / 4); /* trials are not read for a summary */
    free(right);
    free(all.data);
}

static void changed_bytes_print_nothing_wrong(void **state)
{
    (void)state;
    flip_everywhere("plain.h5", 0);
    flip_everywhere("compressed.h5", 4);
}

static void cut_results_are_refused(void **state)
{
    (void)state;
    char path[128];
    bytes all = load(reference);
    in_directory("cut.h5", path);
    for (size_t n = 0; n < all.n; n += 1 + all.n / 200) {
        save(path, all.data, n);
        assert_null(print_all(path));
    }
    memset(all.data + all.n, 7, 100);
    save(path, all.data, all.n + 100);
    assert_null(print_all(path));
    free(all.data);
}

static void copy_reference(const char *name, char path[128])
{
    bytes all = load(reference);
    in_directory(name, path);
    save(path, all.data, all.n);
    free(all.data);
}

static void set_number(const char *path, const char *name, uint64_t value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    assert_true(attribute >= 0);
    H5Awrite(attribute, H5T_NATIVE_UINT64, &value); /* clipped where the type is narrower */
    H5Aclose(attribute);
    H5Fclose(file);
    assert_true(reseal(path));
}

/* Sizes whose products leave 64 bits, or memory. */
static void sealed_lies_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        uint64_t first_value, second_value;
    } lies[] = {
        {"trials", "block_trials", (UINT64_C(1) << 62) + 1, 1},
        {"trials", "block_trials", UINT64_MAX, 1},
        {"trials", "trials", 24000, 24000},
        {"configs", "configs", UINT64_C(1) << 60, UINT64_C(1) << 60},
        {"configs", "configs", 7, 7},
        {"configs", "configs", 0, 0},
        {"collectives", "methods", UINT32_MAX, UINT32_MAX},
        {"collectives", "collectives", 2, 2},
        {"methods", "methods", UINT32_MAX, UINT32_MAX},
        {"methods", "methods", 1, 1},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        char path[128];
        copy_reference("lies.h5", path);
        set_number(path, lies[i].first, lies[i].first_value);
        set_number(path, lies[i].second, lies[i].second_value);
        char *text = print_all(path);
        if (text != NULL) {
            fail_msg("%s = %llu, %s = %llu was believed", lies[i].first, (unsigned long long)lies[i].first_value,
                     lies[i].second, (unsigned long long)lies[i].second_value);
        }
    }
}

static void results_of_others_are_named(void **state)
{
    (void)state;
    char path[128];
    copy_reference("edited.h5", path);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Fclose(file);
    caucus_result *result = NULL;
    const char *const words[] = {"edited.h5", "seal", "changed by"};
    assert_fails(caucus_result_open(path, &result), CAUCUS_INVALID, words, 3);
}

int main(void)
{
    assert_int_equal(caucus_h5_begin(), CAUCUS_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_bytes_print_nothing_wrong),
        cmocka_unit_test(cut_results_are_refused),
        cmocka_unit_test(sealed_lies_are_refused),
        cmocka_unit_test(results_of_others_are_named),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
