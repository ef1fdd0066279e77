/* Trials side by side, for any processor: few at a time. */
#define CAUCUS_LANES 16u
#define CAUCUS_COUNT_BITS 32
#define CAUCUS_FLAVOUR caucus_lanes_any_32_few
#define CAUCUS_FLAVOUR_NAME "any processor, 32-bit counts, few lanes"
#include "trial/lanes_body.h"
