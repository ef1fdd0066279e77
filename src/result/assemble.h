/* Putting a result file together from the parts of a run. */
#ifndef CAUCUS_JOIN_H
#define CAUCUS_JOIN_H

#include "base/claim.h"
#include "result/parts.h"
#include "result/summary.h"

/* Bytes that a configuration's bounds may take while they are summarised. */
enum { CAUCUS_SUMMARY_BUDGET = 256 << 20 };

/* Write the result and give it the claimed name, whole or not at all (replace: base/claim.h). All blocks must be there.
 * Memory does not grow with the number of configurations. */
caucus_status caucus_join(caucus_parts *parts, const caucus_layout *layout, const caucus_provenance *provenance,
                          const caucus_claim *claim, bool replace, unsigned threads);

#endif
