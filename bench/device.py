"""What a CUDA device brings: caucus on it against all cores of the same machine, against the same trials in CuPy,
PyTorch and JAX, and against what the device can do at most, all in this run.

    python3 bench/device.py [BUILD_DIR] [--budget SECONDS] [--seconds S] [--output FILE]

Prints a table and, when there was a device, writes it to bench/results/<device>.txt. What cannot be measured here is
listed with the reason; without a device the CPU's column is left. docs/benchmarks.md explains the rows.
"""

import argparse
import pathlib
import re
import sys
import tempfile

import running
from running import SOURCE, Unavailable

PLANTING = SOURCE / "experiments/vehicles-planting.yaml"
CLIMATE = SOURCE / "experiments/climate-four.yaml"
SUMMARIES = ["output.trials=false"]
EVERY_TRIAL = ["output.compression=0"]
PEERS = [("CuPy, Generator", "cupy_planting", "--sampler", "generator"),
         ("CuPy, RandomState", "cupy_planting", "--sampler", "legacy"),
         ("PyTorch", "torch_planting"), ("JAX", "jax_planting")]
CELLS, COLUMNS, LABELS = 4096, 24, 4  # of retraining
COLUMN_NAMES = ["", "CPU", "device", "ratio", "limit", "share", "target", ""]


def short(value, unit):
    if value is None:
        return "-"
    for scale, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= scale:
            return f"{value / scale:.3g}{letter} {unit}"
    return f"{value:.3g} {unit}"


class Report:
    """Rows of the table, and reasons for what is not in it."""

    def __init__(self):
        self.rows, self.missing, self.notes, self.values = [], [], [], {}

    def measure(self, name, function, *arguments, **keywords):
        """The function's result, kept under the name; None, with the reason kept, when it cannot be had."""
        print(f"... {name}", file=sys.stderr, flush=True)
        try:
            self.values[name] = function(*arguments, **keywords)
        except Unavailable as reason:
            self.missing.append((name, str(reason)))
            self.values[name] = None
        return self.values[name]

    def row(self, what, cpu=None, device=None, unit="/s", ratio=None, limit="", share=None, target="", met=None):
        self.rows.append([what, short(cpu, unit), short(device, unit), "" if ratio is None else f"{ratio:.3g}", limit,
                          "" if share is None else f"{share:.0%}", target,
                          "" if not target else "not measured" if met is None else "met" if met else "MISSED"])

    def outcome(self):
        counts = [sum(row[-1] == outcome for row in self.rows) for outcome in ("met", "MISSED", "not measured")]
        return "targets: {} met, {} missed, {} not measured".format(*counts)

    def text(self, heading):
        table = [COLUMN_NAMES, *self.rows]
        widths = [max(len(row[i]) for row in table) for i in range(len(COLUMN_NAMES))]
        right = (1, 2, 3, 5)
        lines = ["  ".join(cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths)))
                 .rstrip() for row in table]
        lines = [*heading, "", *lines]
        for title, items in (("Not measured:", [f"{name}: {reason}" for name, reason in self.missing]),
                             ("Details:", self.notes)):
            if items:
                lines += ["", title, *(f"  {item}" for item in items)]
        return "\n".join(lines) + "\n"


def over(a, b):
    return a / b if a is not None and b else None


def rates(report, caucus, name, experiment, settings, has_device, seconds, pilots=(100, 20000), **keywords):
    """Trials a second on all cores and on the device: (rate, bytes a second, plan) each, or None. pilots: trials of a
    configuration that the first run has, there and here."""
    cpu = report.measure(f"{name}, CPU", caucus.rate, experiment, "cpu", settings, seconds, pilots[0], **keywords)
    device = None
    if has_device:
        device = report.measure(f"{name}, device", caucus.rate, experiment, "cuda", settings, seconds, pilots[1], **keywords)
    return cpu, device


def first(result):
    return None if result is None else result[0]


def philox_share(rate, limits):
    if rate is None or not limits or "philox" not in limits:
        return None
    return rate * limits["hypergeometric_blocks_per_trial"] / limits["philox"]


def planting_rows(report, caucus, limits, has_device, seconds):
    cpu, device = rates(report, caucus, "vehicles-planting, summaries only", PLANTING, SUMMARIES, has_device, seconds)
    rate = first(device)
    report.row("vehicles-planting, summaries only", first(cpu), rate, "trials/s", over(rate, first(cpu)),
               "bare Philox", philox_share(rate, limits), "1e8 trials/s", None if rate is None else rate >= 1e8)
    return rate


def climate_rows(report, caucus, has_device, seconds):
    cpu, device = rates(report, caucus, "climate-four, summaries only", CLIMATE, SUMMARIES, has_device, seconds,
                        pilots=(20, 20000))
    ratio = over(first(device), first(cpu))
    report.row("climate-four, summaries only", first(cpu), first(device), "trials/s", ratio, "", None,
               "50 x all cores", None if ratio is None else ratio >= 50)


def output_rows(report, caucus, limits, has_device, seconds, disk_bytes):
    disk = report.measure("disk", running.disk, caucus.folder, disk_bytes)
    most = max(100, disk_bytes // 32 // 56)
    cpu, device = rates(report, caucus, "vehicles-planting, every trial kept", PLANTING, EVERY_TRIAL, has_device, seconds,
                        most=most, repeats=1)
    rate = first(device)
    report.row("vehicles-planting, every trial kept", first(cpu), rate, "trials/s", over(rate, first(cpu)))
    written = device[1] if device else cpu[1] if cpu else None
    bus = (limits or {}).get("from_device")
    ceilings = {name: value for name, value in (("disk", disk), ("bus", bus)) if value}
    name = min(ceilings, key=ceilings.get) if ceilings else None
    share = over(written, ceilings.get(name))
    report.row("  bytes written for it", cpu[1] if cpu else None, device[1] if device else None, "B/s", None,
               f"{name}, {short(ceilings[name], 'B/s')}" if name else "", share if device else None,
               "disk or bus limits", None if not device or share is None else share >= 0.5)
    report.notes += [f"{name}: {short(value, 'B/s')}" for name, value in ceilings.items()]


def peer_rows(report, caucus, clock, arguments, rate, has_device):
    check = ["--check", caucus.program, "--check-trials", arguments.check_trials, "--seconds", arguments.seconds]
    numpy = report.measure("NumPy, CPU", running.peer, arguments.python, "numpy_planting", clock, *check)
    if numpy:
        cpu = report.values.get("vehicles-planting, summaries only, CPU") or \
            report.values.get("vehicles-planting, every trial kept, CPU")
        report.row("the same in NumPy, one thread", numpy["trials_per_second"], None, "trials/s",
                   over(first(cpu), numpy["trials_per_second"]), "ratio: caucus, all cores")
        report.notes.append(f"NumPy: {numpy}")
    best = None
    for name, program, *options in PEERS if has_device else ():
        found = report.measure(f"{name}, device", running.peer, arguments.python, program, clock, *check, *options)
        if found is None:
            continue
        report.notes.append(f"{name}: {found}")
        if not found["check"]["passed"]:
            report.missing.append((f"{name}, device", "its success or bound is not caucus's, so its speed says nothing"))
            continue
        best = max(best or 0.0, found["trials_per_second"])
        ratio = over(rate, found["trials_per_second"])
        report.row(f"the same in {name}", None, found["trials_per_second"], "trials/s", ratio, "ratio: caucus, device", None,
                   "10 x the peer", None if ratio is None else ratio >= 10)
    return best


def limit_rows(report, limits, host):
    limits, host = limits or {}, host or {}
    philox = limits.get("philox")
    multiplications = limits.get("multiplications")
    report.row("bare Philox4x32-10 (CPU: one core)", host.get("philox"), philox, "blocks/s", over(philox, host.get("philox")),
               "32-bit multiplications, 20 a block", over(philox and 20 * philox, multiplications))
    for name in ("binomial", "hypergeometric"):
        blocks = limits.get(f"{name}_blocks")
        share = over(blocks, philox)
        report.row(f"{name} draws (CPU: one core)", host.get(f"{name}_draws"), limits.get(f"{name}_draws"), "draws/s",
                   over(limits.get(f"{name}_draws"), host.get(f"{name}_draws")), "bare Philox", share,
                   "60 % of Philox", None if share is None else share >= 0.6)
    for name, what in (("device_memory", "copy inside the device (read + written)"), ("to_device", "bus, to the device"),
                       ("from_device", "bus, from the device"), ("both_ways", "bus, both ways at once")):
        if name in limits:
            report.row(what, None, limits[name], "B/s")


def retraining_rows(report, caucus, limits, has_device, seconds):
    experiment = running.write_retraining(caucus.folder)
    cpu, device = rates(report, caucus, "retraining, logistic", experiment, [], has_device, seconds,
                        pilots=(10, 2000))
    limits = limits or {}
    dense = None
    if "product_logits" in limits and "product_gradient" in limits:
        flops = 2.0 * CELLS * COLUMNS * LABELS
        dense = 1.0 / (flops / limits["product_logits"] + flops / limits["product_gradient"])
    rate = first(device)
    report.row("retraining, logistic, whole trials", first(cpu), rate, "trials/s", over(rate, first(cpu)))
    bare = report.measure("retraining, logistic, drawing excluded", running.figures, caucus.program.parent /
                          "device_retraining", caucus.clock, experiment) if has_device else None
    if bare and "failed" in bare:
        report.missing.append(("retraining, logistic, drawing excluded", bare["failed"]))
    rate = (bare or {}).get("retrainings")
    report.row("  the retrainings alone", None, rate, "/s", None, "one dense evaluation each, by cuBLAS",
               over(rate, dense), "1e5 /s", None if rate is None else rate >= 1e5)
    if rate:
        report.notes.append(f"a retraining takes {bare['retraining_evaluations']:.2f} evaluations of loss and gradient: "
                            f"{short(bare['retraining_exps'], 'exps/s')}")
    square = limits.get("product_square")
    for name in ("product_logits", "product_gradient", "product_square"):
        if name in limits:
            report.row(f"cuBLAS, {name.replace('product_', '')}", None, limits[name], "flop/s", None, "square product",
                       over(limits[name], square))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=SOURCE / "build")
    parser.add_argument("--budget", type=float, default=300.0, help="seconds in all (default: 300)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a timed run, about (default: 3)")
    parser.add_argument("--disk-bytes", type=int, default=1 << 30, help="written to time the disk, and output at most")
    parser.add_argument("--check-trials", type=int, default=5000, help="of caucus, to check peers against (default: 5000)")
    parser.add_argument("--python", default=sys.executable, help="that has the peers' libraries (default: this one)")
    parser.add_argument("--scratch", help="folder for result files (default: the system's)")
    parser.add_argument("--output", type=pathlib.Path, help="where the table goes (default: bench/results/<device>.txt)")
    return parser.parse_args()


def main():
    arguments = parse()
    clock = running.Clock(arguments.budget)
    report = Report()
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as folder:
        caucus = running.Caucus(arguments.build / "caucus", folder, clock)
        probe = report.measure("CUDA device", caucus.run, PLANTING, "cuda", 10, [])
        device = probe[0]["device"] if probe else None
        program = arguments.build / "device_limits"
        limits = report.measure("limits of the device", running.figures, program, clock) if device else None
        host = report.measure("limits of one core", running.figures, program, clock, "--host")
        for figures in (limits, host):
            if figures and "failed" in figures:
                report.missing.append(("some limits", figures["failed"]))
        seconds = arguments.seconds
        rate = planting_rows(report, caucus, limits, bool(device), seconds)
        climate_rows(report, caucus, bool(device), seconds)
        output_rows(report, caucus, limits, bool(device), seconds, arguments.disk_bytes)
        retraining_rows(report, caucus, limits, bool(device), seconds)
        peer_rows(report, caucus, clock, arguments, rate, bool(device))
        limit_rows(report, limits, host)
        version = caucus.version()
    heading = [f"bench/device.py, {version}", f"processor: {running.processor()}, {running.cores()} cores",
               f"device: {device or 'none'}"]
    text = report.text(heading)
    print(text)
    print(report.outcome())
    output = arguments.output
    if output is None and device:
        name = (limits or {}).get("device", device)
        output = SOURCE / "bench/results" / (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ".txt")
    if output:
        output.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
