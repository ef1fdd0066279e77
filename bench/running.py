"""What the benchmarks run and how they time it: caucus, its peers, device_limits, the disk."""

import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
SKIPPED = 77


class Unavailable(Exception):
    """A figure that cannot be had here; the text says why."""


class Clock:
    """What is left of the time that a benchmark may take."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def left(self):
        return self.end - time.monotonic()

    def need(self, seconds):
        if self.left() < seconds:
            raise Unavailable("the time given is used up")


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else os.uname().machine


def cores():
    return len(os.sched_getaffinity(0))


def first_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else ""


def need_program(build, target, *, file=None):
    """A program of a build folder; stops with what to build where it is missing."""
    program = pathlib.Path(build) / (file or target)
    if not program.exists():
        sys.exit(f"{program}: no such program; build it (cmake --build {build} --target {target}), or name the build folder")
    return program


class Caucus:
    """Runs of one build in a scratch folder, all with these options."""

    def __init__(self, program, folder, clock, options=()):
        self.folder, self.clock, self.options = folder, clock, list(options)
        self.program = need_program(pathlib.Path(program).parent, "caucus_command", file=pathlib.Path(program).name)

    def version(self):
        return subprocess.run([self.program, "--version"], text=True, capture_output=True).stdout.strip()

    def run(self, experiment, device, trials, settings):
        """The plan and the end of one run, with the processor's seconds in it, and the size of its result."""
        self.clock.need(2)
        output = pathlib.Path(self.folder) / "result.h5"
        command = [self.program, "run", experiment, "-o", output, "--force", "--json", "--device", device,
                   "--trials", trials, *self.options]
        for setting in settings:
            command += ["--set", setting]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            done = subprocess.run(list(map(str, command)), text=True, capture_output=True, timeout=self.clock.left())
        except subprocess.TimeoutExpired:
            raise Unavailable("the time given is used up")
        events = {}
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                event = json.loads(line)
                events[event["event"]] = event
        if done.returncode != 0 or "done" not in events:
            message = events.get("error", {}).get("message") or done.stderr or f"exit code {done.returncode}"
            raise Unavailable(first_line(message))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        events["done"]["cpu_seconds"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = output.stat().st_size
        output.unlink()
        return events["plan"], events["done"], size

    def rate(self, experiment, device, settings=(), seconds=3.0, pilot=100, *, most=2**31, repeats=2, clock="seconds"):
        """Trials a second without start and end, from runs of two lengths, the longer about that long; also bytes a second
        of output, and the plan. clock: "cpu_seconds" for the processor's time, which others' work does not lengthen."""
        longer = self._length(experiment, device, settings, seconds, pilot, most)
        shorter = max(1, longer // 4)
        runs = {trials: [self.run(experiment, device, trials, settings) for _ in range(repeats)]
                for trials in (shorter, longer)}
        times = {trials: min(done[clock] for _, done, _ in found) for trials, found in runs.items()}
        plan, done, size = runs[longer][0]
        more = done["trials_done"] - runs[shorter][0][1]["trials_done"]
        rate = more / max(times[longer] - times[shorter], 1e-9) if more else done["trials_done"] / times[longer]
        return rate, rate * size / done["trials_done"], plan

    def _length(self, experiment, device, settings, seconds, trials, most):
        """Trials of a configuration that take about that long, start and end included."""
        while True:
            _, done, _ = self.run(experiment, device, trials, settings)
            if done["seconds"] >= seconds / 2 or trials >= most:
                return trials
            growth = seconds / max(done["seconds"], 1e-3)
            trials = min(most, int(trials * min(64.0, max(4.0, growth))))


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def figures(program, clock, *arguments):
    """Figures of device_limits and device_retraining by name; the device's name as "device"."""
    program = pathlib.Path(program)
    if not program.exists():
        raise Unavailable(f"{program} is not built: cmake --build BUILD_DIR --target {program.name}")
    clock.need(5)
    try:
        done = subprocess.run([program, *arguments], text=True, capture_output=True, timeout=min(60.0, clock.left()))
    except subprocess.TimeoutExpired:
        raise Unavailable("took too long")
    found = {}
    for line in json_lines(done.stdout):
        if "skipped" in line:
            raise Unavailable(line["skipped"])
        found.update({line["figure"]: line["value"]} if "figure" in line else line)
    if done.returncode != 0:
        found["failed"] = first_line(done.stderr) or f"exit code {done.returncode}"
    return found


def peer(python, name, clock, *options):
    """What a program of bench/peers reports."""
    clock.need(5)
    command = [python, str(SOURCE / "bench/peers" / f"{name}.py"), *map(str, options)]
    try:
        done = subprocess.run(command, text=True, capture_output=True, timeout=min(180.0, clock.left()))
    except subprocess.TimeoutExpired:
        raise Unavailable("took too long")
    lines = json_lines(done.stdout)
    if done.returncode == SKIPPED and lines:
        raise Unavailable(lines[-1]["skipped"])
    if not lines:
        raise Unavailable(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}")
    return lines[-1]


def disk(folder, n_bytes):
    """Bytes a second that a file in the folder takes, until they are on the disk."""
    piece = random.Random(1).randbytes(8 << 20)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        start = time.perf_counter()
        for _ in range(max(1, n_bytes // len(piece))):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        return max(1, n_bytes // len(piece)) * len(piece) / (time.perf_counter() - start)


def write_retraining(folder):
    """Logistic regression on the full grid of 6 features of 4 values, 4 labels, 200,000 consumers: an experiment."""
    numbers = random.Random(4)
    effects = [[[numbers.gauss(0, 0.6) for _ in range(4)] for _ in range(4)] for _ in range(6)]
    with open(pathlib.Path(folder) / "grid.csv", "w") as file:
        file.write("a,b,c,d,e,f,label,people\n")
        for cell in range(4096):
            values = [cell >> 2 * i & 3 for i in range(6)]
            scores = [sum(effects[i][value][label] for i, value in enumerate(values)) for label in range(4)]
            for label, score in enumerate(scores):
                people = round(1000 * 2.718281828 ** (score - max(scores))) + 1
                file.write(",".join(f"v{value}" for value in values) + f",y{label},{people}\n")
    path = pathlib.Path(folder) / "retraining.yaml"
    path.write_text("""name: retraining
trials: 100
population: {file: grid.csv, label: label, features: [a, b, c, d, e, f], weight: people}
platform: {consumers: 200K, test: 20K, classifier: logistic}
collectives:
  - {name: planters, share: 0.05, strategy: feature_label, set: {a: v0, b: v1}, target: y2}
output: {accuracy: false}
""")
    return path
