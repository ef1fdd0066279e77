/* The workspace of a team that trains a pack of trainees. Shared with devices. */
#ifndef CAUCUS_TRAINING_WORKSPACE_H
#define CAUCUS_TRAINING_WORKSPACE_H

#include "training/team.h"
#include "training/training.h"

enum { CAUCUS_MEMORY = 32 }; /* steps that a quasi-Newton search remembers at most */

/* A device keeps what its threads find in each cell; the CPU adds it up at once and needs one cell's room. */
#ifdef CAUCUS_DEVICE_CODE
enum { CAUCUS_KEEPS_CELLS = 1 };
#else
enum { CAUCUS_KEEPS_CELLS = 0 };
#endif

typedef struct caucus_fit {
    const caucus_training *training;
    caucus_pack *totals;    /* [cell] weight of all labels */
    caucus_pack *counts;    /* [cell][label]; logistic without noise needs only the two sums beside it: NULL */
    caucus_pack *linear;    /* logistic: [label][column] counts that have the column's one */
    caucus_pack *scores;    /* [pattern][output] */
    caucus_pack *powers;    /* [pattern][output] their exponentials; naive_bayes: none */
    caucus_pack *sums;      /* [pattern][output] */
    caucus_pack *outputs;   /* [kept cell][output] */
    caucus_pack *residual;  /* [kept cell][label] */
    caucus_pack *hidden;    /* mlp: [kept cell][hidden] */
    caucus_pack *outer;     /* mlp: [kept chunk][label][1 + hidden] */
    caucus_pack *losses;    /* [kept cell] */
    caucus_pack *parts;     /* [chunk] of any sum */
    caucus_pack *point;     /* [parameter] the best so far; private: the last */
    caucus_pack *gradient;  /* [parameter] there */
    caucus_pack *trial;     /* [parameter] where loss and gradient are evaluated */
    caucus_pack *slopes;    /* [parameter] the gradient there */
    caucus_pack *direction; /* [parameter] */
    caucus_pack *work;      /* [parameter] */
    caucus_pack *moves;     /* [memory][parameter] */
    caucus_pack *changes;   /* [memory][parameter] of the gradient along the moves */
    caucus_pack *finished;  /* [parameter] of trainees that wait for their labels */
    uint64_t *tally;        /* [pattern][label] counts of one trainee */
} caucus_fit;

/* Where a workspace goes. What is used most comes first: as far as it fits near (a device's shared memory), the rest
 * far. The larger the near memory is, the less goes far. */
typedef struct caucus_fit_memory {
    unsigned char *near; /* NULL: none */
    size_t near_bytes;
    unsigned char *far; /* NULL: only measure */
    size_t near_used, far_used;
} caucus_fit_memory;

CAUCUS_SHARED void *caucus_fit_take_bytes(caucus_fit_memory *memory, size_t bytes)
{
    const size_t taken = (bytes + 63) / 64 * 64;
    unsigned char *at;
    if (memory->near != NULL && memory->far_used == 0 && taken <= memory->near_bytes - memory->near_used) {
        at = memory->near + memory->near_used;
        memory->near_used += taken;
        return at;
    }
    at = memory->far != NULL ? memory->far + memory->far_used : NULL;
    memory->far_used += taken;
    return at;
}

CAUCUS_SHARED caucus_pack *caucus_fit_take(caucus_fit_memory *memory, size_t n)
{
    return (caucus_pack *)caucus_fit_take_bytes(memory, n * sizeof(caucus_pack));
}

/* What is as large as the parameters or the patterns. */
CAUCUS_SHARED void caucus_fit_lay_out_parameters(const caucus_training *training, caucus_fit_memory *memory,
                                                 caucus_fit *fit)
{
    const bool mlp = training->learner.kind == CAUCUS_MLP;
    const bool logistic = training->learner.kind == CAUCUS_LOGISTIC && !training->learner.is_private;
    const size_t n_outputs = (size_t)training->design.n_patterns * training->n_outputs;
    const size_t n_all = training->n_parameters;
    const size_t n_chunks = caucus_chunks(training->design.n_cells);
    const size_t n_longest = n_all > n_outputs ? n_all : n_outputs;
    const size_t n_parts = caucus_chunks((uint32_t)n_longest);
    const size_t n_remembered = mlp || logistic ? training->memory * n_all : 0;
    const bool counting = training->learner.kind == CAUCUS_NAIVE_BAYES;
    fit->parts = caucus_fit_take(memory, n_chunks > n_parts ? n_chunks : n_parts);
    fit->trial = caucus_fit_take(memory, n_all);
    fit->slopes = caucus_fit_take(memory, n_all);
    fit->work = caucus_fit_take(memory, n_all);
    fit->direction = caucus_fit_take(memory, n_all);
    fit->gradient = caucus_fit_take(memory, n_all);
    fit->point = caucus_fit_take(memory, n_all);
    fit->linear = caucus_fit_take(memory, logistic ? n_all : 0);
    fit->scores = caucus_fit_take(memory, n_outputs);
    fit->powers = caucus_fit_take(memory, counting ? 0 : n_outputs);
    fit->sums = caucus_fit_take(memory, n_outputs);
    fit->moves = caucus_fit_take(memory, n_remembered);
    fit->changes = caucus_fit_take(memory, n_remembered);
    fit->finished = caucus_fit_take(memory, n_all);
    fit->tally = (uint64_t *)caucus_fit_take_bytes(memory, (size_t)training->design.n_patterns * training->n_labels *
                                                               sizeof *fit->tally);
}

/* Lay out a workspace, with the cells that a team of a device keeps or without. */
CAUCUS_SHARED void caucus_fit_lay_out(const caucus_training *training, bool keeps_cells, caucus_fit_memory *memory,
                                      caucus_fit *fit)
{
    const bool mlp = training->learner.kind == CAUCUS_MLP;
    const bool noisy = training->learner.kind == CAUCUS_LOGISTIC && training->learner.is_private;
    const size_t n_cells = training->design.n_cells;
    const size_t n_kept = keeps_cells ? n_cells : 1;
    const size_t n_labels = training->n_labels;
    const size_t n_hidden = mlp ? training->learner.hidden : 0;
    const size_t n_outer = keeps_cells ? caucus_chunks(training->design.n_cells) : 1;
    fit->training = training;
    caucus_fit_lay_out_parameters(training, memory, fit);
    fit->totals = caucus_fit_take(memory, n_cells);
    fit->losses = caucus_fit_take(memory, keeps_cells ? n_cells : 0);
    fit->outputs = caucus_fit_take(memory, n_kept * training->n_outputs);
    fit->residual = caucus_fit_take(memory, n_kept * n_labels);
    fit->hidden = caucus_fit_take(memory, n_kept * n_hidden);
    fit->counts = caucus_fit_take(memory, mlp || noisy ? n_cells * n_labels : 0);
    fit->outer = caucus_fit_take(memory, mlp ? n_outer * n_labels * (1 + n_hidden) : 0);
}

/* The same in one piece of memory; returns its bytes. NULL: only measure. */
CAUCUS_SHARED size_t caucus_fit_place(const caucus_training *training, void *memory, caucus_fit *fit)
{
    caucus_fit_memory all;
    memset(&all, 0, sizeof all);
    all.far = (unsigned char *)memory;
    caucus_fit_lay_out(training, CAUCUS_KEEPS_CELLS, &all, fit);
    return all.far_used;
}

#endif
