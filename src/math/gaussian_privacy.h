/* Gaussian differential privacy (Dong, Roth & Su 2022): what noise a promise of privacy takes.
 *
 * A statistic that one person moves by at most s, released with Gaussian noise of standard deviation sigma s, is
 * (1/sigma)-GDP; T of them together are exactly sqrt(T)/sigma-GDP, each chosen in the knowledge of those before. */
#ifndef CAUCUS_MATH_GAUSSIAN_PRIVACY_H
#define CAUCUS_MATH_GAUSSIAN_PRIVACY_H

/* The delta of a mu-GDP mechanism at epsilon >= 0 (Balle & Wang 2018, theorem 8). */
double caucus_gdp_delta(double mu, double epsilon);

/* The largest mu that is (epsilon, delta)-private: epsilon >= 0, 0 < delta < 1. */
double caucus_gdp_mu(double epsilon, double delta);

/* The least sigma for so many releases within (epsilon, delta). */
double caucus_gdp_noise(double epsilon, double delta, unsigned releases);

#endif
