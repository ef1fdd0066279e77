#include "hdf5/sealed.h"

#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INCREMENT = 4 << 20, MAGIC_BYTES = 8, SEAL_BYTES = 24, READ_BYTES = 1 << 20 };

/* magic, then little-endian: length of the HDF5 image (8 bytes), its CRC-32 (4), the complement of that (4) */
static const char seal_magic[MAGIC_BYTES] = "caucus\x1a\n";

static void put_little(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (unsigned char)(value >> (8 * i));
    }
}

static void make_seal(uint64_t length, uint32_t checksum, unsigned char seal[SEAL_BYTES])
{
    memcpy(seal, seal_magic, MAGIC_BYTES);
    put_little(seal + 8, length, 8);
    put_little(seal + 16, checksum, 4);
    put_little(seal + 20, ~checksum, 4);
}

caucus_status caucus_image_create(const char *path, hid_t *file)
{
    caucus_status status = CAUCUS_OK;
    caucus_h5_quiet();
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
    H5_TRY_GOTO(H5Fflush(file, H5F_SCOPE_LOCAL), done, "cannot prepare %s in memory", path);
    ssize_t size = H5Fget_file_image(file, NULL, 0);
    H5_TRY_GOTO(size, done, "cannot prepare %s in memory", path);
    TRY_GOTO(caucus_alloc((size_t)size, 1, "writing a segment", &bytes), done);
    H5_TRY_GOTO(H5Fget_file_image(file, bytes, (size_t)size), done, "cannot prepare %s in memory", path);
    unsigned char seal[SEAL_BYTES];
    make_seal((uint64_t)size, libdeflate_crc32(0, bytes, (size_t)size), seal);
    TRY_GOTO(caucus_durable_write(path, (const caucus_piece[]){{bytes, (size_t)size}, {seal, sizeof seal}}, 2), done);
done:
    free(bytes);
    return status;
}

/* Read n bytes, or say why not; a file that ends early is CAUCUS_INVALID. */
static caucus_status read_fully(int descriptor, const char *path, unsigned char *to, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t now = read(descriptor, to + got, n - got);
        if (now < 0 && errno == EINTR) {
            continue;
        }
        if (now < 0) {
            return caucus_fail(CAUCUS_FAILED, "cannot read %s: %s", path, strerror(errno));
        }
        if (now == 0) {
            return caucus_fail(CAUCUS_INVALID, "%s is torn: it ends early", path);
        }
        got += (size_t)now;
    }
    return CAUCUS_OK;
}

static caucus_status verify_descriptor(int descriptor, const char *path, unsigned char *buffer)
{
    struct stat file;
    if (fstat(descriptor, &file) < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot read %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(file.st_mode) || file.st_size < SEAL_BYTES) {
        return caucus_fail(CAUCUS_INVALID, "%s is torn: it has no seal", path);
    }
    uint64_t length = (uint64_t)file.st_size - SEAL_BYTES;
    uint32_t checksum = 0;
    for (uint64_t done = 0; done < length;) {
        size_t n = length - done < READ_BYTES ? (size_t)(length - done) : READ_BYTES;
        TRY(read_fully(descriptor, path, buffer, n));
        checksum = libdeflate_crc32(checksum, buffer, n);
        done += n;
    }
    unsigned char seal[SEAL_BYTES];
    make_seal(length, checksum, seal);
    TRY(read_fully(descriptor, path, buffer, SEAL_BYTES));
    if (memcmp(buffer, seal_magic, MAGIC_BYTES) != 0) {
        return caucus_fail(CAUCUS_INVALID, "%s is torn or foreign: it does not end with a seal", path);
    }
    if (memcmp(buffer, seal, SEAL_BYTES) != 0) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its checksum does not match", path);
    }
    return CAUCUS_OK;
}

caucus_status caucus_image_verify(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot open %s: %s", path, strerror(errno));
    }
    unsigned char *buffer = NULL;
    caucus_status status = caucus_alloc(READ_BYTES, 1, "reading a segment", &buffer);
    if (status == CAUCUS_OK) {
        status = verify_descriptor(descriptor, path, buffer);
    }
    free(buffer);
    close(descriptor);
    return status;
}
