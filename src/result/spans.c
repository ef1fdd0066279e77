#include "result/spans.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_OPEN = 16, /* spans that wait for blocks */
    MOST_FULL = 4   /* and for somebody to pack them, before the writer does so itself */
};

typedef struct span {
    uint64_t first_stripe;
    uint64_t n_stripes;
    uint64_t n_rows; /* when it is full */
    uint64_t n_filled;
    double opened;
    caucus_block *rows;            /* [stripe][row] */
    caucus_segment_entry *entries; /* [block] */
    uint64_t n_entries;
    caucus_stripe_chunks *chunks; /* [stripe] once packed */
    unsigned char **memory;       /* [stripe] of its chunks */
    struct span *next;
} span;

typedef struct list { /* first in, first out */
    span *first;
    span **end;
    unsigned n;
} list;

struct caucus_spans {
    const caucus_identity *identity;
    caucus_stripes stripes;
    uint64_t span_stripes; /* 0: blocks and stripes do not fit together */
    uint64_t span_blocks;  /* at most in a span */
    list open;             /* the writer's alone, like its packer */
    caucus_stripe_packer *packer;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t packed_one;
    list full, packed, spare;
    unsigned n_packing;
};

static void list_init(list *l)
{
    *l = (list){.end = &l->first};
}

static void push(list *l, span *s)
{
    s->next = NULL;
    *l->end = s;
    l->end = &s->next;
    l->n++;
}

static span *pop(list *l)
{
    span *s = l->first;
    if (s != NULL) {
        l->first = s->next;
        l->end = l->first == NULL ? &l->first : l->end;
        l->n--;
    }
    return s;
}

static void unlink_span(list *l, const span *s)
{
    span **at = &l->first;
    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    l->n--;
    for (l->end = &l->first; *l->end != NULL; l->end = &(*l->end)->next) {
    }
}

/* ---- spans ------------------------------------------------------------------------------------------------------- */

static void release_chunks(span *s)
{
    for (uint64_t i = 0; s->memory != NULL && i < s->n_stripes; i++) {
        free(s->memory[i]);
        s->memory[i] = NULL;
    }
}

static void span_free(span *s)
{
    if (s != NULL) {
        release_chunks(s);
        free(s->memory);
        free(s->chunks);
        free(s->entries);
        free(s->rows);
        free(s);
    }
}

static caucus_status span_alloc(const caucus_spans *spans, span **out)
{
    caucus_status status = CAUCUS_OK;
    span *s = NULL;
    TRY(caucus_alloc(1, sizeof *s, "a span of trials", &s));
    TRY_GOTO(caucus_stripe_alloc(&spans->identity->shape, &spans->stripes, spans->span_stripes, &s->rows), failed);
    TRY_GOTO(caucus_alloc(spans->span_blocks, sizeof *s->entries, "a span of trials", &s->entries), failed);
    TRY_GOTO(caucus_alloc(spans->span_stripes, sizeof *s->chunks, "a span of trials", &s->chunks), failed);
    TRY_GOTO(caucus_alloc(spans->span_stripes, sizeof *s->memory, "a span of trials", &s->memory), failed);
    *out = s;
    return CAUCUS_OK;
failed:
    span_free(s);
    return status;
}

caucus_status caucus_spans_open(const caucus_identity *identity, caucus_spans **spans)
{
    caucus_spans *made = NULL;
    TRY(caucus_alloc(1, sizeof *made, "gathering blocks", &made));
    made->identity = identity;
    made->stripes = caucus_stripes_of(&identity->shape, identity->n_configs, identity->n_trials);
    const uint64_t block = identity->block_trials;
    const uint64_t trials = made->stripes.trials;
    if (identity->summaries_only) {
        made->span_stripes = 0;
    } else if (made->stripes.per_config == 1 || trials % block == 0) {
        made->span_stripes = 1;
        made->span_blocks = made->stripes.configs * ((trials + block - 1) / block);
    } else if (block % trials == 0) {
        made->span_stripes = block / trials;
        made->span_blocks = 1;
    }
    list_init(&made->open);
    list_init(&made->full);
    list_init(&made->packed);
    list_init(&made->spare);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->packed_one, NULL);
    *spans = made;
    return CAUCUS_OK;
}

void caucus_spans_close(caucus_spans *spans)
{
    if (spans == NULL) {
        return;
    }
    list *const lists[] = {&spans->open, &spans->full, &spans->packed, &spans->spare};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        while (lists[i]->n > 0) {
            span_free(pop(lists[i]));
        }
    }
    caucus_stripe_packer_close(spans->packer);
    pthread_cond_destroy(&spans->packed_one);
    pthread_mutex_destroy(&spans->lock);
    free(spans);
}

/* An empty span for a stripe. */
static caucus_status open_span(caucus_spans *spans, uint64_t first_stripe, double now, span **out)
{
    pthread_mutex_lock(&spans->lock);
    span *s = pop(&spans->spare);
    pthread_mutex_unlock(&spans->lock);
    if (s == NULL) {
        TRY(span_alloc(spans, &s));
    }
    s->first_stripe = first_stripe;
    const uint64_t in_config = spans->stripes.per_config - first_stripe % spans->stripes.per_config;
    s->n_stripes = in_config < spans->span_stripes ? in_config : spans->span_stripes;
    s->n_rows = 0;
    for (uint64_t i = 0; i < s->n_stripes; i++) {
        s->n_rows += caucus_stripes_place(&spans->stripes, first_stripe + i).n_rows;
    }
    s->n_filled = 0;
    s->n_entries = 0;
    s->opened = now;
    push(&spans->open, s);
    *out = s;
    return CAUCUS_OK;
}

static void recycle(caucus_spans *spans, span *s)
{
    release_chunks(s);
    pthread_mutex_lock(&spans->lock);
    push(&spans->spare, s);
    pthread_mutex_unlock(&spans->lock);
}

static uint64_t first_stripe_of(const caucus_spans *spans, const caucus_block *block)
{
    const uint64_t stripe = caucus_stripes_find(&spans->stripes, block->config, block->first_trial);
    const uint64_t along = stripe % spans->stripes.per_config;
    return stripe - along % spans->span_stripes;
}

/* The row of a trial in the span that begins with a stripe. */
static uint64_t row_in_span(const caucus_spans *spans, uint64_t first_stripe, uint64_t config, uint64_t trial)
{
    const uint64_t stripe = caucus_stripes_find(&spans->stripes, config, trial);
    return (stripe - first_stripe) * caucus_stripes_room(&spans->stripes) +
           caucus_stripes_row(&spans->stripes, config, trial);
}

/* Blocks of a span that has to be saved before it is full. */
static caucus_status spill(caucus_spans *spans, span *s, caucus_batch *batch)
{
    for (uint64_t i = 0; i < s->n_entries; i++) {
        const caucus_segment_entry *entry = &s->entries[i];
        const uint64_t row = row_in_span(spans, s->first_stripe, entry->config, entry->first_trial);
        caucus_block part = caucus_block_part(s->rows, &spans->identity->shape, (uint32_t)row, entry->n_trials);
        part.config = entry->config;
        part.index = entry->block;
        part.first_trial = entry->first_trial;
        TRY(caucus_batch_add(batch, spans->identity, &part));
    }
    return CAUCUS_OK;
}

static caucus_status spill_oldest(caucus_spans *spans, caucus_batch *batch)
{
    TRY(spill(spans, spans->open.first, batch));
    recycle(spans, pop(&spans->open));
    return CAUCUS_OK;
}

uint64_t caucus_spans_waiting(const caucus_spans *spans, double *since)
{
    uint64_t rows = 0;
    *since = spans->open.first != NULL ? spans->open.first->opened : HUGE_VAL;
    for (const span *s = spans->open.first; s != NULL; s = s->next) {
        rows += s->n_filled;
    }
    return rows * caucus_row_bytes(&spans->identity->shape);
}

/* ---- packing ----------------------------------------------------------------------------------------------------- */

/* Keep chunks that are a packer's. Those of equal columns are kept once. */
static caucus_status keep_chunks(const caucus_stripe_chunks *chunks, caucus_stripe_chunks *kept, unsigned char **memory)
{
    size_t n = 0;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        n += chunks->n_bytes[v];
    }
    TRY(caucus_alloc(n, 1, "packed trials", memory));
    unsigned char *to = *memory;
    *kept = *chunks;
    for (size_t v = 0; v < CAUCUS_N_VARIABLES; v++) {
        size_t equal = 0;
        while (chunks->bytes[equal] != chunks->bytes[v]) {
            equal++;
        }
        if (equal < v) {
            kept->bytes[v] = kept->bytes[equal];
        } else if (chunks->n_bytes[v] > 0) {
            memcpy(to, chunks->bytes[v], chunks->n_bytes[v]);
            kept->bytes[v] = to;
            to += chunks->n_bytes[v];
        }
    }
    return CAUCUS_OK;
}

static caucus_status pack_span(const caucus_spans *spans, span *s, caucus_stripe_packer *packer)
{
    const uint64_t room = caucus_stripes_room(&spans->stripes);
    for (uint64_t i = 0; i < s->n_stripes; i++) {
        const caucus_block rows =
            caucus_block_part(s->rows, &spans->identity->shape, (uint32_t)(i * room), (uint32_t)room);
        const caucus_stripe_chunks chunks =
            caucus_stripe_pack(packer, &rows, caucus_stripes_place(&spans->stripes, s->first_stripe + i).n_rows);
        TRY(keep_chunks(&chunks, &s->chunks[i], &s->memory[i]));
    }
    return CAUCUS_OK;
}

static span *begin_packing(caucus_spans *spans)
{
    pthread_mutex_lock(&spans->lock);
    span *s = pop(&spans->full);
    spans->n_packing += s != NULL;
    pthread_mutex_unlock(&spans->lock);
    return s;
}

/* On failure the span is still full. */
static void end_packing(caucus_spans *spans, span *s, caucus_status status)
{
    pthread_mutex_lock(&spans->lock);
    push(status == CAUCUS_OK ? &spans->packed : &spans->full, s);
    spans->n_packing--;
    pthread_cond_broadcast(&spans->packed_one);
    pthread_mutex_unlock(&spans->lock);
}

static caucus_status help(caucus_spans *spans, unsigned threads, caucus_stripe_packer **packer, bool *packed)
{
    span *s = begin_packing(spans);
    *packed = s != NULL;
    if (s == NULL) {
        return CAUCUS_OK;
    }
    caucus_status status = CAUCUS_OK;
    if (*packer == NULL) {
        status = caucus_stripe_packer_open(&spans->identity->shape, &spans->stripes, spans->identity->compression,
                                           threads, packer);
    }
    if (status == CAUCUS_OK) {
        status = pack_span(spans, s, *packer);
    }
    end_packing(spans, s, status);
    return status;
}

caucus_status caucus_spans_help(caucus_spans *spans, caucus_stripe_packer **packer, bool *packed)
{
    return help(spans, 1, packer, packed);
}

/* A span is full. When helpers do not keep up the writer packs one. */
static caucus_status hand_over(caucus_spans *spans, span *s)
{
    unlink_span(&spans->open, s);
    pthread_mutex_lock(&spans->lock);
    push(&spans->full, s);
    const bool many = spans->full.n > MOST_FULL;
    pthread_mutex_unlock(&spans->lock);
    bool packed = false;
    return many ? help(spans, 1, &spans->packer, &packed) : CAUCUS_OK;
}

caucus_status caucus_spans_put(caucus_spans *spans, const caucus_block *block, double now, caucus_batch *batch)
{
    if (spans->span_stripes == 0) {
        return caucus_batch_add(batch, spans->identity, block);
    }
    const uint64_t first = first_stripe_of(spans, block);
    span *s = spans->open.first;
    while (s != NULL && s->first_stripe != first) {
        s = s->next;
    }
    if (s == NULL) {
        if (spans->open.n == MOST_OPEN) {
            TRY(spill_oldest(spans, batch));
        }
        TRY(open_span(spans, first, now, &s));
    }
    const uint64_t row = row_in_span(spans, first, block->config, block->first_trial);
    caucus_block_copy(block, &spans->identity->shape, s->rows, row);
    s->entries[s->n_entries++] = (caucus_segment_entry){.config = block->config,
                                                        .block = block->index,
                                                        .first_trial = block->first_trial,
                                                        .first_row = CAUCUS_PACKED_ROW,
                                                        .n_trials = block->n_trials};
    s->n_filled += block->n_trials;
    return s->n_filled == s->n_rows ? hand_over(spans, s) : CAUCUS_OK;
}

static caucus_status take_span(const span *s, caucus_batch *batch)
{
    for (uint64_t i = 0; i < s->n_stripes; i++) {
        TRY(caucus_batch_add_chunks(batch, s->first_stripe + i, &s->chunks[i]));
    }
    return caucus_batch_add_entries(batch, s->entries, s->n_entries);
}

caucus_status caucus_spans_take(caucus_spans *spans, caucus_batch *batch)
{
    caucus_status status = CAUCUS_OK;
    pthread_mutex_lock(&spans->lock);
    list packed = spans->packed;
    packed.end = packed.n > 0 ? packed.end : &packed.first;
    list_init(&spans->packed);
    pthread_mutex_unlock(&spans->lock);
    while (packed.n > 0) {
        span *s = pop(&packed);
        status = status == CAUCUS_OK ? take_span(s, batch) : status;
        recycle(spans, s);
    }
    return status;
}

static void wait_for_helpers(caucus_spans *spans)
{
    pthread_mutex_lock(&spans->lock);
    while (spans->n_packing > 0) {
        pthread_cond_wait(&spans->packed_one, &spans->lock);
    }
    pthread_mutex_unlock(&spans->lock);
}

caucus_status caucus_spans_drain(caucus_spans *spans, unsigned threads, caucus_batch *batch)
{
    caucus_status status = CAUCUS_OK;
    caucus_stripe_packer *packer = NULL;
    bool packed = true;
    while (packed) {
        TRY_GOTO(help(spans, threads, &packer, &packed), done);
    }
    wait_for_helpers(spans);
    TRY_GOTO(caucus_spans_take(spans, batch), done);
    while (spans->open.n > 0) {
        TRY_GOTO(spill_oldest(spans, batch), done);
    }
done:
    caucus_stripe_packer_close(packer);
    return status;
}
