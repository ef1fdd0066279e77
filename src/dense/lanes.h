/* Functions that are compiled for several instruction sets, the best of which is taken at run time. Trials lie side by
 * side in their loops. */
#ifndef CAUCUS_DENSE_LANES_H
#define CAUCUS_DENSE_LANES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
#define CAUCUS_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CAUCUS_CLONES
#endif

#endif
