#include "run/cuda_rows.h"

#include "rows/rows.h"
#include "run/cuda_fail.h"

#include <string.h>

static caucus_status told(const caucus_row_device *to, int error, const caucus_cuda_fault *fault)
{
    return error == 0 ? CAUCUS_OK : caucus_cuda_fail(to->module, to->device, to->name, fault);
}

static caucus_status open_session(const caucus_operations *self, caucus_dense_shape *shape, void **session)
{
    const caucus_row_device *at = self->device;
    caucus_cuda_fault fault = {0};
    return told(at, at->module->dense->open(at->device, at->precision, shape, session, &fault), &fault);
}

static caucus_status make_vectors(const caucus_operations *self, void *session, size_t n, double **vectors)
{
    const caucus_row_device *at = self->device;
    caucus_cuda_fault fault = {0};
    return told(at, at->module->dense->vectors(session, n, vectors, &fault), &fault);
}

static caucus_status share_numbers(const caucus_operations *self, void *session, const double *numbers, size_t n,
                                   const double **vector)
{
    const caucus_row_device *at = self->device;
    caucus_cuda_fault fault = {0};
    return told(at, at->module->dense->share(session, numbers, n, vector, &fault), &fault);
}

static caucus_status check_session(const caucus_operations *self, const void *session)
{
    const caucus_row_device *at = self->device;
    caucus_cuda_fault fault = {0};
    return told(at, at->module->dense->check(session, &fault), &fault);
}

void caucus_row_device_init(const caucus_cuda_module *module, int device, const char *name, uint32_t precision,
                            caucus_row_device *made)
{
    *made = (caucus_row_device){.module = module, .device = device, .name = name, .precision = precision};
    made->operations = *module->dense->operations;
    made->operations.device = made;
    made->operations.open = open_session;
    made->operations.vectors = make_vectors;
    made->operations.share = share_numbers;
    made->operations.check = check_session;
}

caucus_status caucus_need_add_rows(caucus_need *need, const caucus_compiled *compiled)
{
    const caucus_cuda_module *module = NULL;
    caucus_dense_need dense;
    TRY(caucus_cuda_module_open(&module));
    caucus_rows_device_need(compiled->rows, &dense);
    const uint64_t bytes = module->dense->bytes(&dense);
    const uint64_t host_bytes = caucus_rows_device_space_bytes(compiled->rows);
    need->dense = bytes > need->dense ? bytes : need->dense;
    need->dense_host = host_bytes > need->dense_host ? host_bytes : need->dense_host;
    need->dense_trials = dense.shape.batch > need->dense_trials ? dense.shape.batch : need->dense_trials;
    return CAUCUS_OK;
}

caucus_status caucus_cuda_trainer(const caucus_device *device, uint32_t precisions, char *text, size_t size)
{
    const caucus_cuda_module *module = NULL;
    TRY(caucus_cuda_module_open(&module));
    for (unsigned i = 0; i < device->n_parts; i++) {
        const caucus_device_part *part = &device->parts[i];
        caucus_cuda_fault fault = {0};
        char here[CAUCUS_CUDA_TEXT] = "";
        for (uint32_t p = 0; p < CAUCUS_N_PRODUCTS; p++) {
            if ((precisions >> p & 1u) != 0 && module->dense->library(part->index, p, here, &fault) != 0) {
                return caucus_cuda_fail(module, part->index, part->name, &fault);
            }
        }
        if (i > 0 && strcmp(here, text) != 0) {
            return caucus_fail(CAUCUS_FAILED,
                               "devices of several types (%s, %s) do not train to the same last bits on rows of "
                               "numbers; use those of one type, named by CUDA_VISIBLE_DEVICES, or a single one",
                               text, here);
        }
        snprintf(text, size, "%s", here);
    }
    return CAUCUS_OK;
}
