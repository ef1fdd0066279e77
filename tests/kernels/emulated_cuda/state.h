/* What the parts of the emulated runtime share: errors, devices that are lost, memory by address. */
#ifndef EMULATED_CUDA_STATE_H
#define EMULATED_CUDA_STATE_H

#include "cuda_runtime.h"

enum { EMULATED_MOST_DEVICES = 64 };

/* Keep an error for cudaGetLastError and return it. */
cudaError_t emulated_say(cudaError_t error);

/* The calling thread's device, and what is wrong with a device: 0, or the error that it was lost by. */
int emulated_current();
cudaError_t emulated_broken(int device);

/* Count a kernel's launch on a device; false when it fails, and the device is lost with it. */
bool emulated_survives(int device);

/* Whether the module has no code for it. */
bool emulated_lacks_image(int device);

/* Whether all the bytes lie in one allocation of that device. */
bool emulated_owns(int device, const void *memory, size_t bytes);

/* Whether all the bytes lie in one pinned allocation. */
bool emulated_pinned(const void *memory, size_t bytes);

/* Whether an address lies in any allocation of a device. */
bool emulated_on_device(const void *memory);

/* Whether the calling thread captures a stream. What must not happen meanwhile spoils the capture. */
bool emulated_spoils_capture();

/* Finish what this thread's streams have waiting for a device. */
void emulated_finish_own(int device);

#endif
