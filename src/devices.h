/* Devices that trials could run on, and the choice of one. */
#ifndef CAUCUS_DEVICES_H
#define CAUCUS_DEVICES_H

#include "status.h"

typedef enum caucus_device_kind { CAUCUS_DEVICE_CPU, CAUCUS_DEVICE_CUDA } caucus_device_kind;

enum { CAUCUS_DEVICE_TEXT = 256 };

typedef struct caucus_device {
    caucus_device_kind kind;
    int index;                            /* of a CUDA device; 0 for the CPU */
    char description[CAUCUS_DEVICE_TEXT]; /* in words: "CPU: AMD EPYC 7763, 2 cores" */
} caucus_device;

/* Choose by "auto", "cpu", "cuda" (the first usable one) or "cuda:I"; NULL means "auto", which is the CPU as long as
 * trials run only there. CAUCUS_INVALID for any other text; CAUCUS_FAILED when a CUDA device is asked for and cannot be
 * had, with the reason and the remedy. */
caucus_status caucus_device_choose(const char *spec, caucus_device *device);

/* Cores that this process may run on: the default number of threads. At least 1. */
unsigned caucus_device_cores(void);

#endif
