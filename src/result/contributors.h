/* Who took part in a result: versions and commits of the program, devices, hosts. Every segment names its writer, and a
 * result all of theirs. */
#ifndef CAUCUS_RESULT_CONTRIBUTORS_H
#define CAUCUS_RESULT_CONTRIBUTORS_H

#include "hdf5/file.h"

enum { CAUCUS_VERSIONS, CAUCUS_COMMITS, CAUCUS_DEVICES, CAUCUS_HOSTS, CAUCUS_N_CONTRIBUTORS };

typedef struct caucus_contributors {
    uint32_t n[CAUCUS_N_CONTRIBUTORS];
    char **names[CAUCUS_N_CONTRIBUTORS]; /* all different, as they came */
} caucus_contributors;

extern const char *const caucus_contributor_names[CAUCUS_N_CONTRIBUTORS]; /* of attributes */

/* Add this program on this host, and its device. */
caucus_status caucus_contributors_add_own(caucus_contributors *all, const char *device);
void caucus_contributors_free(caucus_contributors *all);

/* As root attributes, one list of texts each. */
caucus_status caucus_contributors_write(hid_t file, const caucus_contributors *all);

/* Add those that a file names. */
caucus_status caucus_contributors_read(hid_t file, const char *path, caucus_contributors *all);

#endif
