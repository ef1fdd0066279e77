"""Which rows of a table are held out for the test: the first random number of each is below the share."""

import numpy as np


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011) of counters [n][4]."""
    c = counter.astype(np.uint64)
    k0, k1 = np.uint64(key & 0xffffffff), np.uint64(key >> 32)
    mask = np.uint64(0xffffffff)
    for _ in range(10):
        a, b = c[:, 0] * np.uint64(0xD2511F53), c[:, 2] * np.uint64(0xCD9E8D57)
        c = np.stack([(b >> np.uint64(32)) ^ c[:, 1] ^ k0, b & mask, (a >> np.uint64(32)) ^ c[:, 3] ^ k1, a & mask], 1)
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & mask, (k1 + np.uint64(0xBB67AE85)) & mask
    return c


def held_out_rows(n, share):
    counters = np.zeros((n, 4), np.uint64)
    counters[:, 0] = np.arange(n)
    words = philox(counters, 0x726F7773)
    bits = (words[:, 0] << np.uint64(32) | words[:, 1]) >> np.uint64(12)
    return (bits.astype(float) + 0.5) / 2.0**52 < share
