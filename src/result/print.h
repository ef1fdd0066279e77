/* The formats of summaries (caucus_result_print_summary). */
#ifndef CAUCUS_RESULT_PRINT_H
#define CAUCUS_RESULT_PRINT_H

#include "result/result.h"

#include <stdio.h>

caucus_status caucus_result_print_table(caucus_result *result, FILE *to);
caucus_status caucus_result_print_csv(caucus_result *result, FILE *to);
caucus_status caucus_result_print_json(caucus_result *result, FILE *to);

#endif
