/* Plans of groups, shared by the configurations and threads of a process: neighbours in a sweep draw most groups alike,
 * and every configuration is compiled more than once. */
#ifndef CAUCUS_COMPILE_GROUP_CACHE_H
#define CAUCUS_COMPILE_GROUP_CACHE_H

#include "compile/group_plan.h"

/* The plan for a request, made unless there is one. Every plan that was got must be released; some are kept for a while
 * after that. */
caucus_status caucus_group_cache_get(const caucus_group_request *request, const caucus_group **group);
void caucus_group_cache_release(const caucus_group *group); /* NULL is fine */

#endif
