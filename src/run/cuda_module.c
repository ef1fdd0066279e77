#include "run/cuda_module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char module_file[] = "caucus_cuda.so";
static const char module_variable[] = "CAUCUS_CUDA_MODULE";

/* The numbers of cudaError_t that have their own advice; they have been the same since CUDA 5. */
enum {
    CUDA_INSUFFICIENT_DRIVER = 35,
    CUDA_NO_DEVICE = 100,
    CUDA_NO_KERNEL_IMAGE = 209,
    CUDA_UNSUPPORTED_PTX = 222,
    CUDA_SYSTEM_NOT_READY = 802,
    CUDA_DRIVER_MISMATCH = 803
};

/* The folder of the program or shared library that holds this code. */
static bool own_folder(char *folder, size_t size)
{
    Dl_info info;
    void *extra = NULL;
    if (dladdr1(module_file, &info, &extra, RTLD_DL_LINKMAP) == 0 || extra == NULL) {
        return false;
    }
    const struct link_map *map = extra;
    const char *object = map->l_name;
    char resolved[PATH_MAX];
    /* The program itself has no name here, and the one in dli_fname is argv[0], which may be relative to anything. */
    if (object == NULL || object[0] == '\0') {
        object = "/proc/self/exe";
    }
    if (realpath(object, resolved) == NULL) {
        return false;
    }
    *strrchr(resolved, '/') = '\0';
    return (size_t)snprintf(folder, size, "%s", resolved) < size;
}

static bool find_module(char *path, size_t size)
{
    char folder[PATH_MAX];
    const char *const places[] = {"", CAUCUS_MODULE_BESIDE};
    if (own_folder(folder, sizeof folder)) {
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            int length = snprintf(path, size, "%s/%s%s", folder, places[i], module_file);
            if ((size_t)length < size && access(path, F_OK) == 0) {
                return true;
            }
        }
    }
    return (size_t)snprintf(path, size, "%s/%s", CAUCUS_MODULE_FOLDER, module_file) < size && access(path, F_OK) == 0;
}

/* Opening a module runs what is in it, so that others must not have been able to write it. */
static caucus_status check_owner(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) < 0) {
        return caucus_fail(CAUCUS_FAILED, "the CUDA module cannot be opened: %s: %s", path, strerror(errno));
    }
    if (facts.st_uid != 0 && facts.st_uid != geteuid()) {
        return caucus_fail(CAUCUS_FAILED,
                           "the CUDA module is not opened: %s belongs to another user (number %u) than root and "
                           "you; copy it to a folder of your own",
                           path, (unsigned)facts.st_uid);
    }
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return caucus_fail(CAUCUS_FAILED,
                           "the CUDA module is not opened: others than its owner may write %s; take that from "
                           "them with: chmod go-w %s",
                           path, path);
    }
    return CAUCUS_OK;
}

/* The file, and its folder, where it could be exchanged. path: absolute and resolved. */
static caucus_status check_trusted(const char *path)
{
    TRY(check_owner(path));
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return check_owner(folder);
}

caucus_status caucus_cuda_module_open(const caucus_cuda_module **module)
{
    *module = NULL;
    char found_path[PATH_MAX];
    char path[PATH_MAX];
    const char *asked = secure_getenv(module_variable);
    if (asked != NULL && asked[0] != '\0') {
        if (realpath(asked, path) == NULL) { /* dlopen looks elsewhere for names without a folder */
            return caucus_fail(CAUCUS_FAILED, "no CUDA module: %s=%s names no file; correct or unset it",
                               module_variable, asked);
        }
    } else if (!find_module(found_path, sizeof found_path) || realpath(found_path, path) == NULL) {
        return caucus_fail(CAUCUS_FAILED,
                           "this build has no CUDA module (%s); build with nvcc from the CUDA toolkit on PATH "
                           "(cmake -DCAUCUS_CUDA=ON says what is missing), or name the file in %s",
                           module_file, module_variable);
    }
    TRY(check_trusted(path));
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return caucus_fail(CAUCUS_FAILED, "the CUDA module cannot be opened: %s; build it again", dlerror());
    }
    const caucus_cuda_module *(*get)(void) = NULL;
    void *symbol = dlsym(handle, CAUCUS_CUDA_MODULE_SYMBOL);
    memcpy(&get, &symbol, sizeof get); /* ISO C has no cast from an object to a function pointer */
    if (get == NULL) {
        dlclose(handle);
        return caucus_fail(CAUCUS_FAILED, "%s is no CUDA module of caucus: it has no %s", path,
                           CAUCUS_CUDA_MODULE_SYMBOL);
    }
    const caucus_cuda_module *found = get();
    if (found == NULL || found->abi_version != CAUCUS_CUDA_ABI) {
        caucus_status status =
            caucus_fail(CAUCUS_FAILED, "the CUDA module %s is of another version (%u, needed %u); build it again", path,
                        found != NULL ? found->abi_version : 0, CAUCUS_CUDA_ABI);
        dlclose(handle);
        return status;
    }
    /* Never closed: CUDA does not stand being unloaded. */
    *module = found;
    return CAUCUS_OK;
}

caucus_status caucus_cuda_module_count(const caucus_cuda_module *module, int *count)
{
    int driver = 0;
    int runtime = 0;
    *count = 0;
    int error = module->versions(&driver, &runtime);
    if (error == 0 && driver > 0) {
        error = module->device_count(count);
    } else if (driver == 0) {
        return caucus_fail(CAUCUS_FAILED, "no NVIDIA driver is loaded on this machine; install one if it has a GPU");
    }
    if (error == 0 && *count > 0) {
        return CAUCUS_OK;
    }
    *count = 0;
    switch (error) {
    case CUDA_INSUFFICIENT_DRIVER:
        return caucus_fail(CAUCUS_FAILED,
                           "the NVIDIA driver is too old: it serves CUDA %d.%d, and the module needs %d.%d; update the "
                           "driver, or build with an older CUDA toolkit",
                           driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
    case 0:
    case CUDA_NO_DEVICE:
        return caucus_fail(CAUCUS_FAILED, "the NVIDIA driver shows no CUDA device to this process%s",
                           getenv("CUDA_VISIBLE_DEVICES") != NULL ? "; CUDA_VISIBLE_DEVICES is set: is it right?" : "");
    case CUDA_SYSTEM_NOT_READY:
    case CUDA_DRIVER_MISMATCH:
        return caucus_fail(CAUCUS_FAILED,
                           "CUDA error %d: %s; the driver's parts do not fit together or are not up: "
                           "restart its services or the machine",
                           error, module->error_text(error));
    default:
        return caucus_fail(CAUCUS_FAILED, "CUDA cannot list its devices: error %d, %s", error,
                           module->error_text(error));
    }
}

const char *caucus_cuda_module_refusal(const caucus_cuda_module *module, const caucus_cuda_device *device, char *text,
                                       size_t size)
{
    switch (device->probe_error) {
    case 0:
        return NULL;
    case CUDA_NO_KERNEL_IMAGE:
    case CUDA_UNSUPPORTED_PTX:
        snprintf(text, size, "the CUDA module has no code for compute capability %d.%d, only for %s", device->major,
                 device->minor, module->architectures);
        return text;
    default:
        snprintf(text, size, "a test kernel failed: error %d, %s", device->probe_error,
                 module->error_text(device->probe_error));
        return text;
    }
}
