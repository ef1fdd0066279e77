"""caucus report: its sentences and counts are those of the summary."""

import json

import pytest
from pages import EXPERIMENT, HOSTILE, page, result  # noqa: F401 fixtures


def say(hits, place):
    """The sentence on places (members, or values of the axis) at which a goal is reached or not."""
    good, bad = [p for p in hits if hits[p]], [p for p in hits if not hits[p]]
    if not bad:
        return f"with {min(good):,} members already" if place == "members" else f"at every {place} tried"
    if not good:
        return f"do not succeed with {max(bad):,} members" if place == "members" else f"at no {place} tried"
    if min(good) > max(bad):
        return f"with {min(good):,} members ({max(bad):,} are not enough)" if place == "members" else f"from {place} {min(good):g} on ({max(bad):g} is not enough)"
    if max(good) < min(bad):
        return f"up to {max(good):,} members" if place == "members" else f"up to {place} {max(good):g} (not at {min(bad):g})"
    return "some of the sizes" if place == "members" else f"at some, not all values of {place}"


@pytest.mark.parametrize("goal", ["0.75", "0.5"])
def test_sentences_are_the_summary(caucus, result, page, goal):
    path = result()
    words = page(path, "--goal", goal).words()
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    for aim in ("y1", "y0"):
        for name, place in ((HOSTILE, "members"), ("them", "share")):  # the sweep moves the size of the first only
            mine = [r for r in records if r["aim"] == aim and r["collective"] == name]
            hits = {r["size" if place == "members" else "share"]: r["success_mean"] >= float(goal) for r in mine}
            sentence = say(hits, place)
            sentence = sentence if sentence.startswith("do not") else f"succeed {sentence}"
            assert f"aim {aim} : {name} {sentence}" in words.replace(f"aim {aim}:", f"aim {aim} :"), (aim, name, sentence)


def test_every_configuration_has_a_sentence_where_there_is_no_axis(caucus, result, page):
    path = result(sweep=[{"name": "aim", "path": "collectives[0].target", "values": ["y1", "y0"]}])
    words = page(path, "--method", "budget/total/kl").words()
    for record in json.loads(caucus("summary", path, "--format", "json").stdout):
        share, size = 100 * record["success_mean"], record["size"]
        assert f"{record['collective']}, {size:,} members, succeed on {share:.1f} % of test points" in words


def test_how_many_it_takes(caucus, result, page):
    """The chart names the same numbers as the sentences, for the collective whose size the axis moves."""
    path = result(collectives=[dict(EXPERIMENT["collectives"][0], name="us")], sweep=EXPERIMENT["sweep"][1:])
    made = page(path, "--goal", "0.5")
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    sizes = [r["size"] for r in records if r["success_mean"] >= 0.5]
    assert "How many does it take?" in made.words() and sizes
    dots = [text for text in made.text if text in (f"{min(sizes):,}", f"{min(sizes):,} or fewer")]
    assert dots, made.words()


def test_collectives_beside_each_other(caucus, result, page):
    path = result()
    words = page(path, "--goal", "0.6").words()
    table = {}
    for r in json.loads(caucus("summary", path, "--format", "json").stdout):
        table.setdefault((r["aim"], r["share"]), {})[r["collective"]] = r["success_mean"] >= 0.6
    counts = [sum(f(row.values()) for row in table.values()) for f in (all, lambda v: any(v) and not all(v), lambda v: not any(v))]
    assert f"all of them reach a success of 0.6 together in {counts[0]}, some but not all in {counts[1]}, none in {counts[2]}." in words
