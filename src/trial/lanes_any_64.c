/* Trials side by side, for any processor. */
#define CAUCUS_LANES 64u
#define CAUCUS_FLAVOUR caucus_lanes_any_64
#define CAUCUS_FLAVOUR_NAME "any processor, 64-bit counts"
#include "trial/lanes_body.h"
