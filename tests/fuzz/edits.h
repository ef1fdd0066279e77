/* Results and segments are sealed, so that raw bytes stop at the seal. Here the input is a list of edits of a file that
 * is whole: what they make of it is as HDF5 wants it, and sealed again, and has to be refused or read. */
#ifndef CAUCUS_FUZZ_EDITS_H
#define CAUCUS_FUZZ_EDITS_H

#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_base fuzz_base;

/* A file of tests/fuzz/base. Ends the process when it cannot be read. */
fuzz_base *fuzz_base_open(const char *name);

/* The file after the edits, sealed: at path. */
void fuzz_edit(const fuzz_base *base, const uint8_t *edits, size_t size, const char *name);

#endif
