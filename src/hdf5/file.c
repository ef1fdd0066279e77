#include "hdf5/file.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES = 512, WHAT_BYTES = 2048, RESERVE_BYTES = 4 << 20 };

/* Deflate makes of no byte more than these, nor does it save more. */
enum { MOST_DEFLATED = 1100 };

static herr_t keep_first(unsigned n, const H5E_error2_t *error, void *data)
{
    char *reason = data;
    if (n == 0 && error->desc != NULL) {
        snprintf(reason, REASON_BYTES, "%s", error->desc);
    }
    return 0;
}

/* "file write failed: ..., error message = 'No space left on device', buf = ..." says it in one of its fields. */
static void shorten(char *reason)
{
    static const char field[] = "error message = '";
    char *start = strstr(reason, field);
    if (start == NULL) {
        return;
    }
    start += sizeof field - 1;
    size_t length = strcspn(start, "'");
    memmove(reason, start, length);
    reason[length] = '\0';
}

static _Thread_local caucus_status cause_status;
static _Thread_local char cause[WHAT_BYTES];

void caucus_h5_set_cause(caucus_status status)
{
    if (status == CAUCUS_OK) {
        cause_status = CAUCUS_OK;
    } else if (cause_status == CAUCUS_OK) { /* the first one is behind the others */
        cause_status = status;
        snprintf(cause, sizeof cause, "%s", caucus_error_message());
    }
}

static caucus_status fail_cause(void)
{
    const caucus_status status = cause_status;
    cause_status = CAUCUS_OK;
    return caucus_fail(status, "%s", cause);
}

caucus_status caucus_h5_damaged(const char *format, ...)
{
    char what[WHAT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    H5Eclear2(H5E_DEFAULT);
    return cause_status != CAUCUS_OK ? fail_cause() : caucus_fail(CAUCUS_INVALID, "%s", what);
}

caucus_status caucus_h5_fail(const char *format, ...)
{
    char what[WHAT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    char reason[REASON_BYTES] = "HDF5 gives no reason";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, reason);
    H5Eclear2(H5E_DEFAULT);
    if (cause_status != CAUCUS_OK) {
        return fail_cause();
    }
    shorten(reason);
    return caucus_fail(CAUCUS_FAILED, "%s: %s", what, reason);
}

caucus_status caucus_h5_begin(void)
{
    TRY(caucus_reserve(RESERVE_BYTES, "the HDF5 library"));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return CAUCUS_OK;
}

void caucus_h5_close(hid_t id)
{
    if (id >= 0) {
        H5Idec_ref(id);
    }
}

caucus_status caucus_h5_ordered(hid_t class_id, hid_t *properties)
{
    caucus_status status = CAUCUS_OK;
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t made = H5Pcreate(class_id);
    H5_TRY_GOTO(made, failed, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_attr_creation_order(made, order), failed, "cannot set up HDF5");
    if (H5Pequal(class_id, H5P_DATASET_CREATE) > 0) {
        H5_TRY_GOTO(H5Pset_obj_track_times(made, false), failed, "cannot set up HDF5");
    } else {
        H5_TRY_GOTO(H5Pset_link_creation_order(made, order), failed, "cannot set up HDF5");
    }
    *properties = made;
    return CAUCUS_OK;
failed:
    caucus_h5_close(made);
    return status;
}

caucus_status caucus_h5_string_type(hid_t *type)
{
    hid_t made = H5Tcopy(H5T_C_S1);
    if (made < 0 || H5Tset_size(made, H5T_VARIABLE) < 0 || H5Tset_cset(made, H5T_CSET_UTF8) < 0) {
        caucus_h5_close(made);
        return caucus_h5_fail("cannot make a string type");
    }
    *type = made;
    return CAUCUS_OK;
}

caucus_status caucus_h5_set_number(hid_t object, const char *name, hid_t type, const void *value)
{
    caucus_status status = CAUCUS_OK;
    hid_t attribute = H5I_INVALID_HID;
    hid_t scalar = H5Screate(H5S_SCALAR);
    H5_TRY_GOTO(scalar, done, "cannot write attribute %s", name);
    attribute = H5Acreate2(object, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5_TRY_GOTO(attribute, done, "cannot write attribute %s", name);
    H5_TRY_GOTO(H5Awrite(attribute, type, value), done, "cannot write attribute %s", name);
done:
    caucus_h5_close(attribute);
    caucus_h5_close(scalar);
    return status;
}

caucus_status caucus_h5_set_text(hid_t object, const char *name, const char *text)
{
    hid_t type = H5I_INVALID_HID;
    TRY(caucus_h5_string_type(&type));
    caucus_status status = caucus_h5_set_number(object, name, type, &text);
    caucus_h5_close(type);
    return status;
}

/* Open an attribute that must be a scalar of the given class. */
static caucus_status open_attribute(hid_t object, const char *path, const char *name, bool text, hid_t *attribute)
{
    const htri_t exists = H5Aexists(object, name);
    if (exists < 0) {
        return caucus_h5_fail("%s: cannot look for attribute %s", path, name);
    }
    if (exists == 0) {
        H5Eclear2(H5E_DEFAULT);
        return caucus_fail(CAUCUS_INVALID, "%s: attribute %s is missing; the file was not written by caucus", path,
                           name);
    }
    hid_t opened = H5Aopen(object, name, H5P_DEFAULT);
    if (opened < 0) {
        return caucus_h5_fail("%s: cannot open attribute %s", path, name);
    }
    hid_t type = H5Aget_type(opened);
    hid_t space = H5Aget_space(opened);
    H5T_class_t class = H5Tget_class(type);
    bool fits = text ? H5Tis_variable_str(type) > 0 : class == H5T_INTEGER || class == H5T_FLOAT;
    fits = fits && H5Sget_simple_extent_npoints(space) == 1;
    caucus_h5_close(space);
    caucus_h5_close(type);
    if (!fits) {
        caucus_h5_close(opened);
        return caucus_fail(CAUCUS_INVALID, "%s: attribute %s is not a single %s; the file was not written by caucus",
                           path, name, text ? "text" : "number");
    }
    *attribute = opened;
    return CAUCUS_OK;
}

caucus_status caucus_h5_get_number(hid_t object, const char *path, const char *name, hid_t type, void *value)
{
    caucus_status status = CAUCUS_OK;
    hid_t attribute = H5I_INVALID_HID;
    TRY(open_attribute(object, path, name, false, &attribute));
    H5_TRY_GOTO(H5Aread(attribute, type, value), done, "%s: cannot read attribute %s", path, name);
done:
    caucus_h5_close(attribute);
    return status;
}

caucus_status caucus_h5_get_text(hid_t object, const char *path, const char *name, char **text)
{
    caucus_status status = CAUCUS_OK;
    hid_t type = H5I_INVALID_HID;
    hid_t attribute = H5I_INVALID_HID;
    char *read = NULL;
    TRY_GOTO(open_attribute(object, path, name, true, &attribute), done);
    TRY_GOTO(caucus_h5_string_type(&type), done);
    H5_TRY_GOTO(H5Aread(attribute, type, &read), done, "%s: cannot read attribute %s", path, name);
    *text = caucus_text_copy(read != NULL ? read : "");
    if (*text == NULL) {
        status = caucus_fail_memory(strlen(read), name);
    }
    H5free_memory(read);
done:
    caucus_h5_close(type);
    caucus_h5_close(attribute);
    return status;
}

caucus_status caucus_h5_check_room(hid_t file, const char *path, const char *what, uint64_t n, size_t value_bytes)
{
    hsize_t bytes = 0;
    uint64_t wanted = 0;
    if (H5Fget_filesize(file, &bytes) < 0) {
        return caucus_h5_fail("cannot read %s", path);
    }
    if (__builtin_mul_overflow(n, value_bytes, &wanted) || wanted / MOST_DEFLATED > bytes) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its %llu bytes cannot hold %llu %s", path,
                           (unsigned long long)bytes, (unsigned long long)n, what);
    }
    return CAUCUS_OK;
}

static caucus_status open_dataset(hid_t file, const char *path, const char *name, uint64_t n, hid_t *dataset)
{
    hid_t opened = H5Dopen2(file, name, H5P_DEFAULT);
    if (opened < 0) {
        return caucus_h5_fail("%s: cannot open dataset %s", path, name);
    }
    hid_t space = H5Dget_space(opened);
    hssize_t found = H5Sget_simple_extent_npoints(space);
    caucus_h5_close(space);
    if (found < 0 || (uint64_t)found != n) {
        caucus_h5_close(opened);
        return caucus_fail(CAUCUS_INVALID, "%s: dataset %s has %lld values where %llu belong; the file is damaged",
                           path, name, (long long)found, (unsigned long long)n);
    }
    *dataset = opened;
    return CAUCUS_OK;
}

caucus_status caucus_h5_read(hid_t file, const char *path, const char *name, hid_t type, uint64_t n, void *values)
{
    caucus_status status = CAUCUS_OK;
    hid_t dataset = H5I_INVALID_HID;
    TRY(open_dataset(file, path, name, n, &dataset));
    H5_TRY_GOTO(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), done, "%s: cannot read dataset %s", path,
                name);
done:
    caucus_h5_close(dataset);
    return status;
}

caucus_status caucus_h5_read_texts(hid_t file, const char *path, const char *name, uint64_t n, char ***texts)
{
    caucus_status status = CAUCUS_OK;
    hid_t dataset = H5I_INVALID_HID;
    hid_t type = H5I_INVALID_HID;
    char **read = NULL;
    char **copies = NULL;
    TRY_GOTO(caucus_alloc(n, sizeof *read, name, &read), done);
    TRY_GOTO(caucus_alloc(n, sizeof *copies, name, &copies), done);
    TRY_GOTO(open_dataset(file, path, name, n, &dataset), done);
    TRY_GOTO(caucus_h5_string_type(&type), done);
    H5_TRY_GOTO(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, read), done, "%s: cannot read dataset %s", path,
                name);
    for (uint64_t i = 0; i < n; i++) {
        copies[i] = caucus_text_copy(read[i] != NULL ? read[i] : "");
        if (copies[i] == NULL) {
            status = caucus_fail_memory(n, name);
            goto done;
        }
    }
done:
    for (uint64_t i = 0; read != NULL && i < n; i++) {
        H5free_memory(read[i]);
    }
    free(read);
    caucus_h5_close(type);
    caucus_h5_close(dataset);
    if (status == CAUCUS_OK) {
        *texts = copies;
    } else {
        caucus_h5_free_texts(copies, n);
    }
    return status;
}

void caucus_h5_free_texts(char **texts, uint64_t n)
{
    for (uint64_t i = 0; texts != NULL && i < n; i++) {
        free(texts[i]);
    }
    free(texts);
}

caucus_status caucus_h5_write(hid_t file, const char *name, hid_t type, int rank, const hsize_t *shape,
                              const void *data)
{
    caucus_status status = CAUCUS_OK;
    hid_t dataset = H5I_INVALID_HID;
    hid_t space = H5Screate_simple(rank, shape, NULL);
    H5_TRY_GOTO(space, done, "cannot lay out %s", name);
    dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5_TRY_GOTO(dataset, done, "cannot lay out %s", name);
    H5_TRY_GOTO(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), done, "cannot write %s", name);
done:
    caucus_h5_close(dataset);
    caucus_h5_close(space);
    return status;
}
