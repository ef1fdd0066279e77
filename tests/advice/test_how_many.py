"""How many members a collective needs, asked of its own table: `caucus bound --goal` and `caucus solve --members`."""

import csv
import gzip
import io
import json
import lzma
import re

import pytest
from table_experiments import many, tables  # noqa: F401

GROWING = ("population: {file: people.csv, label: y, features: [age, job], bins: {age: [30, 50]}}\n"
           "platform: {consumers: 200K, test: 10K}\n"
           "collectives: [{name: ours, share: 0.01, strategy: feature_label, set: {job: a}, target: hi}]\n"
           "bounds: {families: [staircase, budget, linear], knowledge: [total, full], inequalities: [population, kl, "
           "clopper_pearson]}\n")


@pytest.fixture
def growing(tables):
    """3,000 people of whom 300 are a collective's; nearly half of each job have the target."""
    rows = [f"{18 + i * 7 % 60},{'abc'[i // 7 % 3]},{'hi' if i * 31 % 100 < 48 else 'lo'}" for i in range(3000)]
    tables.write("people.csv", "age,job,y\n" + "\n".join(rows) + "\n")
    members = tables.write("members.csv", "job,age,y,note\n" + "".join(
        ",".join([row.split(",")[1], row.split(",")[0], row.split(",")[2], "x"]) + "\n" for row in rows[::10]))
    return tables.write("e.yaml", GROWING), members


def ask(tables, growing, *options):
    done = tables.caucus("bound", growing[0], "--collective", "ours", "--members", growing[1], *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_how_unlike_members_may_be(tables, growing):
    """The ratio that is found is where the guarantee leaves the goal."""
    lines = growing[1].read_text().splitlines()
    tables.write("more.csv", "\n".join([lines[0] + ",n", *(f"{line},60" for line in lines[1:])]) + "\n")
    many = (growing[0], tables.folder / "more.csv")
    options = ("--weight", "n", "--format", "json", "--goal", "0.5")

    def at(ratio):
        return json.loads(ask(tables, many, *options, "--set", f"collectives[0].membership={{ratio: {ratio}}}"))

    found = at(1)
    ratio = found["sensitivity"]["ratio"]
    assert found["sensitivity"]["goal"] == 0.5 and ratio > 1.05
    assert at(ratio)["best"]["bound"] >= 0.5 > at(1.02 * ratio)["best"]["bound"]
    page = ask(tables, many, "--weight", "n", "--goal", "0.5")
    assert f"It still is 50 % as long as nobody is more than {int(100 * ratio) / 100:.2f} times as likely to join" in page
    small = json.loads(ask(tables, growing, "--format", "json", "--family", "staircase", "--inequality", "hoeffding"))
    assert small["best"]["bound"] < 0 and small["sensitivity"] == {"goal": 0, "ratio": None}


def test_how_many_members(tables, growing):
    found = json.loads(ask(tables, growing, "--format", "json"))
    goal = found["goal"]
    assert found["members"] == 300 and found["best"]["bound"] < 0.1
    assert goal["goal"] == 0.9 and goal["reached"] and goal["room"] == 200000
    assert goal["best"]["bound"] >= 0.9 and goal["members"] > 2000

    def at(times):  # the members' file itself, so many times over
        lines = growing[1].read_text().splitlines()
        tables.write("more.csv", "\n".join([lines[0] + ",n", *(f"{line},{times}" for line in lines[1:])]) + "\n")
        more = json.loads(ask(tables, (growing[0], tables.folder / "more.csv"), "--weight", "n", "--format", "json"))
        return more["best"]["bound"]

    times = goal["members"] / 300
    assert at(int(times * 1.02) + 1) >= 0.9 > at(int(times * 0.96))
    easier = json.loads(ask(tables, growing, "--format", "json", "--goal", "0.5"))["goal"]
    assert easier["goal"] == 0.5 and easier["members"] <= goal["members"]


def test_the_page_says_it_in_words(tables, growing):
    goal = json.loads(ask(tables, growing, "--format", "json"))["goal"]
    page = ask(tables, growing)
    head = page.split("\n\n")[1]
    assert head.startswith("With 300 members nothing is sure yet: the hope is that new people who report job = a\n"
                           "get the answer y = hi.\nTo be sure of 90 %, it takes about ")
    number = int(re.search(r"times your members: ([\d,]+)\.", head)[1].replace(",", ""))
    assert goal["members"] <= number <= goal["members"] * 1.01 + 1
    assert "fails in at most 5 % of" in head
    assert "linear  " not in page and "guarantee nothing and are left out" in page
    assert "+0.0000" not in page
    assert "population is what infinite data" in ask(tables, growing, "--inequality", "population")
    enough = ask(tables, growing, "--set", "platform.consumers=5K", "--goal", "0.9")
    assert "To be sure of 90 %, it takes" in enough or "No number of members can be sure of 90 % here" in enough
    never = ask(tables, growing, "--goal", "1")
    assert "No number of members can be sure of 100 % here: with all 200,000 consumers" in never


def test_fewer_would_do(tables, growing):
    everybody = (growing[0], tables.folder / "people.csv")
    head = ask(tables, everybody, "--set", "platform.consumers=4K").split("\n\n")[1]
    assert head.startswith("With 3,000 members it is sure that at least 9")
    assert "To be sure of 90 %, fewer would do: about " in head


def test_solve_by_members(tables, growing):
    goal = json.loads(ask(tables, growing, "--format", "json", "--family", "budget", "--knowledge", "total", "--inequality",
                          "clopper_pearson"))["goal"]
    done = tables.caucus("solve", growing[0], "--members", growing[1], "--format", "json", "--axis",
                         "collectives.ours.target=hi,lo")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {(r["family"], r["inequality"]) for r in rows} == {(f, i) for f in ("staircase", "budget")
                                                              for i in ("kl", "clopper_pearson")}
    assert [r["target"] for r in rows] == ["hi"] * 4 + ["lo"] * 4
    one, = (r for r in rows if (r["target"], r["family"], r["inequality"]) == ("hi", "budget", "clopper_pearson"))
    assert one["members"] == goal["members"] and one["bound"] == goal["best"]["bound"] >= 0.9
    table = tables.caucus("solve", growing[0], "--members", growing[1]).stdout
    assert table.startswith(f"How many members like those in {growing[1]} are sure of 90 % success, as ours:")
    records = list(csv.DictReader(io.StringIO(
        tables.caucus("solve", growing[0], "--members", growing[1], "--format", "csv", "--target", "1").stdout)))
    assert len(records) == 4 and all(r["members"] == "" and r["goal"] == "1" for r in records)
    for options, says in ((("--json",), "nothing is simulated"), (("--members", "x.csv"), "x.csv"),
                          (("--collective", "theirs"), 'no collective called "theirs"')):
        done = tables.caucus("solve", growing[0], "--members", growing[1], *options)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_members_alone_are_told_what_to_do(tables, growing):
    for path in (growing[1], tables.write("m.csv.gz", gzip.compress(growing[1].read_bytes()))):
        done = tables.caucus("bound", path)
        assert done.returncode == 2
        assert "this is a table, not a document of counts" in done.stderr
        assert f"caucus init {path} -o EXP.yaml" in done.stderr and f"--members {path}" in done.stderr


def test_members_of_every_kind(tables, growing):
    """Packed members, members with words for what is missing, and without labels."""
    page = ask(tables, growing)
    packed = tables.write("m.csv.xz", lzma.compress(growing[1].read_bytes()))
    assert ask(tables, (growing[0], packed)).replace("m.csv.xz", "members.csv") == page
    more = tables.write("more.csv", growing[1].read_text() + "a,40,NA,\na,40,?,\n")
    assert "; 2 more without a label are left out" in ask(tables, (growing[0], more))
