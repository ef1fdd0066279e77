/* The parts of an unfinished run: a segment edited, or, where the first byte is odd, what lays the run out. */
#include "fuzz/edits.h"
#include "fuzz/input.h"

#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_base *layout;
    static fuzz_base *segment;
    char path[256];
    if (layout == NULL) {
        layout = fuzz_base_open("layout.h5");
        segment = fuzz_base_open("segment.h5");
        snprintf(path, sizeof path, "%s/run.h5.parts", fuzz_folder());
        mkdir(path, 0700);
    }
    if (size == 0) {
        return 0;
    }
    const bool odd = data[0] % 2 != 0;
    fuzz_edit(layout, data + 1, odd ? size - 1 : 0, "run.h5.parts/layout.h5");
    fuzz_edit(segment, data + 1, odd ? 0 : size - 1, "run.h5.parts/segment-00000000.h5");
    caucus_result *result = NULL;
    snprintf(path, sizeof path, "%s/run.h5", fuzz_folder());
    if (caucus_result_open(path, &result) == CAUCUS_OK) {
        caucus_result_print_info(result, fuzz_nowhere());
        caucus_result_print_summary(result, CAUCUS_TABLE, fuzz_nowhere());
        caucus_result_close(result);
    }
    return 0;
}
