/* Trials one at a time. */
#define CAUCUS_LANES 1u
#define CAUCUS_FLAVOUR caucus_lanes_one
#define CAUCUS_FLAVOUR_NAME "one at a time"
#include "trial/lanes_body.h"
