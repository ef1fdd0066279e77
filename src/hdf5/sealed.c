#include "hdf5/sealed.h"

#include "base/durable.h"
#include "hdf5/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INCREMENT = 4 << 20 };

caucus_status caucus_image_create(const char *path, hid_t *file)
{
    caucus_status status = CAUCUS_OK;
    TRY(caucus_h5_begin());
    hid_t creation = H5I_INVALID_HID;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5_TRY_GOTO(access, done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_fapl_core(access, INCREMENT, false), done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), done, "cannot set up HDF5");
    TRY_GOTO(caucus_h5_ordered(H5P_FILE_CREATE, &creation), done);
    *file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    H5_TRY_GOTO(*file, done, "cannot prepare %s in memory", path);
done:
    caucus_h5_close(creation);
    caucus_h5_close(access);
    return status;
}

caucus_status caucus_image_publish(hid_t file, const char *path)
{
    caucus_status status = CAUCUS_OK;
    void *bytes = NULL;
    void *seal = NULL;
    size_t n_seal = 0;
    H5_TRY_GOTO(H5Fflush(file, H5F_SCOPE_LOCAL), done, "cannot prepare %s in memory", path);
    ssize_t size = H5Fget_file_image(file, NULL, 0);
    H5_TRY_GOTO(size, done, "cannot prepare %s in memory", path);
    TRY_GOTO(caucus_alloc((size_t)size, 1, "writing a segment", &bytes), done);
    H5_TRY_GOTO(H5Fget_file_image(file, bytes, (size_t)size), done, "cannot prepare %s in memory", path);
    TRY_GOTO(caucus_seal_make(bytes, (uint64_t)size, &seal, &n_seal), done);
    TRY_GOTO(caucus_durable_write(path, (const caucus_piece[]){{bytes, (size_t)size}, {seal, n_seal}}, 2), done);
done:
    free(seal);
    free(bytes);
    return status;
}

static caucus_status verify_pages(int descriptor, const char *path, const caucus_seal *seal)
{
    unsigned char *page_bytes = NULL;
    TRY(caucus_alloc(seal->page_bytes, 1, "reading a segment", &page_bytes));
    caucus_status status = CAUCUS_OK;
    for (uint64_t page = 0; page < seal->n_pages && status == CAUCUS_OK; page++) {
        status = caucus_seal_read_bytes(descriptor, path, page * seal->page_bytes, page_bytes,
                                        caucus_seal_page_length(seal, page));
        if (status == CAUCUS_OK && !caucus_seal_holds(seal, page, page_bytes)) {
            status = caucus_fail(CAUCUS_INVALID, "%s is damaged: its checksum does not match", path);
        }
    }
    free(page_bytes);
    return status;
}

caucus_status caucus_image_verify(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot open %s: %s", path, strerror(errno));
    }
    caucus_seal seal = {0};
    caucus_status status = caucus_seal_read(descriptor, path, &seal);
    if (status == CAUCUS_OK) {
        status = verify_pages(descriptor, path, &seal);
    }
    caucus_seal_free(&seal);
    close(descriptor);
    return status;
}
