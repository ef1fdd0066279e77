/* HDF5 with our errors: files, attributes, strings. Its innermost reason becomes part of the caucus message instead of
 * a stack on stderr. */
#ifndef CAUCUS_HDF5_FILE_H
#define CAUCUS_HDF5_FILE_H

#include "base/status.h"

#include <hdf5.h>

/* CAUCUS_FAILED with the given text, ": ", and HDF5's innermost reason (the system's where there is one); or the cause
 * that was set. */
caucus_status caucus_h5_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* CAUCUS_INVALID with the given text, for what HDF5 did not find or not as it should be; or the cause that was set. */
caucus_status caucus_h5_damaged(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* This thread's error and status are why the library will fail: what drivers of ours know better. The next
 * caucus_h5_fail says so and forgets it. CAUCUS_OK: forget the last one. */
void caucus_h5_set_cause(caucus_status status);

/* In a function with `caucus_status status` and an exit label: leave when an HDF5 call returns a negative number. The
 * rest is the message, printf style. */
#define H5_TRY_GOTO(call, label, ...)                                                                                  \
    do {                                                                                                               \
        if ((call) < 0) {                                                                                              \
            status = caucus_h5_fail(__VA_ARGS__);                                                                      \
            goto label;                                                                                                \
        }                                                                                                              \
    } while (0)

/* What to do before files are made or opened: see that HDF5 has memory to begin with, and stop it from printing its
 * error stacks in this thread. */
caucus_status caucus_h5_begin(void);

/* Close any identifier, or do nothing for a negative one. */
void caucus_h5_close(hid_t id);

/* A property list for groups, files or datasets that keeps members or attributes in the order they were made, as
 * netCDF-4 asks for. The caller closes it. class_id: H5P_FILE_CREATE, H5P_GROUP_CREATE or H5P_DATASET_CREATE. */
caucus_status caucus_h5_ordered(hid_t class_id, hid_t *properties);

/* The type of variable-length UTF-8 strings; the caller closes it. */
caucus_status caucus_h5_string_type(hid_t *type);

/* Scalar attributes. type is that of value in memory and in the file, e.g. H5T_NATIVE_UINT64. */
caucus_status caucus_h5_set_number(hid_t object, const char *name, hid_t type, const void *value);
caucus_status caucus_h5_set_text(hid_t object, const char *name, const char *text);

/* CAUCUS_INVALID when the attribute is missing or of another kind; path is for the message. The caller frees text. */
caucus_status caucus_h5_get_number(hid_t object, const char *path, const char *name, hid_t type, void *value);
caucus_status caucus_h5_get_text(hid_t object, const char *path, const char *name, char **text);

/* Make a dataset and write it in one go; type is that of data in memory and in the file. */
caucus_status caucus_h5_write(hid_t file, const char *name, hid_t type, int rank, const hsize_t *shape,
                              const void *data);

/* CAUCUS_INVALID when a file so long cannot hold n values of so many bytes, however well compressed: asked before
 * memory is taken for what a file says it has. */
caucus_status caucus_h5_check_room(hid_t file, const char *path, const char *what, uint64_t n, size_t value_bytes);

/* Read a whole dataset of exactly n values as type. CAUCUS_INVALID when it has another number of values, or fewer bytes
 * in the file than so many could come from. */
caucus_status caucus_h5_read(hid_t file, const char *path, const char *name, hid_t type, uint64_t n, void *values);

/* The same for strings; the array and its strings belong to the caller: caucus_h5_free_texts. */
caucus_status caucus_h5_read_texts(hid_t file, const char *path, const char *name, uint64_t n, char ***texts);
void caucus_h5_free_texts(char **texts, uint64_t n);

#endif
