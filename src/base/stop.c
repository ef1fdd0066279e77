#include "base/stop.h"

#include <assert.h>
#include <stdatomic.h>

static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler may set it while any thread looks");
static atomic_int requested;

void caucus_stop_request(void)
{
    atomic_store(&requested, 1);
}

bool caucus_stop_requested(void)
{
    return atomic_load_explicit(&requested, memory_order_relaxed) != 0;
}

void caucus_stop_forget(void)
{
    atomic_store(&requested, 0);
}

caucus_status caucus_stop_check(void)
{
    return caucus_stop_requested() ? caucus_fail(CAUCUS_STOPPED, "stopped before anything was computed") : CAUCUS_OK;
}
