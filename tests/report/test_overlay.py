"""Published points in reports and figures."""

import json

import pytest
from pages import page, result  # noqa: F401 fixtures


def overlay(tmp_path, text):
    (tmp_path / "published.csv").write_text(text)
    return tmp_path / "published.csv"


def test_published_points(caucus, result, page, tmp_path):
    """Points of our own with a known shift, one off the sweep's values, one that is missing."""
    path = result()
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    rows = ["aim,share,collective,success,budget/total/kl,remark"]
    for i, r in enumerate(r for r in records if r["collective"] == "them"):
        rows.append(f'{r["aim"]},{r["share"]},them,{r["success_mean"] + (0.25 if i == 2 else 0)},{"" if i else 0.5},no number')
    rows.append("y1,0.3,them,0.5,,")
    made = page(path, "--overlay", overlay(tmp_path, "\n".join(rows)))
    assert "Published success (crosses): 7 points, 6 of them at values of the sweep" in made.words()
    assert "differ from the mean over trials by at most 0.2500, and 5 lie from" in made.words()
    assert "Published promises (crosses): 1 point, 1 of them" in made.words()
    whole = (tmp_path / "page.html").read_text().split('<div class="view"')[1]
    assert whole.count('class="published" data-x') == 8
    figure = tmp_path / "overlay.svg"
    assert caucus("plot", path, "-o", figure, "--overlay", tmp_path / "published.csv").returncode == 0
    assert figure.read_text().count('class="published"') == 8 + 1  # and the key


@pytest.mark.parametrize("text, says", [
    ("share,collective,success\n0.1,them,1\n", 'no column "aim"'), ("aim,share,success\ny1,0.1,1\n", 'no column "collective"'),
    ("aim,share,collective\ny1,0.1,them\n", "nothing to show"), ("aim,share,collective,success\ny1,0.1,they,1\n", '3:18: the result has no collective "they"'),
    ("aim,share,collective,success\ny1,much,them,1\n", '"much" is no number'), ("aim,share,collective,success\ny7,0.1,them,1\n", 'the sweep has no aim "y7"'),
    ("aim,share,collective,success\ny1,0.1\n", "published.csv:2")])
def test_wrong_published_points(caucus, result, tmp_path, text, says):
    done = caucus("report", result(), "-o", "page.html", "--overlay", overlay(tmp_path, text))
    says = says.replace("3:18", "2:8")
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert caucus("report", result(), "-o", "page.html", "--overlay", "absent.csv").returncode != 0
