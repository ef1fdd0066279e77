#include "hdf5/fletcher.h"

#include <stdint.h>

/* Pairs of bytes that can be added before a sum of sums leaves 32 bits. */
enum { PAIRS = 360 };

static uint32_t fold(uint32_t sum)
{
    return (sum & 0xffff) + (sum >> 16);
}

/* Fletcher's checksum over big-endian pairs of bytes, modulo 65535, as H5_checksum_fletcher32 of the HDF5 library. */
static uint32_t checksum(const unsigned char *bytes, size_t n)
{
    uint32_t sum = 0;
    uint32_t sums = 0;
    for (size_t left = n / 2; left > 0;) {
        const size_t now = left < PAIRS ? left : PAIRS;
        for (size_t i = 0; i < now; i++, bytes += 2) {
            sum += (uint32_t)bytes[0] << 8 | bytes[1];
            sums += sum;
        }
        sum = fold(sum);
        sums = fold(sums);
        left -= now;
    }
    if (n % 2 != 0) {
        sum += (uint32_t)*bytes << 8;
        sums += sum;
        sum = fold(sum);
        sums = fold(sums);
    }
    return fold(sums) << 16 | fold(sum);
}

void caucus_fletcher_append(void *bytes, size_t n)
{
    const uint32_t sum = checksum(bytes, n);
    for (int i = 0; i < CAUCUS_FLETCHER_BYTES; i++) {
        ((unsigned char *)bytes)[n + i] = (unsigned char)(sum >> (8 * i));
    }
}

bool caucus_fletcher_holds(const void *bytes, size_t n)
{
    const unsigned char *stored = (const unsigned char *)bytes + n;
    const uint32_t sum = checksum(bytes, n);
    return stored[0] == (sum & 0xff) && stored[1] == (sum >> 8 & 0xff) && stored[2] == (sum >> 16 & 0xff) &&
           stored[3] == sum >> 24;
}
