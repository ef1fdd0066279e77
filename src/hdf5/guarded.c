#include "hdf5/guarded.h"

#include "hdf5/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct driver_info {
    int *error;
} driver_info;

typedef struct guarded_file {
    H5FD_t base; /* HDF5's part must come first */
    int descriptor;
    dev_t device;
    ino_t inode;
    haddr_t allocated; /* end of what HDF5 has given out */
    haddr_t end;       /* of the file */
    int *error;
} guarded_file;

static void keep_error(guarded_file *self)
{
    if (*self->error == 0) {
        *self->error = errno != 0 ? errno : EIO;
    }
}

static H5FD_t *open_guarded(const char *name, unsigned flags, hid_t access, haddr_t max_address)
{
    (void)max_address;
    struct stat file;
    const driver_info *info = H5Pget_driver_info(access);
    if (info == NULL || (flags & H5F_ACC_CREAT) == 0) { /* HDF5 tries whether it is there first; it never is */
        return NULL;
    }
    guarded_file *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->error = info->error;
    self->descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (self->descriptor < 0 || fstat(self->descriptor, &file) < 0) {
        keep_error(self);
        if (self->descriptor >= 0) {
            close(self->descriptor);
        }
        free(self);
        return NULL;
    }
    self->device = file.st_dev;
    self->inode = file.st_ino;
    self->end = (haddr_t)file.st_size;
    return &self->base;
}

static herr_t close_guarded(H5FD_t *base)
{
    guarded_file *self = (guarded_file *)base;
    if (close(self->descriptor) < 0 && errno != EINTR) { /* Linux has closed it then, too */
        keep_error(self);
    }
    free(self);
    return 0;
}

static int compare_guarded(const H5FD_t *a, const H5FD_t *b)
{
    const guarded_file *left = (const guarded_file *)a;
    const guarded_file *right = (const guarded_file *)b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    return (left->inode > right->inode) - (left->inode < right->inode);
}

static herr_t query_guarded(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t get_allocated(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const guarded_file *)base)->allocated;
}

static herr_t set_allocated(H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((guarded_file *)base)->allocated = address;
    return 0;
}

static haddr_t get_end(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const guarded_file *)base)->end;
}

static herr_t read_guarded(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer)
{
    (void)type;
    (void)transfer;
    const guarded_file *self = (const guarded_file *)base;
    char *to = buffer;
    while (size > 0) {
        ssize_t got = pread(self->descriptor, to, size, (off_t)address);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) { /* what was never written reads as zeros */
            memset(to, 0, size);
            break;
        }
        to += got;
        address += (haddr_t)got;
        size -= (size_t)got;
    }
    return 0;
}

static herr_t write_guarded(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                            const void *buffer)
{
    (void)type;
    (void)transfer;
    guarded_file *self = (guarded_file *)base;
    const char *from = buffer;
    haddr_t end = address + size;
    while (size > 0 && *self->error == 0) {
        ssize_t put = pwrite(self->descriptor, from, size, (off_t)address);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            keep_error(self);
            break;
        }
        from += put;
        address += (haddr_t)put;
        size -= (size_t)put;
    }
    self->end = end > self->end ? end : self->end;
    return 0;
}

/* Make the file as long as HDF5 says it is. */
static herr_t truncate_guarded(H5FD_t *base, hid_t transfer, hbool_t closing)
{
    (void)transfer;
    (void)closing;
    guarded_file *self = (guarded_file *)base;
    if (self->end != self->allocated) {
        if (*self->error == 0 && ftruncate(self->descriptor, (off_t)self->allocated) < 0) {
            keep_error(self);
        }
        self->end = self->allocated;
    }
    return 0;
}

static const H5FD_class_t driver_class = {
    .name = "caucus_guarded",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(driver_info),
    .open = open_guarded,
    .close = close_guarded,
    .cmp = compare_guarded,
    .query = query_guarded,
    .get_eoa = get_allocated,
    .set_eoa = set_allocated,
    .get_eof = get_end,
    .read = read_guarded,
    .write = write_guarded,
    .truncate = truncate_guarded,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

static pthread_once_t registering = PTHREAD_ONCE_INIT;
static hid_t driver = H5I_INVALID_HID;

/* For the whole life of the process: HDF5 1.10 frees a driver's table with the last file's reference to it, and then
 * calls the table's close function to close that very file. */
static void register_driver(void)
{
    driver = H5FDregister(&driver_class);
}

caucus_status caucus_guarded_create(const char *path, int *error, hid_t *file)
{
    caucus_status status = CAUCUS_OK;
    hid_t creation = H5I_INVALID_HID;
    hid_t access = H5I_INVALID_HID;
    const driver_info info = {.error = error};
    TRY(caucus_h5_begin());
    *error = 0;
    pthread_once(&registering, register_driver);
    H5_TRY_GOTO(driver, done, "cannot set up HDF5");
    access = H5Pcreate(H5P_FILE_ACCESS);
    H5_TRY_GOTO(access, done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_driver(access, driver, &info), done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_file_locking(access, false, true), done, "cannot set up HDF5");
    TRY_GOTO(caucus_h5_ordered(H5P_FILE_CREATE, &creation), done);
    *file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    if (*file < 0) {
        H5Eclear2(H5E_DEFAULT);
        status = caucus_fail(CAUCUS_FAILED, "cannot create %s: %s", path,
                             *error != 0 ? strerror(*error) : "HDF5 gives no reason");
    }
done:
    caucus_h5_close(creation);
    caucus_h5_close(access);
    return status;
}

caucus_status caucus_guarded_check(const char *path, const int *error)
{
    if (*error != 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot write %s: %s", path, strerror(*error));
    }
    return CAUCUS_OK;
}

static caucus_status append_seal(const char *path)
{
    int descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot open %s: %s", path, strerror(errno));
    }
    caucus_status status = caucus_seal_append(descriptor, path);
    if (close(descriptor) < 0 && errno != EINTR && status == CAUCUS_OK) {
        status = caucus_fail(CAUCUS_FAILED, "cannot write %s: %s", path, strerror(errno));
    }
    return status;
}

caucus_status caucus_guarded_close(const char *path, hid_t file, const int *error, caucus_status status)
{
    if (H5Fclose(file) < 0 && status == CAUCUS_OK) {
        status = caucus_h5_fail("cannot write %s", path);
    }
    caucus_status written = caucus_guarded_check(path, error);
    TRY(written != CAUCUS_OK ? written : status);
    return append_seal(path);
}
