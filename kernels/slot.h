/* Slots: a stream with memory of its own, and the graphs that are replayed in it. module.h says what the functions
 * do. */
#ifndef CAUCUS_KERNELS_SLOT_H
#define CAUCUS_KERNELS_SLOT_H

#include "kernels/module.h"

int caucus_slot_open(int device, caucus_cuda_slot **slot, caucus_cuda_fault *fault);
void caucus_slot_close(caucus_cuda_slot *slot);
int caucus_slot_reserve(caucus_cuda_slot *slot, const caucus_cuda_room *room, caucus_cuda_places *places,
                        caucus_cuda_fault *fault);
int caucus_slot_run(caucus_cuda_slot *slot, const caucus_cuda_work *work, caucus_cuda_fault *fault);

#endif
