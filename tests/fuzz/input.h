/* What the fuzzers share: their input as a file that lives as long as one try. */
#ifndef CAUCUS_FUZZ_INPUT_H
#define CAUCUS_FUZZ_INPUT_H

#include "base/status.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where page-wise output goes. */
FILE *fuzz_nowhere(void);

/* The folder of this process for files of its tries, made on the first call. */
const char *fuzz_folder(void);

/* Write the input to a file of this name in the folder; its path, valid until the next call. Ends the process when that
 * is impossible. */
const char *fuzz_file(const char *name, const void *data, size_t size);

#endif
