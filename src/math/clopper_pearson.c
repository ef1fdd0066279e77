#include "math/clopper_pearson.h"

#include <float.h>
#include <math.h>

/* c(a) in ln Gamma(a) = (a - 1/2) ln a - a + ln(2 pi)/2 + c(a). Taking ln Gamma itself would lose the digits that large
 * arguments cancel. The series is Stirling's. */
static double stirling_correction(double a)
{
    const double half_log_two_pi = 0.91893853320467274178;
    if (a < 10) {
        int sign = 0;
        return lgamma_r(a, &sign) - ((a - 0.5) * log(a) - a + half_log_two_pi);
    }
    double r = 1 / (a * a);
    return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * 691.0 / 360360))))) /
           a;
}

/* z - ln(1 + z), without cancellation near 0; ratio is 1 + z. */
static double log_gap(double z, double ratio)
{
    if (fabs(z) > 0.1) {
        return z - log(ratio);
    }
    double sum = 0;
    double power = z * z;
    for (int k = 2; k < 30; k++) { /* 0.1^30 is far below a double's last bit */
        sum += (k % 2 == 0 ? power : -power) / k;
        power *= z;
    }
    return sum;
}

/* ln of x^a (1-x)^b / B(a, b). With p = a/(a+b): a ln(x/p) + b ln((1-x)/(1-p)) is minus a sum of two gaps, since
 * a (x/p - 1) + b ((1-x)/(1-p) - 1) = 0. */
static double log_front(double a, double b, double x)
{
    const double log_two_pi = 1.83787706640934548356;
    double p = a / (a + b);
    double q = b / (a + b);
    double away = -a * log_gap((x - p) / p, x / p) - b * log_gap((p - x) / q, (1 - x) / q);
    double at_mean = 0.5 * (log(a) + log(b) - log(a + b) - log_two_pi);
    return away + at_mean - (stirling_correction(a) + stirling_correction(b) - stirling_correction(a + b));
}

/* The continued fraction of I_x(a, b), by Lentz's method as modified by Thompson & Barnett; converges fast for
 * x < (a+1)/(a+b+2). */
static double fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m < 1000000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double change = 1;
        for (int step = 0; step < 2; step++) {
            double term = step == 0 ? even : odd;
            d = 1 + term * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + term / c;
            c = fabs(c) < tiny ? tiny : c;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1) < 4 * DBL_EPSILON) {
            break;
        }
    }
    return value;
}

double caucus_incomplete_beta(double a, double b, double x)
{
    if (!(x > 0)) {
        return 0;
    }
    if (x >= 1) {
        return 1;
    }
    double front = exp(log_front(a, b, x));
    if (x < (a + 1) / (a + b + 2)) {
        return front * fraction(a, b, x) / a;
    }
    return 1 - front * fraction(b, a, 1 - x) / b;
}

/* Newton steps, and halving where they leave the bracket. */
double caucus_beta_inverse(double a, double b, double p)
{
    double low = 0;
    double high = 1;
    double x = a / (a + b);
    for (int i = 0; i < 200; i++) {
        double error = caucus_incomplete_beta(a, b, x) - p;
        if (error > 0) {
            high = x;
        } else {
            low = x;
        }
        double density = exp(log_front(a, b, x)) / (x * (1 - x));
        double next = x - error / density;
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        if (fabs(next - x) <= 2 * DBL_EPSILON * x) {
            return next;
        }
        x = next;
    }
    return x;
}

void caucus_clopper_pearson(uint64_t count, uint64_t n, double confidence, double *low, double *high)
{
    double tail = 0.5 * (1 - confidence);
    double k = (double)count;
    double rest = (double)n - k;
    if (n == 0) {
        *low = NAN;
        *high = NAN;
        return;
    }
    /* The ends have closed forms: I_x(n, 1) = x^n. */
    if (count == 0) {
        *low = 0;
    } else {
        *low = count == n ? exp(log(tail) / (double)n) : caucus_beta_inverse(k, rest + 1, tail);
    }
    if (count == n) {
        *high = 1;
    } else {
        *high = count == 0 ? -expm1(log(tail) / (double)n) : caucus_beta_inverse(k + 1, rest, 1 - tail);
    }
}
