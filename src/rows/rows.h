/* Trials on people with real-valued features.
 *
 * The rows of the table are the same in all trials: a trial is how many people hand in each of them, and each of the
 * rows that collectives make of theirs. Draws are equal to the bit everywhere. Trials are trained in batches, trial t
 * in batch t / B, so that what is learnt does not depend on blocks, threads, or where a run was resumed; it does depend
 * on the matrix library and the type of processor (docs/rows.md, "What is promised"). */
#ifndef CAUCUS_ROWS_ROWS_H
#define CAUCUS_ROWS_ROWS_H

#include "config/config.h"
#include "dense/dense.h"
#include "trial/row.h"

typedef struct caucus_rows caucus_rows;             /* a configuration's tables: read-only, shared by threads */
typedef struct caucus_rows_space caucus_rows_space; /* what a thread computes a batch in */

/* The tables of a configuration, which is borrowed. CAUCUS_INVALID where memory, rows or members do not suffice,
 * CAUCUS_FAILED without a matrix library. */
caucus_status caucus_rows_open(const caucus_config *config, caucus_rows **rows);
void caucus_rows_close(caucus_rows *rows);

/* Bytes that they take, and beside these while they are made. */
size_t caucus_rows_bytes(const caucus_rows *rows);
size_t caucus_rows_making_bytes(const caucus_rows *rows);

/* Trials of a batch on the host, and on a device, which takes more at a time to be busy. */
uint32_t caucus_rows_batch(const caucus_rows *rows);
uint32_t caucus_rows_device_batch(const caucus_rows *rows);

/* What a space takes on the host that trains; what one takes on the host of a device, and what is to lie there. */
size_t caucus_rows_space_bytes(const caucus_rows *rows);
size_t caucus_rows_device_space_bytes(const caucus_rows *rows);
void caucus_rows_device_need(const caucus_rows *rows, caucus_dense_need *need);

/* About the nanoseconds that a thread takes for a trial. */
double caucus_rows_nanoseconds(const caucus_rows *rows);

/* operations: of a device; NULL: of the host. */
caucus_status caucus_rows_space_open(const caucus_rows *rows, const caucus_operations *operations,
                                     caucus_rows_space **space);
void caucus_rows_space_close(caucus_rows_space *space);

/* Compute all trials of a batch. CAUCUS_FAILED when a device fails. */
caucus_status caucus_rows_run(const caucus_rows *rows, caucus_rows_space *space, uint32_t batch);

/* What trial i of the batch that was run last yields. */
void caucus_rows_report(const caucus_rows *rows, const caucus_rows_space *space, uint32_t i, const caucus_row *result);

/* What trains, in words: the library and the type of processor that it computes for. What is learnt from the same
 * experiment is equal to the bit only where both are. Empty without a library. */
enum { CAUCUS_ROWS_TRAINER = 320 };
void caucus_rows_trainer(char text[CAUCUS_ROWS_TRAINER]);

#endif
