/* The inside of a sweep: which places of the document an axis sets, and to what. */
#ifndef CAUCUS_EXPERIMENT_SWEEP_H
#define CAUCUS_EXPERIMENT_SWEEP_H

#include "experiment/sections.h"

typedef struct caucus_sweep_axis {
    uint32_t n_paths; /* more than 1: they move together */
    uint32_t n_values;
    bool mappings;             /* values may be mappings: no path is that of a whole section or collective */
    const caucus_node **paths; /* [path] as written */
    caucus_node ***slots;      /* [path] */
    caucus_node **originals;   /* [path] what the file has there; NULL: nothing */
    caucus_node **values;      /* [value][path] */
    const char **levels;       /* [value] what the values are called; NULL: as they are written */
    const caucus_node *name;   /* where the name stands, or the path that it is taken from */
    bool named_by_path;        /* the name is ours to choose */
} caucus_sweep_axis;

enum { CAUCUS_SWEEP_NOTED = 64 };

struct caucus_sweep {
    caucus_sweep_axis *axes;            /* [axis] as in the experiment */
    uint64_t noted[CAUCUS_SWEEP_NOTED]; /* digests of what notes were taken of (notes.c) */
    uint32_t n_noted;
};

/* Whether a result uses a name for something else than an axis. */
bool caucus_sweep_name_taken(const char *name);

/* Read name, paths and values of one axis (sweep_axis.c); name is the last key of the first path where the axis has
 * none. All memory is the document's. */
caucus_status caucus_sweep_read_axis(caucus_document *document, const caucus_node *node, caucus_sweep_axis *axis,
                                     const char **name);

#endif
