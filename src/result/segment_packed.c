/* Packed stripes in segments: the chunks of a result, ready to be copied into it. */
#include "hdf5/rows.h"
#include "result/segment.h"

#include <stdlib.h>

/* The datasets: which stripes, where the chunk of each variable starts and how long it is, and the chunks' bytes. */
static const char *const stripe_name = "packed_stripe";
static const char *const place_name = "packed_places";
static const char *const bytes_name = "packed_bytes";

enum { PLACE_WORDS = 2 };

caucus_status caucus_segment_write_packed(hid_t file, const caucus_packed_stripes *packed)
{
    const hsize_t places[3] = {packed->n, CAUCUS_N_VARIABLES, PLACE_WORDS};
    TRY(caucus_h5_write(file, stripe_name, H5T_NATIVE_UINT64, 1, &places[0], packed->stripes));
    TRY(caucus_h5_write(file, place_name, H5T_NATIVE_UINT64, 3, places, packed->places));
    return caucus_h5_write(file, bytes_name, H5T_NATIVE_UINT8, 1, (hsize_t[]){packed->n_bytes}, packed->bytes);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static caucus_status count_values(hid_t file, const char *path, const char *name, hid_t *dataset, uint64_t *n)
{
    *dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(*dataset);
    const hssize_t found = H5Sget_simple_extent_ndims(space) == 1 ? H5Sget_simple_extent_npoints(space) : -1;
    caucus_h5_close(space);
    if (found < 0) {
        return caucus_h5_damaged("%s is damaged: it lacks the list %s", path, name);
    }
    *n = (uint64_t)found;
    return CAUCUS_OK;
}

static caucus_status check_places(const caucus_segment *segment, const char *path, const caucus_stripes *stripes)
{
    const caucus_packed_stripes *packed = &segment->packed;
    for (uint64_t i = 0; i < packed->n; i++) {
        bool fits = packed->stripes[i] < stripes->n;
        for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
            const caucus_chunk_place *place = &packed->places[i * CAUCUS_N_VARIABLES + v];
            fits = fits && place->n_bytes <= packed->n_bytes && place->start <= packed->n_bytes - place->n_bytes;
        }
        if (!fits) {
            return caucus_fail(CAUCUS_INVALID, "%s is damaged: its packed stripe %llu is none of the run", path,
                               (unsigned long long)i);
        }
    }
    return CAUCUS_OK;
}

/* All trials of a block must be there. */
static caucus_status check_blocks(const caucus_segment *segment, const char *path, const caucus_stripes *stripes)
{
    uint64_t last = UINT64_MAX;
    for (uint64_t b = 0; b < segment->n_blocks; b++) {
        const caucus_segment_entry *entry = &segment->entries[b];
        if (entry->first_row != CAUCUS_PACKED_ROW) {
            continue;
        }
        const uint64_t first = caucus_stripes_find(stripes, entry->config, entry->first_trial);
        const uint64_t end = caucus_stripes_find(stripes, entry->config, entry->first_trial + entry->n_trials - 1) + 1;
        for (uint64_t stripe = first; stripe < end; stripe++) {
            if (stripe != last && caucus_segment_find_stripe(segment, stripe) == segment->packed.n) {
                return caucus_fail(CAUCUS_INVALID, "%s is damaged: it lacks trials of its block %llu", path,
                                   (unsigned long long)b);
            }
            last = stripe;
        }
    }
    return CAUCUS_OK;
}

static caucus_status read_lists(caucus_segment *segment, const char *path)
{
    caucus_packed_stripes *packed = &segment->packed;
    hid_t dataset = H5I_INVALID_HID;
    caucus_status status = count_values(segment->file, path, stripe_name, &dataset, &packed->n);
    caucus_h5_close(dataset);
    TRY(status);
    TRY(caucus_h5_check_room(segment->file, path, "packed stripes", packed->n,
                             CAUCUS_N_VARIABLES * PLACE_WORDS * sizeof(uint64_t)));
    TRY(count_values(segment->file, path, bytes_name, &segment->packed_bytes, &packed->n_bytes));
    TRY(caucus_alloc(packed->n, sizeof *packed->stripes, "packed stripes", &packed->stripes));
    TRY(caucus_alloc(packed->n, CAUCUS_N_VARIABLES * sizeof *packed->places, "packed stripes", &packed->places));
    TRY(caucus_h5_read(segment->file, path, stripe_name, H5T_NATIVE_UINT64, packed->n, packed->stripes));
    return caucus_h5_read(segment->file, path, place_name, H5T_NATIVE_UINT64,
                          packed->n * CAUCUS_N_VARIABLES * PLACE_WORDS, packed->places);
}

caucus_status caucus_segment_open_packed(caucus_segment *segment, const char *path)
{
    const caucus_identity *identity = &segment->identity;
    const caucus_stripes stripes = caucus_stripes_of(&identity->shape, identity->n_configs, identity->n_trials);
    const htri_t packed = H5Lexists(segment->file, stripe_name, H5P_DEFAULT);
    if (packed < 0) {
        return caucus_h5_fail("cannot read %s", path);
    }
    if (packed > 0) {
        TRY(read_lists(segment, path));
    }
    TRY(check_places(segment, path, &stripes));
    return check_blocks(segment, path, &stripes);
}

uint64_t caucus_segment_find_stripe(const caucus_segment *segment, uint64_t stripe)
{
    uint64_t at = 0;
    while (at < segment->packed.n && segment->packed.stripes[at] != stripe) {
        at++;
    }
    return at;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The chunks of a stripe lie behind each other: one read fetches them. */
caucus_status caucus_segment_read_chunks(const caucus_segment *segment, const char *path, uint64_t at,
                                         unsigned char **memory, size_t *capacity, caucus_stripe_chunks *chunks)
{
    const caucus_chunk_place *places = segment->packed.places + at * CAUCUS_N_VARIABLES;
    uint64_t start = UINT64_MAX;
    uint64_t end = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (places[v].n_bytes > 0) {
            start = places[v].start < start ? places[v].start : start;
            end = places[v].start + places[v].n_bytes > end ? places[v].start + places[v].n_bytes : end;
        }
    }
    const uint64_t n = end > start ? end - start : 0;
    if (n > *capacity) {
        free(*memory);
        *memory = NULL;
        *capacity = 0;
        TRY(caucus_alloc(n, 1, "packed trials", memory));
        *capacity = n;
    }
    if (n > 0) {
        TRY(caucus_h5_read_rows(segment->packed_bytes, path, H5T_NATIVE_UINT8, start, n, *memory));
    }
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        chunks->n_bytes[v] = places[v].n_bytes;
        chunks->bytes[v] = places[v].n_bytes > 0 ? *memory + (places[v].start - start) : NULL;
    }
    return CAUCUS_OK;
}
