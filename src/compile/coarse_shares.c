#include "compile/coarse_shares.h"

enum {
    FEWEST_CLASSES = 1024, /* with people, for whom it may pay */
    FEWEST_BITS = 6,       /* that shares are cut to */
    MOST_BITS = 12,        /* likewise */
    CLASSES_A_TABLE = 4,   /* at least as many on average */
    CLASSES_A_PERSON = 32  /* at least as many for one who is drawn by what is left out */
};

static int bits_of(uint64_t x)
{
    return x == 0 ? 0 : 64 - __builtin_clzll(x);
}

static uint64_t cut_to(uint64_t x, int bits)
{
    const int more = bits_of(x) - bits;
    return more <= 0 ? x : x >> more << more;
}

int caucus_coarse_bits(const uint64_t *people, uint32_t n_classes, uint64_t size)
{
    uint32_t n_used = 0;
    uint64_t total = 0;
    int widest = 0;
    int narrowest = 64;
    for (uint32_t c = 0; c < n_classes; c++) {
        const int width = bits_of(people[c]);
        n_used += width > 0 ? 1 : 0;
        total += people[c];
        widest = width > widest ? width : widest;
        narrowest = width > 0 && width < narrowest ? width : narrowest;
    }
    for (int bits = FEWEST_BITS; n_used >= FEWEST_CLASSES && bits <= MOST_BITS; bits++) {
        const double tables = (double)(widest - narrowest + 1) * (double)(1u << (bits - 1));
        uint64_t left_out = 0;
        for (uint32_t c = 0; c < n_classes; c++) {
            left_out += people[c] - cut_to(people[c], bits);
        }
        if (CLASSES_A_TABLE * tables > (double)n_used || left_out == 0) {
            return 0;
        }
        if (CLASSES_A_PERSON * (double)size * ((double)left_out / (double)total) <= (double)n_used) {
            return bits;
        }
    }
    return 0;
}

uint64_t caucus_coarse_cut(const uint64_t *people, uint32_t n_classes, int bits, uint64_t *coarse, uint64_t *left_out)
{
    uint64_t sum = 0;
    for (uint32_t c = 0; c < n_classes; c++) {
        coarse[c] = cut_to(people[c], bits);
        left_out[c] = people[c] - coarse[c];
        sum += coarse[c];
    }
    return sum;
}
