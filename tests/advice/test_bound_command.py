"""caucus bound: counts documents, wrong ones, and what a collective of an experiment can guarantee before it acts."""

import collections
import copy
import csv
import io
import itertools
import json
import re
import subprocess

import pytest

DOCUMENT = {
    "consumers": 1000, "test": 50, "delta": 0.1, "epsilon": 0.0, "slack": "contamination", "cells": 3, "labels": 2,
    "collectives": [
        {"strategy": "feature_label", "target": 1, "map": [2, 2, 2], "counts": [[1, 2], [3, 4], [5, 6]]},
        {"strategy": "feature_only", "target": 0, "map": [1, 1, 2], "outside": 0, "counts": [[9, 8], [7, 6], [5, 4]]},
        {"strategy": "unplant_adaptive", "target": 0, "map": [0, 0, 0], "counts": [[9, 8], [7, 6], [5, 4]],
         "estimator_counts": [[2, 2], [2, 2], [2, 2]]},
        {"strategy": "erase", "map": [0, 0, 2], "counts": [[9, 8], [7, 6], [5, 4]]},
    ],
}


def bound(caucus, tmp_path, documents, *options, code=0):
    path = tmp_path / "counts.json"
    path.write_text(documents if isinstance(documents, str) else json.dumps(documents))
    done = caucus("bound", path, *options)
    assert done.returncode == code, done.stderr
    return done


def test_given_bounds(caucus, source):
    path = source / "tests" / "bound" / "data" / "bounds.json"
    done = caucus("bound", path, "--format", "json")
    assert done.returncode == 0, done.stderr
    records = json.loads(done.stdout)
    keys = ("document", "collective", "family", "knowledge", "inequality")
    found = {tuple(r[k] for k in keys): (r["bound"], r["upper"]) for r in records}
    assert len(found) == len(records) and all(set(r) == {*keys, "bound", "upper"} for r in records)
    documents = json.loads(path.read_text())
    given = {(i, *row[:4]): tuple(row[4:]) for i, d in enumerate(documents) for row in d["bounds"]}
    assert len(given) == 6930
    for key, values in given.items():
        for value, expected in zip(found[key], values):
            assert (value is None) == (expected is None), key
            assert value is None or abs(value - expected) <= 1e-9, key
    # What is computed beyond the given ones is linear, once for each collective that it means anything for.
    linear = sum(c["strategy"] != "erase" for d in documents for c in d["collectives"])
    others = [key for key in found if key not in given]
    assert len(others) == linear and all(key[2:] == ("linear", "full", "population") for key in others)
    assert all(found[key][0] is None or found[key][0] <= 1 for key in others)

    table = csv.DictReader(io.StringIO(caucus("bound", path, "--format", "csv").stdout))
    as_csv = {(int(r["document"]), int(r["collective"]), r["family"], r["knowledge"], r["inequality"]):
              tuple(float(r[c]) if r[c] else None for c in ("bound", "upper")) for r in table}
    assert as_csv == found  # both read back exactly


def test_table(caucus, tmp_path):
    done = bound(caucus, tmp_path, DOCUMENT, "--family", "staircase,budget", "--knowledge", "total,full",
                 "--inequality", "hoeffding,kl")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["document", "collective", "family", "knowledge", "hoeffding", "kl"]
    assert len(lines) == 2 + 4 * 2 * 2
    records = json.loads(bound(caucus, tmp_path, DOCUMENT, "--format", "json").stdout)
    value = next(r["bound"] for r in records if (r["collective"], r["family"], r["knowledge"], r["inequality"]) ==
                 (2, "budget", "full", "kl"))
    row = next(line.split() for line in lines if line.split()[:4] == ["0", "2", "budget", "full"])
    assert float(row[5]) == pytest.approx(value, abs=1e-6)


def test_choice_and_order(caucus, tmp_path):
    done = bound(caucus, tmp_path, [DOCUMENT, DOCUMENT], "--inequality", "kl, population", "--family", "linear",
                 "--knowledge", "full", "--format", "json")
    assert [(r["document"], r["collective"]) for r in json.loads(done.stdout)] == [
        (document, collective) for document in (0, 1) for collective in (0, 1, 2)]
    for option, value, says in (("--family", "starcase", 'did you mean "staircase"'),
                                ("--knowledge", "total,labls", 'did you mean "labels"'),
                                ("--inequality", "kl,,kl", 'inequality cannot be ""'),
                                ("--inequality", "markov", "population, hoeffding")):
        assert says in bound(caucus, tmp_path, DOCUMENT, option, value, code=2).stderr
    done = bound(caucus, tmp_path, DOCUMENT, "--family", "linear", "--inequality", "kl", code=2)
    assert "family linear has only" in done.stderr
    done = bound(caucus, tmp_path, DOCUMENT, "--family", "staircase", "--inequality", "hypergeometric", code=2)
    assert "need family budget" in done.stderr


def test_standard_input_and_yaml(caucus, tmp_path):
    expected = bound(caucus, tmp_path, DOCUMENT, "--format", "json").stdout
    text = json.dumps(DOCUMENT).replace("1000", "1K")  # numbers as in experiments
    done = subprocess.run([caucus.program, "bound", "-", "--format", "json"], input="# a comment\n" + text,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == expected
    done = subprocess.run([caucus.program, "bound", "-"], input="{consumers: -1", capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 2 and "standard input:1:" in done.stderr


def test_nobody(caucus, tmp_path):
    document = copy.deepcopy(DOCUMENT)
    document["collectives"][0]["counts"] = [[0, 0]] * 3
    records = json.loads(bound(caucus, tmp_path, document, "--format", "json").stdout)
    assert all((r["bound"] is None) == (r["collective"] == 0) for r in records)
    rows = bound(caucus, tmp_path, document, "--format", "csv").stdout.splitlines()
    assert rows[1] == "0,0,staircase,total,population,,"


DELETE = object()
# Where to put what, and what is then said of which field.
MALFORMED = [
    (["consumers"], -1, "consumers is -1; it cannot be negative"),
    (["consumers"], 10.5, "consumers is 10.5; it must be a whole number"),
    (["consumers"], "many", 'consumers must be a whole number from 0 to 2^53, not "many"'),
    (["consumers"], 0, "consumers must lie between 1 and 2^53"),
    (["consumers"], 1e17, "consumers is 1e+17; it cannot be over 2^53"),
    (["consumers"], DELETE, "consumers is missing"),
    (["consumers"], 20, "collectives[0].counts bring the members to 21, more than the 20 of consumers"),
    (["consumers"], 59, "collectives[1].counts bring the members to 60"),
    (["test"], 0, "test must lie between 1"),
    (["test"], DELETE, "test is missing"),
    (["delta"], 0, "delta is 0; it must lie between 0 and 1"),
    (["delta"], 1, "delta is 1;"),
    (["delta"], -0.5, "delta is -0.5;"),
    (["delta"], "small", 'delta must be a number, not "small"'),
    (["delta"], DELETE, "delta is missing"),
    (["epsilon"], 1, "epsilon is 1; it must be at least 0 and below 1"),
    (["epsilon"], -0.1, "epsilon is -0.1"),
    (["epsilon"], [0], "epsilon must be a number, not a list"),
    (["slack"], "contaminaton", 'did you mean "contamination"?'),
    (["cells"], 0, "cells is 0; it must lie between 1 and 2^24"),
    (["cells"], 4, "collectives[0].map has 3 items for 4 cells"),
    (["labels"], 1, "labels is 1; it must lie between 2"),
    (["labels"], 3, "collectives[0].counts[0] has 2 items for 3 labels"),
    (["lables"], 2, 'unknown key "lables"\n.*\n.*\nhint: did you mean "labels"?'),
    (["population"], 2, "this is an experiment, not a document of counts"),
    (["collectives"], [], "collectives must be a list of one or more"),
    (["collectives"], {}, "collectives must be a list, not a mapping"),
    (["collectives"], DELETE, "collectives is missing"),
    (["collectives", 1], 5, 'collectives[1] must be a mapping with strategy, target, map and counts, not "5"'),
    (["collectives", 0, "strategy"], "feature_lable", 'did you mean "feature_label"?'),
    (["collectives", 0, "strategy"], DELETE, "collectives[0].strategy is missing"),
    (["collectives", 0, "strategy"], "erase", None),
    (["collectives", 0, "target"], 2, "collectives[0].target is 2, but labels are numbered 0 to 1"),
    (["collectives", 0, "target"], -1, "collectives[0].target is -1; it cannot be negative"),
    (["collectives", 0, "target"], DELETE, "collectives[0].target is missing"),
    (["collectives", 0, "map", 1], 3, "collectives[0].map[1] is 3, but cells are numbered 0 to 2"),
    (["collectives", 0, "map", 1], 1.5, "collectives[0].map[1] is 1.5; it must be a whole number"),
    (["collectives", 0, "map"], "all", 'collectives[0].map must be a list, not "all"'),
    (["collectives", 0, "map"], DELETE, "collectives[0].map is missing"),
    (["collectives", 3, "map"], [1, 0, 2], "collectives[3].map[0] sends cell 0 to 1, which goes on to 0: erase needs"),
    (["collectives", 0, "counts", 2, 1], -6, "collectives[0].counts[2][1] is -6; it cannot be negative"),
    (["collectives", 0, "counts", 2, 1], 0.25, "collectives[0].counts[2][1] is 0.25; it must be a whole number"),
    (["collectives", 0, "counts", 2, 1], [6], "collectives[0].counts[2][1] must be a whole number"),
    (["collectives", 0, "counts", 2], [6], "collectives[0].counts[2] has 1 items for 2 labels"),
    (["collectives", 0, "counts", 2], 6, 'collectives[0].counts[2] must be a list, not "6"'),
    (["collectives", 0, "counts"], [[1, 2]], "collectives[0].counts has 1 items for 3 cells"),
    (["collectives", 0, "counts"], DELETE, "collectives[0].counts is missing"),
    (["collectives", 0, "count"], 1, 'collectives[0].unknown key "count"'),
    (["collectives", 0, "size"], 20, "collectives[0].size is 20, but counts add up to 21"),
    (["collectives", 0, "outside"], 0, "collectives[0].outside belongs to feature_only, not to feature_label"),
    (["collectives", 1, "outside"], 2, "collectives[1].outside is 2, a cell that map reaches"),
    (["collectives", 1, "outside"], 7, "collectives[1].outside is 7, but cells are numbered"),
    (["collectives", 0, "estimator_counts"], [[0, 0]] * 3, "estimator_counts belong to unplant_adaptive, not to feat"),
    (["collectives", 2, "estimator_counts"], DELETE, "collectives[2].estimator_counts is missing"),
    (["collectives", 2, "estimator_counts", 1, 0], 8, "estimator_counts[1][0] is 8, but counts has only 7 there"),
    (["collectives", 2, "estimator_counts"], [[0, 0]] * 3, "estimator_counts add up to 0 of 39 members"),
    (["collectives", 2, "estimator_counts"], [[9, 8], [7, 6], [5, 4]], "estimator_counts add up to 39 of 39"),
]


@pytest.mark.parametrize("path, value, says", MALFORMED, ids=[str(i) for i in range(len(MALFORMED))])
def test_malformed(caucus, tmp_path, path, value, says):
    document = copy.deepcopy(DOCUMENT)
    at = document
    for key in path[:-1]:
        at = at[key]
    if value is DELETE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    done = bound(caucus, tmp_path, json.dumps([DOCUMENT, document], indent=1), code=0 if says is None else 2)
    if says is None:  # erase does not mind a target, and every image of this map stays where it is
        return
    assert done.stdout == ""
    message = done.stderr
    pattern = re.escape(says).replace(r"\.\*", ".*").replace("\\\n", "\n")
    assert re.search(pattern, message), message
    place = re.match(r"caucus bound: .*counts\.json:(\d+):(\d+): document 1: ", message)
    assert place, message
    # The line that is pointed at belongs to the second document.
    assert int(place[1]) > json.dumps([DOCUMENT], indent=1).count("\n") - 1


@pytest.mark.parametrize("text, says", [("", "is empty"), ("[]", "no counts document"), ("5", "must be a mapping"),
                                        ('{"consumers": 1', "counts.json:1:"), ("{delta: 1, delta: 2}", "duplicate"),
                                        ("{delta: !!float 1}", "no tags"), ("a: \x01", "control character")])
def test_no_document(caucus, tmp_path, text, says):
    assert says in bound(caucus, tmp_path, text, code=2).stderr


def test_usage(caucus, tmp_path):
    for arguments, says in (([], "which file?"), (["a", "b"], "one too many"), (["a", "--members", "x"], "--collective"),
                            (["a", "--collective", "x"], "needs --members"), (["a", "--format", "xml"], "table, csv"),
                            (["a", "--set", "x=1"], "--collective"), (["missing.json"], "missing.json")):
        done = caucus("bound", *arguments)
        assert done.returncode == 2 and says in done.stderr, done.stderr


# ---- a collective of an experiment --------------------------------------------------------------------------------

FEATURES = ["occupation", "householder", "home_type"]
INCOME = """
seed: 3
population: {{file: {data}, label: income, features: [occupation, householder, home_type]}}
platform: {{consumers: 200K, test: 20K}}
collectives:
  - {{name: renters, size: 1K, strategy: {strategy}, set: {{householder: Rent, home_type: Apartment}}, target: "{target}"{more}}}
  - {{name: students, size: 3K, strategy: {other}, set: {{occupation: "Student, HS or College", home_type: Apartment}}, target: "<10k"}}
  - {{name: owners, size: 2K, strategy: feature_label, set: {{home_type: Apartment}}, target: "30-40k"}}
bounds: {{delta: 0.02, epsilon: 0.001, slack: total_variation}}
"""
WEIGHT = 6  # each renter stands for that many members, so that something can be guaranteed


@pytest.fixture(scope="module")
def income(source):
    with open(source / "data" / "income.csv", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path, columns, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


class Collective:
    """The renters of the income data as an experiment's first collective, and the same as a counts document."""

    def __init__(self, tmp_path, source, income, strategy="feature_label", target="30-40k", other="feature_label",
                 more=""):
        self.experiment = tmp_path / "income.yaml"
        self.experiment.write_text(INCOME.format(data=source / "data" / "income.csv", strategy=strategy, other=other,
                                                 target=target, more=more))
        renters = [row for row in income if row["householder"] == "Rent"]
        self.members = write_csv(tmp_path / "members.csv", ["people", "income", *FEATURES],
                                 [[WEIGHT, row["income"], *(row[f] for f in FEATURES)] for row in renters])
        self.labels = sorted({row["income"] for row in income})
        self.cells = sorted({tuple(row[f] for f in FEATURES) for row in income})
        self.renters = collections.Counter((*(row[f] for f in FEATURES), row["income"]) for row in renters)
        sets = [{1: "Rent", 2: "Apartment"}, {0: "Student, HS or College", 2: "Apartment"}, {2: "Apartment"}]
        self.images = [lambda cell, s=s: tuple(s.get(i, v) for i, v in enumerate(cell)) for s in sets]
        for cell in list(self.cells):
            for image in self.images:
                if image(cell) not in self.cells:
                    self.cells.append(image(cell))
        for cell in list(self.cells):  # closed under all three
            for image in self.images:
                if image(cell) not in self.cells:
                    self.cells.append(image(cell))
        self.strategies = [strategy, other, "feature_label"]
        self.targets = [target, "<10k", "30-40k"]
        # What the others' members are: nothing that any level below aggregate may depend on.
        raw = list(itertools.islice(itertools.cycle(income), 5000))
        self.raw = [None, raw[:3000], raw[3000:]]

    def table(self, counter):
        return [[counter[(*cell, label)] for label in self.labels] for cell in self.cells]

    def document(self, scale=WEIGHT, n=3, **changes):
        own = collections.Counter({key: n * scale for key, n in self.renters.items()})
        counts = [own] + [collections.Counter((*(row[f] for f in FEATURES), row["income"]) for row in raw)
                          for raw in self.raw[1:]]
        collectives = []
        for j in range(n):
            one = {"strategy": self.strategies[j], "target": self.labels.index(self.targets[j]),
                   "map": [self.cells.index(self.images[j](cell)) for cell in self.cells],
                   "counts": self.table(counts[j])}
            if one["strategy"] == "feature_only":  # the commonest cell outside is used; here any cell outside will do
                one["outside"] = self.outside
            collectives.append(one)
        collectives[0].update(changes)
        return {"consumers": 200000, "test": 20000, "delta": 0.02, "epsilon": 0.001, "slack": "total_variation",
                "cells": len(self.cells), "labels": len(self.labels), "collectives": collectives}

    def submitted(self):
        """What the two others hand in, both by feature_label."""
        total = collections.Counter()
        for j in (1, 2):
            for row in self.raw[j]:
                total[(*self.images[j](tuple(row[f] for f in FEATURES)), self.targets[j])] += 1
        return [[*key, n] for key, n in total.items()]


def advise(caucus, collective, *options, code=0):
    done = caucus("bound", collective.experiment, "--collective", "renters", "--members", collective.members,
                  "--weight", "people", *options)
    assert done.returncode == code, done.stderr
    return done


def values(records):
    return {(r["family"], r["knowledge"], r["inequality"]): r["bound"] for r in records}


def of_document(caucus, tmp_path, document, collective=0):
    done = bound(caucus, tmp_path, document, "--format", "json")
    return values([r for r in json.loads(done.stdout) if r["collective"] == collective])


@pytest.mark.parametrize("strategy, target", [("feature_label", "30-40k"), ("feature_only_keep", "<10k"),
                                              ("unplant_naive", "<10k"), ("feature_label", ">=75k")])
def test_same_as_document(caucus, tmp_path, source, income, strategy, target):
    collective = Collective(tmp_path, source, income, strategy, target)
    others = write_csv(tmp_path / "others.csv", [*FEATURES, "income", "count"], collective.submitted())
    advice = json.loads(advise(caucus, collective, "--others", others, "--format", "json").stdout)
    found = values(advice["bounds"])
    expected = of_document(caucus, tmp_path, collective.document())
    assert {k for _, k, _ in found} == {"total", "labels", "strategies", "aggregate"} and len(found) == 4 * (6 + 8)
    for method, value in found.items():
        assert value == pytest.approx(expected[method], abs=1e-12), method
    assert advice["members"] == WEIGHT * sum(collective.renters.values())

    # The best one, of finite data, is the best one.
    finite = {m: v for m, v in found.items() if m[2] != "population"}
    assert advice["best"]["bound"] == max(finite.values())
    assert advice["by_knowledge"]["full"] is None
    for knowledge in ("total", "labels", "strategies", "aggregate"):
        assert advice["by_knowledge"][knowledge]["bound"] == max(v for m, v in finite.items() if m[1] == knowledge)

    # Members who land in the signal set are all of them; what each group adds is the margin.
    assert sum(cell["members"] for cell in advice["cells"]) == advice["members"]
    for cell in advice["cells"]:
        assert (cell["cell"]["householder"], cell["cell"]["home_type"]) == ("Rent", "Apartment")
        assert cell["margin"] == pytest.approx(cell["own"] + cell["others_outside"] + cell["other_collectives"],
                                               abs=1e-12)
        safe = cell["margin"] > cell["needed"] + 1e-14
        assert (cell["state"] == "safe") == safe and (cell["state"] == "lost") == (
            cell["margin"] <= 1e-14 or (advice["best"]["family"] == "staircase" and not safe))


def test_what_would_help(caucus, tmp_path, source, income):
    collective = Collective(tmp_path, source, income)
    advice = json.loads(advise(caucus, collective, "--format", "json").stdout)
    allowed = set(values(advice["bounds"]))
    assert {k for _, k, _ in allowed} == {"total", "labels", "strategies"}

    def best(document):
        found = of_document(caucus, tmp_path, document)
        return max(found[m] for m in allowed if m[2] != "population")

    assert [g["factor"] for g in advice["more_members"]] == [1.25, 1.5, 2]
    for growth in advice["more_members"][1:]:  # 6 people a renter become whole numbers: 9 and 12
        document = collective.document(scale=round(WEIGHT * growth["factor"]))
        assert growth["members"] == WEIGHT * growth["factor"] * sum(collective.renters.values())
        assert growth["best"]["bound"] == pytest.approx(best(document), abs=1e-12)
    assert advice["more_members"][0]["members"] == int(advice["members"] * 1.25)
    for label, of_label in advice["by_target"].items():
        document = collective.document(target=collective.labels.index(label))
        assert of_label["bound"] == pytest.approx(best(document), abs=1e-12), label
    assert list(advice["by_target"]) == collective.labels
    assert advice["by_target"]["30-40k"] == advice["best"]


def test_erase_and_others_outside(caucus, tmp_path, source, income):
    """Erase looks at every cell; another collective's feature_only puts members where the experiment's data say."""
    collective = Collective(tmp_path, source, income, other="feature_only")
    heaviest = collections.Counter(tuple(row[f] for f in FEATURES) for row in income).most_common()
    away = next(cell for cell, _ in heaviest if collective.images[1](cell) != cell)
    collective.outside = collective.cells.index(away)
    advice = json.loads(advise(caucus, collective, "--format", "json").stdout)
    expected = of_document(caucus, tmp_path, collective.document())
    assert len(advice["bounds"]) == 3 * (6 + 8)
    for method, value in values(advice["bounds"]).items():
        assert value == pytest.approx(expected[method], abs=1e-12), method

    text = collective.experiment.read_text().replace('strategy: feature_label, set: {householder: Rent, home_type: '
                                                     'Apartment}, target: "30-40k"',
                                                     "strategy: erase, set: {householder: Rent, home_type: Apartment}")
    collective.experiment.write_text(text)
    advice = json.loads(advise(caucus, collective, "--format", "json").stdout)
    assert advice["target"] is None and advice["by_target"] == {}
    people = {tuple(row[f] for f in FEATURES) for row in income}
    people |= {collective.images[0](cell) for cell in people}
    assert advice["signal_cells"] == len(people)
    collective.cells = sorted(people)  # erase counts every cell: only those that it can see
    alone = of_document(caucus, tmp_path, collective.document(n=1, strategy="erase"))
    text = "\n".join(line for line in text.splitlines() if "students" not in line and "owners" not in line)
    collective.experiment.write_text(text)
    advice = json.loads(advise(caucus, collective, "--format", "json").stdout)
    assert {r["knowledge"] for r in advice["bounds"]} == {"total"}
    for method, value in values(advice["bounds"]).items():
        assert value == pytest.approx(alone[method], abs=1e-12), method


def test_estimators(caucus, tmp_path):
    """All members alike, so that any draw of estimators is the same."""
    (tmp_path / "people.csv").write_text("a,b,y\n" + "0,0,u\n0,1,u\n1,0,v\n1,1,v\n" * 25)
    (tmp_path / "two.yaml").write_text(
        "population: {file: people.csv, label: y}\nplatform: {consumers: 10K, test: 100}\ncollectives:\n"
        "  - {name: c, size: 600, strategy: unplant_adaptive, estimators: 200, set: {a: 1}, target: v}\n")
    members = write_csv(tmp_path / "members.csv", ["a", "b", "y", "n"], [[0, 1, "u", 4000]])
    done = caucus("bound", tmp_path / "two.yaml", "--collective", "c", "--members", members, "--weight", "n",
                  "--format", "json")
    assert done.returncode == 0, done.stderr
    found = values(json.loads(done.stdout)["bounds"])
    document = {"consumers": 10000, "test": 100, "delta": 0.05, "cells": 4, "labels": 2, "collectives": [
        {"strategy": "unplant_adaptive", "target": 1, "map": [2, 3, 2, 3],
         "counts": [[0, 0], [4000, 0], [0, 0], [0, 0]], "estimator_counts": [[0, 0], [200, 0], [0, 0], [0, 0]]}]}
    expected = of_document(caucus, tmp_path, document)
    assert len(found) == 6 + 8 + 1  # linear too: nobody else is there
    for method, value in found.items():
        assert value == pytest.approx(expected[method], abs=1e-12), method


def test_bins_and_absent_cells(caucus, tmp_path):
    """Numbers are cut as the population's were; members may not be where the population has nobody."""
    (tmp_path / "people.csv").write_text("age,b,y\n" + "17,0,u\n20,0,u\n40,1,v\n70,1,v\n,0,u\n1,1,v\n" * 9)
    (tmp_path / "bins.yaml").write_text(
        "population: {file: people.csv, label: y, bins: {age: [18, 65]}}\nplatform: {consumers: 10K, test: 100}\n"
        "collectives: [{name: c, size: 600, strategy: feature_label, set: {b: 1}, target: v}]\n")
    rows = [["u", 0, 18], ["u", 0, 64.5], ["v", 1, "<18"], ["v", 1, 65], ["v", 0, ""], ["v", 1, 99]] * 90
    members = write_csv(tmp_path / "members.csv", ["y", "b", "age"], rows)
    command = ("bound", tmp_path / "bins.yaml", "--collective", "c", "--members", members, "--format", "json")
    done = caucus(*command)
    assert done.returncode == 0, done.stderr
    landing = {cell["cell"]["age"]: cell["members"] for cell in json.loads(done.stdout)["cells"]}
    assert landing == {"<18": 90, "18..65": 180, ">=65": 180, "(missing)": 90}
    write_csv(members, ["y", "b", "age"], [*rows, ["v", 0, 99]])
    done = caucus(*command)
    assert done.returncode == 2 and "members.csv:542:" in done.stderr and "has these features" in done.stderr


def test_page(caucus, tmp_path, source, income):
    collective = Collective(tmp_path, source, income, more=", members: {householder: Rent}, noise: {miss: 0.1}")
    page = advise(caucus, collective).stdout
    found = values(json.loads(advise(caucus, collective, "--format", "json").stdout)["bounds"])
    assert page.startswith("What renters can guarantee before it acts\n")
    for words in ("22,020 in", "signal set   10 cells", "beside it    students: 3,000 members", "(--others)",
                  "who may join", "noise is left out", "1.5 times the members: 33,030", "would raise nothing",
                  "knowing strategies, not only total", "Most would be gained by", "within 0.001 of the best"):
        assert words in page, words
    assert page.count(" *") == 1  # at the best
    row = next(line.split() for line in page.splitlines() if line.startswith("strategies  budget"))
    assert float(row[2]) == pytest.approx(found["budget", "strategies", "hoeffding"], abs=1e-4)

    table = list(csv.DictReader(io.StringIO(advise(caucus, collective, "--format", "csv").stdout)))
    assert [float(r["bound"]) for r in table] == list(found.values())
    assert [r["best"] for r in table].count("true") == 1
    restricted = advise(caucus, collective, "--family", "budget", "--knowledge", "labels", "--inequality", "kl").stdout
    assert "staircase" not in restricted and "population is" not in restricted


def test_wrong_inputs(caucus, tmp_path, source, income):
    collective = Collective(tmp_path, source, income)
    members = collective.members.read_text().splitlines()

    def members_with(line):
        collective.members.write_text("\n".join([members[0], members[1], line, ""]))

    for line, says in (('1,<10k,Homemaker,Rent,Appartment', ':3:23: column "home_type": the population has no value '
                        '"Appartment"; did you mean "Apartment"?'),
                       ("1,12k,Homemaker,Rent,House", ':3:3: column "income": the population has no value "12k"'),
                       ("-1,<10k,Homemaker,Rent,House", ":3:1: weight -1"),
                       ("1,<10k,Homemaker,Rent", ":3:"), ("1e9,<10k,Homemaker,Rent,House", "raise platform.consumers")):
        members_with(line)
        assert says in advise(caucus, collective, code=2).stderr
    collective.members.write_text("people,income,occupation,householder,home\n")
    assert 'no column is named "home_type"' in advise(caucus, collective, code=2).stderr
    collective.members.write_text(members[0] + "\n")
    assert "nobody in it" in advise(caucus, collective, code=2).stderr
    collective.members.write_text("\n".join(members) + "\n")

    for options, says in ((("--weight", "peeple"), 'did you mean "people"'), (("--config", "1"), "1 configurations"),
                          (("--set", "platform.consumers=x"), "--set platform.consumers=x"),
                          (("--knowledge", "aggregate"), "needs --others"), (("--knowledge", "full"), "raw data"),
                          (("--family", "linear"), "linear has no bound for erase"), (("--others", "none.csv"), "none.csv")):
        assert says in advise(caucus, collective, *options, code=2).stderr, options
    others = write_csv(tmp_path / "others.csv", [*FEATURES, "income", "count"], collective.submitted()[1:])
    assert "but the experiment's other collectives have 5000 members" in advise(
        caucus, collective, "--others", others, code=2).stderr
    done = caucus("bound", collective.experiment, "--collective", "renter", "--members", collective.members)
    assert done.returncode == 2 and 'did you mean "renters"?' in done.stderr
    done = caucus("bound", collective.experiment)
    assert done.returncode == 2 and "add --collective NAME --members DATA.csv" in done.stderr
    collective.experiment.write_text(collective.experiment.read_text().replace("income.csv", "incme.csv"))
    assert "incme.csv" in advise(caucus, collective, code=2).stderr
