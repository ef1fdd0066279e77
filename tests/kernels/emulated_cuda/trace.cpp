#include "trace.h"

#include "cuda_runtime.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

static const char *const names[EMULATED_KINDS] = {"allocations", "releases", "kernels", "graphs", "replays",
                                                  "uploads",     "threads",  "recalls", "limits"};

static std::atomic<uint64_t> counts[EMULATED_KINDS];

void emulated_count(emulated_event_kind kind, unsigned long long n)
{
    counts[kind] += n;
}

void emulated_tally_limits()
{
    emulated_count(EMULATED_LIMITS);
}

void emulated_tally_recalls()
{
    emulated_count(EMULATED_RECALLS);
}

__attribute__((destructor)) static void write_trace()
{
    const char *path = std::getenv("EMULATED_CUDA_TRACE");
    FILE *file = path != nullptr ? std::fopen(path, "w") : nullptr;
    if (file == nullptr) {
        return;
    }
    for (int i = 0; i < EMULATED_KINDS; i++) {
        std::fprintf(file, "%s\"%s\": %llu", i == 0 ? "{" : ", ", names[i], (unsigned long long)counts[i].load());
    }
    std::fputs("}\n", file);
    std::fclose(file);
}
