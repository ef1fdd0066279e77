/* The inside of a store, for the files that open it (result/store_open.c) and know what an earlier result has of it
 * (result/store_kept.c). */
#ifndef CAUCUS_RESULT_STORE_STATE_H
#define CAUCUS_RESULT_STORE_STATE_H

#include "base/claim.h"
#include "result/damage.h"
#include "result/growth.h"
#include "result/parts.h"
#include "result/spans.h"
#include "result/store.h"

struct caucus_store {
    const caucus_layout *layout;
    const caucus_provenance *provenance;
    char *output;
    caucus_identity identity;
    caucus_layout mixed; /* the layout of a mixed run, which names all who trained */
    uint64_t segment_bytes;
    double segment_seconds;
    bool finished;                                   /* the result was there, whole, when the run resumed */
    bool replace;                                    /* what stands there */
    bool (*watch)(uint64_t trials_done, void *user); /* while the result is put together */
    void *user;
    caucus_claim *claim; /* to the output; NULL when finished */
    caucus_parts *parts; /* NULL when finished */
    uint64_t trials_found;
    bool *gathered_blocks; /* [config][block] in the batch */
    caucus_spans *spans;   /* blocks on their way into the batch */
    caucus_batch batch;
    uint64_t n_gathered;   /* blocks in the batch and on their way to it */
    double first_gathered; /* seconds; when the batch got its first one, infinity while it is empty */
    caucus_notices notices;
    unsigned threads;       /* to look for damage */
    caucus_damage damage;   /* of the result that stands there, when the run resumes */
    char *aside;            /* where that goes then */
    caucus_growth *growth;  /* of a smaller run's result that stands there; NULL: none */
    uint64_t n_kept_blocks; /* whose sums it has */
};

/* Whether an earlier result has a block's sums, which stay in it until the new one is put together. */
bool caucus_store_keeps_sums(const caucus_store *store, uint64_t config, uint64_t block);

/* Sums of the parts and of an earlier result. */
caucus_trial_source caucus_store_sums_source(caucus_store *store);

#endif
