#include "result/stripe_packer.h"

#include "base/parallel.h"
#include "hdf5/pack.h"

#include <stdlib.h>
#include <string.h>

/* Values in a stripe below which starting threads costs more than it saves. */
static const uint64_t PARALLEL_FROM = 1 << 16;

_Static_assert((int)CAUCUS_PACK_VALUE_BYTES == (int)CAUCUS_VALUE_BYTES, "chunks hold values of blocks");

struct caucus_stripe_packer {
    caucus_shape shape;
    caucus_stripes stripes;
    unsigned n_packers;
    caucus_packer **packers; /* [thread] */
    unsigned char *memory;   /* chunks, one behind another at the most that each may take */
    /* of the stripe in work */
    const caucus_block *rows;
    const caucus_stripe_chunks *packed;
    caucus_stripe_chunks chunks;
    size_t same[CAUCUS_N_VARIABLES]; /* the variable whose values it has too, or itself */
    bool failed[CAUCUS_N_VARIABLES];
};

static size_t n_values(const caucus_stripe_packer *packer, size_t variable)
{
    return caucus_stripes_room(&packer->stripes) * caucus_variable_width(&caucus_variables[variable], &packer->shape);
}

static size_t most_values(const caucus_stripe_packer *packer)
{
    size_t most = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        most = n_values(packer, v) > most ? n_values(packer, v) : most;
    }
    return most;
}

caucus_status caucus_stripe_packer_open(const caucus_shape *shape, const caucus_stripes *stripes, unsigned level,
                                        unsigned threads, caucus_stripe_packer **packer)
{
    caucus_status status = CAUCUS_OK;
    caucus_stripe_packer *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "packing", &made));
    made->shape = *shape;
    made->stripes = *stripes;
    const uint64_t stripe_values = caucus_stripes_room(stripes) * (caucus_row_bytes(shape) / CAUCUS_VALUE_BYTES);
    const unsigned n = threads == 0 || stripe_values < PARALLEL_FROM ? 1 : threads;
    size_t bytes = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        bytes += n_values(made, v) > 0 ? caucus_packed_bound(n_values(made, v)) : 0;
    }
    TRY_GOTO(caucus_alloc(bytes, 1, "packing", &made->memory), failed);
    TRY_GOTO(caucus_alloc(n, sizeof *made->packers, "packing", &made->packers), failed);
    for (; made->n_packers < n && made->n_packers < CAUCUS_N_VARIABLES; made->n_packers++) {
        TRY_GOTO(caucus_packer_open(level, most_values(made), &made->packers[made->n_packers]), failed);
    }
    *packer = made;
    return CAUCUS_OK;
failed:
    caucus_stripe_packer_close(made);
    return status;
}

void caucus_stripe_packer_close(caucus_stripe_packer *packer)
{
    if (packer == NULL) {
        return;
    }
    for (unsigned i = 0; i < packer->n_packers; i++) {
        caucus_packer_close(packer->packers[i]);
    }
    free(packer->packers);
    free(packer->memory);
    free(packer);
}

/* ---- packing ----------------------------------------------------------------------------------------------------- */

static void *column(const caucus_block *rows, size_t variable)
{
    return caucus_variable_data(&caucus_variables[variable], rows);
}

static void clear_rest(const caucus_stripe_packer *packer, const caucus_block *rows, uint64_t n_rows)
{
    const uint64_t missing = caucus_stripes_room(&packer->stripes) - n_rows;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES && missing > 0; v++) {
        const size_t row_bytes = CAUCUS_VALUE_BYTES * caucus_variable_width(&caucus_variables[v], &packer->shape);
        if (row_bytes > 0) {
            memset((char *)column(rows, v) + n_rows * row_bytes, 0, missing * row_bytes);
        }
    }
}

/* The first variable with the same values, or this one: for one collective, its bound is the global and the joint one.
 */
static size_t find_equal(const caucus_stripe_packer *packer, const caucus_block *rows, size_t variable)
{
    const size_t n = n_values(packer, variable);
    for (size_t v = 0; v < variable; v++) {
        if (n_values(packer, v) == n && memcmp(column(rows, v), column(rows, variable), n * CAUCUS_VALUE_BYTES) == 0) {
            return v;
        }
    }
    return variable;
}

/* Pack one variable to the place that its chunk is to have. */
static void pack_one(void *context, size_t variable, unsigned worker)
{
    caucus_stripe_packer *packer = context;
    const size_t n = n_values(packer, variable);
    if (n == 0 || find_equal(packer, packer->rows, variable) != variable) {
        return;
    }
    unsigned char *to = packer->memory;
    for (size_t v = 0; v < variable; v++) {
        to += n_values(packer, v) > 0 ? caucus_packed_bound(n_values(packer, v)) : 0;
    }
    packer->chunks.bytes[variable] = to;
    packer->chunks.n_bytes[variable] =
        caucus_packer_pack(packer->packers[worker], column(packer->rows, variable), n, to);
}

caucus_stripe_chunks caucus_stripe_pack(caucus_stripe_packer *packer, const caucus_block *rows, uint64_t n_rows)
{
    clear_rest(packer, rows, n_rows);
    packer->rows = rows;
    packer->chunks = (caucus_stripe_chunks){0};
    caucus_parallel_for(CAUCUS_N_VARIABLES, packer->n_packers, pack_one, packer);
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        if (n_values(packer, v) > 0 && packer->chunks.bytes[v] == NULL) {
            const size_t equal = find_equal(packer, rows, v);
            packer->chunks.bytes[v] = packer->chunks.bytes[equal];
            packer->chunks.n_bytes[v] = packer->chunks.n_bytes[equal];
        }
    }
    return packer->chunks;
}

/* ---- unpacking --------------------------------------------------------------------------------------------------- */

/* The first variable that was packed to the same bytes, or this one. */
static size_t find_same(const caucus_stripe_packer *packer, size_t variable)
{
    const caucus_stripe_chunks *packed = packer->packed;
    for (size_t v = 0; v < variable; v++) {
        if (n_values(packer, v) == n_values(packer, variable) && packed->bytes[v] != NULL &&
            packed->n_bytes[v] == packed->n_bytes[variable] &&
            memcmp(packed->bytes[v], packed->bytes[variable], packed->n_bytes[v]) == 0) {
            return v;
        }
    }
    return variable;
}

static void unpack_one(void *context, size_t variable, unsigned worker)
{
    caucus_stripe_packer *packer = context;
    const size_t n = n_values(packer, variable);
    const unsigned char *bytes = packer->packed->bytes[variable];
    packer->same[variable] = n > 0 && bytes != NULL ? find_same(packer, variable) : variable;
    packer->failed[variable] =
        n > 0 && packer->same[variable] == variable &&
        (bytes == NULL || !caucus_packer_unpack(packer->packers[worker], bytes, packer->packed->n_bytes[variable],
                                                column(packer->rows, variable), n));
}

bool caucus_stripe_unpack(caucus_stripe_packer *packer, const caucus_stripe_chunks *chunks, const caucus_block *rows)
{
    packer->rows = rows;
    packer->packed = chunks;
    caucus_parallel_for(CAUCUS_N_VARIABLES, packer->n_packers, unpack_one, packer);
    bool failed = false;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        failed = failed || packer->failed[v];
        if (packer->same[v] != v) {
            memcpy(column(rows, v), column(rows, packer->same[v]), n_values(packer, v) * CAUCUS_VALUE_BYTES);
        }
    }
    return !failed;
}

caucus_status caucus_stripe_alloc(const caucus_shape *shape, const caucus_stripes *stripes, uint64_t n_stripes,
                                  caucus_block **rows)
{
    uint64_t n = 0;
    if (__builtin_mul_overflow(caucus_stripes_room(stripes), n_stripes, &n) || n > UINT32_MAX) {
        return caucus_fail_memory(SIZE_MAX, "stripes of trials");
    }
    return caucus_block_alloc_rows((uint32_t)n, shape, rows);
}
