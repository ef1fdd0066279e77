"""Training on rows on devices that are played by the CPU, with an emulated cuBLAS: the whole path, against the CPU."""

import h5py
import numpy as np
import pytest
from heldout import held_out_rows
from rowbands import Band, as_kept, optimum, scores_of_labels
from rowfits import LOGISTIC
from scipy import stats
from sklearn.datasets import load_breast_cancer

EXPERIMENT = """\
seed: 3
trials: {trials}
population: {{file: people.csv, label: kind, numeric: all}}
platform: {{consumers: 300, test: {test}, classifier: {classifier}}}
collectives:
  - {{name: a, share: 0.3, strategy: unplant_naive, set: {{x0: 15}}, target: k1, noise: {{compliance: 0.9}}}}
  - {{name: b, share: 0.1, strategy: feature_label, add: {{vector: [0, 9, 0, 0], scale: 1}}, target: k0}}
output: {{trials: {kept}}}
"""
CLASSIFIERS = {
    "logistic": "{name: logistic, tolerance: 1e-8, batch: 8}",
    "ridge": "{name: ridge, tolerance: 1e-8, batch: 8}",
    "mlp": "{name: mlp, hidden: 3, tolerance: 1e-5, batch: 8}",
    "deep": "{name: mlp, hidden: [4, 3], tolerance: 1e-4, batch: 8}",
    "single": "{name: logistic, precision: single, tolerance: 1e-5, batch: 8}",
    "single_deep": "{name: mlp, hidden: [3, 2], precision: single, tolerance: 1e-3, batch: 8}",
}
VALUES = ("success_count", "accuracy", "suboptimality", "joint_count", "converged")


@pytest.fixture
def run(caucus, emulated, tmp_path):
    """Run the experiment on a device, or on the CPU; its result as arrays, and the attribute trained_by."""
    data = load_breast_cancer()
    with open(tmp_path / "people.csv", "w") as file:
        file.write("kind,x0,x1,x2,x3\n")
        for row, label in zip(data.data[:200, :4], data.target):
            file.write(f"k{label}," + ",".join(map(repr, map(float, row))) + "\n")

    def run(device, classifier, *options, trials=16, test=100, kept="true", plays="devices=1", code=0, name=None, env=None):
        name = name or device.split(":")[0]
        text = EXPERIMENT.format(trials=trials, test=test, kept=kept, classifier=CLASSIFIERS.get(classifier, classifier))
        (tmp_path / "e.yaml").write_text(text)
        options = [*options, *([] if "--resume" in options else ["--force"])]
        start = caucus if device == "cpu" else emulated
        more = {} if device == "cpu" else {"plays": plays}
        done = start("run", "-q", "e.yaml", "--device", device, "-o", f"{name}.h5", *options, **more)
        if "needs OpenBLAS" in done.stderr:
            pytest.skip(done.stderr.strip())
        assert done.returncode == code, done.stderr
        if code != 0:
            return done.stderr
        with h5py.File(tmp_path / f"{name}.h5") as file:
            result = {key: file[key][()] for key in (*VALUES, "summary/success_mean") if key in file}
            result["trained_by"] = file.attrs["trained_by"]
            return result

    return run


def same(a, b, first=None):
    for name in VALUES:
        assert a[name][:, :first].tobytes() == b[name][:, :first].tobytes(), name


def mean_is_zero(differences, level=1e-5):
    """Student's test of the differences of trials, side by side; where none differs there is nothing to test."""
    mean, error = differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))
    return mean == 0 or abs(mean) <= stats.t.isf(level / 2, len(differences) - 1) * error


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_is_that_of_the_cpu(run, emulated, name):
    """In double precision no label has a lead so small that another order of adding up would turn it; in single some have,
    and networks may go elsewhere: then neither side is better, on average over the same draws. Five means at 1e-5 each.
    """
    host, device = run("cpu", name), run("cuda", name)
    assert "cuBLAS 13.0.0 for emulated on the CPU" in device["trained_by"]
    assert emulated.trace()["kernels"] > 100
    assert device["converged"].all()
    if name in ("logistic", "ridge"):
        same(host, device)
    else:
        for value in ("success_count", "accuracy", "suboptimality", "joint_count"):
            gap = host[value].astype(float) - device[value].astype(float)
            for differences in gap.reshape(len(gap[0]), -1).T:
                assert mean_is_zero(differences), (value, differences)


@pytest.mark.parametrize("n_labels", [3, 9, 20])
@pytest.mark.parametrize("kind", ["logistic", "ridge"])
def test_any_number_of_labels_is_that_of_the_cpu(caucus, emulated, tmp_path, kind, n_labels):
    """Kernels keep up to 4 or 16 outputs in registers, and go through more of them."""
    rng = np.random.default_rng(n_labels)
    labels = np.arange(120) % n_labels
    rows = rng.normal(size=(120, 3)) + labels[:, None] * [1, 0.3, -0.2]
    with open(tmp_path / "people.csv", "w") as file:
        file.write("kind,x0,x1,x2\n")
        file.writelines(f"k{label}," + ",".join(map(repr, map(float, row))) + "\n" for row, label in zip(rows, labels))
    text = EXPERIMENT.format(trials=8, test=100, kept="true", classifier=f"{{name: {kind}, tolerance: 1e-8, batch: 8}}")
    (tmp_path / "e.yaml").write_text(text.replace("[0, 9, 0, 0]", "[0, 9, 0]"))
    results = {}
    for device, start in (("cpu", caucus), ("cuda", emulated)):
        done = start("run", "-q", "e.yaml", "--device", device, "-o", f"{device}.h5")
        if "needs OpenBLAS" in done.stderr:
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / f"{device}.h5") as file:
            results[device] = {name: file[name][()] for name in VALUES}
    assert results["cpu"]["converged"].all()
    same(results["cpu"], results["cuda"])


def test_results_do_not_depend_on_blocks_or_on_how_many_trials_there_are(run):
    whole = run("cuda", "logistic", trials=30)
    same(whole, run("cuda", "logistic", "--block", "7", trials=30))
    same(whole, run("cuda", "logistic", trials=13), first=13)
    same(whole, run("cuda:all", "logistic", trials=30, plays="devices=2"))


def test_sums_and_held_out_rows(run):
    trials = run("cuda", "ridge", test=0.3)
    sums = run("cuda", "ridge", test=0.3, kept="false")
    assert np.allclose(trials["summary/success_mean"], sums["summary/success_mean"], atol=1e-7)


def test_tf32_is_of_devices_that_have_it(run):
    classifier = "{name: logistic, precision: tf32, tolerance: 1e-4, batch: 8}"
    assert "tf32 is of CUDA devices, and this run is on the CPU" in run("cpu", classifier, code=2)
    assert "compute capability 7.0 multiplies in double or single" in run("cuda", classifier, plays="devices=1,major=7", code=1)
    trained = run("cuda", classifier)
    assert trained["trained_by"].endswith("in tf32") and trained["converged"].all()


@pytest.mark.parametrize("precision, tolerance", [("tf32", 1e-4), ("single", 1e-6)])
def test_fewer_bits_are_within_their_band(emulated, tmp_path, precision, tolerance):
    """A trial without chance: everybody is drawn once, all who may join have joined, and those held out are the test. So
    the optimum is known, and as many people may be told another label as have a lead within the band."""
    data = load_breast_cancer()
    rows = as_kept((data.data - data.data.mean(axis=0)) / data.data.std(axis=0), tf32=True)
    with open(tmp_path / "people.csv", "w") as file:
        file.write("kind," + ",".join(f"x{j}" for j in range(rows.shape[1])) + "\n")
        file.writelines(f"k{label}," + ",".join(map(repr, map(float, row))) + "\n" for row, label in zip(rows, data.target))
    held_out = held_out_rows(len(rows), 0.3)
    joins, changed = rows[:, 2] < -0.5, rows.copy()
    changed[:, 0] = 0.25
    n = int((~held_out).sum())
    size = int((joins & ~held_out).sum())
    (tmp_path / "e.yaml").write_text(f"""\
trials: 8
population: {{file: people.csv, label: kind, numeric: all, scale: none, draw: without_replacement}}
platform: {{consumers: {n}, test: 0.3, classifier: {{name: logistic, penalty: 10, precision: {precision}, tolerance: {tolerance}, batch: 8}}}}
collectives:
  - {{size: {size}, strategy: feature_label, set: {{x0: 0.25}}, target: k1, members: {{x2: {{below: -0.5}}}}}}
""")
    done = emulated("run", "-q", "e.yaml", "--device", "cuda", "-o", "e.h5", plays="devices=1")
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    train = np.where(joins[:, None], changed, rows)[~held_out]
    taught, once = np.where(joins, 1, data.target)[~held_out], np.ones(n)
    best = optimum(LOGISTIC, train, taught, once, 2, 10)
    band = Band(LOGISTIC, train, taught, once, best, 10, tolerance, tf32=precision == "tf32")
    with h5py.File(tmp_path / "e.h5") as file:
        assert file["converged"][()].all()
        for told, people, wanted in ((file["success_count"][0, :, 0].astype(float), changed[held_out], 1),
                                     (file["accuracy"][0] * held_out.sum(), rows[held_out], data.target[held_out])):
            lead = np.diff(scores_of_labels(LOGISTIC, people, best))[:, 0]
            ones = np.ones(len(people), int)
            unsure = np.abs(lead) < band.of_lead(LOGISTIC, people, ones, 0 * ones, len(people))
            assert unsure.mean() < 0.1
            assert (np.abs(told - ((lead > 0) == wanted).sum()) <= unsure.sum()).all()


@pytest.mark.parametrize("plays, words", [
    ("devices=1,memory=1000000", "has no room for this experiment: training 8 trials together needs"),
    ("devices=1,grants=1000000", "out of memory while allocating"),
    ("devices=1,cublas=0", "failed while starting cuBLAS, where cuBLAS says the library was not initialized"),
    ("devices=1,fails=60", "is lost: error 719"),
])
def test_what_fails_is_said(run, plays, words):
    assert words in run("cuda", "logistic", plays=plays, code=1)


def test_a_device_without_cublas(run, monkeypatch):
    monkeypatch.setenv("CAUCUS_CUBLAS", "/nowhere/libcublas.so")
    found = run("cuda", "logistic", code=1)
    assert "training on rows needs cuBLAS: no cuBLAS: /nowhere/libcublas.so" in found and "--device cpu" in found


def test_a_run_goes_on_elsewhere_only_if_that_is_said(run, caucus, tmp_path):
    run("cpu", "logistic", trials=8, name="both")
    refused = run("cuda", "logistic", "--resume", trials=16, name="both", code=2)
    assert "was trained by OpenBLAS" in refused and "--mixed" in refused
    mixed = run("cuda", "logistic", "--resume", "--mixed", trials=16, name="both")
    same(mixed, run("cpu", "logistic"))
    first, second = mixed["trained_by"].split("; ")
    assert first.startswith("OpenBLAS") and second == "cuBLAS 13.0.0 for emulated on the CPU, in double"
    shown = caucus("info", "both.h5").stdout
    assert "trained by      OpenBLAS" in shown and "cuBLAS" in shown
    assert "trained by cuBLAS" in run("cpu", "logistic", "--resume", trials=20, name="both", code=2).replace(first + "; ", "")


def test_shards_of_several_trainers_are_merged_only_if_that_is_said(run, caucus, emulated, tmp_path):
    whole = run("cpu", "logistic")
    for device, start in (("cpu", caucus), ("cuda", emulated)):
        for number in (1, 2):
            done = start("run", "-q", "e.yaml", "--device", device, "-o", f"{device}.h5", "--shard", f"{number}/2")
            assert done.returncode == 0, done.stderr
    parts = ["cpu-1-of-2.h5", "cuda-2-of-2.h5"]
    refused = caucus("merge", *parts, "-o", "merged.h5")
    assert refused.returncode == 2 and "cpu-1-of-2.h5 was trained by OpenBLAS" in refused.stderr
    assert "--mixed" in refused.stderr and not (tmp_path / "merged.h5").exists()
    assert caucus("merge", "--check", *parts).returncode == 2
    names = set()
    for parts, more in ((parts, ["--mixed"]), (["cpu-2-of-2.h5", "cpu-1-of-2.h5"], [])):
        done = caucus("merge", *parts, "-o", "merged.h5", "--force", *more)
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / "merged.h5") as file:
            same({name: file[name][()] for name in VALUES}, whole)
            names.add(file.attrs["trained_by"])
    library = whole["trained_by"]
    assert names == {library, f"{library}; cuBLAS 13.0.0 for emulated on the CPU, in double"}


def test_auto_stays_on_the_cpu(emulated, run):
    assert "OpenBLAS" in run("auto", "logistic")["trained_by"]
