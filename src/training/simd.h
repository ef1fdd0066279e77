/* The training code, compiled for packs of 2, 4 and 8: one instruction set each, one result. */
#ifndef CAUCUS_TRAINING_SIMD_H
#define CAUCUS_TRAINING_SIMD_H

#include "training/training.h"

typedef struct caucus_training_flavour {
    uint32_t width;
    size_t (*space)(const caucus_training *training);
    void (*run)(const caucus_training *training, caucus_trainee *trainees, uint32_t n, void *space);
} caucus_training_flavour;

extern const caucus_training_flavour caucus_training_pairs; /* any processor */
#ifdef __x86_64__
extern const caucus_training_flavour caucus_training_avx2;
extern const caucus_training_flavour caucus_training_avx512;
#endif

/* The widest that this processor runs. */
const caucus_training_flavour *caucus_training_flavour_here(void);

#endif
