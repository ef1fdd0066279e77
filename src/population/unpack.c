#include "population/unpack.h"

#include <limits.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

enum { FIRST_BYTES = 1 << 20 };

typedef struct unpacking {
    const char *path;
    const unsigned char *in;
    size_t in_left;
    char *out; /* mapped */
    size_t length, capacity;
} unpacking;

static caucus_status grow(unpacking *u)
{
    size_t capacity = 2 * u->capacity;
    void *out = mremap(u->out, u->capacity, capacity, MREMAP_MAYMOVE);
    if (out == MAP_FAILED) {
        return caucus_fail_memory(capacity, "a table that is unpacked");
    }
    u->out = out;
    u->capacity = capacity;
    return CAUCUS_OK;
}

static caucus_status fail_damaged(const unpacking *u, const char *format, const char *reason)
{
    return caucus_fail(CAUCUS_INVALID, "%s: the %s data in it are damaged or cut off (%s); fetch the file again",
                       u->path, format, reason);
}

static unsigned part(size_t bytes)
{
    return bytes > UINT_MAX / 2 ? UINT_MAX / 2 : (unsigned)bytes;
}

/* zlib counts in unsigned ints, so that long inputs and outputs are given to it in parts. */
static caucus_status unpack_gzip(unpacking *u)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) { /* 16: gzip and nothing else */
        return caucus_fail_memory(1 << 16, "zlib");
    }
    caucus_status status = CAUCUS_OK;
    int state = Z_OK;
    while (status == CAUCUS_OK && (u->in_left > 0 || state != Z_STREAM_END)) {
        if (state == Z_STREAM_END) { /* members may follow one another */
            inflateReset(&stream);
        }
        stream.next_in = (unsigned char *)(uintptr_t)u->in;
        stream.avail_in = part(u->in_left);
        stream.next_out = (unsigned char *)u->out + u->length;
        stream.avail_out = part(u->capacity - u->length);
        state = inflate(&stream, Z_NO_FLUSH);
        size_t taken = (size_t)(stream.next_in - u->in);
        u->in += taken;
        u->in_left -= taken;
        u->length = (size_t)((char *)stream.next_out - u->out);
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
            status = fail_damaged(u, "gzip", stream.msg != NULL ? stream.msg : "no reason given");
        } else if (state != Z_STREAM_END && u->length == u->capacity) {
            status = grow(u);
        } else if (state != Z_STREAM_END && u->in_left == 0) {
            status = fail_damaged(u, "gzip", "the end is missing");
        }
    }
    inflateEnd(&stream);
    return status;
}

static caucus_status unpack_zstd(unpacking *u)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    if (stream == NULL) {
        return caucus_fail_memory(1 << 20, "libzstd");
    }
    caucus_status status = CAUCUS_OK;
    ZSTD_inBuffer in = {u->in, u->in_left, 0};
    size_t left = 1; /* of the frame: 0 between frames */
    while (status == CAUCUS_OK && (in.pos < in.size || left != 0)) {
        ZSTD_outBuffer out = {u->out, u->capacity, u->length};
        left = ZSTD_decompressStream(stream, &out, &in);
        u->length = out.pos;
        if (ZSTD_isError(left)) {
            status = fail_damaged(u, "Zstandard", ZSTD_getErrorName(left));
        } else if (left != 0 && u->length == u->capacity) {
            status = grow(u);
        } else if (left != 0 && in.pos == in.size) {
            status = fail_damaged(u, "Zstandard", "the end is missing");
        }
    }
    ZSTD_freeDStream(stream);
    return status;
}

static caucus_status unpack_xz(unpacking *u)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK) {
        return caucus_fail_memory(1 << 20, "liblzma");
    }
    caucus_status status = CAUCUS_OK;
    stream.next_in = u->in;
    stream.avail_in = u->in_left;
    for (lzma_ret state = LZMA_OK; status == CAUCUS_OK && state != LZMA_STREAM_END;) {
        stream.next_out = (unsigned char *)u->out + u->length;
        stream.avail_out = u->capacity - u->length;
        state = lzma_code(&stream, LZMA_FINISH); /* all input is there */
        u->length = u->capacity - stream.avail_out;
        if (state == LZMA_MEM_ERROR) {
            status = caucus_fail_memory(1 << 20, "liblzma");
        } else if (state == LZMA_BUF_ERROR && stream.avail_out > 0) {
            status = fail_damaged(u, "xz", "the end is missing");
        } else if (state != LZMA_OK && state != LZMA_STREAM_END && state != LZMA_BUF_ERROR) {
            status = fail_damaged(u, "xz", state == LZMA_DATA_ERROR ? "the check fails" : "it is not in this format");
        } else if (state != LZMA_STREAM_END && stream.avail_out == 0) {
            status = grow(u);
        }
    }
    lzma_end(&stream);
    return status;
}

caucus_status caucus_file_unpack(const char *path, caucus_file_kind kind, const void *bytes, size_t n_bytes, char **out,
                                 size_t *length, size_t *capacity)
{
    unpacking u = {.path = path, .in = bytes, .in_left = n_bytes, .capacity = FIRST_BYTES};
    u.out = mmap(NULL, u.capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (u.out == MAP_FAILED) {
        return caucus_fail_memory(u.capacity, "a table that is unpacked");
    }
    caucus_status status = kind == CAUCUS_FILE_GZIP   ? unpack_gzip(&u)
                           : kind == CAUCUS_FILE_ZSTD ? unpack_zstd(&u)
                                                      : unpack_xz(&u);
    if (status != CAUCUS_OK) {
        munmap(u.out, u.capacity);
        return status;
    }
    *out = u.out;
    *length = u.length;
    *capacity = u.capacity;
    return CAUCUS_OK;
}
