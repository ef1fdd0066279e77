/* Teams: the threads that train one trainee together on a device, or the one thread that trains a pack on the CPU.
 * Shared with devices.
 *
 * Work is spread as `for (i = CAUCUS_TEAM_RANK; i < n; i += CAUCUS_TEAM_SIZE)`, with caucus_team_sync() before anybody
 * reads what others wrote. What is added up in which order never depends on the size of a team. */
#ifndef CAUCUS_TRAINING_TEAM_H
#define CAUCUS_TRAINING_TEAM_H

#include "training/pack.h"

#ifdef CAUCUS_DEVICE_CODE
#define CAUCUS_TEAM_RANK ((uint32_t)threadIdx.x)
#define CAUCUS_TEAM_SIZE ((uint32_t)blockDim.x)
#define caucus_team_sync() __syncthreads()
#else
#define CAUCUS_TEAM_RANK 0u
#define CAUCUS_TEAM_SIZE 1u
#define caucus_team_sync() ((void)0)
#endif

/* Long sums are sums over chunks of this many terms. */
enum { CAUCUS_CHUNK = 64 };

CAUCUS_SHARED uint32_t caucus_chunks(uint32_t n)
{
    return (n + CAUCUS_CHUNK - 1) / CAUCUS_CHUNK;
}

/* Sum of a[i] b[i]; parts: room for a number a chunk. The same for every thread of the team. */
CAUCUS_SHARED caucus_pack caucus_team_dot(const caucus_pack *a, const caucus_pack *b, uint32_t n, caucus_pack *parts)
{
    const uint32_t n_chunks = caucus_chunks(n);
    caucus_team_sync();
    for (uint32_t chunk = CAUCUS_TEAM_RANK; chunk < n_chunks; chunk += CAUCUS_TEAM_SIZE) {
        const uint32_t end = chunk + 1 < n_chunks ? (chunk + 1) * CAUCUS_CHUNK : n;
        caucus_pack part = caucus_pack_of(0.0);
        for (uint32_t i = chunk * CAUCUS_CHUNK; i < end; i++) {
            part = caucus_pack_fma(a[i], b[i], part);
        }
        parts[chunk] = part;
    }
    caucus_team_sync();
    caucus_pack sum = caucus_pack_of(0.0);
    for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
        sum += parts[chunk];
    }
    return sum;
}

/* Largest |a[i]|; parts as above. */
CAUCUS_SHARED caucus_pack caucus_team_max_norm(const caucus_pack *a, uint32_t n, caucus_pack *parts)
{
    const uint32_t n_chunks = caucus_chunks(n);
    caucus_team_sync();
    for (uint32_t chunk = CAUCUS_TEAM_RANK; chunk < n_chunks; chunk += CAUCUS_TEAM_SIZE) {
        const uint32_t end = chunk + 1 < n_chunks ? (chunk + 1) * CAUCUS_CHUNK : n;
        caucus_pack part = caucus_pack_of(0.0);
        for (uint32_t i = chunk * CAUCUS_CHUNK; i < end; i++) {
            part = caucus_pack_max(caucus_pack_abs(a[i]), part);
        }
        parts[chunk] = part;
    }
    caucus_team_sync();
    caucus_pack largest = caucus_pack_of(0.0);
    for (uint32_t chunk = 0; chunk < n_chunks; chunk++) {
        largest = caucus_pack_max(parts[chunk], largest);
    }
    return largest;
}

#endif
