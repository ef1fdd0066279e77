/* Counts documents: the bounds of each. */
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("counts.yaml", data, size);
    for (int format = CAUCUS_TABLE; format <= CAUCUS_JSON; format++) {
        caucus_bounds_print_documents(path, NULL, (caucus_format)format, fuzz_nowhere());
    }
    return 0;
}
