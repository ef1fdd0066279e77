/* Packed chunks: what zlib, HDF5's own decoder, makes of them, the way back, and how large they are. */
#include "hdf5/pack.h"

#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 100003 };

static uint64_t random_state;

static uint32_t next_word(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32);
}

/* Sums of words are about normal: counts of a trial. */
static uint32_t next_count(void)
{
    uint32_t sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += next_word() % 43;
    }
    return 69180 + sum;
}

static float next_share(void)
{
    return (float)next_count() / 100000.0f;
}

enum { CONSTANT, COUNTS, SHARES, NOISE, PERIODIC, PARTLY, KINDS };

static void fill(int kind, uint32_t *values, size_t n)
{
    random_state = 5;
    for (size_t i = 0; i < n; i++) {
        float share = next_share();
        switch (kind) {
        case CONSTANT:
            values[i] = 0x7fc00000;
            break;
        case COUNTS:
            values[i] = next_count();
            break;
        case SHARES:
            memcpy(&values[i], &share, sizeof share);
            break;
        case NOISE:
            values[i] = next_word();
            break;
        case PERIODIC:
            values[i] = (uint32_t)(i % 30) * 0x9e3779b9u;
            break;
        default:
            values[i] = i < n / 2 ? 7 : next_count();
        }
    }
}

/* HDF5 reads what was packed, through its own filters. */
static void read_by_hdf5(const void *packed, size_t n_packed, size_t n, uint32_t *values)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 1 << 20, false);
    hid_t file = H5Fcreate("pack.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    const hsize_t shape = n;
    const hsize_t start = 0;
    hid_t space = H5Screate_simple(1, &shape, NULL);
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 1, &shape);
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, 1);
    hid_t dataset = H5Dcreate2(file, "values", H5T_STD_U32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    assert_true(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &start, n_packed, packed) >= 0);
    assert_true(H5Dread(dataset, H5T_STD_U32LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(dataset);
    H5Pclose(properties);
    H5Sclose(space);
    H5Fclose(file);
    H5Pclose(access);
}

static void hdf5_reads_what_was_packed(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 255, 16384, 65535, 65536, MOST};
    uint32_t *values = malloc(MOST * sizeof *values);
    uint32_t *read = malloc(MOST * sizeof *read);
    unsigned char *packed = malloc(caucus_packed_bound(MOST));
    unsigned char *again = malloc(caucus_packed_bound(MOST));
    caucus_packer *packer = NULL;
    caucus_packer *fresh = NULL;
    assert_int_equal(caucus_packer_open(1, MOST, &packer), CAUCUS_OK);
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
            const size_t n = lengths[l];
            fill(kind, values, n);
            const size_t size = caucus_packer_pack(packer, values, n, packed);
            assert_true(size <= caucus_packed_bound(n));
            read_by_hdf5(packed, size, n, read);
            assert_memory_equal(read, values, n * sizeof *values);
            memset(read, 0, n * sizeof *read);
            assert_true(caucus_packer_unpack(packer, packed, size, read, n));
            assert_memory_equal(read, values, n * sizeof *values);
            assert_false(caucus_packer_unpack(packer, packed, size - 1, read, n));
            /* whatever was packed before, the bytes are the same */
            assert_int_equal(caucus_packer_open(1, MOST, &fresh), CAUCUS_OK);
            assert_int_equal(caucus_packer_pack(fresh, values, n, again), size);
            assert_memory_equal(again, packed, size);
            caucus_packer_close(fresh);
        }
    }
    caucus_packer_close(packer);
    free(again);
    free(packed);
    free(read);
    free(values);
}

/* Bytes a value, against what the planes hold: noise is kept at its size, and nothing else grows. */
static void sizes(void **state)
{
    (void)state;
    static const double most[KINDS] = {0.006, 1.35, 2.35, 4.001, 0.1, 1.35};
    uint32_t *values = malloc(MOST * sizeof *values);
    unsigned char *packed = malloc(caucus_packed_bound(MOST));
    caucus_packer *packer = NULL;
    assert_int_equal(caucus_packer_open(1, MOST, &packer), CAUCUS_OK);
    for (int kind = 0; kind < KINDS; kind++) {
        fill(kind, values, MOST);
        const double each = (double)caucus_packer_pack(packer, values, MOST, packed) / MOST;
        if (each > most[kind]) {
            fail_msg("kind %d takes %.3f bytes a value", kind, each);
        }
    }
    caucus_packer_close(packer);
    free(packed);
    free(values);
}

static void nothing_is_packed_at_level_0(void **state)
{
    (void)state;
    const uint32_t values[3] = {1, 2, 3};
    uint32_t packed[64];
    uint32_t read[3] = {0};
    caucus_packer *packer = NULL;
    assert_int_equal(caucus_packer_open(0, 3, &packer), CAUCUS_OK);
    const size_t n = caucus_packer_pack(packer, values, 3, packed);
    assert_int_equal(n, sizeof values + 4); /* and their checksum */
    assert_memory_equal(packed, values, sizeof values);
    assert_true(caucus_packer_unpack(packer, packed, n, read, 3));
    assert_memory_equal(read, values, sizeof values);
    assert_false(caucus_packer_unpack(packer, packed, n - 1, read, 3));
    packed[1]++;
    assert_false(caucus_packer_unpack(packer, packed, n, read, 3));
    caucus_packer_close(packer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hdf5_reads_what_was_packed),
        cmocka_unit_test(sizes),
        cmocka_unit_test(nothing_is_packed_at_level_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
