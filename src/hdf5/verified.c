#include "hdf5/verified.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGNATURE_BYTES = 8 };

/* An opened file and its seal, on their way into the driver. */
typedef struct driver_info {
    int descriptor;
    caucus_seal *seal;
    const char *path;
} driver_info;

typedef struct verified_file {
    H5FD_t base; /* HDF5's part must come first */
    int descriptor;
    caucus_seal seal;
    char *path;
    dev_t device;
    ino_t inode;
    haddr_t allocated; /* end of what HDF5 believes in */
    unsigned char *pages;
    size_t pages_bytes;
} verified_file;

static H5FD_t *open_verified(const char *name, unsigned flags, hid_t access, haddr_t max_address)
{
    (void)name;
    (void)max_address;
    struct stat facts;
    const driver_info *info = H5Pget_driver_info(access);
    verified_file *self = info != NULL && flags == H5F_ACC_RDONLY ? calloc(1, sizeof *self) : NULL;
    if (self == NULL) {
        return NULL;
    }
    self->path = strdup(info->path);
    self->descriptor = fcntl(info->descriptor, F_DUPFD_CLOEXEC, 0);
    if (self->path == NULL || self->descriptor < 0 || fstat(self->descriptor, &facts) < 0) {
        if (self->descriptor >= 0) {
            close(self->descriptor);
        }
        free(self->path);
        free(self);
        return NULL;
    }
    self->device = facts.st_dev;
    self->inode = facts.st_ino;
    self->seal = *info->seal;
    info->seal->sums = NULL; /* the file's from now on */
    return &self->base;
}

/* Nothing was written, so that no failure of closing means anything. */
static herr_t close_verified(H5FD_t *base)
{
    verified_file *self = (verified_file *)base;
    close(self->descriptor);
    caucus_seal_free(&self->seal);
    free(self->pages);
    free(self->path);
    free(self);
    return 0;
}

static int compare_verified(const H5FD_t *a, const H5FD_t *b)
{
    const verified_file *left = (const verified_file *)a;
    const verified_file *right = (const verified_file *)b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    return (left->inode > right->inode) - (left->inode < right->inode);
}

static herr_t query_verified(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t get_allocated(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const verified_file *)base)->allocated;
}

static herr_t set_allocated(H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((verified_file *)base)->allocated = address;
    return 0;
}

static haddr_t get_end(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const verified_file *)base)->seal.length;
}

static caucus_status grow_pages(verified_file *self, size_t n)
{
    if (n <= self->pages_bytes) {
        return CAUCUS_OK;
    }
    free(self->pages);
    self->pages = NULL;
    self->pages_bytes = 0;
    TRY(caucus_alloc(n, 1, "pages of a file", &self->pages));
    self->pages_bytes = n;
    return CAUCUS_OK;
}

/* All pages that the bytes lie on, compared before any of them is handed out. */
static caucus_status read_pages(verified_file *self, uint64_t address, size_t size, void *buffer)
{
    const caucus_seal *seal = &self->seal;
    if (address > seal->length || size > seal->length - address) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: something in it lies beyond its end", self->path);
    }
    const uint64_t first = address / seal->page_bytes;
    const uint64_t last = (address + size - 1) / seal->page_bytes;
    const uint64_t start = first * seal->page_bytes;
    const size_t n = (size_t)(last * seal->page_bytes - start) + caucus_seal_page_length(seal, last);
    TRY(grow_pages(self, n));
    TRY(caucus_seal_read_bytes(self->descriptor, self->path, start, self->pages, n));
    for (uint64_t page = first; page <= last; page++) {
        if (!caucus_seal_holds(seal, page, self->pages + (page - first) * seal->page_bytes)) {
            return caucus_fail(
                CAUCUS_INVALID,
                "%s is damaged: its bytes %llu to %llu do not match its seal; caucus verify says what is "
                "in them",
                self->path, (unsigned long long)(page * seal->page_bytes),
                (unsigned long long)(page * seal->page_bytes + caucus_seal_page_length(seal, page) - 1));
        }
    }
    memcpy(buffer, self->pages + (address - start), size);
    return CAUCUS_OK;
}

static herr_t read_verified(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer)
{
    (void)type;
    (void)transfer;
    caucus_status status = size > 0 ? read_pages((verified_file *)base, address, size, buffer) : CAUCUS_OK;
    if (status != CAUCUS_OK) {
        caucus_h5_set_cause(status);
    }
    return status == CAUCUS_OK ? 0 : -1;
}

static herr_t write_nothing(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                            const void *buffer)
{
    (void)base;
    (void)type;
    (void)transfer;
    (void)address;
    (void)size;
    (void)buffer;
    return -1;
}

static const H5FD_class_t driver_class = {
    .name = "caucus_verified",
    .maxaddr = ((haddr_t)1 << 62) - 1,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(driver_info),
    .open = open_verified,
    .close = close_verified,
    .cmp = compare_verified,
    .query = query_verified,
    .get_eoa = get_allocated,
    .set_eoa = set_allocated,
    .get_eof = get_end,
    .read = read_verified,
    .write = write_nothing,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

static pthread_once_t registering = PTHREAD_ONCE_INIT;
static hid_t driver = H5I_INVALID_HID;

/* For the whole life of the process: see hdf5/guarded.c. */
static void register_driver(void)
{
    driver = H5FDregister(&driver_class);
}

static caucus_status check_signature(int descriptor, const char *path)
{
    static const unsigned char signature[SIGNATURE_BYTES] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[SIGNATURE_BYTES] = {0};
    struct stat facts;
    if (fstat(descriptor, &facts) < 0 || !S_ISREG(facts.st_mode)) {
        return caucus_fail(CAUCUS_INVALID, "%s is not a regular file", path);
    }
    caucus_status status = caucus_seal_read_bytes(descriptor, path, 0, start, SIGNATURE_BYTES);
    if (status == CAUCUS_FAILED) {
        return status;
    }
    if (status != CAUCUS_OK || memcmp(start, signature, SIGNATURE_BYTES) != 0) {
        return caucus_fail(CAUCUS_INVALID, "%s is not an HDF5 file, so no result of caucus", path);
    }
    return CAUCUS_OK;
}

static caucus_status open_in_library(const char *path, int descriptor, caucus_seal *seal, hid_t *file)
{
    caucus_status status = CAUCUS_OK;
    const driver_info info = {.descriptor = descriptor, .seal = seal, .path = path};
    TRY(caucus_h5_begin());
    pthread_once(&registering, register_driver);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5_TRY_GOTO(access, done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_driver(access, driver, &info), done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), done, "cannot set up HDF5");
    H5_TRY_GOTO(H5Pset_file_locking(access, false, true), done, "cannot set up HDF5");
    *file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5_TRY_GOTO(*file, done, "cannot open %s", path);
done:
    caucus_h5_close(access);
    return status;
}

caucus_status caucus_verified_open(const char *path, hid_t *file)
{
    caucus_status status = CAUCUS_OK;
    caucus_seal seal = {0};
    caucus_h5_set_cause(CAUCUS_OK);
    /* What is no regular file might block. */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return caucus_fail(errno == ENOENT ? CAUCUS_INVALID : CAUCUS_FAILED, "cannot open %s: %s", path,
                           errno == ENOENT ? "there is no such file" : strerror(errno));
    }
    TRY_GOTO(check_signature(descriptor, path), done);
    TRY_GOTO(caucus_seal_read(descriptor, path, &seal), done);
    TRY_GOTO(open_in_library(path, descriptor, &seal, file), done);
done:
    caucus_seal_free(&seal);
    close(descriptor);
    return status;
}
