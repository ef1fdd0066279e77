/* A counts document: what collectives know of their members as plain tables, and the bounds' views of it. */
#ifndef CAUCUS_ADVICE_COUNTS_H
#define CAUCUS_ADVICE_COUNTS_H

#include "bound/bound.h"
#include "config/cells.h"

typedef struct caucus_counts_collective {
    caucus_strategy strategy;
    uint32_t target;            /* label id; unused for erase */
    uint32_t *map;              /* [cell] g(x); CAUCUS_NOWHERE: none of the document's cells */
    uint64_t *counts;           /* [cell][label] raw data of all members */
    uint32_t outside;           /* feature_only: the cell x0; CAUCUS_NOWHERE: the first cell outside the signal set */
    uint32_t *outside_map;      /* [cell] x0 for each x, instead of outside; NULL: the same everywhere */
    uint64_t *estimator_counts; /* [cell][label] unplant_adaptive: the part of counts drawn first; else NULL */
    uint64_t *pilot_counts;     /* [cell][label] the part of counts, none of them estimators, that only fixes how delta
                                   is shared; NULL: nobody */
    double ratio;               /* Gamma of its membership: 1 for a sample of everybody; 0 counts as 1 */
    double affinity;            /* so many times as likely as others are those to join who match; 0: none is known */
    bool *matching;             /* [cell] who matches; NULL without an affinity */
    uint64_t members;           /* sum of counts, filled by caucus_counts_check */
    uint64_t estimators;        /* sum of estimator_counts, likewise */
    uint64_t pilot;             /* sum of pilot_counts, likewise */
} caucus_counts_collective;

typedef struct caucus_counts {
    uint64_t consumers; /* N */
    uint64_t test;      /* N_test */
    double delta;
    double epsilon;
    caucus_slack slack;
    bool without_replacement; /* consumers and test people are all different people of one table */
    uint32_t n_cells;
    uint32_t n_labels;
    uint32_t n_collectives;
    bool *raw_cells; /* [cell] those that people can have before anybody changes anything; NULL: all */
    caucus_counts_collective *collectives; /* [collective] */
} caucus_counts;

static inline bool caucus_counts_is_raw(const caucus_counts *counts, uint32_t cell)
{
    return counts->raw_cells == NULL || counts->raw_cells[cell];
}

/* The field that a check has failed at. */
typedef struct caucus_counts_fault {
    uint32_t collective; /* CAUCUS_NOWHERE: of the document itself */
    const char *field;
    uint32_t cell; /* the element of an array: field[cell] or field[cell][label]; CAUCUS_NOWHERE: all of it */
    uint32_t label;
} caucus_counts_fault;

/* Check a filled document and add up its members. CAUCUS_INVALID with the field for anything that does not fit
 * together. fault may be NULL. */
caucus_status caucus_counts_check(caucus_counts *counts, caucus_counts_fault *fault);

/* Frees the arrays, not the struct. Any of them may be NULL. */
void caucus_counts_free(caucus_counts *counts);

/* What collective self is shown: setting and view point into the case and into counts, which must outlive it. */
typedef struct caucus_counts_case {
    caucus_bound_setting setting;
    caucus_bound_view view;
    caucus_bound_view piloted; /* what bounds read that a pilot serves; only with one */
    uint32_t *cells;           /* [cell of the setting] the document's cell: the signal set in order; erase: all */
    void *storage;
} caucus_counts_case;

/* counts must have passed caucus_counts_check, or hold what it would have filled in: of other collectives whose data
 * nobody knows, members and empty counts (then neither aggregate nor full knowledge can be asked of the case). The
 * caller closes it. */
caucus_status caucus_counts_case_open(const caucus_counts *counts, uint32_t self, caucus_counts_case *opened);
void caucus_counts_case_close(caucus_counts_case *opened);

/* The bounds of a case from one side, one for each method; NaN where a method does not apply from there, or there are
 * no members. */
caucus_status caucus_counts_case_bounds(const caucus_counts_case *opened, const caucus_method *methods,
                                        uint32_t n_methods, caucus_side side, double delta, double *bounds);

/* Read one document or a list of them from YAML (JSON is YAML); path "-" is standard input. The caller frees each with
 * caucus_counts_free, and the list with free(). The fields bounds and columns are left to others to read.
 * CAUCUS_INVALID with file:line:column, document and field. */
caucus_status caucus_counts_read(const char *path, caucus_counts **documents, size_t *n_documents);

#endif
