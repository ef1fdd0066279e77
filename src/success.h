/* Testing: on which fresh points each collective succeeds. */
#ifndef CAUCUS_SUCCESS_H
#define CAUCUS_SUCCESS_H

#include "trial.h"

/* Draw the test points and count success, joint and correct. */
void caucus_success_test(caucus_trial *trial);

/* Whether collective m succeeds on a class of the test partition, given the trained platform. */
bool caucus_success_of(const caucus_trial *trial, uint32_t m, uint32_t class);

/* Whether it does so whatever the platform says: erase where g(x) = x. */
bool caucus_success_trivial(const caucus_compiled *compiled, uint32_t m, uint32_t class);

/* Whether it succeeds on a point with raw position raw (erase only) and g(x) at image. */
bool caucus_success_at(const caucus_trial *trial, uint32_t m, uint32_t raw, uint32_t image);

/* Words that a trial needs for the test. */
size_t caucus_success_space(const caucus_compiled *compiled);

#endif
