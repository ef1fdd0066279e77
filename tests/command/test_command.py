"""The command line, as a user meets it: exit codes, messages, progress, events, signals."""

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest

TINY = """\
name: tiny
seed: 7
trials: 200
population:
  file: people.csv
  label: rating
  features: [color, size]
platform:
  consumers: 10K
  test: 1K
collectives:
  - name: painters
    share: 0.1
    strategy: feature_label
    set: {color: red}
    target: good
bounds:
  families: [staircase]
  knowledge: [total, full]
  inequalities: [hoeffding]
sweep:
  - {name: share, path: "collectives[0].share", values: [0.05, 0.1, 0.3]}
"""


@pytest.fixture
def tiny(tmp_path):
    rows = ["color,size,rating"]
    for i in range(240):
        rows.append(f"{('red', 'green', 'blue')[i % 3]},{('S', 'M')[i % 2]},{'good' if i % 5 == 0 else 'bad'}")
    (tmp_path / "people.csv").write_text("\n".join(rows) + "\n")
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return path


# ---- help and usage ---------------------------------------------------------------------------------------------------


def test_version(caucus):
    done = caucus("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"caucus \d+\.\d+\.\d+ \(commit \S+\)\n", done.stdout)


def test_help_lists_the_commands(caucus):
    done = caucus("--help")
    assert done.returncode == 0
    for command in ("check EXP.yaml", "run EXP.yaml", "info OUT.h5", "summary OUT.h5", "devices"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", ["check", "run", "info", "summary", "devices"])
def test_help_of_a_command(caucus, command):
    done = caucus(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: caucus {command} ")
    assert done.stderr == ""


def test_help_tells_defaults(caucus):
    text = re.sub(r"\s+", " ", caucus("run", "--help").stdout)
    options = re.findall(r"--(trials|seed|device|threads|block|output|force)=?\S*(.*?)(?= --| -o,| -q|$)", text.split("Example:")[0])
    assert len(options) == 7
    for name, meaning in options:
        assert "(default: " in meaning, name


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "Usage: caucus"),
        (["rnu"], 'there is no command "rnu"; did you mean "run"?'),
        (["devcies"], 'did you mean "devices"?'),
        (["xyzzy"], "there are check, run, columns, init, solve, info, verify, summary, merge, report, plot, bound and devices"),
        (["--bogus"], "unrecognized option '--bogus'"),
        (["run"], "which experiment?"),
        (["check"], "which experiment?"),
        (["run", "a.yaml", "b.yaml"], '"b.yaml" is one too many'),
        (["run", "a.yaml", "--bogus"], "unrecognized option '--bogus'"),
        (["run", "a.yaml", "--trials"], "requires an argument"),
        (["run", "a.yaml", "--trials", "many"], 'such as 500 or 20K, not "many"'),
        (["run", "a.yaml", "--trials", "0"], "--trials takes a whole number from 1"),
        (["run", "a.yaml", "--trials", "-5"], "--trials takes a whole number from 1"),
        (["run", "a.yaml", "--trials", "1.5"], "--trials takes a whole number from 1"),
        (["run", "a.yaml", "--seed", "-1"], "--seed takes a whole number from 0"),
        (["run", "a.yaml", "--seed", "18446744073709551616"], "--seed takes a whole number from 0"),
        (["run", "a.yaml", "--seed", ""], "--seed takes a whole number from 0"),
        (["run", "a.yaml", "--threads", "1M"], "--threads takes a whole number from 0 to 4096"),
        (["run", "a.yaml", "--block", "1T"], "--block takes a whole number"),
        (["run", "a.yaml", "--set", "trials"], "--set takes PATH=VALUE"),
        (["run", "a.yaml", "--set", "=3"], "--set takes PATH=VALUE"),
        (["run", "a.yaml", "--resume", "--force"], "choose one"),
        (["run", "a.yaml", "-o", ""], "--output takes the name"),
        (["info"], "which result?"),
        (["info", "a.h5", "b.h5"], '"b.h5" is one too many'),
        (["info", "a.h5", "--format", "csv"], 'table or json, not "csv"'),
        (["summary", "a.h5", "--format", "xml"], 'table, csv, json, md or latex, not "xml"'),
        (["devices", "all"], "devices takes no arguments"),
    ],
)
def test_wrong_usage(caucus, arguments, words):
    done = caucus(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_absent_files(caucus):
    for command, file in (("check", "no.yaml"), ("run", "no.yaml"), ("info", "no.h5"), ("summary", "no.h5")):
        done = caucus(command, file)
        assert done.returncode in (1, 2)
        assert done.stderr.startswith(f"caucus {command}: ") and file in done.stderr


def test_wrong_experiment(caucus, tiny):
    tiny.write_text(TINY.replace("share: 0.1", "shaer: 0.1"))
    for command in ("check", "run"):
        done = caucus(command, tiny)
        assert done.returncode == 2
        line = TINY.splitlines().index("    share: 0.1") + 1
        assert f"tiny.yaml:{line}:5" in done.stderr
        assert "share" in done.stderr
    assert not (tiny.parent / "tiny.h5").exists()


def test_unwritten_output_is_a_failure(caucus):
    with open("/dev/full", "w") as full:
        done = caucus("devices", stdout=full)
    assert done.returncode == 1
    assert "could not be written" in done.stderr


# ---- check ------------------------------------------------------------------------------------------------------------


def test_check(caucus, tiny):
    done = caucus("check", tiny, "--trials", "2K", "--threads", "1")
    assert done.returncode == 0, done.stderr
    rows = {line[:16].strip(): line[16:] for line in done.stdout.splitlines()}
    assert rows["experiment"].startswith("tiny (")
    assert rows["configurations"] == "3"
    assert rows["trials"].startswith("2,000 in each, 6,000 in all, in blocks of ")
    assert rows["collectives"] == "1, each with 2 bound methods"
    assert rows["population"].startswith("6 cells, 2 labels; drawn as ")
    assert rows["device"].endswith("; 1 thread")
    assert {"result", "memory", "expected time"} <= set(rows)
    assert list(tiny.parent.glob("*.h5*")) == []


def test_check_of_slow_trials_is_quick(caucus, tmp_path):
    """Where one training takes minutes, check says what it expects instead of timing it."""
    rows = "".join(f"{i % 2},{i * 7919 % 3001},{i * 104729 % 2999},{i % 3}\n" for i in range(3000))
    (tmp_path / "people.csv").write_text("sex,income,age,y\n" + rows)
    (tmp_path / "mlp.yaml").write_text("population: {file: people.csv, label: y}\n"
                                       "platform: {consumers: 10K, test: 1K, classifier: {name: mlp, hidden: 256}}\n"
                                       "collectives: [{share: 0.05, strategy: feature_label, set: {sex: 0}, target: 1}]\n")
    done = caucus("check", "--json", tmp_path / "mlp.yaml", timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["expected_seconds"] > 60


def test_check_json(caucus, tiny):
    done = caucus("check", "--json", "--set", "platform.test=2K", tiny)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["event"] == "plan" and plan["name"] == "tiny"
    assert (plan["configs"], plan["trials"], plan["cells"], plan["labels"]) == (3, 200, 6, 2)
    assert plan["expected_seconds"] > 0


def test_setting_of_an_unknown_path(caucus, tiny):
    done = caucus("check", tiny, "--set", "platform.tset=2K")
    assert done.returncode == 2
    assert "platform.test" in done.stderr or "tset" in done.stderr


def test_setting_of_what_is_swept(caucus, tiny):
    done = caucus("check", tiny, "--set", "collectives[0].share=0.3")
    assert done.returncode == 2
    assert "is swept" in done.stderr and "--set sweep=[]" in done.stderr
    done = caucus("check", "--json", tiny, "--set", "collectives[0].share=0.3", "--set", "sweep=[]")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["configs"] == 1


# ---- run --------------------------------------------------------------------------------------------------------------


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def test_run(caucus, tiny):
    done = caucus("run", tiny)
    assert done.returncode == 0, done.stderr
    assert (tiny.parent / "tiny.h5").exists()
    assert not (tiny.parent / "tiny.h5.parts").exists()
    assert "painters" in done.stdout
    assert "tiny: 3 configurations, 200 trials each" in done.stderr
    assert "\r" not in done.stderr, "no bar where there is no terminal"

    table = caucus("summary", "tiny.h5")
    assert table.returncode == 0 and table.stdout == done.stdout

    again = caucus("run", tiny)
    assert again.returncode in (1, 2)
    assert "tiny.h5" in again.stderr and "--force" in again.stderr
    assert caucus("run", tiny, "--force").returncode == 0


def test_run_quietly_elsewhere(caucus, tiny):
    done = caucus("run", "-q", "-o", "other.h5", tiny, "--trials", "5")
    assert done.returncode == 0
    assert done.stderr == "" and done.stdout == ""
    assert (tiny.parent / "other.h5").exists() and not (tiny.parent / "tiny.h5").exists()


def test_a_refused_overwrite_comes_first(caucus, tiny):
    """Before the experiment is read, where the output is named; before it is planned, where it is not."""
    assert caucus("run", "-q", tiny).returncode == 0
    for output in (["-o", "tiny.h5"], []):
        done = caucus("run", *output, tiny if not output else "nowhere.yaml")
        assert done.returncode == 2 and "tiny.h5 exists already; use --force" in done.stderr
    for command, *options in (["solve", tiny], ["report", "nowhere.h5"], ["plot", "nowhere.h5"], ["init", "nowhere.csv"]):
        done = caucus(command, *options, "-o", "tiny.h5")
        assert done.returncode == 2 and "tiny.h5 exists already; use --force" in done.stderr, command


def test_a_closed_pipe_is_no_failure(caucus, tiny):
    for arguments in (["run", tiny, "--force"], ["solve", tiny, "--force", "--set", "sweep=[]"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = caucus(*arguments, stdout=writer)
        os.close(writer)
        assert done.returncode == 0 and "rror" not in done.stderr and "could not" not in done.stderr, done.stderr


def test_run_into_no_folder(caucus, tiny):
    done = caucus("run", tiny, "-o", "nowhere/tiny.h5")
    assert done.returncode in (1, 2)
    assert "nowhere" in done.stderr


def test_run_as_events(caucus, tiny):
    done = caucus("run", "--json", tiny, "--trials", "50", "--seed", "18446744073709551615")
    assert done.returncode == 0, done.stderr
    seen = events(done.stdout)
    assert seen[0]["event"] == "plan" and seen[0]["output"] == "tiny.h5" and seen[0]["trials"] == 50
    assert seen[-1] == {"event": "done", "output": "tiny.h5", "trials_done": 150, "trials_resumed": 0,
                        "seconds": seen[-1]["seconds"]}
    assert all(event["event"] == "progress" for event in seen[1:-1])

    again = caucus("run", "--json", tiny)
    last = events(again.stdout)[-1]
    assert last["event"] == "error" and last["exit_code"] == again.returncode
    assert last["message"] in again.stderr


def test_seed_changes_results(caucus, tiny):
    tiny.write_text(TINY.replace("0.1, 0.3]", "0.16667, 0.3]"))  # where planters and others are level: a matter of chance
    tables = [caucus("run", "--force", tiny, "--seed", seed).stdout for seed in (1, 1, 2)]
    assert tables[0] == tables[1] != tables[2]


def test_bar_on_a_terminal(caucus, tiny):
    try:
        outer, inner = pty.openpty()
    except OSError as reason:
        pytest.skip(f"no terminal can be made here: {reason}")
    process = subprocess.Popen([caucus.program, "run", tiny], cwd=tiny.parent, stdout=subprocess.DEVNULL, stderr=inner)
    os.close(inner)
    shown = b""
    try:
        while chunk := os.read(outer, 4096):
            shown += chunk
    except OSError:  # the other side is closed
        pass
    os.close(outer)
    assert process.wait(60) == 0
    assert b"\r[" in shown and b"] 100% 600 of 600 trials" in shown


# ---- signals ----------------------------------------------------------------------------------------------------------


def start_long_run(caucus, tiny, *options):
    """A run of hours, once it has reported progress."""
    process = subprocess.Popen([caucus.program, "run", "--json", tiny, "--trials", "200M", *options], cwd=tiny.parent,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stdout:
        if json.loads(line)["event"] == "progress":
            return process
    raise AssertionError(process.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_and_saves(caucus, tiny, number):
    process = start_long_run(caucus, tiny)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "stopping after the blocks in flight" in err
    last = events(out)[-1]
    assert (last["event"], last["status"], last["exit_code"]) == ("error", "stopped", 3)
    assert "--resume" in err
    assert not (tiny.parent / "tiny.h5").exists()
    assert caucus("info", "tiny.h5").returncode == 0, "what is finished can be looked at"


def test_a_second_signal_stops_at_once(caucus, tiny):
    """Trained classifiers make blocks that take seconds."""
    process = start_long_run(caucus, tiny, "--threads", "1", "--block", "500000", "--set", "platform.classifier=mlp")
    process.send_signal(signal.SIGINT)
    time.sleep(0.6)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_signal_that_is_passed_on_counts_once(caucus, tiny):
    """Schedulers signal a whole job, and its script passes on what it gets."""
    process = start_long_run(caucus, tiny)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 3 and "go on with --resume" in errors


def test_a_reader_that_leaves_stops_the_run(caucus, tiny):
    process = start_long_run(caucus, tiny)
    process.stdout.close()
    assert process.wait(30) == 3


# ---- results and devices ----------------------------------------------------------------------------------------------


def test_summary_formats(caucus, tiny):
    assert caucus("run", "-q", tiny).returncode == 0
    table = list(csv.DictReader(io.StringIO(caucus("summary", "tiny.h5", "--format", "csv").stdout)))
    assert len(table) >= 3
    assert {float(row["share"]) for row in table} == {0.05, 0.1, 0.3}
    assert {row["collective"] for row in table} == {"painters"}
    json.loads(caucus("summary", "tiny.h5", "--format", "json").stdout)


def test_info(caucus, tiny):
    assert caucus("run", "-q", tiny).returncode == 0
    done = caucus("info", "tiny.h5")
    assert done.returncode == 0
    assert "complete" in done.stdout and "painters" in done.stdout


def test_devices(caucus):
    done = caucus("devices", env={"CAUCUS_CUDA_MODULE": "/nowhere/caucus_cuda.so"})
    assert done.returncode == 0
    assert re.search(r"^cpu .*usable$", done.stdout, re.M)
    assert "cuda      not usable: no CUDA module: CAUCUS_CUDA_MODULE=/nowhere/caucus_cuda.so" in done.stdout
    listed = json.loads(caucus("devices", "--format", "json").stdout)
    assert listed["cpu"]["cores"] == len(os.sched_getaffinity(0))
    assert listed["cpu"]["memory_bytes"] >= listed["cpu"]["free_bytes"] > 0
    assert bool(listed["cuda"]["devices"]) != bool(listed["cuda"]["reason"])
    rows = list(csv.DictReader(io.StringIO(caucus("devices", "--format", "csv").stdout)))
    assert rows[0]["device"] == "cpu" and rows[0]["usable"] == "true"


def test_cuda_asked_for_and_absent(caucus, tiny):
    done = caucus("run", tiny, "--device", "cuda", env={"CAUCUS_CUDA_MODULE": "/nowhere/caucus_cuda.so"})
    assert done.returncode == 1
    assert "names no file" in done.stderr and "use --device cpu" in done.stderr
    assert not (tiny.parent / "tiny.h5").exists()


def test_no_such_device(caucus, tiny):
    done = caucus("check", tiny, "--device", "gpu")
    assert done.returncode == 2
    assert "allowed are auto, cpu, cuda, cuda:I (I = 0, 1, ...) and cuda:all" in done.stderr


def test_auto_needs_no_cuda(caucus, tiny):
    done = caucus("check", tiny, "--device", "auto", env={"CAUCUS_CUDA_MODULE": "/nowhere/caucus_cuda.so"})
    assert done.returncode == 0 and "\ndevice          CPU: " in done.stdout
