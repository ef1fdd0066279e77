"""Help, man pages and completion: every command has them, and they fit a terminal."""

import re
import shutil
import subprocess

import pytest


@pytest.fixture
def commands(caucus):
    text = caucus("--help").stdout
    found = re.findall(r"^  ([a-z]+) ", text[text.index("Commands:") :].split("\n\n")[0], re.M)
    assert len(found) >= 12
    return found


def test_help_fits_and_has_examples(caucus, commands):
    for arguments in ([], *([name] for name in commands)):
        text = caucus(*arguments, "--help").stdout
        assert max(map(len, text.splitlines())) <= 80, arguments
        assert f"Example: caucus {' '.join(arguments)}" in text, arguments
    listed = caucus("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert all(line.startswith("  ") for line in listed), "a line of the list was wrapped"


def test_other_ways_to_ask(caucus, commands):
    assert caucus("-h").stdout == caucus("help").stdout == caucus("--help").stdout
    assert caucus("version").stdout == caucus("--version").stdout
    for name in commands:
        full = caucus(name, "--help")
        for short in (caucus(name, "-h"), caucus("help", name)):
            assert (short.returncode, short.stdout, short.stderr) == (0, full.stdout, "")
    wrong = caucus("help", "rnu")
    assert wrong.returncode == 2 and 'did you mean "run"?' in wrong.stderr


def test_man_pages(caucus, commands, source, tmp_path):
    help2man = shutil.which("help2man")
    if help2man is None:
        pytest.skip("there is no help2man")
    subprocess.run([source / "cmake/man-pages.sh", help2man, caucus.program, tmp_path / "man"], check=True)
    assert sorted(path.name for path in (tmp_path / "man").iterdir()) == sorted(
        ["caucus.1", *(f"caucus-{name}.1" for name in commands)])
    page = (tmp_path / "man" / "caucus-run.1").read_text()
    assert r"\fB\-\-resume\fR" in page and "run an experiment to a result file" in page


def complete_in_bash(caucus, source, words):
    script = f"""source {source}/cmake/completion.bash
        COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
        _caucus; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


def complete_in_zsh(caucus, source, words):
    """zsh's own functions for adding words are played: those that fit are left to it."""
    if shutil.which("zsh") is None:
        pytest.skip("there is no zsh")
    script = f"""compadd() {{ shift; print -l -- $@ }}; _files() {{ :; }}; compset() {{ :; }}
        words=({' '.join(repr(word) for word in words)}); CURRENT={len(words)}
        source {source}/cmake/completion.zsh"""
    found = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, check=True).stdout.split()
    return [word for word in found if word.startswith(words[-1].split("=")[-1])]


@pytest.mark.parametrize("complete", [complete_in_bash, complete_in_zsh])
def test_completion(caucus, commands, source, complete):
    program = caucus.program
    assert set(commands) <= set(complete(caucus, source, [program, ""]))
    assert complete(caucus, source, [program, "summ"]) == ["summary"]
    assert complete(caucus, source, [program, "help", "veri"]) == ["verify"]
    assert complete(caucus, source, [program, "run", "--res"]) == ["--resume"]
    assert set(complete(caucus, source, [program, "summary", "--format", ""])) >= {"table", "csv", "json"}
    assert complete(caucus, source, [program, "run", "exp"]) == [], "files are the shell's"
