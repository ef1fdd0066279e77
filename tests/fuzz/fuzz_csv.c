/* A table as CSV, packed or not: its columns, and a first experiment on it. */
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const caucus_table_options options = {.path = fuzz_file("table.csv", data, size)};
    caucus_columns_print(&options, CAUCUS_TABLE, fuzz_nowhere());
    caucus_init_print(&options, NULL, NULL, fuzz_nowhere());
    return 0;
}
