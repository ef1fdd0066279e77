/* Two result files hold the same: every dataset with its stored chunks byte for byte, every attribute but those that
 * say when and with how many threads a run was made. */
#ifndef COMPARE_RESULTS_H
#define COMPARE_RESULTS_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct comparing {
    hid_t other;
    int n_objects;
    int n_chunks;
} comparing;

static bool same_strings(hid_t a, hid_t b, hid_t type, hsize_t n, bool attribute)
{
    char **left = calloc(n, sizeof *left);
    char **right = calloc(n, sizeof *right);
    herr_t read = attribute ? H5Aread(a, type, left) : H5Dread(a, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, left);
    read |= attribute ? H5Aread(b, type, right) : H5Dread(b, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, right);
    bool same = read >= 0;
    for (hsize_t i = 0; i < n && same; i++) {
        same = left[i] != NULL && right[i] != NULL && strcmp(left[i], right[i]) == 0;
    }
    for (hsize_t i = 0; i < n; i++) {
        H5free_memory(left[i]);
        H5free_memory(right[i]);
    }
    free(left);
    free(right);
    return same;
}

/* Two attributes, each one value or an array of them. */
static bool same_values(hid_t left, hid_t right)
{
    unsigned char x[256] = {0};
    unsigned char y[256] = {0};
    hid_t type = H5Aget_type(left);
    hid_t other_type = H5Aget_type(right);
    hid_t space = H5Aget_space(left);
    hid_t other_space = H5Aget_space(right);
    hsize_t n = (hsize_t)H5Sget_simple_extent_npoints(space);
    bool same = H5Tequal(type, other_type) > 0 && H5Sextent_equal(space, other_space) > 0;
    if (same && H5Tis_variable_str(type) > 0) {
        same = same_strings(left, right, type, n, true);
    } else if (same) {
        same = n * H5Tget_size(type) <= sizeof x && H5Aread(left, type, x) >= 0 && H5Aread(right, type, y) >= 0 &&
               memcmp(x, y, sizeof x) == 0;
    }
    H5Sclose(other_space);
    H5Sclose(space);
    H5Tclose(other_type);
    H5Tclose(type);
    return same;
}

static herr_t compare_attribute(hid_t a, const char *name, const H5A_info_t *info, void *data)
{
    static const char *const differing[] = {"started",    "finished",       "host_threads",
                                            "git_commit", "REFERENCE_LIST", "DIMENSION_LIST"};
    (void)info;
    for (size_t i = 0; i < sizeof differing / sizeof differing[0]; i++) {
        if (strcmp(name, differing[i]) == 0) {
            return 0;
        }
    }
    hid_t *b = data;
    hid_t left = H5Aopen(a, name, H5P_DEFAULT);
    hid_t right = H5Aopen(*b, name, H5P_DEFAULT);
    bool same = right >= 0 && same_values(left, right);
    if (right >= 0) {
        H5Aclose(right);
    }
    H5Aclose(left);
    if (!same) {
        fprintf(stderr, "attribute %s differs\n", name);
    }
    return same ? 0 : -1;
}

static bool same_chunks(hid_t a, hid_t b, int rank, int *n_compared)
{
    hsize_t n = 0;
    hsize_t other_n = 0;
    hid_t space = H5Dget_space(a);
    bool same = H5Dget_num_chunks(a, space, &n) >= 0 && H5Dget_num_chunks(b, space, &other_n) >= 0 && n == other_n;
    for (hsize_t i = 0; i < n && same; i++) {
        hsize_t offset[8] = {0};
        hsize_t other_offset[8] = {0};
        unsigned mask = 0;
        hsize_t size = 0;
        hsize_t other_size = 0;
        uint32_t read_mask = 0;
        same = H5Dget_chunk_info(a, space, i, offset, &mask, NULL, &size) >= 0 &&
               H5Dget_chunk_info(b, space, i, other_offset, &mask, NULL, &other_size) >= 0 && size == other_size &&
               memcmp(offset, other_offset, (size_t)rank * sizeof *offset) == 0;
        char *left = malloc(size + 1);
        char *right = malloc(size + 1);
        same = same && H5Dread_chunk(a, H5P_DEFAULT, offset, &read_mask, left) >= 0 &&
               H5Dread_chunk(b, H5P_DEFAULT, offset, &read_mask, right) >= 0 && memcmp(left, right, size) == 0;
        free(left);
        free(right);
        (*n_compared)++;
    }
    H5Sclose(space);
    return same;
}

static bool same_dataset(hid_t a, hid_t b, int *n_chunks)
{
    hid_t type = H5Dget_type(a);
    hid_t other_type = H5Dget_type(b);
    hid_t space = H5Dget_space(a);
    hid_t other_space = H5Dget_space(b);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    bool same = H5Tequal(type, other_type) > 0 && H5Sextent_equal(space, other_space) > 0;
    if (same && H5Tis_variable_str(type) > 0) {
        same = same_strings(a, b, type, (hsize_t)n, false);
    } else if (same) {
        size_t bytes = (size_t)n * H5Tget_size(type);
        char *left = malloc(bytes + 1);
        char *right = malloc(bytes + 1);
        same = H5Dread(a, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, left) >= 0 &&
               H5Dread(b, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, right) >= 0 && memcmp(left, right, bytes) == 0;
        free(left);
        free(right);
    }
    hid_t properties = H5Dget_create_plist(a);
    if (same && H5Pget_layout(properties) == H5D_CHUNKED) {
        same = same_chunks(a, b, H5Sget_simple_extent_ndims(space), n_chunks);
    }
    H5Pclose(properties);
    H5Sclose(other_space);
    H5Sclose(space);
    H5Tclose(other_type);
    H5Tclose(type);
    return same;
}

static herr_t compare_object(hid_t file, const char *name, const H5O_info_t *info, void *data)
{
    comparing *state = data;
    hid_t a = H5Oopen(file, name, H5P_DEFAULT);
    hid_t b = H5Oopen(state->other, name, H5P_DEFAULT);
    if (b < 0) {
        fprintf(stderr, "%s is missing\n", name);
        H5Oclose(a);
        return -1;
    }
    hsize_t at = 0;
    bool same = H5Aiterate2(a, H5_INDEX_NAME, H5_ITER_INC, &at, compare_attribute, &b) >= 0;
    if (same && info->type == H5O_TYPE_DATASET) {
        same = same_dataset(a, b, &state->n_chunks);
    }
    if (!same) {
        fprintf(stderr, "%s differs\n", name);
    }
    state->n_objects++;
    H5Oclose(b);
    H5Oclose(a);
    return same ? 0 : -1;
}

/* At least 30 objects must be there, and with trials one chunk, so that two empty files do not count as equal results.
 */
static bool same_results(const char *path, const char *other_path, bool with_trials)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    comparing state = {.other = H5Fopen(other_path, H5F_ACC_RDONLY, H5P_DEFAULT)};
    bool same = file >= 0 && state.other >= 0 &&
                H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, compare_object, &state, H5O_INFO_BASIC) >= 0;
    comparing back = {.other = file};
    same = same && H5Ovisit2(state.other, H5_INDEX_NAME, H5_ITER_INC, compare_object, &back, H5O_INFO_BASIC) >= 0;
    H5Fclose(file);
    H5Fclose(state.other);
    return same && state.n_objects >= 30 && (state.n_chunks >= 1) == with_trials && back.n_objects == state.n_objects;
}

#endif
