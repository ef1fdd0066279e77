"""`until`: trials are added in rounds until the standard errors are small enough, and the result is that of a run of so
many trials, whoever computed it and however often it was stopped."""

import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from compare_files import assert_same, data_of
from conftest import wait_until_caught

EXPERIMENT = """\
name: until
seed: 3
trials: {trials}
population: {{scenario: dirichlet, cells: 20, labels: 3, uniqueness: 0.3}}
platform: {{consumers: 400, test: 50}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, set: {{signal: yes}}, target: y0}}
  - {{name: b, share: 0.05, strategy: erase, set: {{signal: no}}}}
bounds: {{knowledge: [total], inequalities: [hoeffding, kl]}}
output: {{trials: {keep}}}
{until}
sweep:
  - {{name: share, path: "collectives[0].share", values: [0.05, 0.2]}}
"""
UNTIL = "until: {{standard_error: {error}, of: [{of}], most: {most}}}"


@pytest.fixture
def write(tmp_path):
    def write(name="until", trials=50, keep="true", error=0.006, of="success", most=100_000, until=True):
        path = tmp_path / f"{name}.yaml"
        rule = UNTIL.format(error=error, of=of, most=most) if until else ""
        path.write_text(EXPERIMENT.format(trials=trials, keep=keep, until=rule))
        return path

    return write


def quantile_errors(values):
    """Half the distance of the quantiles a binomial deviation below and above; [config, trial, ...]"""
    n = values.shape[1]
    found = []
    for level in (0.05, 0.5, 0.95):
        step = np.sqrt(level * (1 - level) / n)
        low, high = max(level - step, {0.05: 0, 0.5: 0.275, 0.95: 0.725}[level]), min(
            level + step, {0.05: 0.275, 0.5: 0.725, 0.95: 1}[level])
        found.append((np.quantile(values, high, axis=1) - np.quantile(values, low, axis=1)) / 2)
    return np.max(found, axis=0)


def errors(path, of, trials=None):
    """The largest standard error of each configuration, from its (first) trials."""
    with h5py.File(path) as file:
        series = []
        if "success" in of:
            series.append(file["success_count"][:, :trials] / 50)
        if "bounds" in of:
            bounds = file["lower_bound"][:, :trials].astype(float)
            series.append(bounds.reshape(*bounds.shape[:2], -1))
        found = []
        for values in series:
            values = values[:, :, ~np.isnan(values).all(axis=(0, 1))]
            found.append((values.std(axis=1, ddof=1) / np.sqrt(values.shape[1])).max(axis=1))
            if "quantiles" in of:
                found.append(quantile_errors(values).max(axis=1))
        return np.max(found, axis=0)


@pytest.mark.parametrize("of, error", [("success", 0.006), ("success, bounds", 0.006), ("success, quantiles", 0.012),
                                       ("success, bounds, quantiles", 0.012), ("bounds", 0.001)])
def test_rounds_end_where_the_rule_says(caucus, write, tmp_path, of, error):
    assert caucus("run", write(of=of, error=error), "-q", "-o", "o.h5").returncode == 0
    with h5py.File(tmp_path / "o.h5") as file:
        n = int(file.attrs["trials"])
        assert n in [50 * 2**k for k in range(12)]
        np.testing.assert_allclose(file["summary/standard_error"][:], errors(tmp_path / "o.h5", of), rtol=1e-12)
        assert file.attrs["until_standard_error"] == error and file.attrs["until_most"] == 100_000
        assert file.attrs["until_of"] == of.replace(",", "")
    assert errors(tmp_path / "o.h5", of).max() <= error
    assert n == 50 or errors(tmp_path / "o.h5", of, n // 2).max() > error
    plain = write("plain", trials=n, until=False)
    assert caucus("run", plain, "-q", "-o", "plain.h5").returncode == 0
    with h5py.File(tmp_path / "o.h5") as one, h5py.File(tmp_path / "plain.h5") as other:
        for name in ("success_count", "lower_bound", "summary/success_mean", "summary/bound_q05"):
            assert one[name][()].tobytes() == other[name][()].tobytes(), name


@pytest.mark.parametrize("keep", ["true", "false"])
def test_threads_blocks_and_stops_do_not_matter(caucus, write, tmp_path, keep):
    path = write(error=0.0007, keep=keep)
    assert caucus("run", path, "-q", "-o", "one.h5", "--threads", "2").returncode == 0
    for options in (["--threads", "2", "--block", "7"], ["--threads", "2", "--block", "50"]):
        assert caucus("run", path, "-q", "-o", "other.h5", "--force", *options).returncode == 0
        assert data_of(tmp_path / "other.h5") == data_of(tmp_path / "one.h5"), options
    with h5py.File(tmp_path / "one.h5") as file:
        assert file.attrs["trials"] > 10_000
    stops = 0
    for code, message in stops_of(caucus, path, tmp_path):
        assert code == 3 and "go on with --resume" in message
        stops += 1
    assert stops > 0
    assert_same(tmp_path / "stopped.h5", tmp_path / "one.h5")


def stops_of(caucus, path, folder):
    """Stop a run ever later, until it gets to its end; files of earlier rounds may stand there meanwhile."""
    resume = []
    for attempt in range(40):
        process = subprocess.Popen([caucus.program, "run", path, "-q", "-o", "stopped.h5", "--threads", "2", *resume],
                                   cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until_caught(process, signal.SIGTERM)
        time.sleep(0.05 * 1.6**attempt)
        process.send_signal(signal.SIGTERM)
        _, message = process.communicate(timeout=60)
        if process.returncode == 0:
            return
        yield process.returncode, message
        resume = ["--resume"]
    raise AssertionError("the run never ended")


def test_sums_take_as_many_trials(caucus, write, tmp_path):
    """Standard errors of success are exact in sums, too; those of bounds come from histograms."""
    for keep in ("true", "false"):
        assert caucus("run", write(keep, keep=keep, error=0.002), "-q", "-o", f"{keep}.h5").returncode == 0
    for keep in ("true", "false"):
        of = write(f"b{keep}", keep=keep, of="success, bounds, quantiles", error=0.02)
        assert caucus("run", of, "-q", "-o", f"b{keep}.h5").returncode == 0
    with h5py.File(tmp_path / "true.h5") as kept, h5py.File(tmp_path / "false.h5") as sums:
        assert kept.attrs["trials"] == sums.attrs["trials"] > 50
        for name in ("success_mean", "success_std", "bound_mean", "violation_rate", "standard_error"):
            np.testing.assert_allclose(kept[f"summary/{name}"][()], sums[f"summary/{name}"][()], rtol=1e-12)
        assert "sums" in sums
    with h5py.File(tmp_path / "btrue.h5") as kept, h5py.File(tmp_path / "bfalse.h5") as sums:
        assert kept.attrs["trials"] == sums.attrs["trials"]
        np.testing.assert_allclose(kept["summary/standard_error"][()], sums["summary/standard_error"][()], atol=2**-10)


@pytest.mark.parametrize("keep", ["true", "false"])
def test_a_result_goes_on_to_be_more_precise(caucus, write, tmp_path, keep):
    assert caucus("run", write(keep=keep), "-q", "-o", "o.h5").returncode == 0
    done = caucus("run", write(keep=keep), "-q", "-o", "o.h5", "--resume", "--until-se", "0.002")
    assert done.returncode == 0, done.stderr
    assert caucus("run", write(keep=keep), "-q", "-o", "fresh.h5", "--until-se", "0.002").returncode == 0
    assert_same(tmp_path / "o.h5", tmp_path / "fresh.h5")
    with h5py.File(tmp_path / "o.h5") as file:
        more = 2 * int(file.attrs["trials"])
    grown = caucus("run", write(keep=keep), "-q", "-o", "o.h5", "--resume", "--set", "until=null", "--trials", more)
    assert grown.returncode == 0, grown.stderr
    with h5py.File(tmp_path / "o.h5") as file:
        assert file.attrs["trials"] == more and "until_of" not in file.attrs


def test_most_ends_it(caucus, write, tmp_path):
    done = caucus("run", write(error=0, most=130), "-o", "o.h5")
    assert done.returncode == 0 and "no more trials were allowed (most)" in done.stdout, done.stderr
    with h5py.File(tmp_path / "o.h5") as file:
        assert file.attrs["trials"] == 130
    info = caucus("info", "o.h5").stdout
    assert "doubled until no standard error of success exceeds 0, at most 130" in info
    again = caucus("run", write(error=0, most=130), "-q", "-o", "o.h5", "--resume")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--shard", "1/2"], "cannot be cut into shards"),
    (["--until-se", "much"], "--until-se takes a standard error from 0 to 1"),
    (["--set", "until.most=20"], "most is 20 trials, and the first round has 50 already"),
    (["--set", "until.of=quantiles"], "of must name success or bounds"),
    (["--set", "until.of=succes"], 'did you mean "success"'),
    (["--set", "until.standard_eror=1"], 'did you mean "standard_error"')])
def test_what_cannot_be_is_told(caucus, write, arguments, words):
    done = caucus("run", write(), "-o", "o.h5", *arguments)
    assert done.returncode in (2, 64) and words in done.stderr, done.stderr


def test_check_tells_the_rule(caucus, write):
    assert "doubled until no standard error exceeds 0.006, at most 100,000 in each" in caucus("check", write()).stdout


def coverage(rng, first, error, most, probability, n_test, runs):
    """How often mean +- 1.96 standard errors holds the true mean when rounds double until the error is small enough."""
    held = 0
    for _ in range(runs):
        values = rng.binomial(n_test, probability, first) / n_test
        while values.std(ddof=1) / np.sqrt(len(values)) > error and len(values) < most:
            values = np.concatenate([values, rng.binomial(n_test, probability, len(values)) / n_test])
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        held += abs(values.mean() - probability) <= half
    return held / runs


@pytest.mark.parametrize("first, error", [(100, 0.004), (100, 0.0012), (400, 0.0012)])
def test_intervals_hold_as_the_page_on_statistics_says(first, error):
    """At least 94 % of them from first rounds of 100, less five deviations of the count of so many simulations."""
    runs = 4000
    found = coverage(np.random.default_rng(5), first, error, 100_000, 0.7, 50, runs)
    assert 0.94 - 5 * np.sqrt(0.94 * 0.06 / runs) <= found <= 0.95 + 5 * np.sqrt(0.05 * 0.95 / runs), found
