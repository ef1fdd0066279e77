/* Putting a result file together from the parts of a run. */
#ifndef CAUCUS_RESULT_ASSEMBLE_H
#define CAUCUS_RESULT_ASSEMBLE_H

#include "base/claim.h"
#include "result/layout.h"
#include "result/source.h"
#include "result/summary.h"

/* Bytes that a configuration's bounds may take while they are summarised. */
enum { CAUCUS_SUMMARY_BUDGET = 256 << 20 };

/* Write the result and give it the claimed name, whole or not at all (replace, aside: base/claim.h). All trials must be
 * there. What is written does not depend on the layout's blocks. Memory does not grow with the number of
 * configurations.
 */
caucus_status caucus_assemble(const caucus_trial_source *source, const caucus_layout *layout,
                              const caucus_provenance *provenance, const caucus_claim *claim, bool replace,
                              const char *aside, unsigned threads);

#endif
