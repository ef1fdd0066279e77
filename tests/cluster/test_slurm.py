"""Shards under a real Slurm: a cluster of one node on loopback, the job script of docs/cluster.md as an array of which one
task is requeued by somebody else and one by its own time signal, merged into the file of one run. Needs Debian's
slurm-wlm and munge; neither root nor systemd."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from compare_files import data_of

SHARDS = 3
CONF = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={munge}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=5
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def find(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"there is no {program} (Debian: slurm-wlm, munge)")
    return path


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start(program, *arguments, log):
    """Start a daemon, which goes into the background by itself; skips, with its reason, where it does not."""
    done = subprocess.run([find(program), *map(str, arguments)], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        reason = done.stderr.strip() or (log.read_text().strip() if log.exists() else "")
        pytest.skip(f"{program} does not start: {(reason.splitlines() or ['it does not say why'])[-1]}")


def stop(pid_file):
    """End a daemon and wait until it is gone."""
    try:
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        for _ in range(20):
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError):
        pass


@pytest.fixture
def slurm(tmp_path):
    """A cluster of this machine alone, with authentication of its own; returns a function that runs its commands."""
    folder = tmp_path / "slurm"
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir(parents=True, mode=0o711)
    for program in ("sbatch", "munged", "slurmctld", "slurmd"):
        find(program)
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    conf = folder / "slurm.conf"
    controller_port, node_port = free_ports(2)
    host = socket.gethostname().split(".")[0]
    conf.write_text(CONF.format(host=host, user=getpass.getuser(), folder=folder, munge=folder / "munge" / "socket",
                                controller_port=controller_port, node_port=node_port, cores=os.cpu_count()))
    environment = {**os.environ, "SLURM_CONF": str(conf)}

    def command(*words, check=True):
        done = subprocess.run(list(map(str, words)), env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout.strip()

    try:
        munge = {name: folder / "munge" / name for name in ("socket", "pid", "log", "seed")}
        start("munged", "--force", f"--key-file={key}", *(f"--{name}-file={path}" for name, path in munge.items()
                                                         if name != "socket"), f"--socket={munge['socket']}",
              log=munge["log"])
        start("slurmctld", "-f", conf, log=folder / "slurmctld.log")
        start("slurmd", "-f", conf, log=folder / "slurmd.log")
        state = ""
        for _ in range(150):
            state = command("sinfo", "-h", "-o", "%t", check=False)
            if state == "idle":
                break
            time.sleep(0.1)
        else:
            pytest.skip(f"the node of Slurm is not idle after 15 s, but \"{state}\"")
        yield command
        command("scancel", "--user", getpass.getuser(), check=False)
    finally:
        for pid in (folder / "slurmd.pid", folder / "slurmctld.pid", folder / "munge" / "pid"):
            stop(pid)


def wait_until(holds, seconds, what, between=0.02):
    for _ in range(int(seconds / between)):
        if holds():
            return
        time.sleep(between)
    raise AssertionError(f"after {seconds} s still not: {what}")


def test_array_with_requeued_tasks_is_one_run(slurm, caucus, documented, sweep, tmp_path):
    experiment = sweep(trials=360_000)
    (tmp_path / "job.sh").write_text(documented(
        "Slurm", "#SBATCH --array", (r"#SBATCH --array=.*", f"#SBATCH --array=1-{SHARDS}\n#SBATCH --output=%a.txt"),
        (r"#SBATCH --cpus-per-task=.*", "#SBATCH --cpus-per-task=1"), (r"#SBATCH --mem=.*\n", ""),
        (r"--resume -q", "--resume -q --threads 1")))
    parts = [f"OUT-{shard}-of-{SHARDS}.h5" for shard in range(1, SHARDS + 1)]
    job = slurm("sbatch", "--parsable", "job.sh")

    def runs(shard):
        return (tmp_path / f"OUT-{shard}-of-{SHARDS}.h5.parts" / "layout.h5").exists()

    def has_saved(shard):
        """It said so; what it saved is gone when it has gone on to the end."""
        log = tmp_path / f"{shard}.txt"
        return log.exists() and "trials are saved: go on with --resume" in log.read_text()

    def is_over():
        """Slurm holds a requeued job for two minutes, unless it is told; being told again and again, it never starts."""
        for shard in (1, 2):
            if slurm("squeue", "-h", "-j", f"{job}_{shard}", "-o", "%r", check=False) == "BeginTime":
                slurm("scontrol", "update", f"jobid={job}_{shard}", "StartTime=now", check=False)
        return all((tmp_path / part).exists() for part in parts)

    # one is requeued as preemption does it, one by the signal that comes before its time limit
    for shard, words in [(1, ["scontrol", "requeue", f"{job}_1"]),
                         (2, ["scancel", "--signal=TERM", "--batch", f"{job}_2"])]:
        wait_until(lambda: runs(shard), 60, f"shard {shard} runs")
        slurm(*words)
    for shard in (1, 2):
        wait_until(lambda: has_saved(shard), 60, f"shard {shard} has saved what it had")
    time.sleep(3)  # it takes credentials of the same job for revoked ones before
    wait_until(is_over, 180, "all shards have their files", between=1)
    logs = "".join(path.read_text() for path in sorted(tmp_path.glob("[0-9]*.txt")))
    assert logs.count("go on with --resume") == 2, logs

    done = caucus("merge", *parts, "-o", "OUT.h5")
    assert done.returncode == 0, done.stderr + logs
    assert caucus("run", experiment, "-o", "one.h5", "-q", "--threads", "1").returncode == 0
    assert data_of(tmp_path / "OUT.h5") == data_of(tmp_path / "one.h5")
