/* Partitions, shared by the configurations and threads of a process: finding the classes of many people takes longer
 * than anything else that a configuration is compiled to. */
#ifndef CAUCUS_COMPILE_PARTITION_CACHE_H
#define CAUCUS_COMPILE_PARTITION_CACHE_H

#include "compile/partition.h"

/* The partition of these people, made unless there is one. Every partition that was got must be released. */
caucus_status caucus_partition_cache_get(const caucus_partition_people *people, const caucus_partition **partition);
void caucus_partition_cache_release(const caucus_partition *partition); /* NULL is fine */

#endif
