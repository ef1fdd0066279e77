"""The whole path to CUDA devices, on devices that the CPU plays (tests/kernels/emulated_cuda): the same numbers to the
bit, however the work is spread, and a clear end for everything that can go wrong."""

import json

import h5py
import numpy as np
import pytest
from compare_files import assert_same
from conftest import SOURCE, trains_on_cells

EXPERIMENTS = sorted(path for path in (SOURCE / "experiments").glob("*.yaml") if trains_on_cells(path))

EXPERIMENT = """\
name: devices
seed: 7
trials: {trials}
population: {{scenario: dirichlet, cells: 40, labels: 3, concentration: 0.7, uniqueness: 0.2, gap: 0.1}}
platform: {{consumers: 5000, test: 400}}
collectives:
  - {{name: first, share: 0.1, strategy: feature_label, set: {{signal: "yes"}}, target: y0, noise: {{miss: 0.1}}}}
  - {{name: second, share: 0.05, strategy: unplant_adaptive, set: {{signal: "yes"}}, target: y1, estimators: 50}}
bounds: {{families: [staircase, budget], inequalities: [hoeffding, bernstein]}}
sweep:
  - {{name: share, path: "collectives[0].share", values: [0.01, 0.05, 0.2]}}
"""


@pytest.fixture
def experiment(tmp_path):
    def write(trials=100, change=lambda text: text):
        path = tmp_path / "devices.yaml"
        path.write_text(change(EXPERIMENT.format(trials=trials)))
        return path

    return write


@pytest.fixture
def reference(caucus, experiment, tmp_path):
    """The result of the CPU."""

    def run(trials=100):
        output = tmp_path / "cpu.h5"
        done = caucus("run", "-q", experiment(trials), "-o", output, "--device", "cpu", "--force")
        assert done.returncode == 0, done.stderr
        return output

    return run


def plan_of(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[0])


# ---- the same numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment(caucus, emulated, tmp_path, path):
    for device, run in (("cpu", caucus), ("cuda", emulated)):
        done = run("run", "-q", path, "--device", device, "--trials", 2, "-o", tmp_path / f"{device}.h5")
        assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "cpu.h5", tmp_path / "cuda.h5")
    with h5py.File(tmp_path / "cuda.h5") as file:
        assert file.attrs["backend"] == "cuda"
        assert file.attrs["device"] == "CUDA: emulated on the CPU (cuda:0)"


@pytest.mark.parametrize("classifier", ["histogram", "{name: worst_case, epsilon: 0.02, victim: first}"])
def test_tables(caucus, emulated, experiment, tmp_path, classifier):
    """Every inequality and knowledge, and every strategy."""
    others = """\
  - {name: third, share: 0.05, strategy: feature_only, set: {signal: "yes"}, target: y2}
  - {name: fourth, share: 0.05, strategy: feature_only_keep, set: {signal: "yes"}, target: y0}
  - {name: fifth, share: 0.05, strategy: unplant_naive, set: {signal: "yes"}, target: y0}
  - {name: sixth, share: 0.05, strategy: erase, set: {signal: "yes"}}
bounds: """
    path = experiment(5, lambda text: text.replace("bounds: ", others).replace(
        "consumers: 5000", f"classifier: {classifier}, consumers: 2000")
        .replace("[staircase, budget]", "[staircase, budget, linear]").replace(
                          "[hoeffding, bernstein]", "[population, hoeffding, bernstein, kl, clopper_pearson]"))
    for device, run in (("cpu", caucus), ("cuda", emulated)):
        done = run("run", "-q", path, "--device", device, "-o", tmp_path / f"{device}.h5")
        assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "cpu.h5", tmp_path / "cuda.h5")
    with h5py.File(tmp_path / "cpu.h5") as file:
        assert file["lower_bound"].shape[3] >= 50


@pytest.mark.parametrize("options, plays", [
    ([], "devices=1"),
    (["--block", 7], "devices=1"),
    (["--block", 300], "devices=1"),
    (["--block", 32], "devices=3"),
    ([], "devices=1,processors=40"),
    (["--block", 300], "devices=1,memory=3200000"),  # one group of trials at a time
])
def test_however_work_is_spread(emulated, reference, experiment, tmp_path, options, plays):
    device = "cuda:all" if "devices=3" in plays else "cuda"
    wanted = reference(300)
    done = emulated("run", "-q", experiment(300), "--device", device, "-o", tmp_path / "cuda.h5", *options, plays=plays)
    assert done.returncode == 0, done.stderr
    assert_same(wanted, tmp_path / "cuda.h5")


@pytest.mark.parametrize("options, plays", [
    ([], "devices=1"),
    (["--block", 300], "devices=1,memory=12000000"),
    (["--block", 64], "devices=3"),
])
def test_sums(caucus, emulated, experiment, tmp_path, options, plays):
    """Summaries only: the same words, and so the same summary to the bit."""
    path = experiment(300, lambda text: text + "output: {trials: false}\n")
    done = caucus("run", "-q", path, "--device", "cpu", "-o", tmp_path / "cpu.h5")
    assert done.returncode == 0, done.stderr
    done = emulated("run", "-q", path, "--device", "cuda:all", "-o", tmp_path / "cuda.h5", *options, plays=plays)
    assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "cpu.h5", tmp_path / "cuda.h5")
    with h5py.File(tmp_path / "cuda.h5") as file:
        assert "success_count" not in file and file["summary/success_mean"][0, 0] > 0


def test_accuracy_cost(caucus, emulated, experiment, tmp_path):
    path = experiment(50, lambda text: text + "output: {accuracy_cost: true}\n")
    for device, run in (("cpu", caucus), ("cuda", emulated)):
        done = run("run", "-q", path, "--device", device, "-o", tmp_path / f"{device}.h5")
        assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "cpu.h5", tmp_path / "cuda.h5")
    with h5py.File(tmp_path / "cuda.h5") as file:
        assert (file["accuracy_cost"][:] != 0).any()


def test_all_devices_work(emulated, reference, experiment, tmp_path):
    wanted = reference(300)
    done = emulated("run", "--json", experiment(300), "--device", "cuda:all", "--block", 10, "-o", tmp_path / "all.h5",
                    plays="devices=3")
    plan = plan_of(done)
    assert plan["device"].startswith("3 of 3 CUDA devices: cuda:0 (emulated")
    assert plan["slots"] == 12
    assert_same(wanted, tmp_path / "all.h5")
    one = emulated("run", "-q", experiment(300), "--device", "cuda:2", "-o", tmp_path / "one.h5", plays="devices=3")
    assert one.returncode == 0, one.stderr
    assert_same(wanted, tmp_path / "one.h5")


def auto(emulated, path, *options, plays="devices=1"):
    return plan_of(emulated("check", "--json", path, *options, plays=plays))


def test_auto_takes_the_faster_one(emulated, experiment):
    """Not a device for what the CPU does while it would start; then whichever is done first. The one device works as
    fast as a thread of the CPU, the other one takes no time."""
    plan = auto(emulated, experiment(10))
    assert plan["device"].startswith("CPU: ") and "a CUDA device alone takes about 0.5 s to start" in plan["device_reason"]
    large = experiment(10**8)
    plan = auto(emulated, large, "--threads", 64)
    assert plan["device"].startswith("CPU: ") and " on cuda:0 (emulated on the CPU)" in plan["device_reason"]
    plan = auto(emulated, large, plays="devices=1,idle=1")
    assert plan["device"].startswith("CUDA: ") and " on the CPU" in plan["device_reason"]
    assert plan["device_bytes"] > 0


def test_auto_says_why(emulated, experiment, tmp_path):
    done = emulated("run", experiment(10), "-o", tmp_path / "auto.h5")
    assert done.returncode == 0 and "\non the CPU, since it should take " in done.stderr
    done = emulated("check", experiment(10**8), plays="devices=1,memory=300000")
    assert done.returncode == 0 and "has no room for this experiment" in done.stdout
    plan = plan_of(emulated("check", "--json", experiment(10), "--device", "cuda"))
    assert "device_reason" not in plan, "it was asked for"
    plan = auto(emulated, experiment(10), plays="devices=0")
    assert "device_reason" not in plan, "there was no choice"


# ---- how the work is done ---------------------------------------------------------------------------------------------


def test_launches_are_replayed_and_nothing_is_allocated_later(emulated, experiment, tmp_path):
    counts = []
    for trials in (100, 300):
        done = emulated("run", "-q", experiment(trials), "--device", "cuda", "--block", 4, "-o", tmp_path / f"{trials}.h5")
        assert done.returncode == 0, done.stderr
        counts.append(emulated.trace())
    few, many = counts
    assert few["allocations"] == many["allocations"] == few["releases"] == many["releases"]
    assert many["uploads"] == 225, "one copy for each block carries orders and tables"
    assert many["kernels"] == 4 * 225 + 1, "four kernels a block, and the probe"
    # Not replayed are each stream's first launches with and without tables, and tables of another size.
    assert many["replays"] >= 225 - 4 * 4
    assert 1 <= many["graphs"] <= 4 * 4


def test_limits_cost_less_than_the_trials_that_read_them(emulated, experiment, tmp_path):
    """Likely ones are made ahead (a device that is played makes a page of each window), others where a trial asks for
    them, and hardly any twice: windows have a place for what occurs."""
    path = experiment(4000, lambda text: text.replace("[hoeffding, bernstein]", "[kl, clopper_pearson]"))
    done = emulated("run", "-q", path, "--device", "cuda", "--trials", 1, "-o", tmp_path / "one.h5")
    assert done.returncode == 0, done.stderr
    one = emulated.trace()
    assert 0 < one["limits"] < 20_000, "a page of each window, and no tables of all counts"
    done = emulated("run", "-q", path, "--device", "cuda", "-o", tmp_path / "many.h5")
    assert done.returncode == 0, done.stderr
    many = emulated.trace()
    assert many["recalls"] > 1000 * one["recalls"]
    assert many["limits"] < 0.05 * many["recalls"]


def test_bounds_that_are_no_numbers(caucus, emulated, experiment, tmp_path):
    """They have the same bits too, though a device narrows NaN to other ones."""
    path = experiment(3, lambda text: text.replace("share: 0.05, strategy: unplant_adaptive", "size: 0, strategy: feature_label")
                      .replace(", estimators: 50", ""))
    for device, run in (("cpu", caucus), ("cuda", emulated)):
        done = run("run", "-q", path, "--device", device, "-o", tmp_path / f"{device}.h5")
        assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "cpu.h5", tmp_path / "cuda.h5")
    with h5py.File(tmp_path / "cpu.h5") as file:
        assert np.isnan(file["lower_bound"][:]).any()


def test_check_shows_the_memory(emulated, experiment):
    path = experiment(300)
    done = emulated("check", path, "--device", "cuda", plays="devices=1,memory=50000000")
    assert done.returncode == 0, done.stderr
    assert "\ndevice memory   " in done.stdout and " of 50.0 MB free; 4 streams, each " in done.stdout
    plan = plan_of(emulated("check", "--json", path, "--device", "cuda", plays="devices=1,memory=50000000"))
    assert 0 < plan["device_bytes"] <= plan["device_free_bytes"] == 50_000_000
    assert plan["launch_trials"] <= plan["block_trials"]
    assert plan["resident_trials"] % 128 == 0
    assert plan["expected_seconds"] > 0


def test_less_memory_means_smaller_launches(emulated, experiment):
    """Down to one group of trials in one stream, and never more than is free."""
    path = experiment(400)
    seen = []
    for memory in (10**8, 10**7, 5 * 10**6, 3_200_000):
        plan = plan_of(emulated("check", "--json", path, "--device", "cuda", "--block", 400,
                                plays=f"devices=1,memory={memory}"))
        assert plan["device_bytes"] <= memory
        seen.append((plan["slots"], plan["resident_trials"], plan["launch_trials"]))
    assert seen == sorted(seen, reverse=True) and len(set(seen)) > 2, seen


# ---- what can go wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plays, words", [
    ("driver=0", "no NVIDIA driver is loaded"),
    ("driver=12040", "it serves CUDA 12.4, and the module needs 13.0; update the driver"),
    ("devices=0", "shows no CUDA device to this process"),
    ("devices=1,no_image=0", "the CUDA module has no code for compute capability 9.0, only for emulated"),
    ("devices=1,fails=1", "a test kernel failed: error 719, unspecified launch failure"),
    ("devices=1,memory=1000", "cuda:0 (emulated on the CPU) has no room for this experiment: 128 trials at a time need "),
    ("devices=1,memory=300000", "0.3 MB are free"),
])
def test_unusable_devices(emulated, experiment, tmp_path, plays, words):
    """Asked for, they are refused in words before anything is drawn; else the CPU takes their place."""
    done = emulated("run", "-q", experiment(), "--device", "cuda", "-o", tmp_path / "no.h5", plays=plays)
    assert done.returncode == 1
    assert words in done.stderr and "--device cpu" in done.stderr
    assert not list(tmp_path.glob("no.h5*"))
    for device in ([], ["--device", "auto"]):
        plan = plan_of(emulated("run", "--json", experiment(), *device, "--force", "-o", tmp_path / "yes.h5", plays=plays))
        assert plan["device"].startswith("CPU: ")


def test_the_first_usable_device(emulated, experiment, tmp_path):
    plan = plan_of(emulated("check", "--json", experiment(), "--device", "cuda", plays="devices=2,no_image=0"))
    assert plan["device"] == "CUDA: emulated on the CPU (cuda:1)"
    plan = plan_of(emulated("check", "--json", experiment(), "--device", "cuda:all", plays="devices=3,no_image=1"))
    assert plan["device"] == "2 of 3 CUDA devices: cuda:0 (emulated on the CPU), cuda:2 (emulated on the CPU)"


@pytest.mark.parametrize("finish", ["cpu", "cuda"])
def test_a_lost_device_loses_nothing(caucus, emulated, reference, experiment, tmp_path, finish):
    wanted = reference(300)
    path, output = experiment(300), tmp_path / "lost.h5"
    done = emulated("run", "-q", path, "--device", "cuda", "--block", 8, "-o", output, plays="devices=1,fails=200")
    assert done.returncode == 1
    for words in ("configuration ", ", trials ", "cuda:0 (emulated on the CPU) is lost: error 719 (unspecified launch "
                  "failure) while ", "go on with another device or with --device cpu", "finished blocks are saved: go on "
                  "with --resume"):
        assert words in done.stderr
    assert not output.exists()
    resumed = emulated("run", "--json", path, "--device", finish, "-o", output, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    last = json.loads(resumed.stdout.splitlines()[-1])
    with h5py.File(output) as file:
        assert file.attrs["backend"] == finish
    assert last["trials_resumed"] >= 8 * 20 and last["trials_done"] + last["trials_resumed"] == 900
    assert_same(wanted, output)


def test_one_lost_device_of_three(caucus, emulated, reference, experiment, tmp_path):
    wanted = reference(300)
    path, output = experiment(300), tmp_path / "lost.h5"
    done = emulated("run", "-q", path, "--device", "cuda:all", "--block", 8, "-o", output,
                    plays="devices=3,device=1,fails=10")
    assert done.returncode == 1 and "cuda:1 (emulated on the CPU) is lost" in done.stderr
    assert caucus("run", "-q", path, "--device", "cpu", "-o", output, "--resume").returncode == 0
    assert_same(wanted, output)


def test_cpu_to_device(caucus, emulated, reference, experiment, tmp_path):
    """A run of the CPU that was cut short goes on where there is a device."""
    wanted = reference(300)
    path, output = experiment(300), tmp_path / "cut.h5"
    done = emulated("run", "-q", path, "--device", "cuda", "--block", 5, "-o", output, plays="devices=1,fails=100")
    assert done.returncode == 1
    done = emulated("run", "-q", path, "--device", "cuda:all", "-o", output, "--resume", plays="devices=2")
    assert done.returncode == 0, done.stderr
    assert_same(wanted, output)


def test_memory_that_others_took_meanwhile(emulated, reference, experiment, tmp_path):
    wanted = reference(300)
    done = emulated("run", "-q", experiment(300), "--device", "cuda", "-o", tmp_path / "less.h5",
                    plays="devices=1,memory=1000000000,grants=5000000")
    assert done.returncode == 0, done.stderr
    assert_same(wanted, tmp_path / "less.h5")


@pytest.mark.parametrize("plays, words", [
    ("devices=1,memory=1000000000,grants=100000", "cuda:0 (emulated on the CPU): out of memory while allocating "),
    ("devices=1,pinned=1000", "out of memory while pinning "),
])
def test_out_of_memory(emulated, experiment, tmp_path, plays, words):
    done = emulated("run", "-q", experiment(), "--device", "cuda", "-o", tmp_path / "no.h5", plays=plays)
    assert done.returncode == 1
    assert words in done.stderr and "use another device, or --device cpu" in done.stderr
    assert not (tmp_path / "no.h5").exists()


def test_people_one_by_one(emulated, experiment, tmp_path):
    path = experiment(4, lambda text: text.replace("gap: 0.1}", "gap: 0.1, by: individuals}"))
    done = emulated("run", "-q", path, "--device", "cuda", "-o", tmp_path / "no.h5")
    assert done.returncode == 1
    assert "configuration 0 draws its people one by one" in done.stderr and "--device cpu, or draw by counts" in done.stderr
    assert plan_of(emulated("check", "--json", path))["device"].startswith("CPU: ")


def check_limits(caucus, emulated, path, folder, options):
    """A device that is asked for has the CPU's bounds, from both sides, and they say something; unasked it is not taken.
    Returns the work of the device's run."""
    for name, run, device in (("cpu", caucus, "cpu"), ("cuda", emulated, "cuda")):
        done = run("run", "-q", path, "--device", device, "-o", folder / f"{name}.h5", *options)
        assert done.returncode == 0, done.stderr
    trace = emulated.trace()
    assert_same(folder / "cpu.h5", folder / "cuda.h5")
    with h5py.File(folder / "cuda.h5") as file:
        assert np.nanmax(file["lower_bound"][()]) > 0 and np.isfinite(file["upper_bound"][()]).all()
    assert plan_of(emulated("check", "--json", path))["device"].startswith("CPU: ")
    return trace


@pytest.mark.parametrize("options", [[], ["--block", 50]], ids=str)
def test_limits_of_one_step(caucus, emulated, experiment, tmp_path, options):
    """Those that were made ahead and those that a trial asked for first, from both sides and with everybody's raw data."""
    path = experiment(150, lambda text: text.replace("inequalities: [hoeffding, bernstein]",
                                                     "upper: true, inequalities: [hypergeometric]").replace("staircase, ", ""))
    check_limits(caucus, emulated, path, tmp_path, options)


@pytest.mark.parametrize("options", [[], ["--block", 50]], ids=str)
def test_leads_of_two_labels(caucus, emulated, experiment, tmp_path, options):
    """Limits for pairs of counts, those that a trial asked for first and those that are remembered, from both sides and with
    everybody's raw data."""
    path = experiment(150, lambda text: text.replace("inequalities: [hoeffding, bernstein]",
                                                     "upper: true, inequalities: [hypergeometric_joint]").replace("staircase, ", ""))
    trace = check_limits(caucus, emulated, path, tmp_path, options)
    assert 0 < trace["limits"] < 0.05 * trace["recalls"], "most leads are known"


def test_pilots_stay_on_the_cpu(emulated, experiment, tmp_path):
    path = experiment(4)
    settings = ("--set", "bounds.families=budget", "--set", "bounds.inequalities=[hypergeometric_joint]",
                "--set", "collectives[0].pilot=10")
    done = emulated("run", "-q", path, "--device", "cuda", *settings, "-o", tmp_path / "no.h5")
    assert done.returncode == 1
    assert "configuration 0 has a collective with a pilot" in done.stderr and "leave the pilot out" in done.stderr
    assert plan_of(emulated("check", "--json", path, *settings))["device"].startswith("CPU: ")


def test_searches_stay_on_the_cpu(emulated, experiment, tmp_path):
    path = experiment(50, lambda text: text[: text.index("sweep:")])
    done = emulated("solve", "-q", path, "--device", "cuda", "-o", tmp_path / "no.h5")
    assert done.returncode == 2 and "use --device cpu" in done.stderr
    assert emulated("solve", "-q", path, "-o", tmp_path / "yes.h5").returncode == 0


def test_devices_are_listed(emulated):
    listed = json.loads(emulated("devices", "--format", "json", plays="devices=2,no_image=0").stdout)
    assert listed["runs_on"] == ["cpu", "cuda:1"]
    assert [device["usable"] for device in listed["cuda"]["devices"]] == [False, True]
    assert "usable: a test kernel ran" in emulated("devices").stdout
