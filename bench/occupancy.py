"""The table of kernels from what ncu recorded: time, registers, occupancy with what limits it, and use of the device.

    ncu --page raw --csv --metrics "$(python3 bench/occupancy.py --metrics)" PROGRAM ... > kernels.csv
    python3 bench/occupancy.py kernels.csv
"""

import csv
import sys

LIMITERS = {"launch__occupancy_limit_registers": "registers", "launch__occupancy_limit_shared_mem": "shared memory",
            "launch__occupancy_limit_warps": "threads a block", "launch__occupancy_limit_blocks": "blocks"}
TIME = "gpu__time_duration.sum"
REGISTERS = "launch__registers_per_thread"
THEORETICAL = "sm__maximum_warps_per_active_cycle_pct"
ACHIEVED = "sm__warps_active.avg.pct_of_peak_sustained_active"
COMPUTE = "sm__throughput.avg.pct_of_peak_sustained_elapsed"
MEMORY = "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed"
METRICS = [TIME, REGISTERS, THEORETICAL, ACHIEVED, COMPUTE, MEMORY, *LIMITERS]
SECONDS = {"nsecond": 1e-9, "ns": 1e-9, "usecond": 1e-6, "us": 1e-6, "msecond": 1e-3, "ms": 1e-3, "second": 1.0, "s": 1.0}


def number(text):
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return float("nan")


def read(lines):
    """Rows of ncu's raw page: a header, a row of units, a row for each launch; lines before the header are its chatter."""
    lines = list(lines)
    start = next((i for i, line in enumerate(lines) if line.startswith('"ID"')), None)
    if start is None:
        return [], {}
    rows = list(csv.DictReader(lines[start:]))
    return rows[1:], rows[0] if rows else {}


def kernels(rows, units):
    """The launches that took longest, one for each kernel and shape of it, with how many there were."""
    found = {}
    for row in rows:
        key = row["Kernel Name"].split("(")[0], row.get("Block Size", ""), row.get("Grid Size", "")
        seconds = number(row[TIME]) * SECONDS.get(units.get(TIME, "nsecond"), float("nan"))
        count, best, kept = found.get(key, (0, -1.0, None))
        found[key] = (count + 1, seconds, row) if seconds > best else (count + 1, best, kept)
    return sorted(((key, *value) for key, value in found.items() if value[2]), key=lambda item: -item[2])


def bound(row):
    """What keeps more blocks from being resident: the least of ncu's four limits."""
    limits = {name: number(row.get(metric, "")) for metric, name in LIMITERS.items()}
    limits = {name: value for name, value in limits.items() if value == value}
    if not limits:
        return "?"
    least = min(limits.values())
    return ", ".join(name for name, value in limits.items() if value == least)


def table(rows, units):
    lines = [["kernel", "grid", "block", "launches", "us", "registers", "occupancy", "of", "limited by", "compute", "memory"]]
    for (name, block, grid), count, seconds, row in kernels(rows, units):
        lines.append([name, grid, block, str(count), f"{seconds * 1e6:.1f}", f"{number(row[REGISTERS]):.0f}",
                      f"{number(row[ACHIEVED]):.0f}%", f"{number(row[THEORETICAL]):.0f}%", bound(row),
                      f"{number(row[COMPUTE]):.0f}%", f"{number(row[MEMORY]):.0f}%"])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths)).rstrip() for line in lines)


def main(arguments):
    if arguments == ["--metrics"]:
        print(",".join(METRICS))
        return 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], newline="") as file:
        rows, units = read(file)
    if not rows:
        print("ncu recorded no kernel")
        return 1
    print(table(rows, units))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
