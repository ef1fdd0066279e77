"""Which BLAS the peers' NumPy, SciPy and scikit-learn use, and how fast it is. Debian installs the reference BLAS unless
told otherwise, which is tens of times slower: a comparison with that would say nothing.

    blas.py        prints both; exit 77 where peers must not be compared
"""

import json
import sys
import time

import numpy as np

OPTIMISED = {"openblas", "mkl", "blis", "flexiblas"}
REMEDY = "install an optimised one (Debian: apt-get install libopenblas0-serial)"


def library():
    """Name, version and file of the BLAS that NumPy has loaded; None where it is none that is known to be fast."""
    import threadpoolctl
    for found in threadpoolctl.threadpool_info():
        if found["user_api"] == "blas" and found.get("internal_api") in OPTIMISED:
            return f"{found['internal_api']} {found.get('version')} ({found.get('architecture', 'any processor')})"
    return None


def gigaflops(n=768, repeats=5):
    """Of the product of two square matrices on one thread, the best of several."""
    a = np.random.default_rng(1).normal(size=(n, n))
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        a @ a
        best = min(best, time.process_time() - start)
    return 2 * n**3 / best / 1e9


def refusal():
    """Why peers that use a BLAS must not be compared here; None where they may be."""
    try:
        found = library()
    except ImportError:
        return "cannot tell which BLAS NumPy uses: install threadpoolctl (Debian: python3-threadpoolctl)"
    return None if found else f"NumPy's BLAS is not an optimised one: {REMEDY}"


def require():
    """In a peer's program: stop with the reason where it must not be compared."""
    reason = refusal()
    if reason:
        print(json.dumps({"skipped": reason}))
        sys.exit(77)


if __name__ == "__main__":
    require()
    print(f"{library()}: {gigaflops():.1f} GFLOP/s, one thread")
