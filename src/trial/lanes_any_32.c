/* Trials side by side, for any processor. */
#define CAUCUS_LANES 64u
#define CAUCUS_COUNT_BITS 32
#define CAUCUS_FLAVOUR caucus_lanes_any_32
#define CAUCUS_FLAVOUR_NAME "any processor, 32-bit counts"
#include "trial/lanes_body.h"
