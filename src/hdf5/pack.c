#include "hdf5/pack.h"

#include "hdf5/fletcher.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLANES = CAUCUS_PACK_VALUE_BYTES,
    PIECES = 4, /* that a sample is made of */
    PIECE_BYTES = 4096,
    SAMPLE_BYTES = PIECES * PIECE_BYTES,
    SAMPLED_FROM = 4 * SAMPLE_BYTES, /* a plane's length from which a sample pays */
    STORED_BYTES = 65535,            /* in a stored block, at most */
    STORED_HEADER = 5,
    HEADER_BYTES = 2, /* of a zlib stream */
    CHECKSUM_BYTES = 4
};

/* A plane is noise when its sample does not shrink below this share. */
static const double NOISE = 0.97;

struct caucus_packer {
    unsigned level;
    struct libdeflate_compressor *compressor; /* NULL at level 0, as all below */
    struct libdeflate_decompressor *decompressor;
    unsigned char *planes; /* [plane][value] */
    unsigned char *sample; /* and room for what becomes of it */
    uint32_t constant;     /* the value of the last chunk of one value, */
    size_t constant_values;
    unsigned char *constant_bytes; /* and what became of it */
    size_t n_constant_bytes;       /* 0: there was none */
};

size_t caucus_packed_bound(size_t n_values)
{
    const size_t bytes = n_values * PLANES;
    return HEADER_BYTES + libdeflate_deflate_compress_bound(NULL, bytes) +
           (bytes / STORED_BYTES + PLANES + 1) * STORED_HEADER + CHECKSUM_BYTES;
}

caucus_status caucus_packer_open(unsigned level, size_t max_values, caucus_packer **packer)
{
    caucus_status status = CAUCUS_OK;
    caucus_packer *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "compression", &made));
    made->level = level;
    if (level > 0) {
        made->compressor = libdeflate_alloc_compressor((int)level);
        made->decompressor = libdeflate_alloc_decompressor();
        if (made->compressor == NULL || made->decompressor == NULL) {
            status = caucus_fail_memory(max_values, "compression");
            goto failed;
        }
        TRY_GOTO(caucus_alloc(max_values, PLANES, "compression", &made->planes), failed);
        TRY_GOTO(caucus_alloc(2, SAMPLE_BYTES, "compression", &made->sample), failed);
        TRY_GOTO(caucus_alloc(caucus_packed_bound(max_values), 1, "compression", &made->constant_bytes), failed);
    }
    *packer = made;
    return CAUCUS_OK;
failed:
    caucus_packer_close(made);
    return status;
}

void caucus_packer_close(caucus_packer *packer)
{
    if (packer == NULL) {
        return;
    }
    libdeflate_free_compressor(packer->compressor);
    libdeflate_free_decompressor(packer->decompressor);
    free(packer->constant_bytes);
    free(packer->sample);
    free(packer->planes);
    free(packer);
}

/* ---- shuffling --------------------------------------------------------------------------------------------------- */

/* Values whose planes are made one after another while they are in the cache. */
enum { TURN_VALUES = 4096 };

static void shuffle(const unsigned char *values, size_t n, unsigned char *planes)
{
    for (size_t from = 0; from < n; from += TURN_VALUES) {
        const size_t to = from + TURN_VALUES < n ? from + TURN_VALUES : n;
        for (size_t b = 0; b < PLANES; b++) {
            for (size_t i = from; i < to; i++) {
                planes[b * n + i] = values[i * PLANES + b];
            }
        }
    }
}

static void unshuffle(const unsigned char *planes, size_t n, unsigned char *values)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t b = 0; b < PLANES; b++) {
            values[i * PLANES + b] = planes[b * n + i];
        }
    }
}

static bool is_constant(const unsigned char *values, size_t n)
{
    uint32_t first = 0;
    uint32_t differing = 0;
    memcpy(&first, values, sizeof first);
    for (size_t i = 0; i < n; i++) {
        uint32_t value = 0;
        memcpy(&value, values + i * PLANES, sizeof value);
        differing |= value ^ first;
    }
    return differing == 0;
}

/* ---- the zlib stream --------------------------------------------------------------------------------------------- */

static bool is_noise(caucus_packer *packer, const unsigned char *plane, size_t n)
{
    for (size_t i = 0; i < PIECES; i++) {
        memcpy(packer->sample + i * PIECE_BYTES, plane + i * (n / PIECES), PIECE_BYTES);
    }
    const size_t most = (size_t)(NOISE * SAMPLE_BYTES);
    return libdeflate_deflate_compress(packer->compressor, packer->sample, SAMPLE_BYTES, packer->sample + SAMPLE_BYTES,
                                       most) == 0; /* it did not fit */
}

/* Planes from the first on that are noise. What libdeflate makes ends a deflate stream, so that stored planes can only
 * come first: those of the low bytes are the noisy ones. */
static size_t count_noisy(caucus_packer *packer, size_t n)
{
    size_t noisy = 0;
    while (n >= SAMPLED_FROM && noisy < PLANES && is_noise(packer, packer->planes + noisy * n, n)) {
        noisy++;
    }
    return noisy;
}

/* Stored blocks (RFC 1951, 3.2.4). */
static unsigned char *put_stored(unsigned char *to, const unsigned char *from, size_t n, bool last)
{
    while (n > 0) {
        const size_t length = n < STORED_BYTES ? n : STORED_BYTES;
        *to++ = last && length == n;
        *to++ = (unsigned char)(length & 0xff);
        *to++ = (unsigned char)(length >> 8);
        *to++ = (unsigned char)(~length & 0xff);
        *to++ = (unsigned char)(~length >> 8 & 0xff);
        memcpy(to, from, length);
        to += length;
        from += length;
        n -= length;
    }
    return to;
}

/* The planes as a zlib stream (RFC 1950). */
static size_t put_planes(caucus_packer *packer, size_t n, unsigned char *packed)
{
    const size_t noisy = count_noisy(packer, n);
    const size_t room = caucus_packed_bound(n);
    unsigned char *to = packed;
    *to++ = 0x78; /* deflate with a window of 32 KiB, fastest */
    *to++ = 0x01;
    to = put_stored(to, packer->planes, noisy * n, noisy == PLANES);
    if (noisy < PLANES) {
        to += libdeflate_deflate_compress(packer->compressor, packer->planes + noisy * n, (PLANES - noisy) * n, to,
                                          room - (size_t)(to - packed) - CHECKSUM_BYTES);
    }
    const uint32_t checksum = libdeflate_adler32(1, packer->planes, PLANES * n);
    for (int shift = 24; shift >= 0; shift -= 8) {
        *to++ = (unsigned char)(checksum >> shift);
    }
    return (size_t)(to - packed);
}

size_t caucus_packer_pack(caucus_packer *packer, const void *values, size_t n_values, void *packed)
{
    if (packer->level == 0) {
        memcpy(packed, values, n_values * PLANES);
        caucus_fletcher_append(packed, n_values * PLANES);
        return n_values * PLANES + CAUCUS_FLETCHER_BYTES;
    }
    if (!is_constant(values, n_values)) {
        shuffle(values, n_values, packer->planes);
        return put_planes(packer, n_values, packed);
    }
    uint32_t value = 0;
    memcpy(&value, values, sizeof value);
    if (packer->n_constant_bytes == 0 || packer->constant != value || packer->constant_values != n_values) {
        shuffle(values, n_values, packer->planes);
        packer->n_constant_bytes = put_planes(packer, n_values, packer->constant_bytes);
        packer->constant = value;
        packer->constant_values = n_values;
    }
    memcpy(packed, packer->constant_bytes, packer->n_constant_bytes);
    return packer->n_constant_bytes;
}

bool caucus_packer_unpack(caucus_packer *packer, const void *packed, size_t n_packed, void *values, size_t n_values)
{
    const size_t n_bytes = n_values * PLANES;
    if (packer->level == 0) {
        const bool whole = n_packed == n_bytes + CAUCUS_FLETCHER_BYTES && caucus_fletcher_holds(packed, n_bytes);
        if (whole) {
            memcpy(values, packed, n_bytes);
        }
        return whole;
    }
    size_t found = 0;
    if (libdeflate_zlib_decompress(packer->decompressor, packed, n_packed, packer->planes, n_bytes, &found) !=
            LIBDEFLATE_SUCCESS ||
        found != n_bytes) {
        return false;
    }
    unshuffle(packer->planes, n_values, values);
    return true;
}

caucus_status caucus_pack_filters(hid_t properties, unsigned level)
{
    if (level > 0 && (H5Pset_shuffle(properties) < 0 || H5Pset_deflate(properties, level) < 0)) {
        return caucus_h5_fail("cannot set up compression");
    }
    if (level == 0 && H5Pset_fletcher32(properties) < 0) { /* zlib streams have a checksum of their own */
        return caucus_h5_fail("cannot set up checksums");
    }
    return CAUCUS_OK;
}
