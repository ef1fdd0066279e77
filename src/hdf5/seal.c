#include "hdf5/seal.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Behind the data: the pages' sums, 4 bytes each; then the end: magic, length of the data (8 bytes), bytes of a page
 * (4), CRC-32 of the sums (4), zero (4), CRC-32 of the end so far (4). All little-endian. */
enum { MAGIC_BYTES = 8, END_BYTES = 32, SUM_BYTES = 4 };
static const char magic[MAGIC_BYTES] = "caucus\x1a\x02";

/* Small enough to say what is damaged, and no more of them than fit into 4 MiB of sums. */
enum { LEAST_PAGE = 4096, MOST_PAGE = 1 << 30, MOST_PAGES = 1 << 20, PIECE = 1 << 20 };

static void put_little(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (unsigned char)(value >> (8 * i));
    }
}

static uint64_t get_little(const unsigned char *from, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) {
        value |= (uint64_t)from[i] << (8 * i);
    }
    return value;
}

static uint64_t count_pages(uint64_t length, uint32_t page_bytes)
{
    return length / page_bytes + (length % page_bytes != 0);
}

static uint32_t choose_page(uint64_t length)
{
    uint32_t page = LEAST_PAGE;
    while (page < MOST_PAGE && count_pages(length, page) > MOST_PAGES) {
        page *= 2;
    }
    return page;
}

/* Room for the seal of so much data, its sums to be filled in. */
static caucus_status prepare(uint64_t length, caucus_seal *seal, unsigned char **bytes, size_t *n_bytes)
{
    *seal = (caucus_seal){.length = length, .page_bytes = choose_page(length)};
    seal->n_pages = count_pages(length, seal->page_bytes);
    *n_bytes = seal->n_pages * SUM_BYTES + END_BYTES;
    return caucus_alloc(*n_bytes, 1, "a seal", bytes);
}

static void finish(const caucus_seal *seal, unsigned char *bytes)
{
    const size_t n_sums = seal->n_pages * SUM_BYTES;
    unsigned char *end = bytes + n_sums;
    memcpy(end, magic, MAGIC_BYTES);
    put_little(end + 8, seal->length, 8);
    put_little(end + 16, seal->page_bytes, 4);
    put_little(end + 20, libdeflate_crc32(0, bytes, n_sums), 4);
    put_little(end + 24, 0, 4);
    put_little(end + 28, libdeflate_crc32(0, end, 28), 4);
}

size_t caucus_seal_page_length(const caucus_seal *seal, uint64_t page)
{
    const uint64_t left = seal->length - page * seal->page_bytes;
    return left < seal->page_bytes ? (size_t)left : seal->page_bytes;
}

bool caucus_seal_holds(const caucus_seal *seal, uint64_t page, const void *bytes)
{
    return libdeflate_crc32(0, bytes, caucus_seal_page_length(seal, page)) == seal->sums[page];
}

caucus_status caucus_seal_make(const void *data, uint64_t length, void **seal, size_t *n_bytes)
{
    caucus_seal made;
    unsigned char *bytes = NULL;
    TRY(prepare(length, &made, &bytes, n_bytes));
    for (uint64_t page = 0; page < made.n_pages; page++) {
        const unsigned char *start = (const unsigned char *)data + page * made.page_bytes;
        put_little(bytes + page * SUM_BYTES, libdeflate_crc32(0, start, caucus_seal_page_length(&made, page)),
                   SUM_BYTES);
    }
    finish(&made, bytes);
    *seal = bytes;
    return CAUCUS_OK;
}

caucus_status caucus_seal_read_bytes(int descriptor, const char *path, uint64_t at, void *bytes, size_t n)
{
    unsigned char *to = bytes;
    while (n > 0) {
        ssize_t got = pread(descriptor, to, n, (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return caucus_fail(CAUCUS_FAILED, "cannot read %s: %s", path, strerror(errno));
        }
        if (got == 0) {
            return caucus_fail(CAUCUS_INVALID, "%s is torn: it ends early", path);
        }
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return CAUCUS_OK;
}

static caucus_status write_bytes(int descriptor, const char *path, uint64_t at, const unsigned char *from, size_t n)
{
    while (n > 0) {
        ssize_t put = pwrite(descriptor, from, n, (off_t)at);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return caucus_fail(CAUCUS_FAILED, "cannot write %s: %s", path, strerror(errno));
        }
        from += put;
        at += (uint64_t)put;
        n -= (size_t)put;
    }
    return CAUCUS_OK;
}

/* The sums of a file's pages, read in pieces that do not grow with the pages. */
static caucus_status sum_pages(int descriptor, const char *path, const caucus_seal *seal, unsigned char *piece,
                               unsigned char *sums)
{
    for (uint64_t page = 0; page < seal->n_pages; page++) {
        const size_t length = caucus_seal_page_length(seal, page);
        uint32_t sum = 0;
        for (size_t done = 0; done < length;) {
            const size_t n = length - done < PIECE ? length - done : PIECE;
            TRY(caucus_seal_read_bytes(descriptor, path, page * seal->page_bytes + done, piece, n));
            sum = libdeflate_crc32(sum, piece, n);
            done += n;
        }
        put_little(sums + page * SUM_BYTES, sum, SUM_BYTES);
    }
    return CAUCUS_OK;
}

caucus_status caucus_seal_append(int descriptor, const char *path)
{
    struct stat facts;
    caucus_seal seal;
    unsigned char *bytes = NULL;
    unsigned char *piece = NULL;
    size_t n_bytes = 0;
    if (fstat(descriptor, &facts) < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot read %s: %s", path, strerror(errno));
    }
    caucus_status status = CAUCUS_OK;
    TRY_GOTO(prepare((uint64_t)facts.st_size, &seal, &bytes, &n_bytes), done);
    TRY_GOTO(caucus_alloc(PIECE, 1, "a seal", &piece), done);
    TRY_GOTO(sum_pages(descriptor, path, &seal, piece, bytes), done);
    finish(&seal, bytes);
    TRY_GOTO(write_bytes(descriptor, path, seal.length, bytes, n_bytes), done);
done:
    free(piece);
    free(bytes);
    return status;
}

/* The end of the seal, in words of a caucus_seal without sums. */
static caucus_status read_end(const unsigned char end[END_BYTES], const char *path, caucus_seal *seal)
{
    if (memcmp(end, magic, MAGIC_BYTES) != 0) {
        return caucus_fail(CAUCUS_INVALID,
                           "%s is torn, or was written or changed by another program or version: it does not end with "
                           "the seal of this one",
                           path);
    }
    seal->length = get_little(end + 8, 8);
    seal->page_bytes = (uint32_t)get_little(end + 16, 4);
    const bool whole = get_little(end + 28, 4) == libdeflate_crc32(0, end, 28);
    const bool fits = seal->page_bytes >= LEAST_PAGE && seal->page_bytes <= MOST_PAGE &&
                      (seal->page_bytes & (seal->page_bytes - 1)) == 0 && seal->length <= seal->file_bytes - END_BYTES;
    if (whole && fits) {
        seal->n_pages = count_pages(seal->length, seal->page_bytes);
    }
    /* Divided, since a product might not fit. */
    if (!whole || !fits || seal->n_pages != (seal->file_bytes - END_BYTES - seal->length) / SUM_BYTES ||
        (seal->file_bytes - END_BYTES - seal->length) % SUM_BYTES != 0) {
        return caucus_fail(CAUCUS_INVALID, "%s is damaged: its seal is broken", path);
    }
    return CAUCUS_OK;
}

caucus_status caucus_seal_read(int descriptor, const char *path, caucus_seal *seal)
{
    struct stat facts;
    unsigned char end[END_BYTES];
    *seal = (caucus_seal){0};
    if (fstat(descriptor, &facts) < 0) {
        return caucus_fail(CAUCUS_FAILED, "cannot read %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(facts.st_mode)) {
        return caucus_fail(CAUCUS_INVALID, "%s is not a regular file", path);
    }
    seal->file_bytes = (uint64_t)facts.st_size;
    if (seal->file_bytes < END_BYTES) {
        return caucus_fail(CAUCUS_INVALID, "%s is torn: it has no seal", path);
    }
    TRY(caucus_seal_read_bytes(descriptor, path, seal->file_bytes - END_BYTES, end, END_BYTES));
    TRY(read_end(end, path, seal));
    TRY(caucus_alloc(seal->n_pages, sizeof *seal->sums, "a seal", &seal->sums));
    caucus_status status =
        caucus_seal_read_bytes(descriptor, path, seal->length, seal->sums, seal->n_pages * SUM_BYTES);
    if (status == CAUCUS_OK && get_little(end + 20, 4) != libdeflate_crc32(0, seal->sums, seal->n_pages * SUM_BYTES)) {
        status = caucus_fail(CAUCUS_INVALID, "%s is damaged: its seal is broken", path);
    }
    for (uint64_t page = 0; status == CAUCUS_OK && page < seal->n_pages; page++) {
        seal->sums[page] = (uint32_t)get_little((const unsigned char *)&seal->sums[page], SUM_BYTES);
    }
    if (status != CAUCUS_OK) {
        caucus_seal_free(seal);
    }
    return status;
}

void caucus_seal_free(caucus_seal *seal)
{
    free(seal->sums);
    seal->sums = NULL;
}
