/* A table as HDF5, read as all of them are: in a process of its own, whose crashes are messages. */
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const caucus_table_options options = {.path = fuzz_file("table.h5", data, size)};
    caucus_columns_print(&options, CAUCUS_CSV, fuzz_nowhere());
    return 0;
}
