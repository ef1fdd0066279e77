#include "base/durable.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *caucus_durable_directory(const char *path)
{
    char *directory = caucus_text_copy(path);
    if (directory == NULL) {
        return NULL;
    }
    char *slash = strrchr(directory, '/');
    if (slash == NULL) {
        free(directory);
        return caucus_text_copy(".");
    }
    slash[slash == directory ? 1 : 0] = '\0';
    return directory;
}

static int sync_descriptor(int descriptor)
{
    int result = 0;
    do {
        result = fsync(descriptor);
    } while (result < 0 && errno == EINTR);
    return result;
}

caucus_status caucus_durable_sync(const char *path, bool directory)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | (directory ? O_DIRECTORY : O_NOFOLLOW));
    if (descriptor < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot open %s: %s", path, strerror(errno));
    }
    caucus_status status = CAUCUS_OK;
    if (sync_descriptor(descriptor) < 0 && !(directory && (errno == EINVAL || errno == ENOTSUP))) {
        status = caucus_fail(CAUCUS_FAILED, "cannot write %s to the disk: %s", path, strerror(errno));
    }
    close(descriptor);
    return status;
}

caucus_status caucus_durable_sync_directory_of(const char *path)
{
    char *directory = caucus_durable_directory(path);
    if (directory == NULL) {
        return caucus_fail_memory(strlen(path), "a path");
    }
    caucus_status status = caucus_durable_sync(directory, true);
    free(directory);
    return status;
}

caucus_status caucus_durable_publish(const char *temporary, const char *path)
{
    TRY(caucus_durable_sync(temporary, false));
    if (rename(temporary, path) < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot rename %s to %s: %s", temporary, path, strerror(errno));
    }
    return caucus_durable_sync_directory_of(path);
}

static caucus_status write_piece(int descriptor, const char *path, caucus_piece piece)
{
    const char *next = piece.bytes;
    size_t left = piece.size;
    while (left > 0) {
        ssize_t written = write(descriptor, next, left);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return caucus_fail(CAUCUS_FAILED, "cannot write %s: %s", path, strerror(errno));
        }
        next += written;
        left -= (size_t)written;
    }
    return CAUCUS_OK;
}

caucus_status caucus_durable_write(const char *path, const caucus_piece *pieces, size_t n_pieces)
{
    char *temporary = caucus_text_format("%s.tmp", path);
    if (temporary == NULL) {
        return caucus_fail_memory(strlen(path), "a path");
    }
    caucus_status status = CAUCUS_OK;
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        status = caucus_fail(CAUCUS_FAILED, "cannot create %s: %s", temporary, strerror(errno));
        goto done;
    }
    for (size_t i = 0; i < n_pieces && status == CAUCUS_OK; i++) {
        status = write_piece(descriptor, temporary, pieces[i]);
    }
    if (close(descriptor) < 0 && errno != EINTR && status == CAUCUS_OK) {
        status = caucus_fail(CAUCUS_FAILED, "cannot write %s: %s", temporary, strerror(errno));
    }
    if (status == CAUCUS_OK) {
        status = caucus_durable_publish(temporary, path);
    }
    if (status != CAUCUS_OK) {
        unlink(temporary);
    }
done:
    free(temporary);
    return status;
}
