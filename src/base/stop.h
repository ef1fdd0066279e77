/* The wish to stop, from a signal handler or another thread. Long work looks now and then. */
#ifndef CAUCUS_BASE_STOP_H
#define CAUCUS_BASE_STOP_H

#include "base/status.h"

void caucus_stop_request(void);
bool caucus_stop_requested(void);
void caucus_stop_forget(void);

/* CAUCUS_STOPPED before anything was begun that could be saved, where that is wished. */
caucus_status caucus_stop_check(void);

#endif
