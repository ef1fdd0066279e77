/* Devices, versions and errors. */
#include "plays.h"
#include "state.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>

static thread_local int current_device;
static thread_local cudaError_t last_error;
static std::atomic<bool> lost[EMULATED_MOST_DEVICES];
static std::atomic<uint64_t> n_launches;

cudaError_t emulated_say(cudaError_t error)
{
    if (error != cudaSuccess) {
        last_error = error;
    }
    return error;
}

int emulated_current()
{
    return current_device;
}

cudaError_t emulated_broken(int device)
{
    return emulated_plays("fails", 0) > 0 && lost[device] ? cudaErrorLaunchFailure : cudaSuccess;
}

bool emulated_survives(int device)
{
    const uint64_t fails = emulated_plays("fails", 0);
    if (fails == 0) { /* another machine is played */
        n_launches = 0;
        lost[device] = false;
        return true;
    }
    if (emulated_plays("device", (uint64_t)device) == (uint64_t)device && ++n_launches == fails) {
        lost[device] = true;
    }
    return !lost[device];
}

bool emulated_lacks_image(int device)
{
    return emulated_plays("no_image", EMULATED_MOST_DEVICES) == (uint64_t)device;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = (int)emulated_plays("driver", CUDART_VERSION);
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = CUDART_VERSION;
    return cudaSuccess;
}

static int device_count()
{
    const uint64_t count = emulated_plays("devices", 1);
    return count < EMULATED_MOST_DEVICES ? (int)count : EMULATED_MOST_DEVICES;
}

/* As CUDA does, *count is left alone on errors. */
cudaError_t cudaGetDeviceCount(int *count)
{
    if (emulated_plays("driver", CUDART_VERSION) < CUDART_VERSION) {
        return emulated_say(cudaErrorInsufficientDriver);
    }
    if (device_count() == 0) {
        return emulated_say(cudaErrorNoDevice);
    }
    *count = device_count();
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device)
{
    if (device < 0 || device >= device_count()) {
        return emulated_say(cudaErrorInvalidDevice);
    }
    std::memset(properties, 0, sizeof *properties);
    std::snprintf(properties->name, sizeof properties->name, "emulated on the CPU");
    properties->major = (int)emulated_plays("major", 9);
    properties->totalGlobalMem = emulated_plays("memory", 4000000000u);
    properties->multiProcessorCount = (int)emulated_plays("processors", 1);
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
    const int shared = (int)emulated_plays("shared", 100 << 10);
    if (device < 0 || device >= device_count()) {
        return emulated_say(cudaErrorInvalidDevice);
    }
    switch (attribute) {
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
        *value = shared;
        return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
        *value = shared < 1024 ? 0 : shared - 1024;
        return cudaSuccess;
    case cudaDevAttrReservedSharedMemoryPerBlock:
        *value = 1024;
        return cudaSuccess;
    }
    return emulated_say(cudaErrorInvalidValue);
}

cudaError_t cudaGetDevice(int *device)
{
    *device = current_device;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    if (device < 0 || device >= device_count()) {
        return emulated_say(cudaErrorInvalidDevice);
    }
    current_device = device;
    return emulated_say(emulated_broken(device));
}

cudaError_t cudaGetLastError()
{
    cudaError_t error = last_error;
    last_error = cudaSuccess;
    return error;
}

const char *cudaGetErrorString(cudaError_t error)
{
    switch (error) {
    case cudaSuccess:
        return "no error";
    case cudaErrorInvalidValue:
        return "invalid argument";
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorInvalidMemcpyDirection:
        return "invalid copy direction for memcpy";
    case cudaErrorInsufficientDriver:
        return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
        return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
        return "invalid device ordinal";
    case cudaErrorNoKernelImageForDevice:
        return "no kernel image is available for execution on the device";
    case cudaErrorECCUncorrectable:
        return "uncorrectable ECC error encountered";
    case cudaErrorInvalidResourceHandle:
        return "invalid resource handle";
    case cudaErrorLaunchFailure:
        return "unspecified launch failure";
    case cudaErrorStreamCaptureUnsupported:
        return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
        return "operation failed due to a previous error during capture";
    }
    return "unrecognized error code";
}
