#include "math/gaussian_privacy.h"

#include "math/normal.h"

double caucus_gdp_delta(double mu, double epsilon)
{
    /* P(Z > epsilon/mu - mu/2) - e^epsilon P(Z > epsilon/mu + mu/2), the larger term taken out. */
    const double first = caucus_log_normal_tail(epsilon / mu - mu / 2);
    const double second = epsilon + caucus_log_normal_tail(epsilon / mu + mu / 2);
    if (second >= first) { /* by rounding alone */
        return 0.0;
    }
    return caucus_exp(first) * (1.0 - caucus_exp(second - first));
}

double caucus_gdp_mu(double epsilon, double delta)
{
    double low = 0.0; /* private enough */
    double high = 1.0;
    while (caucus_gdp_delta(high, epsilon) <= delta) {
        low = high;
        high *= 2;
    }
    /* Always from the private side, so that no rounding breaks the promise. */
    for (int i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) {
            break;
        }
        if (caucus_gdp_delta(middle, epsilon) <= delta) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

double caucus_gdp_noise(double epsilon, double delta, unsigned releases)
{
    return sqrt((double)releases) / caucus_gdp_mu(epsilon, delta);
}
