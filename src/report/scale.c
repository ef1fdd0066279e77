#include "report/scale.h"

#include <math.h>

caucus_scale caucus_scale_over(double low, double high, double from, double to)
{
    if (!(high > low)) {
        high = low + 1;
    }
    return (caucus_scale){low, high, from, to, low > 0 && high / low >= 100};
}

double caucus_scale_place(const caucus_scale *scale, double value)
{
    const double share = scale->logarithmic ? log(value / scale->low) / log(scale->high / scale->low)
                                            : (value - scale->low) / (scale->high - scale->low);
    return scale->from + share * (scale->to - scale->from);
}

/* 1, 2 and 5 times powers of ten; powers alone where the scale spans many. */
static uint32_t logarithmic_ticks(const caucus_scale *scale, double ticks[CAUCUS_MOST_TICKS])
{
    static const double factors[] = {1, 2, 5};
    const double decades = log10(scale->high / scale->low);
    const uint32_t n_factors = decades > 4 ? 1 : 3;
    uint32_t found = 0;
    for (double power = pow(10, floor(log10(scale->low))); power <= scale->high; power *= 10) {
        for (uint32_t f = 0; f < n_factors; f++) {
            const double value = power * factors[f];
            if (value >= scale->low * 0.999 && value <= scale->high * 1.001 && found < CAUCUS_MOST_TICKS) {
                ticks[found++] = value;
            }
        }
    }
    return found;
}

uint32_t caucus_scale_ticks(const caucus_scale *scale, uint32_t n, double ticks[CAUCUS_MOST_TICKS])
{
    if (scale->logarithmic) {
        return logarithmic_ticks(scale, ticks);
    }
    const double rough = (scale->high - scale->low) / (n > 0 ? n : 1);
    const double power = pow(10, floor(log10(rough)));
    const double share = rough / power;
    const double step = power * (share <= 1.5 ? 1 : share <= 3.5 ? 2 : share <= 7.5 ? 5 : 10);
    uint32_t found = 0;
    for (double k = ceil(scale->low / step - 1e-9); k * step <= scale->high + step * 1e-9; k++) {
        if (found < CAUCUS_MOST_TICKS) {
            ticks[found++] = k * step + 0.0; /* no -0 */
        }
    }
    return found;
}
