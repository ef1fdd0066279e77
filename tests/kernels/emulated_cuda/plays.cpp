#include "plays.h"

#include <cstdlib>
#include <cstring>

uint64_t emulated_plays(const char *key, uint64_t fallback)
{
    const char *at = std::getenv("EMULATED_CUDA");
    const size_t length = std::strlen(key);
    while (at != nullptr && *at != '\0') {
        if (std::strncmp(at, key, length) == 0 && at[length] == '=') {
            return std::strtoull(at + length + 1, nullptr, 10);
        }
        at = std::strchr(at, ',');
        at = at == nullptr ? nullptr : at + 1;
    }
    return fallback;
}
