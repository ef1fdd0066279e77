/* Training in packs of two, for any processor. */
#define CAUCUS_PACK_WIDTH 2
#define CAUCUS_FLAVOUR caucus_training_pairs
#include "training/simd_body.h"
