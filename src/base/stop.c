#include "base/stop.h"

#include <signal.h>

static volatile sig_atomic_t requested;

void caucus_stop_request(void)
{
    requested = 1;
}

bool caucus_stop_requested(void)
{
    return requested != 0;
}

void caucus_stop_forget(void)
{
    requested = 0;
}

caucus_status caucus_stop_check(void)
{
    return requested != 0 ? caucus_fail(CAUCUS_STOPPED, "stopped before anything was computed") : CAUCUS_OK;
}
