#include "fuzz/edits.h"

#include "fuzz/input.h"
#include "hdf5/file.h"
#include "hdf5/seal.h"

#include <stdlib.h>
#include <string.h>

/* An edit: what is done (1 byte), to which object (1), where in it (2), with which number (8). */
enum { EDIT_BYTES = 12, MOST_EDITS = 16, MOST_NAMES = 128, MOST_BYTES = 1 << 16, IMAGE_STEP = 1 << 16 };

struct fuzz_base {
    uint8_t *bytes; /* without the seal */
    size_t size;
    char *names[MOST_NAMES]; /* of datasets */
    unsigned n_names;
    char *attributes[MOST_NAMES]; /* of the root */
    unsigned n_attributes;
};

static void demand(bool holds, const char *what)
{
    if (!holds) {
        perror(what);
        abort();
    }
}

static herr_t add_name(hid_t object, const char *name, const H5O_info_t *info, void *to)
{
    fuzz_base *base = to;
    (void)object;
    if (info->type == H5O_TYPE_DATASET && base->n_names < MOST_NAMES) {
        base->names[base->n_names++] = strdup(name);
    }
    return 0;
}

static herr_t add_attribute(hid_t object, const char *name, const H5A_info_t *info, void *to)
{
    fuzz_base *base = to;
    (void)object;
    (void)info;
    if (base->n_attributes < MOST_NAMES) {
        base->attributes[base->n_attributes++] = strdup(name);
    }
    return 0;
}

static hid_t open_image(const fuzz_base *base)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, IMAGE_STEP, false);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    H5Pset_file_image(access, base->bytes, base->size);
    hid_t file = H5Fopen("image", H5F_ACC_RDWR, access);
    H5Pclose(access);
    return file;
}

fuzz_base *fuzz_base_open(const char *name)
{
    char path[1024];
    hsize_t start = 0;
    fuzz_base *base = calloc(1, sizeof *base);
    snprintf(path, sizeof path, "%s/%s", FUZZ_BASE, name);
    FILE *from = fopen(path, "rbe");
    demand(from != NULL && base != NULL && fseek(from, 0, SEEK_END) == 0, path);
    const size_t whole = (size_t)ftell(from);
    base->bytes = malloc(whole);
    rewind(from);
    demand(base->bytes != NULL && fread(base->bytes, 1, whole, from) == whole, path);
    caucus_seal seal;
    demand(caucus_seal_read(fileno(from), path, &seal) == CAUCUS_OK, path);
    base->size = seal.length;
    caucus_seal_free(&seal);
    fclose(from);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = open_image(base);
    demand(file >= 0, path);
    H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, add_name, base);
    H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &start, add_attribute, base);
    H5Fclose(file);
    return base;
}

typedef struct edit {
    uint8_t what, object;
    uint16_t place;
    uint64_t number;
} edit;

/* Put the number somewhere into values of a type; of doubles also its bits. */
static void poke(const edit *e, uint8_t *values, size_t size)
{
    size_t n = 1u << (e->what / 16 % 4);
    const size_t at = size > 0 ? e->place * n % size : 0;
    n = n < size - at ? n : size - at;
    memcpy(values + at, &e->number, n);
}

static void edit_dataset(const edit *e, hid_t file, const char *name)
{
    static uint8_t values[MOST_BYTES];
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset);
    hid_t space = H5Dget_space(dataset);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    const size_t size = n > 0 ? (size_t)n * H5Tget_size(type) : 0;
    const bool numbers = H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT;
    if (size > 0 && size <= MOST_BYTES && numbers &&
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0) {
        poke(e, values, size);
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
}

/* The dataset with other lengths, or of another type. */
static void reshape(const edit *e, hid_t file, const char *name)
{
    static const uint8_t zeros[1 << 14];
    const hsize_t shape[3] = {e->number % 17, e->number / 17 % 17, e->number / 289 % 17};
    hid_t type = e->place % 3 == 0 ? H5T_NATIVE_UINT64 : e->place % 3 == 1 ? H5T_NATIVE_FLOAT : H5T_NATIVE_UCHAR;
    H5Ldelete(file, name, H5P_DEFAULT);
    if (e->place % 5 == 0) {
        return;
    }
    hid_t space = H5Screate_simple(1 + e->place % 3, shape, NULL);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
    H5Dclose(dataset);
    H5Sclose(space);
}

static void edit_text(const edit *e, hid_t attribute, hid_t type)
{
    char *text = NULL;
    if (H5Aread(attribute, type, &text) < 0 || text == NULL) {
        return;
    }
    const size_t length = strlen(text);
    if (length > 0 && e->what % 2 == 0) {
        text[e->place % length] = (char)e->number;
    } else if (length > 0) {
        text[e->place % length] = '\0';
    }
    H5Awrite(attribute, type, &text);
    H5free_memory(text);
}

static void edit_attribute(const edit *e, hid_t file, const char *name)
{
    uint8_t value[64] = {0};
    if (e->place % 16 == 15) {
        H5Adelete(file, name);
        return;
    }
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    hid_t space = H5Aget_space(attribute);
    const bool single = H5Sget_simple_extent_npoints(space) == 1;
    if (single && H5Tis_variable_str(type) > 0) {
        edit_text(e, attribute, type);
    } else if (single && H5Tget_class(type) != H5T_REFERENCE && H5Tget_size(type) <= sizeof value &&
               H5Aread(attribute, type, value) >= 0) {
        poke(e, value, H5Tget_size(type));
        H5Awrite(attribute, type, value);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
}

static void apply(const edit *e, const fuzz_base *base, hid_t file)
{
    switch (e->what % 4) {
    case 0:
    case 1:
        edit_attribute(e, file, base->attributes[e->object % base->n_attributes]);
        break;
    case 2:
        edit_dataset(e, file, base->names[e->object % base->n_names]);
        break;
    default:
        reshape(e, file, base->names[e->object % base->n_names]);
    }
}

void fuzz_edit(const fuzz_base *base, const uint8_t *edits, size_t size, const char *name)
{
    hid_t file = open_image(base);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    for (size_t i = 0; i < size / EDIT_BYTES && i < MOST_EDITS; i++) {
        const uint8_t *at = edits + i * EDIT_BYTES;
        edit e = {.what = at[0], .object = at[1]};
        memcpy(&e.place, at + 2, sizeof e.place);
        memcpy(&e.number, at + 4, sizeof e.number);
        apply(&e, base, file);
    }
    H5Fflush(file, H5F_SCOPE_LOCAL);
    const ssize_t n = H5Fget_file_image(file, NULL, 0);
    demand(n > 0, "an image");
    void *seal = NULL;
    size_t n_seal = 0;
    uint8_t *bytes = malloc((size_t)n);
    demand(bytes != NULL && H5Fget_file_image(file, bytes, (size_t)n) == n, "an image");
    demand(caucus_seal_make(bytes, (uint64_t)n, &seal, &n_seal) == CAUCUS_OK, "a seal");
    H5Fclose(file);
    uint8_t *whole = realloc(bytes, (size_t)n + n_seal);
    demand(whole != NULL, "an image");
    memcpy(whole + n, seal, n_seal);
    fuzz_file(name, whole, (size_t)n + n_seal);
    free(whole);
    free(seal);
}
