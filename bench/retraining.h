/* The host's part of device_retraining: a configuration to train, and what the CPU makes of the same counts. */
#ifndef CAUCUS_BENCH_RETRAINING_H
#define CAUCUS_BENCH_RETRAINING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct retraining retraining;

typedef struct retraining_sizes {
    uint64_t tables;           /* of the configuration's replica */
    uint64_t blanks;           /* behind it */
    uint64_t lane_group_bytes; /* workspace of a group of CAUCUS_LANE_GROUP trials */
    uint64_t team_bytes;       /* and of a team */
    uint32_t n_cells, n_labels;
} retraining_sizes;

/* The first configuration of an experiment whose classifier is trained. 0, or 1 with a message on stderr. */
int retraining_open(const char *path, retraining **problem, retraining_sizes *sizes);
void retraining_close(retraining *problem);

/* Its tables for that address; see caucus_replica_write. */
void retraining_write(const retraining *problem, uint64_t address, void *buffer);

/* Train the trials of a group on the CPU and compare with what a device made of them. group: its workspace. Gives the
 * evaluations of loss and gradient that one took on average. 0, or 1 with a message on stderr. */
int retraining_check(const retraining *problem, const unsigned char *group, double *evaluations);

#ifdef __cplusplus
}
#endif
#endif
