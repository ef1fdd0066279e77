/* One run of a plan. */
#ifndef CAUCUS_RUN_RUN_H
#define CAUCUS_RUN_RUN_H

#include "run/plan.h"

/* Where results go is opened and closed around the run; in_memory may be NULL. The options have been checked. */
caucus_status caucus_run_once(caucus_plan *plan, const caucus_run_options *options, caucus_result **in_memory);

#endif
