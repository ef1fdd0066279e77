/* A finished result, edited and sealed again: what it says of itself, and its summary in every format. */
#include "fuzz/edits.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_base *base;
    base = base != NULL ? base : fuzz_base_open("result.h5");
    fuzz_edit(base, data, size, "result.h5");
    caucus_result *result = NULL;
    char path[256];
    snprintf(path, sizeof path, "%s/result.h5", fuzz_folder());
    if (caucus_result_open(path, &result) == CAUCUS_OK) {
        caucus_result_print_info(result, fuzz_nowhere());
        for (int format = CAUCUS_TABLE; format <= CAUCUS_JSON; format++) {
            caucus_result_print_summary(result, (caucus_format)format, fuzz_nowhere());
        }
        caucus_result_close(result);
    }
    caucus_result_verify(path, fuzz_nowhere());
    return 0;
}
