/* Sums of trials: what a configuration's summary needs, as one flat array of 64-bit words, for runs that keep no single
 * trials. Merging two arrays is word-wise addition modulo 2^64 and nothing else, so neither the order of trials nor how
 * they are spread over blocks, threads and devices can change a bit. Up to 2^32 trials fit without loss:
 *
 * - success counts and their squares are integers, squares in halves of 32 bits;
 * - float32 values are added exactly, as integers in LIMBS places of 30 bits (an accumulator after Kulisch): a value's
 *   24 bits touch two places at most, with its sign, and 2^32 of them stay within 62 bits. What is no number or
 *   infinite is counted apart;
 * - quantiles come from histograms (docs/result-file.md gives their resolution).
 *
 * Of trials to which a bound does not apply, which are few or all, it is counted what they would have added: so the
 * usual trial touches three words of a bound. Shared with devices. */
#ifndef CAUCUS_TRIAL_SUMS_H
#define CAUCUS_TRIAL_SUMS_H

#include "math/shared.h"
#include "trial/row.h"

#include <stddef.h>
#include <string.h>

/* A series of float32 values, at the front of what has one. */
enum {
    CAUCUS_SERIES_NAN,   /* values that are no number, or were compared with none */
    CAUCUS_SERIES_PLUS,  /* infinite ones */
    CAUCUS_SERIES_MINUS, /* infinite ones */
    CAUCUS_SERIES_LIMBS, /* sum of the finite ones: place i counts 2^(30 i - 149), signed modulo 2^64 */
    CAUCUS_LIMBS = 10,   /* 2^-149 to 2^128 */
    CAUCUS_LIMB_BITS = 30,
    CAUCUS_SERIES_WORDS = CAUCUS_SERIES_LIMBS + CAUCUS_LIMBS
};

/* The words of a configuration: the number of trials, series with one value a trial, squares of global success, then
 * the parts of each collective, of each of its bounds, of the bounds on global and on joint success, and from above of
 * each bound and of those on global and on joint success. */
typedef enum caucus_sums_kind {
    CAUCUS_SUMS_GLOBAL_SUCCESS,
    CAUCUS_SUMS_JOINT_SUCCESS,
    CAUCUS_SUMS_ACCURACY,
    CAUCUS_SUMS_SUBOPTIMALITY,
    CAUCUS_SUMS_CONVERGED,
    CAUCUS_SUMS_ACCURACY_COST,
    CAUCUS_SUMS_SINGLES
} caucus_sums_kind;

enum {
    CAUCUS_SUMS_TRIALS = 0,
    CAUCUS_SUMS_FIRST_SINGLE = 1,
    CAUCUS_SUMS_SQUARES = CAUCUS_SUMS_FIRST_SINGLE + CAUCUS_SUMS_SINGLES * CAUCUS_SERIES_WORDS,
    CAUCUS_SQUARES_HIGH = 0, /* in units of 2^-30, 2^-60, 2^-90 */
    CAUCUS_SQUARES_MIDDLE,
    CAUCUS_SQUARES_LOW,
    CAUCUS_SQUARES_STRANGE, /* numbers outside [0, 1], whose squares are not here */
    CAUCUS_SQUARES_WORDS,
    CAUCUS_SUMS_FIRST_SUCCESS = CAUCUS_SUMS_SQUARES + CAUCUS_SQUARES_WORDS
};

/* Success of a collective. Bin b of the histogram holds the counts c with floor(RESOLUTION c / N_test) = b. */
enum {
    CAUCUS_BINS_RESOLUTION = 1 << 12, /* bins a unit, of success and of bounds from 0 to 1 */
    CAUCUS_SUCCESS_PRESENT = 0,       /* trials that it took part in */
    CAUCUS_SUCCESS_SUM,
    CAUCUS_SUCCESS_SQUARES_LOW, /* low and high 32 bits of the squares */
    CAUCUS_SUCCESS_SQUARES_HIGH,
    CAUCUS_SUCCESS_BINS,
    CAUCUS_SUCCESS_WORDS = CAUCUS_SUCCESS_BINS + CAUCUS_BINS_RESOLUTION + 1
};

/* A bound of a collective. The bins of its histogram, upwards: below -1 four an octave, from -1 to 0 of 2^-10, from 0
 * to 1 of 2^-12, 1 alone, above 1 four an octave. */
enum {
    CAUCUS_BOUND_UNMATCHED = CAUCUS_SERIES_WORDS, /* success counts of trials counted in NAN */
    CAUCUS_BOUND_VIOLATIONS,
    CAUCUS_BOUND_VACUOUS,
    CAUCUS_BOUND_BINS,
    CAUCUS_BINS_OCTAVES = 512, /* octaves from 1 to 2^128 */
    CAUCUS_BINS_BELOW = 1 << 10,
    CAUCUS_BIN_MINUS_ONE = CAUCUS_BINS_OCTAVES,
    CAUCUS_BIN_ZERO = CAUCUS_BIN_MINUS_ONE + CAUCUS_BINS_BELOW,
    CAUCUS_BIN_ONE = CAUCUS_BIN_ZERO + CAUCUS_BINS_RESOLUTION,
    CAUCUS_BINS = CAUCUS_BIN_ONE + 1 + CAUCUS_BINS_OCTAVES,
    CAUCUS_BOUND_WORDS = CAUCUS_BOUND_BINS + CAUCUS_BINS
};

/* A bound on global or joint success. */
enum { CAUCUS_TOGETHER_VIOLATIONS = CAUCUS_SERIES_WORDS, CAUCUS_TOGETHER_WORDS };

/* A bound of a collective from above: no histogram. */
enum { CAUCUS_UPPER_VIOLATIONS = CAUCUS_SERIES_WORDS, CAUCUS_UPPER_VACUOUS, CAUCUS_UPPER_WORDS };

#define CAUCUS_NO_BIN UINT32_MAX

CAUCUS_SHARED size_t caucus_sums_single(int single)
{
    return (size_t)CAUCUS_SUMS_FIRST_SINGLE + (size_t)single * CAUCUS_SERIES_WORDS;
}

CAUCUS_SHARED size_t caucus_sums_success(uint32_t collective)
{
    return CAUCUS_SUMS_FIRST_SUCCESS + (size_t)collective * CAUCUS_SUCCESS_WORDS;
}

/* column: place in [collective][method] */
CAUCUS_SHARED size_t caucus_sums_bound(const caucus_shape *shape, size_t column)
{
    return caucus_sums_success(shape->n_collectives) + column * CAUCUS_BOUND_WORDS;
}

CAUCUS_SHARED size_t caucus_sums_together(const caucus_shape *shape, bool joint, uint32_t method)
{
    size_t column = (joint ? (size_t)shape->n_methods : 0) + method;
    return caucus_sums_bound(shape, (size_t)shape->n_collectives * shape->n_methods) + column * CAUCUS_TOGETHER_WORDS;
}

CAUCUS_SHARED size_t caucus_sums_upper(const caucus_shape *shape, size_t column)
{
    return caucus_sums_together(shape, true, shape->n_methods) + column * CAUCUS_UPPER_WORDS;
}

CAUCUS_SHARED size_t caucus_sums_together_upper(const caucus_shape *shape, bool joint, uint32_t method)
{
    const size_t column = (joint ? (size_t)shape->n_methods : 0) + method;
    return caucus_sums_upper(shape, (size_t)shape->n_collectives * shape->n_methods) + column * CAUCUS_TOGETHER_WORDS;
}

/* Words of a configuration: one number for all configurations of an experiment. */
CAUCUS_SHARED size_t caucus_sums_words(const caucus_shape *shape)
{
    return shape->upper ? caucus_sums_together_upper(shape, true, shape->n_methods) : caucus_sums_upper(shape, 0);
}

CAUCUS_SHARED uint32_t caucus_float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Of a success count of N_test = test. */
CAUCUS_SHARED uint32_t caucus_success_bin(uint32_t count, uint32_t test)
{
    return (uint32_t)((uint64_t)count * CAUCUS_BINS_RESOLUTION / test);
}

/* Of a finite bound. */
CAUCUS_SHARED uint32_t caucus_bound_bin(float x)
{
    if (x >= 0.0f && x < 1.0f) {
        return CAUCUS_BIN_ZERO + (uint32_t)(x * (float)CAUCUS_BINS_RESOLUTION);
    }
    if (x >= -1.0f && x < 0.0f) {
        float scaled = x * (float)CAUCUS_BINS_BELOW;
        int whole = (int)scaled; /* towards 0 */
        return (uint32_t)(CAUCUS_BIN_ZERO + whole - (scaled < (float)whole ? 1 : 0));
    }
    /* exponent and two bits of the fraction count quarters of octaves; 508 is that of 1 */
    uint32_t quarter = (caucus_float_bits(x) >> 21 & 0x3ff) - 508;
    if (x < 0.0f) {
        return CAUCUS_BINS_OCTAVES - 1 - quarter;
    }
    return CAUCUS_BIN_ONE + (x > 1.0f ? 1 + quarter : 0);
}

/* Add a finite value to the places of a series. */
CAUCUS_SHARED void caucus_limbs_add(uint64_t *limbs, float x)
{
    uint32_t bits = caucus_float_bits(x);
    uint32_t exponent = bits >> 23 & 0xff;
    uint64_t fraction = bits & 0x7fffff;
    fraction |= exponent > 0 ? 0x800000 : 0;
    uint32_t place = exponent > 0 ? exponent - 1 : 0; /* the value is fraction 2^(place - 149) */
    uint64_t wide = fraction << place % CAUCUS_LIMB_BITS;
    uint64_t low = wide & ((1u << CAUCUS_LIMB_BITS) - 1);
    uint64_t high = wide >> CAUCUS_LIMB_BITS;
    uint64_t *limb = limbs + place / CAUCUS_LIMB_BITS;
    bool negative = bits >> 31 != 0;
    if (low > 0) {
        limb[0] += negative ? 0 - low : low;
    }
    if (high > 0) {
        limb[1] += negative ? 0 - high : high;
    }
}

/* Add to a series; true when x is finite. */
CAUCUS_SHARED bool caucus_series_add(uint64_t *series, float x)
{
    if (x - x == 0.0f) {
        caucus_limbs_add(series + CAUCUS_SERIES_LIMBS, x);
        return true;
    }
    series[x != x ? CAUCUS_SERIES_NAN : x > 0.0f ? CAUCUS_SERIES_PLUS : CAUCUS_SERIES_MINUS]++;
    return false;
}

/* The square of a float32 is a double, cut into three integers exactly but for what lies below 2^-90. */
CAUCUS_SHARED void caucus_squares_add(uint64_t *squares, float x)
{
    if (!(x >= 0.0f && x <= 1.0f)) {
        squares[CAUCUS_SQUARES_STRANGE] += x == x ? 1 : 0;
        return;
    }
    double rest = (double)x * (double)x;
    for (int i = CAUCUS_SQUARES_HIGH; i <= CAUCUS_SQUARES_LOW; i++) {
        rest *= (double)(1u << CAUCUS_LIMB_BITS);
        uint64_t whole = (uint64_t)rest;
        rest -= (double)whole;
        squares[i] += whole;
    }
}

/* What a trial adds to the words of a collective's success but for its histogram; returns the bin that it falls into.
 */
CAUCUS_SHARED uint32_t caucus_success_add(uint64_t *words, uint32_t count, uint32_t test)
{
    uint64_t square = (uint64_t)count * count;
    words[CAUCUS_SUCCESS_PRESENT]++;
    words[CAUCUS_SUCCESS_SUM] += count;
    words[CAUCUS_SUCCESS_SQUARES_LOW] += square & 0xffffffff;
    words[CAUCUS_SUCCESS_SQUARES_HIGH] += square >> 32;
    return caucus_success_bin(count, test);
}

/* The same for a bound, compared as the summary of stored trials does: the float32 bound with the exact share. Bounds
 * that are not finite fall into no bin. */
CAUCUS_SHARED uint32_t caucus_bound_add(uint64_t *words, float bound, uint32_t count, uint32_t test)
{
    const bool finite = caucus_series_add(words, bound);
    if (bound != bound) {
        words[CAUCUS_BOUND_UNMATCHED] += count;
        return CAUCUS_NO_BIN;
    }
    words[CAUCUS_BOUND_VIOLATIONS] += (double)bound > (double)count / test ? 1 : 0;
    words[CAUCUS_BOUND_VACUOUS] += bound <= 0.0f ? 1 : 0;
    return finite ? caucus_bound_bin(bound) : CAUCUS_NO_BIN;
}

/* The same for a bound from above. */
CAUCUS_SHARED void caucus_upper_add(uint64_t *words, float bound, uint32_t count, uint32_t test)
{
    caucus_series_add(words, bound);
    words[CAUCUS_UPPER_VIOLATIONS] += (double)bound < (double)count / test ? 1 : 0;
    words[CAUCUS_UPPER_VACUOUS] += bound >= 1.0f ? 1 : 0;
}

/* A bound on global or joint success, from below or from above. */
CAUCUS_SHARED void caucus_together_add(uint64_t *words, bool upper, float bound, float success)
{
    if (success != success) {
        words[CAUCUS_SERIES_NAN]++;
        return;
    }
    caucus_series_add(words, bound);
    words[CAUCUS_TOGETHER_VIOLATIONS] += (upper ? bound < success : bound > success) ? 1 : 0;
}

/* Add to a series that has one value a trial; those that the shape does not have stay as they are. */
CAUCUS_SHARED void caucus_single_add(uint64_t *words, const caucus_row *row, int single, uint32_t test)
{
    const float *value = NULL;
    switch ((caucus_sums_kind)single) { /* without a default: a series left out does not compile */
    case CAUCUS_SUMS_GLOBAL_SUCCESS:
        value = row->global_success;
        break;
    case CAUCUS_SUMS_JOINT_SUCCESS:
        caucus_series_add(words, caucus_row_joint_success(row, test));
        break;
    case CAUCUS_SUMS_ACCURACY:
        value = row->accuracy;
        break;
    case CAUCUS_SUMS_SUBOPTIMALITY:
        value = row->suboptimality;
        break;
    case CAUCUS_SUMS_CONVERGED:
        value = row->converged;
        break;
    case CAUCUS_SUMS_ACCURACY_COST:
        value = row->accuracy_cost;
        break;
    case CAUCUS_SUMS_SINGLES:
        break;
    }
    if (value != NULL) {
        caucus_series_add(words, *value);
    }
}

/* Add one trial of a configuration with n_present collectives and N_test = test; row has room for those of the shape,
 * and what it has beyond n_present is not looked at. */
CAUCUS_SHARED void caucus_sums_add(const caucus_shape *shape, uint32_t n_present, uint32_t test, const caucus_row *row,
                                   uint64_t *words)
{
    words[CAUCUS_SUMS_TRIALS]++;
    for (int s = 0; s < CAUCUS_SUMS_SINGLES; s++) {
        caucus_single_add(words + caucus_sums_single(s), row, s, test);
    }
    caucus_squares_add(words + CAUCUS_SUMS_SQUARES, *row->global_success);
    for (uint32_t m = 0; m < n_present; m++) {
        const uint32_t count = row->success_count[m];
        uint64_t *success = words + caucus_sums_success(m);
        success[CAUCUS_SUCCESS_BINS + caucus_success_add(success, count, test)]++;
        for (uint32_t i = 0; i < shape->n_methods; i++) {
            const size_t column = (size_t)m * shape->n_methods + i;
            uint64_t *bound = words + caucus_sums_bound(shape, column);
            const uint32_t bin = caucus_bound_add(bound, row->lower_bound[column], count, test);
            if (bin != CAUCUS_NO_BIN) {
                bound[CAUCUS_BOUND_BINS + bin]++;
            }
            if (shape->upper) {
                caucus_upper_add(words + caucus_sums_upper(shape, column), row->upper_bound[column], count, test);
            }
        }
    }
    const float joint = caucus_row_joint_success(row, test);
    for (uint32_t i = 0; i < shape->n_methods; i++) {
        caucus_together_add(words + caucus_sums_together(shape, false, i), false, row->global_bound[i],
                            *row->global_success);
        caucus_together_add(words + caucus_sums_together(shape, true, i), false, row->joint_bound[i], joint);
        if (shape->upper) {
            caucus_together_add(words + caucus_sums_together_upper(shape, false, i), true, row->global_upper[i],
                                *row->global_success);
            caucus_together_add(words + caucus_sums_together_upper(shape, true, i), true, row->joint_upper[i], joint);
        }
    }
}

#endif
