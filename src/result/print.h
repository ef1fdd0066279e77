/* The formats of summaries (caucus_result_print_summary). */
#ifndef CAUCUS_RESULT_PRINT_H
#define CAUCUS_RESULT_PRINT_H

#include "result/result.h"

#include <stdio.h>

/* A line for each configuration and collective, methods beside each other; most: of them, 0 for all. */
caucus_status caucus_result_print_table(caucus_result *result, uint64_t most, FILE *to);

/* Records of several results, in any format. */
caucus_status caucus_result_print_records(caucus_result *const *results, size_t n_results,
                                          const caucus_summary_options *options, FILE *to);

#endif
