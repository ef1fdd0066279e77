"""caucus plot: figures for papers."""

import shutil
import xml.etree.ElementTree as xml

from conftest import SOURCE
from pages import result  # noqa: F401 fixtures


def test_figures(caucus, result, tmp_path):
    path = result()
    assert caucus("plot", path, "-o", "figure.svg", "--width", "240").returncode == 0
    figure = xml.parse(tmp_path / "figure.svg").getroot()
    assert figure.get("width") == "240pt" and len(figure.findall("{*}g")) == 2
    scales = [float(text.get("transform").split("scale(")[1].split()[0]) for text in figure.findall("{*}text")]
    assert len(scales) == 4 and min(scales) < 1  # long names are narrowed to a column
    assert all(36 + 6.1 * len("".join(text.itertext())) * scale <= 240.5 for text, scale in zip(figure.findall("{*}text"), scales))
    assert caucus("plot", path, "-o", "figure.gif").returncode == 2
    assert caucus("plot", path, "-o", "other.svg", "--width", "10").returncode == 2
    if shutil.which("rsvg-convert") is None:
        done = caucus("plot", path, "-o", "figure.pdf")
        assert done.returncode == 1 and "librsvg2-bin" in done.stderr
        return
    for name, begins in (("figure.pdf", b"%PDF"), ("figure.png", b"\x89PNG")):
        assert caucus("plot", path, "-o", name).returncode == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
    done = caucus("plot", path, "-o", "again.pdf", env={"PATH": "/nowhere"})
    assert done.returncode == 1 and "librsvg2-bin" in done.stderr and not (tmp_path / "again.pdf").exists()


def test_lines_and_panels_can_be_chosen(caucus, result, tmp_path):
    path = result()
    count = lambda *options: [caucus("plot", path, "-o", "figure.svg", "--force", *options).returncode,
                              (tmp_path / "figure.svg").read_text().count('class="line'), (tmp_path / "figure.svg").read_text().count("<g transform")]
    keys, lines = 4, 4  # of a panel: success and the first method, of two collectives
    assert count() == [0, keys + 2 * lines, 2]
    assert count("--panel", "aim=y0") == [0, keys + lines, 1]
    assert count("--series", "success") == [0, 2 + 2 * 2, 2]
    assert count("--series", "them", "--series", "budget/total/kl") == [0, 1 + 2 * 1, 2]
    for options, says in ((["--panel", "aim=y7"], "no panel with aim=y7"), (["--panel", "share=0.1"], "AXIS=VALUE of an axis that is not drawn over"),
                          (["--series", "budget/total/k"], 'did you mean "budget/total/kl"')):
        done = caucus("plot", path, "-o", "other.svg", *options)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_critical_masses(caucus, tmp_path):
    """A figure of what caucus solve found: a dot and its number for each quantity."""
    path = tmp_path / "mass.h5"
    assert caucus("solve", "-q", SOURCE / "experiments/vehicles-critical-mass.yaml", "--trials", "10", "-o", path).returncode == 0
    done = caucus("plot", path, "-o", "mass.svg", "--width", "360")
    assert done.returncode == 0, done.stderr
    figure = xml.parse(tmp_path / "mass.svg").getroot()
    assert figure.get("width") == "360pt" and len(figure.findall("{*}circle")) == 4 * 3  # targets, success and two methods
    assert all(float(text.get("x")) <= 360 for text in figure.findall("{*}text"))
    done = caucus("plot", path, "-o", "other.svg", "--series", "success")
    assert done.returncode == 2 and "caucus solve --target" in done.stderr
