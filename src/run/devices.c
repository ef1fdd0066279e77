#include "run/devices.h"

#include "base/host.h"
#include "base/json.h"
#include "run/backend.h"
#include "run/cuda_module.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void describe_cpu(const caucus_host *host, char *text, size_t size)
{
    snprintf(text, size, "CPU: %s, %u core%s", host->model, host->cores, host->cores == 1 ? "" : "s");
}

unsigned caucus_device_cores(void)
{
    caucus_host host;
    caucus_host_describe("", &host);
    return host.cores;
}

/* ---- choice --------------------------------------------------------------------------------------------------- */

static const char cpu_remedy[] = "use --device cpu";

enum { FIRST = -1, ALL = -2 }; /* in place of an index */

/* False for what is not spelled so. */
static bool parse_cuda(const char *spec, int *index)
{
    if (strcmp(spec, "cuda") == 0 || strcmp(spec, "cuda:all") == 0) {
        *index = spec[4] == '\0' ? FIRST : ALL;
        return true;
    }
    const char *digits = spec + strlen("cuda:");
    if (strncmp(spec, "cuda:", strlen("cuda:")) != 0 || digits[0] == '\0' || strlen(digits) > 6 ||
        strspn(digits, "0123456789") != strlen(digits)) {
        return false;
    }
    *index = (int)strtol(digits, NULL, 10);
    return true;
}

/* Ask one device; NULL when it is usable, else why not. text holds the words. */
static const char *ask(const caucus_cuda_module *module, int index, caucus_cuda_device *device, char *text, size_t size)
{
    int error = module->device_describe(index, device);
    if (error == 0) {
        return caucus_cuda_module_refusal(module, device, text, size);
    }
    snprintf(text, size, "it cannot be asked: error %d, %s", error, module->error_text(error));
    return text;
}

static void add_part(caucus_device *device, int index, const caucus_cuda_device *cuda)
{
    caucus_device_part *part = &device->parts[device->n_parts++];
    *part = (caucus_device_part){.index = index,
                                 .memory_free = cuda->memory_free,
                                 .n_processors = cuda->n_processors,
                                 .lane_groups_resident = cuda->lane_groups_resident};
    snprintf(part->name, sizeof part->name, "cuda:%d (%s)", index, cuda->name);
}

/* "CUDA: NVIDIA H100 (cuda:0)", or "2 of 3 CUDA devices: cuda:0 (NVIDIA H100), cuda:2 (NVIDIA H100)". */
static void describe_cuda(const caucus_cuda_device *first, int count, bool all, caucus_device *device)
{
    char *text = device->description;
    const size_t size = sizeof device->description;
    if (device->n_parts == 1) {
        int length = snprintf(text, size, "CUDA: %s (cuda:%d)", first->name, device->parts[0].index);
        if (all && count > 1) {
            snprintf(text + length, size - (size_t)length, ", the only usable one of %d devices", count);
        }
        return;
    }
    size_t length = (size_t)snprintf(text, size, "%u of %d CUDA devices:", device->n_parts, count);
    for (unsigned i = 0; i < device->n_parts && length < size; i++) {
        length += (size_t)snprintf(text + length, size - length, "%s %s", i > 0 ? "," : "", device->parts[i].name);
    }
}

/* That device, the first one that kernels run on, or all of those. */
static caucus_status find_cuda(int asked, caucus_device *device)
{
    const caucus_cuda_module *module = NULL;
    int count = 0;
    TRY(caucus_cuda_module_open(&module));
    TRY(caucus_cuda_module_count(module, &count));
    if (asked >= count) {
        return caucus_fail(CAUCUS_FAILED, "there is no device cuda:%d, only %d CUDA device%s (cuda:0 to cuda:%d)",
                           asked, count, count == 1 ? "" : "s", count - 1);
    }
    TRY(caucus_alloc((size_t)count, sizeof *device->parts, "the list of devices", &device->parts));
    char text[CAUCUS_CUDA_TEXT + 128] = "";
    const char *refusal = NULL;
    caucus_cuda_device first = {0};
    for (int i = asked >= 0 ? asked : 0; i < (asked >= 0 ? asked + 1 : count); i++) {
        caucus_cuda_device cuda;
        const char *why = ask(module, i, &cuda, text, sizeof text);
        if (why != NULL) {
            refusal = why;
            continue;
        }
        if (device->n_parts == 0) {
            first = cuda;
        }
        add_part(device, i, &cuda);
        if (asked == FIRST) {
            break;
        }
    }
    if (device->n_parts > 0) {
        device->backend = &caucus_backend_cuda;
        describe_cuda(&first, count, asked == ALL, device);
        return CAUCUS_OK;
    }
    return asked < 0 ? caucus_fail(CAUCUS_FAILED, "none of %d CUDA devices is usable; the last: %s", count, refusal)
                     : caucus_fail(CAUCUS_FAILED, "the device cuda:%d is not usable: %s", asked, refusal);
}

static void choose_cpu(caucus_device *device)
{
    caucus_host host;
    caucus_host_describe("", &host);
    caucus_device_free(device);
    device->backend = &caucus_backend_cpu;
    describe_cpu(&host, device->description, sizeof device->description);
}

bool caucus_device_is_auto(const char *spec)
{
    return spec == NULL || strcmp(spec, "auto") == 0;
}

bool caucus_device_is_there(void)
{
    const caucus_cuda_module *module = NULL;
    int count = 0;
    return caucus_cuda_module_open(&module) == CAUCUS_OK && caucus_cuda_module_count(module, &count) == CAUCUS_OK;
}

caucus_status caucus_device_choose(const char *spec, caucus_device *device)
{
    memset(device, 0, sizeof *device);
    int asked = FIRST;
    if (caucus_device_is_auto(spec) || strcmp(spec, "cpu") == 0) {
        choose_cpu(device);
        return CAUCUS_OK;
    }
    if (!parse_cuda(spec, &asked)) {
        return caucus_fail(CAUCUS_INVALID,
                           "\"%s\" is no device; allowed are auto, cpu, cuda, cuda:I (I = 0, 1, ...) and cuda:all",
                           spec);
    }
    caucus_status status = find_cuda(asked, device);
    if (status != CAUCUS_OK) {
        caucus_device_free(device);
        return caucus_fail(status, "no CUDA device for --device %s: %s; or %s", spec, caucus_error_message(),
                           cpu_remedy);
    }
    return CAUCUS_OK;
}

void caucus_device_free(caucus_device *device)
{
    free(device->parts);
    memset(device, 0, sizeof *device);
}

/* ---- printing ------------------------------------------------------------------------------------------------- */

typedef struct cuda_row {
    caucus_cuda_device device;
    bool usable;
    char reason[CAUCUS_CUDA_TEXT + 128]; /* empty when usable */
} cuda_row;

typedef struct device_list {
    caucus_host host;
    int count;
    cuda_row *rows;                       /* [count] */
    char no_cuda[CAUCUS_CUDA_TEXT * 8];   /* why there are no rows; empty when there are */
    char architectures[CAUCUS_CUDA_TEXT]; /* of the module; empty without one */
    int driver, runtime;                  /* versions as 1000 * major + 10 * minor */
} device_list;

static void keep_reason(device_list *list)
{
    snprintf(list->no_cuda, sizeof list->no_cuda, "%s", caucus_error_message());
}

/* What is wrong with CUDA is part of the list, not a failure of it. */
static caucus_status list_devices(device_list *list)
{
    memset(list, 0, sizeof *list);
    caucus_host_describe("", &list->host);
    const caucus_cuda_module *module = NULL;
    if (caucus_cuda_module_open(&module) != CAUCUS_OK) {
        keep_reason(list);
        return CAUCUS_OK;
    }
    snprintf(list->architectures, sizeof list->architectures, "%s", module->architectures);
    module->versions(&list->driver, &list->runtime);
    if (caucus_cuda_module_count(module, &list->count) != CAUCUS_OK) {
        keep_reason(list);
        return CAUCUS_OK;
    }
    TRY(caucus_alloc((size_t)list->count, sizeof *list->rows, "the list of devices", &list->rows));
    for (int i = 0; i < list->count; i++) {
        cuda_row *row = &list->rows[i];
        row->usable = ask(module, i, &row->device, row->reason, sizeof row->reason) == NULL;
    }
    return CAUCUS_OK;
}

static double gib(uint64_t bytes)
{
    return (double)bytes / (1024.0 * 1024.0 * 1024.0);
}

static void print_table(const device_list *list, FILE *to)
{
    const char *layout = "%-8s  %-40s  %9.1f GiB  %9.1f GiB  %s\n";
    fprintf(to, "%-8s  %-40s  %13s  %13s  %s\n", "device", "name", "memory", "free", "state");
    char name[CAUCUS_CUDA_TEXT + 64];
    snprintf(name, sizeof name, "%s, %u core%s", list->host.model, list->host.cores, list->host.cores == 1 ? "" : "s");
    fprintf(to, layout, "cpu", name, gib(list->host.memory_total), gib(list->host.memory_free), "usable");
    for (int i = 0; i < list->count; i++) {
        const cuda_row *row = &list->rows[i];
        char spec[24];
        snprintf(spec, sizeof spec, "cuda:%d", i);
        snprintf(name, sizeof name, "%s, compute capability %d.%d", row->device.name, row->device.major,
                 row->device.minor);
        fprintf(to, layout, spec, name, gib(row->device.memory_total), gib(row->device.memory_free),
                row->usable ? "usable: a test kernel ran" : row->reason);
    }
    if (list->count == 0) {
        fprintf(to, "%-8s  not usable: %s\n", "cuda", list->no_cuda);
    }
}

/* RFC 4180: quotes doubled. */
static void print_csv_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text != '\0'; text++) {
        fputs(*text == '"' ? "\"\"" : (char[2]){*text, '\0'}, to);
    }
    fputc('"', to);
}

static void print_csv(const device_list *list, FILE *to)
{
    fputs("device,name,cores,compute_capability,memory_bytes,free_bytes,usable,reason\ncpu,", to);
    print_csv_text(to, list->host.model);
    fprintf(to, ",%u,,%" PRIu64 ",%" PRIu64 ",true,\"\"\n", list->host.cores, list->host.memory_total,
            list->host.memory_free);
    for (int i = 0; i < list->count; i++) {
        const cuda_row *row = &list->rows[i];
        fprintf(to, "cuda:%d,", i);
        print_csv_text(to, row->device.name);
        fprintf(to, ",,%d.%d,%" PRIu64 ",%" PRIu64 ",%s,", row->device.major, row->device.minor,
                row->device.memory_total, row->device.memory_free, row->usable ? "true" : "false");
        print_csv_text(to, row->reason);
        fputc('\n', to);
    }
    if (list->count == 0) {
        fputs("cuda,\"\",,,,,false,", to);
        print_csv_text(to, list->no_cuda);
        fputc('\n', to);
    }
}

static void print_version(FILE *to, const char *key, int version)
{
    if (version > 0) {
        fprintf(to, ", \"%s\": \"%d.%d\"", key, version / 1000, version % 1000 / 10);
    } else {
        fprintf(to, ", \"%s\": null", key);
    }
}

static void print_json(const device_list *list, FILE *to)
{
    fputs("{\"caucus_version\": ", to);
    caucus_json_string(to, caucus_version());
    fputs(", \"runs_on\": [\"cpu\"", to);
    for (int i = 0; i < list->count; i++) {
        if (list->rows[i].usable) {
            fprintf(to, ", \"cuda:%d\"", i);
        }
    }
    fputs("],\n \"cpu\": {\"name\": ", to);
    caucus_json_string(to, list->host.model);
    fprintf(to, ", \"cores\": %u, \"memory_bytes\": %" PRIu64 ", \"free_bytes\": %" PRIu64 ", \"usable\": true},\n",
            list->host.cores, list->host.memory_total, list->host.memory_free);
    fputs(" \"cuda\": {\"architectures\": ", to);
    caucus_json_string(to, list->architectures[0] != '\0' ? list->architectures : NULL);
    print_version(to, "driver", list->driver);
    print_version(to, "runtime", list->runtime);
    fputs(", \"reason\": ", to);
    caucus_json_string(to, list->count == 0 ? list->no_cuda : NULL);
    fputs(",\n  \"devices\": [", to);
    for (int i = 0; i < list->count; i++) {
        const cuda_row *row = &list->rows[i];
        fprintf(to, "%s\n   {\"device\": \"cuda:%d\", \"name\": ", i > 0 ? "," : "", i);
        caucus_json_string(to, row->device.name);
        fprintf(to, ", \"compute_capability\": \"%d.%d\", \"memory_bytes\": %" PRIu64 ", \"free_bytes\": %" PRIu64,
                row->device.major, row->device.minor, row->device.memory_total, row->device.memory_free);
        fprintf(to, ", \"usable\": %s, \"reason\": ", row->usable ? "true" : "false");
        caucus_json_string(to, row->usable ? NULL : row->reason);
        fputc('}', to);
    }
    fputs("]}}\n", to);
}

caucus_status caucus_devices_print(caucus_format format, FILE *to)
{
    device_list *list = NULL;
    TRY(caucus_alloc(1, sizeof *list, "the list of devices", &list));
    caucus_status status = list_devices(list);
    if (status == CAUCUS_OK) {
        switch (format) {
        case CAUCUS_TABLE:
            print_table(list, to);
            break;
        case CAUCUS_CSV:
            print_csv(list, to);
            break;
        case CAUCUS_JSON:
            print_json(list, to);
            break;
        default:
            status = caucus_fail(CAUCUS_INVALID, "format %d of the device list is none of table, csv, json", format);
        }
    }
    if (status == CAUCUS_OK && ferror(to)) {
        status = caucus_fail(CAUCUS_FAILED, "the list of devices could not be written");
    }
    free(list->rows);
    free(list);
    return status;
}
