/* The workspace of a team that trains a pack of trainees. */
#ifndef CAUCUS_FIT_H
#define CAUCUS_FIT_H

#include "team.h"
#include "training.h"

enum { CAUCUS_MEMORY = 16 }; /* steps that a quasi-Newton search remembers */

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

CAUCUS_SHARED caucus_pack *caucus_fit_take(unsigned char *memory, size_t *bytes, size_t n)
{
    unsigned char *at = memory != NULL ? memory + *bytes : NULL;
    *bytes += (n * sizeof(caucus_pack) + 63) / 64 * 64;
    return (caucus_pack *)(void *)at;
}

/* Lay out a workspace and return its bytes; memory NULL: only measure. */
CAUCUS_SHARED size_t caucus_fit_place(const caucus_training *training, void *memory, caucus_fit *fit)
{
    const bool mlp = training->learner.kind == CAUCUS_MLP;
    const bool noisy = training->learner.kind == CAUCUS_LOGISTIC && training->learner.is_private;
    const bool logistic = training->learner.kind == CAUCUS_LOGISTIC && !noisy;
    const size_t n_cells = training->design.n_cells;
    const size_t n_kept = CAUCUS_KEEPS_CELLS ? n_cells : 1;
    const size_t n_labels = training->n_labels;
    const size_t n_outputs = (size_t)training->design.n_patterns * training->n_outputs;
    const size_t n_all = training->n_parameters;
    const size_t n_hidden = mlp ? training->learner.hidden : 0;
    const size_t n_chunks = caucus_chunks(training->design.n_cells);
    const size_t n_parts = caucus_chunks(training->n_parameters);
    unsigned char *at = (unsigned char *)memory;
    size_t bytes = 0;
    fit->training = training;
    fit->totals = caucus_fit_take(at, &bytes, n_cells);
    fit->counts = caucus_fit_take(at, &bytes, mlp || noisy ? n_cells * n_labels : 0);
    fit->linear = caucus_fit_take(at, &bytes, logistic ? n_all : 0);
    fit->scores = caucus_fit_take(at, &bytes, n_outputs);
    fit->sums = caucus_fit_take(at, &bytes, n_outputs);
    fit->outputs = caucus_fit_take(at, &bytes, n_kept * training->n_outputs);
    fit->residual = caucus_fit_take(at, &bytes, n_kept * n_labels);
    fit->hidden = caucus_fit_take(at, &bytes, n_kept * n_hidden);
    fit->outer = caucus_fit_take(at, &bytes, mlp ? (CAUCUS_KEEPS_CELLS ? n_chunks : 1) * n_labels * (1 + n_hidden) : 0);
    fit->losses = caucus_fit_take(at, &bytes, CAUCUS_KEEPS_CELLS ? n_cells : 0);
    fit->parts = caucus_fit_take(at, &bytes, n_chunks > n_parts ? n_chunks : n_parts);
    fit->point = caucus_fit_take(at, &bytes, n_all);
    fit->gradient = caucus_fit_take(at, &bytes, n_all);
    fit->trial = caucus_fit_take(at, &bytes, n_all);
    fit->slopes = caucus_fit_take(at, &bytes, n_all);
    fit->direction = caucus_fit_take(at, &bytes, n_all);
    fit->work = caucus_fit_take(at, &bytes, n_all);
    fit->moves = caucus_fit_take(at, &bytes, mlp || logistic ? CAUCUS_MEMORY * n_all : 0);
    fit->changes = caucus_fit_take(at, &bytes, mlp || logistic ? CAUCUS_MEMORY * n_all : 0);
    fit->finished = caucus_fit_take(at, &bytes, n_all);
    fit->tally = (uint64_t *)(void *)(at != NULL ? at + bytes : NULL);
    return bytes + ((size_t)training->design.n_patterns * n_labels * sizeof *fit->tally + 63) / 64 * 64;
}

#endif
