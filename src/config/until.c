#include "config/until.h"

const char *const caucus_until_names[CAUCUS_N_UNTIL] = {"success", "bounds", "quantiles"};

uint64_t caucus_until_next(const caucus_until *until, uint64_t trials)
{
    return trials < until->most / 2 ? 2 * trials : until->most;
}

uint64_t caucus_until_round(const caucus_until *until, uint64_t first, uint64_t trials)
{
    uint64_t round = first;
    while (round < trials && round < until->most) {
        round = caucus_until_next(until, round);
    }
    return round;
}
