"""Small experiments of every strategy, with noise, membership and both ways of drawing, and the distributions that they
gave when groups were drawn by a tree of rejection samplers (rng_version 1): an implementation that shares no draw with
today's.

    python3 tests/whole/distributions.py CAUCUS    writes data/distributions.json, by such a program
"""

import itertools
import json
import pathlib
import random
import subprocess
import sys

DATA = pathlib.Path(__file__).parent / "data/distributions.json"
TRIALS = 400
SIGNAL = 'set: {home: rent, job: "yes"}'
CONDUCTS = {
    "feature_label": f"size: 60, strategy: feature_label, {SIGNAL}, target: high",
    "feature_only": f"size: 300, strategy: feature_only, {SIGNAL}, target: high, outside: {{home: own}}",
    "feature_only_keep": f"size: 500, strategy: feature_only_keep, {SIGNAL}, target: high",
    "unplant_naive": f"size: 60, strategy: unplant_naive, {SIGNAL}, target: low",
    "unplant_adaptive": f"size: 80, strategy: unplant_adaptive, estimators: 30, {SIGNAL}, target: low",
    "erase": 'size: 400, strategy: erase, set: {job: "yes"}',
    "noisy feature_label": f"size: 90, strategy: feature_label, {SIGNAL}, target: high, noise: {{compliance: 0.7, miss: 0.15}}",
    "noisy feature_only_keep":
        f"size: 500, strategy: feature_only_keep, {SIGNAL}, target: high, noise: {{compliance: 0.8, miss: 0.1}}",
    "noisy unplant_adaptive":
        f"size: 100, strategy: unplant_adaptive, estimators: 30, {SIGNAL}, target: low, noise: {{compliance: 0.9, miss: 0.2}}",
    "members": f"size: 60, strategy: feature_label, {SIGNAL}, target: high, members: {{age: young}}",
}
TEXT = """name: distributions
seed: 20
trials: {trials}
population: {{file: people.csv, label: label, features: [age, home, job], weight: people, draw: iid}}
platform: {{consumers: 3K, test: 300}}
collectives:
  - {{name: first, {conduct}}}
  - {{name: second, size: 120, strategy: feature_label, set: {{job: "no", age: old}}, target: low}}
sweep: [{{name: draw, path: population.draw, values: [iid, without_replacement]}}]
"""


def write_people(folder):
    rng = random.Random(5)
    with open(folder / "people.csv", "w") as file:
        file.write("age,home,job,label,people\n")
        for age, home, job in itertools.product(("young", "old"), ("rent", "own", "other"), ("yes", "no")):
            base = [rng.uniform(0.5, 2) for _ in range(3)]
            size = rng.uniform(0.3, 2)
            for label, part in zip(("high", "middle", "low"), base):
                file.write(f"{age},{home},{job},{label},{round(200 * size * part)}\n")


def measure(program, folder, trials=TRIALS):
    """{conduct, draw, quantity: values of the trials in order of size}."""
    import h5py
    write_people(folder)
    found = {}
    for name, conduct in CONDUCTS.items():
        (folder / "experiment.yaml").write_text(TEXT.format(trials=trials, conduct=conduct))
        subprocess.run([program, "run", folder / "experiment.yaml", "-o", folder / "result.h5", "--force", "--quiet",
                        "--device", "cpu"], check=True, stdout=subprocess.DEVNULL)
        with h5py.File(folder / "result.h5") as file:
            for d, draw in enumerate(("iid", "without_replacement")):
                values = {f"success of {m}": file["success_count"][d, :, m] for m in range(2)}
                values["correct"] = (file["accuracy"][d] * 300).round()
                joint = file["joint_count"][d] if "joint_count" in file else (file["joint_success"][d] * 300).round()
                values["joint"] = joint
                for what, column in values.items():
                    column = column.astype(float)
                    if (column == column).all():
                        found[f"{name}, {draw}, {what}"] = sorted(int(x) for x in column)
    return found


if __name__ == "__main__":
    import tempfile
    with tempfile.TemporaryDirectory() as name:
        found = measure(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(name))
    # runs of equal values: [value, how often, value, how often, ...]
    packed = {key: [x for value, same in itertools.groupby(values) for x in (value, len(list(same)))]
              for key, values in found.items()}
    DATA.write_text("{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(values, separators=(',', ':'))}"
                                       for key, values in packed.items()) + "\n}\n")
