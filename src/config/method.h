/* Which bounds are asked for, as lists of names. */
#ifndef CAUCUS_CONFIG_METHOD_H
#define CAUCUS_CONFIG_METHOD_H

#include "config/config.h"

typedef struct caucus_method_choice {
    bool families[CAUCUS_N_FAMILIES];
    bool knowledge[CAUCUS_N_KNOWLEDGE];
    bool inequalities[CAUCUS_N_INEQUALITIES];
} caucus_method_choice;

enum { CAUCUS_MOST_METHODS = CAUCUS_N_FAMILIES * CAUCUS_N_KNOWLEDGE * CAUCUS_N_INEQUALITIES };

/* Read the lists; names may be NULL: all. CAUCUS_INVALID for unknown names, with the nearest, and for choices that have
 * no bound (linear without population or full). */
caucus_status caucus_method_choice_read(const caucus_bound_choice *names, caucus_method_choice *choice);

/* The methods of a choice by family, knowledge, inequality: linear once, since it is the population's and knows all.
 * Returns how many; methods has room for CAUCUS_MOST_METHODS. */
uint32_t caucus_method_choice_list(const caucus_method_choice *choice, caucus_method *methods);

enum { CAUCUS_METHOD_BYTES = 64 }; /* of a method's name, with the NUL */

/* family/knowledge/inequality, as results name a method. Returns name. */
const char *caucus_method_name(const caucus_method *method, char name[CAUCUS_METHOD_BYTES]);

#endif
