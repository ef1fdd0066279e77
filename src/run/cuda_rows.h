/* Training on rows on a CUDA device: its operations as the solver takes them, and what they need. */
#ifndef CAUCUS_RUN_CUDA_ROWS_H
#define CAUCUS_RUN_CUDA_ROWS_H

#include "run/cuda_module.h"
#include "run/cuda_quota.h"
#include "trial/tables.h"

/* Where sessions are opened, and in which precision; the operations point at it, so that it stays where it is. */
typedef struct caucus_row_device {
    const caucus_cuda_module *module;
    int device;
    const char *name;   /* for messages */
    uint32_t precision; /* caucus_products */
    caucus_operations operations;
} caucus_row_device;

void caucus_row_device_init(const caucus_cuda_module *module, int device, const char *name, uint32_t precision,
                            caucus_row_device *made);

/* Raise what is needed of a device, and of the host for it, to what a configuration on rows needs. */
caucus_status caucus_need_add_rows(caucus_need *need, const caucus_compiled *compiled);

/* What trains on the parts of a device, in words of so many bytes; precisions: a bit for each of caucus_products that
 * is used. CAUCUS_FAILED where there is no cuBLAS, a part lacks a precision, or the parts are of several types, whose
 * results would differ. */
caucus_status caucus_cuda_trainer(const caucus_device *device, uint32_t precisions, char *text, size_t size);

#endif
