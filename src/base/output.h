/* A text file that is there whole or not at all, published as results are. */
#ifndef CAUCUS_BASE_OUTPUT_H
#define CAUCUS_BASE_OUTPUT_H

#include "base/status.h"

/* Have a file written by write(context, to) and give it the name path. Without force nothing is replaced. */
caucus_status caucus_output_write(const char *path, bool force, caucus_status (*write)(const void *context, FILE *to),
                                  const void *context);

#endif
