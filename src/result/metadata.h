/* Everything of a result but its trials: attributes, dimensions, coordinates, sizes. A run writes it first, so that its
 * unfinished parts can be read, and its result begins with it. */
#ifndef CAUCUS_RESULT_METADATA_H
#define CAUCUS_RESULT_METADATA_H

#include "result/identity.h"
#include "result/netcdf.h"

/* Write into an empty file. kind: "caucus" or "caucus-layout". netcdf gets the dimensions, for more datasets; free it
 * with caucus_netcdf_free before the file is closed. */
caucus_status caucus_metadata_write(hid_t file, const char *kind, const caucus_layout *layout,
                                    const caucus_provenance *provenance, caucus_netcdf *netcdf);

/* A file of nothing else, published at path. */
caucus_status caucus_metadata_publish(const char *path, const char *kind, const caucus_layout *layout,
                                      const caucus_provenance *provenance);

/* Two parts of it, for other files about an experiment: the root attributes, and the axes as variables over config
 * from first_config on (their names, with those of consumers and test, become netcdf's coordinates). */
caucus_status caucus_metadata_write_attributes(hid_t file, const char *kind, const caucus_layout *layout,
                                               const caucus_provenance *provenance);
caucus_status caucus_metadata_write_axes(caucus_netcdf *netcdf, const caucus_experiment *experiment,
                                         uint64_t first_config);

/* All coordinates once more, in a group of the file. */
caucus_status caucus_metadata_write_coordinates(const caucus_netcdf *netcdf, hid_t group, const caucus_layout *layout);

/* One sweep axis as a coordinate along config. */
typedef struct caucus_coordinate {
    char *name;      /* of the dataset */
    char *long_name; /* of the axis in the experiment */
    double *numbers; /* [config], or NULL */
    char **words;    /* [config], or NULL when numeric */
} caucus_coordinate;

/* What was written, read back. */
typedef struct caucus_metadata {
    caucus_identity identity;
    char *name, *backend, *device, *started, *version, *commit;
    char *source; /* the experiment's file as it was written; NULL: not kept */
    unsigned host_threads;
    double delta;
    uint32_t n_axes;
    caucus_coordinate *axes; /* [axis] */
    char **collective_names; /* [collective] */
    char **method_names;     /* [method] */
    uint64_t *sizes;         /* [config][collective]; 0: absent */
    uint64_t *consumers;     /* [config] */
    uint32_t *test;          /* [config] */
} caucus_metadata;

/* CAUCUS_INVALID when file is none of that kind. On failure skeleton is empty. */
caucus_status caucus_metadata_read(hid_t file, const char *path, const char *kind, caucus_metadata *skeleton);
void caucus_metadata_free(caucus_metadata *skeleton);

/* The same of a file that has no collectives, methods and sizes of its own: attributes, axes, consumers, test points.
 */
caucus_status caucus_metadata_read_sweep(hid_t file, const char *path, const char *kind, caucus_metadata *skeleton);

#endif
