/* exp and log from IEEE 754 operations alone, so that their last bit does not depend on the C library or the processor.
 * A population made from a scenario is then the same on every machine, and so is its checksum. */
#ifndef CAUCUS_PORTABLE_MATH_H
#define CAUCUS_PORTABLE_MATH_H

/* Within 2 units in the last place of e^x; 0 below -745, infinite above 709.78. */
double caucus_exp(double x);

/* Within 2 units in the last place of ln x (2^-53 absolute near 1), for finite x > 0. */
double caucus_log(double x);

#endif
