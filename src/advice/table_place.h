/* A table as the public interface names it, profiled. */
#ifndef CAUCUS_ADVICE_TABLE_PLACE_H
#define CAUCUS_ADVICE_TABLE_PLACE_H

#include "population/profile.h"

/* The caller closes the profile. */
static inline caucus_status caucus_profile_of(const caucus_table_options *options, caucus_profile *profile)
{
    const caucus_table_place place = {.path = options->path, .separator = options->separator, .group = options->group};
    const caucus_missing_words missing = {.n = (uint32_t)options->n_missing, .words = options->missing};
    return caucus_profile_open(&place, options->missing != NULL ? &missing : NULL, profile);
}

#endif
