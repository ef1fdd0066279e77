"""Experiments on people with real-valued features."""

import signal
import warnings

import h5py
import numpy as np
import pytest
from heldout import held_out_rows
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.linear_model import LogisticRegression

EXPERIMENT = """\
seed: 3
trials: {trials}
population: {{file: people.csv, label: kind, numeric: all{population}}}
platform: {{consumers: {consumers}, test: {test}, classifier: {classifier}{platform}}}
collectives:
  - {{name: a, share: {share}, strategy: {strategy}, set: {{x0: 15, x1: 20}}, target: k1{collective}}}
"""
DEFAULTS = {"trials": 64, "population": "", "consumers": 400, "test": 200, "classifier": "{name: logistic, tolerance: 1e-8}",
            "platform": "", "share": 0.2, "strategy": "feature_label", "collective": ""}


def write_table(path, rows, labels, weights=None):
    names = [f"x{i}" for i in range(rows.shape[1])]
    with open(path, "w") as file:
        file.write(",".join(["kind", *names, *(["n"] if weights is not None else [])]) + "\n")
        for i, (row, label) in enumerate(zip(rows, labels)):
            cells = [f"k{label}", *map(repr, map(float, row)), *([str(weights[i])] if weights is not None else [])]
            file.write(",".join(cells) + "\n")


@pytest.fixture(scope="module")
def cancer():
    data = load_breast_cancer()
    return data.data[:, :8], data.target


@pytest.fixture
def run(caucus, tmp_path, cancer):
    """Run the experiment with some parts changed; its result as arrays."""
    write_table(tmp_path / "people.csv", *cancer)

    def run(*options, experiment=EXPERIMENT, name="e", **parts):
        (tmp_path / f"{name}.yaml").write_text(experiment.format(**{**DEFAULTS, **parts}))
        done = caucus("run", f"{name}.yaml", "-o", f"{name}.h5", "--force", *options)
        if "needs OpenBLAS" in done.stderr:
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / f"{name}.h5") as file:
            result = {key: file[key][()] for key in file if isinstance(file[key], h5py.Dataset)}
            result["attributes"] = dict(file.attrs)
        return result

    return run


def same(a, b, first=None):
    for name in ("success_count", "accuracy", "suboptimality", "joint_count", "converged"):
        x, y = a[name][:, :first], b[name][:, :first]
        assert x.tobytes() == y.tobytes(), name


def test_results_do_not_depend_on_threads_or_on_how_many_trials_there_are(run):
    whole = run("--threads", "2", trials=300)
    assert whole["converged"].all()
    same(whole, run("--threads", "1", trials=300))
    same(whole, run("--threads", "2", trials=77), first=77)
    same(whole, run("--threads", "2", "--block", "37", trials=300))
    assert whole["attributes"]["trained_by"].decode().startswith("OpenBLAS") \
        if isinstance(whole["attributes"]["trained_by"], bytes) else "OpenBLAS" in whole["attributes"]["trained_by"]


def test_a_run_that_was_killed_gives_the_same_result(run, caucus, tmp_path, stop_and_resume):
    parts = {"trials": 12000, "consumers": 3000}
    whole = run(**parts)
    (tmp_path / "killed.yaml").write_text((tmp_path / "e.yaml").read_text())
    for code, errors in stop_and_resume(tmp_path / "killed.yaml", tmp_path / "killed.h5", signal.SIGTERM):
        assert code == 3, errors
    with h5py.File(tmp_path / "killed.h5") as file:
        same(whole, {name: file[name][()] for name in file if isinstance(file[name], h5py.Dataset)})


def test_sums_are_those_of_the_trials(run, caucus, tmp_path):
    run(trials=150)
    (tmp_path / "sums.yaml").write_text((tmp_path / "e.yaml").read_text() + "output: {trials: false}\n")
    done = caucus("run", "sums.yaml", "-o", "sums.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "e.h5") as trials, h5py.File(tmp_path / "sums.h5") as sums:
        for name in ("success_mean", "success_std", "accuracy_mean", "converged_mean"):
            if name in trials["summary"]:
                assert np.allclose(trials["summary"][name], sums["summary"][name], atol=1e-7), name


@pytest.mark.parametrize("kind", ["logistic", "ridge"])
def test_a_trial_without_chance_is_what_scikit_learn_makes_of_it(run, cancer, kind):
    """Everybody is drawn once, all who may join have joined, and those held out are the test."""
    from sklearn.linear_model import RidgeClassifier
    rows, labels = cancer
    probe = run(test=0.3, trials=1, population=", draw: without_replacement", consumers=10, share=0.1)
    n_test = int(probe["attributes"].get("test", probe.get("test", [0])[0]))
    n_train = len(rows) - n_test
    joins = rows[:, 2] < 80
    held_out = held_out_rows(len(rows), 0.3)
    assert held_out.sum() == n_test
    size = int((joins & ~held_out).sum())
    result = run(test=0.3, trials=2, population=", draw: without_replacement", consumers=n_train,
                 classifier=f"{{name: {kind}, tolerance: 1e-11, penalty: 1, steps: 3000}}", share=size / n_train,
                 collective=", members: {x2: {below: 80}}")
    assert result["size"][0, 0] == size
    changed = rows.copy()
    changed[:, :2] = 15, 20
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    train = np.where((joins & ~held_out)[:, None], changed, rows)[~held_out]
    taught = np.where(joins, 1, labels)[~held_out]
    peer = RidgeClassifier(alpha=1) if kind == "ridge" else \
        LogisticRegression(C=2, solver="newton-cg", tol=1e-12, max_iter=2000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer.fit((train - mean) / scale, taught)
    success = (peer.predict((changed[held_out] - mean) / scale) == 1).sum()
    accuracy = (peer.predict((rows[held_out] - mean) / scale) == labels[held_out]).mean()
    wrong = (peer.predict((train - mean) / scale) != taught).sum() / (2 * n_train)
    assert (result["success_count"] == success).all()
    assert result["accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert result["suboptimality"] == pytest.approx(wrong, abs=1e-6)


def alike(a, b, level=1e-4):
    """Two samples of one distribution: Kolmogorov and Smirnov's test, and the means, at this level each."""
    assert stats.ks_2samp(a, b).pvalue > level
    error = np.sqrt(a.var() / len(a) + b.var() / len(b))
    assert abs(a.mean() - b.mean()) <= stats.norm.isf(level / 2) * error + 1e-12


@pytest.mark.parametrize("parts", [
    {},
    {"collective": ", noise: {compliance: 0.6}", "strategy": "feature_only_keep"},
    {"strategy": "unplant_naive", "share": 0.4},
    {"strategy": "unplant_adaptive", "share": 0.4, "collective": ", estimators: 50, noise: {compliance: 0.5}"},
    {"population": ", weight: n", "collective": ", members: {x2: {from: 70}}", "consumers": 8000},
    {"collective": ", members: {x2: {from: 95}}, affinity: 2.5", "share": 0.4},
])
def test_people_drawn_one_by_one_give_the_same_distribution(run, cancer, tmp_path, parts):
    rows, labels = cancer
    parts = {"trials": 500, **parts}
    table = tmp_path / "people.csv"
    if "weight" in parts.get("population", ""):
        write_table(table, rows, labels, np.random.default_rng(2).integers(0, 9, len(rows)))
    counts = run(**parts)
    people = run(**{**parts, "population": parts.get("population", "") + ", by: individuals"})
    for name in ("success_count", "accuracy", "suboptimality"):
        alike(counts[name].ravel().astype(float), people[name].ravel().astype(float))
    assert counts["success_count"].tobytes() != people["success_count"].tobytes()


def write_cells(folder):
    """The same people as cells and as rows of 0 and 1."""
    rng = np.random.default_rng(5)
    codes = np.column_stack([rng.integers(0, 3, 600), rng.integers(0, 4, 600), rng.integers(0, 2, 600)])
    labels = (codes @ [1, 1, 2] + rng.integers(0, 3, 600)) % 3
    names = ["u", "v", "w"]
    with open(folder / "cells.csv", "w") as cells, open(folder / "hot.csv", "w") as hot:
        sizes = [3, 4, 2]
        columns = [f"{name}{value}" for name, size in zip(names, sizes) for value in range(size)]
        cells.write("kind," + ",".join(names) + "\n")
        hot.write("kind," + ",".join(columns) + "\n")
        for row, label in zip(codes, labels):
            cells.write(f"k{label}," + ",".join(f"v{x}" for x in row) + "\n")
            hot.write(f"k{label}," + ",".join(str(int(row[f] == v)) for f, size in enumerate(sizes) for v in range(size)) + "\n")


@pytest.mark.parametrize("collective", [
    "strategy: feature_label, target: k2",
    "strategy: unplant_naive, target: k2",
    "strategy: unplant_adaptive, target: k2, estimators: 30, noise: {compliance: 0.7}",
    "strategy: erase",
    "strategy: feature_only_keep, target: k2",
    "strategy: feature_label, target: k0, MEMBERS, affinity: 4.5",
])
def test_one_hot_rows_are_the_categorical_engines_cells(run, caucus, tmp_path, collective):
    write_cells(tmp_path)
    common = """\
trials: 600
platform: {consumers: 700, test: 200, classifier: {name: logistic, tolerance: 1e-7}}
output: {accuracy_cost: true}
"""
    one = common + """\
population: {file: cells.csv, label: kind}
collectives: [{share: 0.15, set: {u: v1}, COLLECTIVE}]
"""
    other = common + """\
population: {file: hot.csv, label: kind, numeric: all, scale: none}
collectives: [{share: 0.15, set: {u0: 0, u1: 1, u2: 0}, COLLECTIVE}]
"""
    one = one.replace("COLLECTIVE", collective.replace("MEMBERS", "members: {v: v1, w: v0}"))
    other = other.replace("COLLECTIVE", collective.replace("MEMBERS", "members: {v1: {from: 0.5}, w0: {from: 0.5}}"))
    first = run(experiment=one.replace("{", "{{").replace("}", "}}"), name="one")
    second = run(experiment=other.replace("{", "{{").replace("}", "}}"), name="other")
    assert first["converged"].all() and second["converged"].all()
    assert (first["suboptimality"] > 0).all()
    for name in ("success_count", "accuracy", "suboptimality", "accuracy_cost"):
        alike(first[name].ravel().astype(float), second[name].ravel().astype(float))


def test_accuracy_costs_nothing_where_nobody_acts(run):
    experiment = EXPERIMENT + "output: {{accuracy_cost: true}}\n"
    idle = run(experiment=experiment, trials=20, collective=", noise: {compliance: 0}")
    acting = run(experiment=experiment, trials=20, share=0.4)
    assert (idle["accuracy_cost"] == 0).all()
    assert (acting["accuracy_cost"] > 0).any()


@pytest.mark.parametrize("epsilon", ["0.01", "measured"])
@pytest.mark.parametrize("first, second", [
    ("strategy: feature_label, target: k2", "strategy: feature_label, target: k0"),
    ("strategy: feature_only, target: k1, OUTSIDE", "strategy: feature_only_keep, target: k1"),
    ("strategy: unplant_naive, target: k2", "strategy: unplant_adaptive, target: k0, estimators: 40"),
    ("strategy: feature_only_keep, target: k1, noise: {compliance: 0.8}", "strategy: unplant_naive, target: k1"),
])
def test_bounds_on_single_points_are_those_of_the_cells(run, caucus, tmp_path, first, second, epsilon):
    """With a given epsilon: population bounds to the last digit, the others as distributions; all as distributions with a
    measured one. Some 200 comparisons at 1e-6 each: one in 5,000 changes of the streams would fail by chance.
    """
    write_cells(tmp_path)
    bounds = f"""\
bounds: {{families: [staircase, budget], knowledge: [total, labels, strategies, aggregate, full], epsilon: {epsilon},
  inequalities: [population, hoeffding, kl], upper: true, noise: {{compliance: 0.8}}}}
"""
    common = """\
trials: 300
platform: {consumers: 900, test: 200, classifier: {name: logistic, tolerance: 1e-7}}
"""
    one = common + bounds + """\
population: {file: cells.csv, label: kind}
collectives:
  - {name: a, share: 0.35, set: {u: v1, v: v0, w: v0}, FIRST}
  - {name: b, share: 0.1, set: {u: v1, v: v0, w: v0}, SECOND}
"""
    other = common + bounds + """\
population: {file: hot.csv, label: kind, numeric: all, scale: none}
collectives:
  - {name: a, share: 0.35, set: {u0: 0, u1: 1, u2: 0, v0: 1, v1: 0, v2: 0, v3: 0, w0: 1, w1: 0}, FIRST}
  - {name: b, share: 0.1, set: {u0: 0, u1: 1, u2: 0, v0: 1, v1: 0, v2: 0, v3: 0, w0: 1, w1: 0}, SECOND}
"""
    outside = ["outside: {u: v0, v: v0, w: v0}", "outside: {u0: 1, u1: 0, u2: 0, v0: 1, v1: 0, v2: 0, v3: 0, w0: 1, w1: 0}"]
    results = []
    for name, text, elsewhere in (("one", one, outside[0]), ("other", other, outside[1])):
        text = text.replace("FIRST", first).replace("SECOND", second).replace("OUTSIDE", elsewhere)
        results.append(run(experiment=text.replace("{", "{{").replace("}", "}}"), name=name))
    methods = [name if isinstance(name, str) else name.decode() for name in results[0]["method"]]
    assert len(methods) == 30
    for name in ("lower_bound", "upper_bound", "global_bound", "joint_bound", "global_upper", "joint_upper"):
        cells, rows = results[0][name], results[1][name]
        assert (np.isnan(cells) == np.isnan(rows)).all(), name
        for i, method in enumerate(methods):
            a, b = (np.atleast_2d(x[0, ..., i].reshape(300, -1).T) for x in (cells, rows))
            for x, y in zip(a, b):
                if np.isnan(x).all():
                    continue
                if method.endswith("population") and epsilon != "measured":
                    assert x == pytest.approx(y, abs=2e-6), (name, method)
                else:
                    alike(x.astype(float), y.astype(float), 1e-6)
    if "feature_label" in first:
        assert (results[1]["lower_bound"] > 0.5).any()


def test_a_matrix_in_hdf5_is_the_same_population(run, caucus, tmp_path, cancer):
    rows, labels = cancer
    csv = run()
    with h5py.File(tmp_path / "people.h5", "w") as file:
        file["x"] = rows
        file["kind"] = np.array([f"k{label}".encode() for label in labels])
    text = (tmp_path / "e.yaml").read_text().replace("people.csv, label: kind, numeric: all", "people.h5, label: kind, x: x")
    (tmp_path / "matrix.yaml").write_text(text)
    done = caucus("run", "matrix.yaml", "-o", "matrix.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "matrix.h5") as file:
        same(csv, {name: file[name][()] for name in file if isinstance(file[name], h5py.Dataset)})


def test_words_stand_for_numbers_and_categories_stand_beside_them(run, tmp_path):
    rng = np.random.default_rng(8)
    with open(tmp_path / "mixed.csv", "w") as file:
        file.write("kind,age,home\n")
        for _ in range(300):
            age, home = rng.integers(0, 3), rng.integers(0, 2)
            file.write(f"k{int(age + home + rng.integers(0, 2) > 2)},{['young', 'middle', 'NA'][age]},{'AB'[home]}\n")
    text = """\
trials: 40
population: {{file: mixed.csv, label: kind, numeric: [age], words: {{age: {{young: 20, middle: 50, NA: 45}}}}}}
platform: {{consumers: 1000, test: 300, classifier: {kind}}}
collectives:
  - {{share: 0.3, strategy: feature_only, set: {{home: A, age: 20}}, outside: {{home: B}}, target: k1, members: {{home: [A]}}}}
  - {{share: 0.1, strategy: feature_label, add: {{vector: [30], scale: 0.5}}, box: [0, 60], target: k0}}
"""
    for kind in ("logistic", "ridge", "{name: mlp, hidden: 3}", "{name: mlp, hidden: [4, 3]}", "{name: logistic, precision: single}"):
        result = run(experiment=text, name="mixed", kind=kind)
        assert result["converged"].all()
        assert (result["accuracy"] > 0.6).all()


def test_nobody_acts_without_compliance(run):
    idle = run(trials=200, collective=", noise: {compliance: 0}")
    absent = run(trials=200, share=0)
    alike(idle["accuracy"].ravel(), absent["accuracy"].ravel())
    alike(idle["success_count"].ravel().astype(float), absent["success_count"].ravel().astype(float))


def test_success_on_others_leaves_the_targets_out(run, cancer):
    _, labels = cancer
    held_out = held_out_rows(len(labels), 0.4)
    result = run(trials=1, test=0.4, platform=", success_on: others")
    assert result["test"][0] == (held_out & (labels != 1)).sum()


@pytest.mark.parametrize("parts, message", [
    ({"classifier": "histogram"}, "counts people in cells"),
    ({"classifier": "{name: logistic, interactions: true}"}, 'unknown key "interactions"'),
    ({"classifier": "{name: logistic, precision: tf32}"}, "tf32 is of CUDA devices"),
    ({"population": ", scale: standart"}, 'did you mean "standard"'),
    ({"strategy": "erase"}, "erase has no target"),
    ({"strategy": "unplant_adaptive"}, "estimators"),
    ({"collective": ", estimators: 20"}, "estimators belong to strategy unplant_adaptive"),
    ({"strategy": "feature_only"}, 'lacks "outside"'),
    ({"collective": ", noise: {miss: 0.1}"}, "miss needs features of a few values"),
    ({"collective": ", affinity: 2"}, "but there is no members"),
    ({"population": ", draw: without_replacement", "collective": ", members: {x2: {from: 70}}, affinity: 2", "consumers": 300},
     "affinity is not possible without replacement"),
    ({"consumers": "5G"}, "people with real-valued features are counted up to 4294967295"),
    ({"collective": ", members: {x2: 5}"}, "a range may join"),
    ({"collective": ", members: {x2: {from: 5, below: 4}}"}, "no number is from 5 and below 4"),
    ({"collective": ", add: {vector: [1, 2]}"}, "vector has 2 numbers, but there are 8"),
    ({"collective": ", mask: {image: [3, 3], at: [0, 0], size: [1, 1], value: 0}"}, "has 9 pixels"),
    ({"collective": ", mask: {image: [2, 4], at: [1, 3], size: [1, 2], value: 0}"}, "does not lie in the image"),
    ({"collective": ", mask: {columns: [x9], value: 0}"}, "no feature"),
    ({"collective": ", mask: {columns: [x1], value: .inf}"}, "value"),
    ({"collective": ", box: [3, 1]"}, "the lowest is above the highest"),
    ({"collective": ", members: {x2: {from: 1e9}}"}, "nobody whom trials train on may join"),
    ({"collective": ", pilot: 3"}, "pilot is for people in cells"),
    ({"population": ", words: {x1: {a: b}}"}, "b"),
    ({"population": ", words: [x1]"}, "words must be a mapping"),
    ({"population": ", bins: {x1: [3]}"}, "numeric and cut by bins"),
    ({"test": 0.9999999}, "held out"),
    ({"classifier": "{name: mlp, hidden: [4, 3, 2]}"}, "one or two hidden layers, not 3"),
    ({"classifier": "{name: mlp, hidden: [4, 0]}"}, 'hidden must be a whole number from 1 to 4096, not "0"'),
    ({"population": ", draw: without_replacement", "consumers": 560}, "560 consumers and 200 test points"),
])
def test_bad_experiments_are_refused_before_anything_is_drawn(caucus, tmp_path, cancer, parts, message):
    write_table(tmp_path / "people.csv", *cancer)
    (tmp_path / "e.yaml").write_text(EXPERIMENT.format(**{**DEFAULTS, **parts}))
    done = caucus("run", "e.yaml", "-o", "e.h5")
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert not (tmp_path / "e.h5").exists()


@pytest.mark.parametrize("extra, message", [
    ("bounds: {knowledge: [total]}\n", "there are no bounds for people with real-valued features unless every collective sets"),
])
def test_what_rows_do_not_have_is_said(caucus, tmp_path, cancer, extra, message):
    write_table(tmp_path / "people.csv", *cancer)
    (tmp_path / "e.yaml").write_text(EXPERIMENT.format(**DEFAULTS) + extra)
    done = caucus("run", "e.yaml")
    assert done.returncode == 2 and message in done.stderr


def test_other_commands_say_that_they_do_not_do_rows(run, caucus, tmp_path):
    run(trials=1)
    done = caucus("solve", "e.yaml", "--target", "0.5")
    assert done.returncode == 2 and "real-valued features" in done.stderr, done.stderr
    done = caucus("bound", "e.yaml", "--collective", "a", "--members", "people.csv")
    assert done.returncode == 2 and "real-valued features" in done.stderr, done.stderr


def test_a_vector_from_a_file_is_that_vector(run, caucus, tmp_path):
    numbers = [1.5, -2, 0, 0.25, 3, 0, 0, 1]
    (tmp_path / "trigger.txt").write_text("\n".join(map(str, numbers)))
    by_file = run(collective=", add: {vector: trigger.txt, scale: 2}")
    same(by_file, run(collective=f", add: {{vector: {numbers}, scale: 2}}"))
    (tmp_path / "trigger.txt").write_text("1, 2, 3")
    done = caucus("run", "e.yaml", "-o", "f.h5", "--set", "collectives[0].add.vector=trigger.txt")
    assert done.returncode == 2 and "vector has 3 numbers, but there are 8" in done.stderr
    (tmp_path / "trigger.txt").write_text("1 2 3 4 five 6 7 8")
    done = caucus("run", "e.yaml", "-o", "f.h5", "--set", "collectives[0].add.vector=trigger.txt")
    assert done.returncode == 2 and 'number 5 is "five", which is no finite number' in done.stderr


def test_a_run_whose_vector_changed_is_not_gone_on_with(run, caucus, tmp_path):
    (tmp_path / "trigger.txt").write_text("1 2 3 4 5 6 7 8")
    run(collective=", add: {vector: trigger.txt}", trials=10)
    (tmp_path / "trigger.txt").write_text("1 2 3 4 5 6 7 9")
    done = caucus("run", "e.yaml", "-o", "e.h5", "--resume", "--trials", "20")
    assert done.returncode == 2 and "other population data" in done.stderr, done.stderr


def test_people_of_the_test_from_a_file(run, caucus, cancer, tmp_path):
    """The same people as are held out, so the same trials; in the population's units."""
    rows, labels = cancer
    held_out = held_out_rows(len(rows), 0.3)
    whole = run(test=0.3, trials=2, population=", draw: without_replacement, scale: none", consumers=int((~held_out).sum()),
                share=0, classifier="{name: ridge, tolerance: 1e-10, penalty: 1}")
    write_table(tmp_path / "train.csv", rows[~held_out], labels[~held_out])
    write_table(tmp_path / "test.csv", rows[held_out], labels[held_out])
    text = (tmp_path / "e.yaml").read_text().replace("people.csv", "train.csv, test_file: test.csv").replace(", test: 0.3", "")
    (tmp_path / "file.yaml").write_text(text)
    for scale in ("none", "standard"):
        done = caucus("run", "file.yaml", "-o", "file.h5", "--force", "--set", f"population.scale={scale}")
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / "file.h5") as file:
            assert file["test"][0] == held_out.sum()
            if scale == "none":
                assert (file["success_count"][()] == whole["success_count"]).all()
                assert (file["accuracy"][()] == whole["accuracy"]).all()
            else:
                assert (file["accuracy"][()] > 0.85).all()
    done = caucus("run", "file.yaml", "-o", "file.h5", "--force", "--set", "platform.test=30")
    assert done.returncode == 2 and "all people of population.test_file are the test" in done.stderr
    (tmp_path / "test.csv").write_text((tmp_path / "test.csv").read_text().replace("k1,", "k2,", 1))
    done = caucus("run", "file.yaml", "-o", "file.h5", "--force")
    assert done.returncode == 2 and '"k2" in column "kind" is a value that the population does not have' in done.stderr


def test_three_labels_and_two_collectives(caucus, tmp_path):
    data = load_wine()
    write_table(tmp_path / "people.csv", data.data, data.target)
    (tmp_path / "e.yaml").write_text("""\
trials: 20
population: {file: people.csv, label: kind, numeric: all}
platform: {consumers: 500, test: 100}
collectives:
  - {name: a, share: 0.4, strategy: feature_label, mask: {columns: [x0, x1, x2, x3], value: 30}, target: k0}
  - {name: b, share: 0.01, strategy: feature_label, mask: {columns: [x0, x1, x2, x3], value: -30}, target: k1}
""")
    done = caucus("run", "e.yaml", "-o", "e.h5")
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "e.h5") as file:
        success = file["success_count"][()]
        assert success[0, :, 0].mean() > 95
        assert (file["joint_count"][()] <= success.min(axis=2)).all()
