/* Putting a result file together from the parts of a run. */
#ifndef CAUCUS_RESULT_ASSEMBLE_H
#define CAUCUS_RESULT_ASSEMBLE_H

#include "base/claim.h"
#include "result/layout.h"
#include "result/source.h"
#include "result/summary.h"

/* Bytes that a configuration's bounds may take while they are summarised. */
enum { CAUCUS_SUMMARY_BUDGET = 256 << 20 };

typedef struct caucus_assembly {
    bool replace; /* base/claim.h */
    const char *aside;
    unsigned threads;
    bool (*watch)(uint64_t trials_done,
                  void *user); /* ten times a second, and at the end; false stops. NULL: nobody looks */
    void *user;
} caucus_assembly;

/* Write the result and give it the claimed name, whole or not at all. All trials must be there. What is written does
 * not depend on the layout's blocks. Memory does not grow with the number of configurations. CAUCUS_STOPPED when watch
 * says so: nothing is left then. */
caucus_status caucus_assemble(const caucus_trial_source *source, const caucus_layout *layout,
                              const caucus_provenance *provenance, const caucus_claim *claim,
                              const caucus_assembly *how);

#endif
