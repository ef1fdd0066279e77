/* A chunk as HDF5's shuffle and deflate filters would store it, in a tenth of their time.
 *
 * Any HDF5 reader takes the bytes for those of its own filters. Time is saved where nothing is to be gained: a chunk of
 * one value is compressed once, and bytes that are noise are not searched for repetitions. Of the four planes that
 * shuffling makes of 32-bit values (all lowest bytes first), those that a sample shows not to shrink are put into
 * stored blocks of the deflate stream, libdeflate compresses the others, and both stand behind each other. */
#ifndef CAUCUS_HDF5_PACK_H
#define CAUCUS_HDF5_PACK_H

#include "hdf5/file.h"

enum { CAUCUS_PACK_VALUE_BYTES = 4 };

/* What one thread needs to pack and unpack. */
typedef struct caucus_packer caucus_packer;

/* For chunks of up to max_values values of four bytes. level: of deflate, 1 to 9; 0 stores values as they are,
 * with a fletcher32 checksum behind them. */
caucus_status caucus_packer_open(unsigned level, size_t max_values, caucus_packer **packer);
void caucus_packer_close(caucus_packer *packer);

/* Room that the packed bytes of any n_values may take. */
size_t caucus_packed_bound(size_t n_values);

/* Pack n_values into packed, which has room for the bound; returns the bytes that it took. They depend on the values
 * and the level alone. */
size_t caucus_packer_pack(caucus_packer *packer, const void *values, size_t n_values, void *packed);

/* Declare the filters of a dataset that packed chunks go into. */
caucus_status caucus_pack_filters(hid_t properties, unsigned level);

/* The way back; false when the bytes are not those of n_values packed values. */
bool caucus_packer_unpack(caucus_packer *packer, const void *packed, size_t n_packed, void *values, size_t n_values);

#endif
