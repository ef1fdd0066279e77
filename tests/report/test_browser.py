"""What a browser makes of the page: it renders, reads out, hides, sorts, saves, prints, in light and dark."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest
from pages import EXPERIMENT, HOSTILE, browse, page, result, told  # noqa: F401 fixtures


def test_it_renders_without_errors_in_any_width(result, page, browse):
    page(result())
    script = """
      const wide = [...document.querySelectorAll('body > *')].filter(e => !e.matches('.wide, script'))
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className);
      const panels = [...document.querySelectorAll('.panels svg')].filter(e => !e.closest('[hidden]')).map(e => e.getBoundingClientRect());
      document.body.dataset.told = JSON.stringify({wide, drawn: panels.every(p => p.width > 200 && p.height > 100), n: panels.length});"""
    for width in (1240, 500):
        found = told(browse("--dump-dom", script=script, width=width), "told")
        assert found == {"wide": [], "drawn": True, "n": 3}, width


def test_views_change_the_axis(result, page, browse):
    """The switch shows the same panels over another range: whole, where it changes, and on the other kind of scale."""
    sizes = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8]
    page(result(platform={"consumers": 1_000_000, "test": 2000}, trials=10, collectives=EXPERIMENT["collectives"][:1],
                sweep=[{"name": "share", "path": "collectives[0].share", "values": sizes}]))
    found = told(browse("--dump-dom", script="""
      const look = () => [...document.querySelectorAll('.view .panels svg')].filter(e => e.getClientRects().length).map(svg =>
        ({dots: svg.querySelectorAll('[data-series="0"] circle').length, note: svg.querySelector('.note').textContent}));
      const told = {};
      for (const button of document.querySelectorAll('.look')) { button.click(); told[button.textContent] = look(); }
      document.body.dataset.told = JSON.stringify(told);"""), "told")
    assert list(found) == ["whole range", "where it changes", "logarithmic"] and all(len(panels) == 1 for panels in found.values())
    assert found["whole range"][0] == {"dots": len(sizes), "note": "share"}
    assert 2 <= found["where it changes"][0]["dots"] < len(sizes)
    assert found["logarithmic"][0] == {"dots": len(sizes), "note": "share, logarithmic"}


def test_what_is_seen_is_saved(result, page, browse):
    """SVG: what a section shows, with the names of its lines, well-formed whatever these are. copy: the text beside it."""
    page(result())
    found = told(browse("--dump-dom", script="""
      document.querySelectorAll('.key')[1].click();
      const saved = {};
      for (const save of document.querySelectorAll('.save'))
        saved[save.dataset.name] = picture(save.closest('section'));
      const copy = [...document.querySelectorAll('.copy')];
      copy[1].closest('details').open = true;
      copy[1].click();
      document.body.dataset.told = JSON.stringify({saved, selected: getSelection().toString(), shown: copy.every(b => !b.hidden)});"""), "told")
    assert list(found["saved"]) == ["sizes", "curves", "interplay"] and found["shown"]
    for name, text in found["saved"].items():
        root = xml.fromstring(text)
        width, height = float(root.get("width")), float(root.get("height"))
        inner = root.findall("{*}svg")
        assert len(inner) == (2 if name == "curves" else 1), name
        for svg in inner:
            assert float(svg.get("x")) + float(svg.get("width")) <= width and float(svg.get("y")) + float(svg.get("height")) <= height
    keys = [key.find("{*}text").text for key in xml.fromstring(found["saved"]["curves"]).findall("{*}g")]
    assert len(keys) == 3 and keys[0] == f"{HOSTILE}: success"  # the one that was hidden is left out
    assert found["selected"].startswith('"name": "two groups"')


@pytest.mark.parametrize("scripts", [True, False])
def test_it_hides_sorts_and_filters(result, page, browse, scripts):
    page(result())
    dom = browse("--dump-dom", scripts=scripts, script="""
      document.querySelector('.key').click();
      [...document.querySelectorAll('#all th')].find(th => th.textContent === 'success').click();
      document.getElementById('find').value = 'them';
      document.getElementById('find').oninput();""" if scripts else "")
    tools = re.search(r'<div class="keys" data-script=""( hidden="")?>', dom)
    assert (tools.group(1) is None) == scripts  # tools that need scripts are shown with them only
    rows = re.findall(r"<tr( hidden=\"\")?>(?:(?!</tr>).)*?<td class=\"n bar\"[^>]*>([0-9.]+)", dom, re.S)
    assert len(rows) == 12
    if scripts:
        shares = [float(value) for _, value in rows]
        assert shares == sorted(shares) and 'class="series off"' in dom
        assert sum(hidden != "" for hidden, _ in rows) == 6 and "6 of 12 rows" in dom
    else:
        assert 'class="series off"' not in dom and all(hidden == "" for hidden, _ in rows)


def test_it_reads_out(caucus, result, page, browse):
    """Pointing at a panel tells the numbers of the nearest point, of what is shown."""
    path = result()
    page(path)
    dom = browse("--dump-dom", script="""
      const svg = document.querySelector('.panels svg'), dot = svg.querySelectorAll('[data-series="2"] circle')[1].getBoundingClientRect();
      document.querySelector('.key').click();
      svg.dispatchEvent(new MouseEvent('mousemove', {clientX: dot.left + 2, clientY: dot.top}));
      const tip = document.getElementById('tip');
      document.body.dataset.told = JSON.stringify({text: tip.textContent, hidden: tip.hidden});""")
    found = told(dom, "told")
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout)
               if r["aim"] == "y1" and r["share"] == 0.2 and r["method"].endswith("hoeffding")]
    (them,) = [r for r in records if r["collective"] == "them"]
    assert not found["hidden"] and found["text"].startswith("share 0.2\n")
    assert f"them: success {them['success_mean']:.4f}" in found["text"]
    assert f"{HOSTILE}: success" not in found["text"] and f"{HOSTILE}: promise" in found["text"]  # what is hidden is not read


def test_many_panels_can_be_chosen(result, page, browse):
    values = [f"{v / 100:g}" for v in range(5, 25)]
    made = page(result(trials=2, bounds={"families": ["budget"], "knowledge": ["total"], "inequalities": ["hoeffding"]},
                       sweep=[{"name": "theirs", "path": "collectives[1].share", "values": [float(v) for v in values]}, *EXPERIMENT["sweep"]]))
    assert "28 more panels" in made.words()
    dom = browse("--dump-dom", script="""
      const [theirs, aim] = document.querySelectorAll('.choose');
      const pick = (select, text) => { select.value = [...select.options].find(o => o.text === text).value; select.onchange(); };
      pick(theirs, '0.22'); pick(aim, 'y0');
      const shown = [...document.querySelectorAll('.panel:not(.off)')].filter(p => !p.closest('[hidden]'));
      document.body.dataset.told = JSON.stringify({titles: shown.map(p => p.querySelector('.head title').textContent),
        drawn: shown.every(p => p.getBoundingClientRect().width > 0)});""")
    assert told(dom, "told") == {"titles": ["theirs 0.22, aim y0"], "drawn": True}


@pytest.mark.parametrize("dark", [False, True])
def test_dark_and_light(result, page, browse, dark):
    page(result())
    dom = browse("--dump-dom", f"--blink-settings=preferredColorScheme={0 if dark else 1}", script="""
      const bright = colour => { const [r, g, b] = colour.match(/[0-9]+/g).map(Number); return (r + g + b) / 765; };
      const of = (what, property) => bright(getComputedStyle(document.querySelector(what))[property]);
      document.body.dataset.told = JSON.stringify({ground: of('body', 'backgroundColor'), text: of('body', 'color'),
        chart: of('.panels text', 'fill'), dim: of('.dim', 'color')});""")
    found = told(dom, "told")
    ground = found.pop("ground")
    assert ground < 0.2 if dark else ground > 0.9
    assert all(abs(value - ground) > 0.4 for value in found.values()), found


def test_it_prints(result, page, browse, tmp_path):
    """On paper it is light, without tools, and nothing is cut."""
    page(result())
    browse(f"--print-to-pdf={tmp_path}/page.pdf", "--no-pdf-header-footer", "--blink-settings=preferredColorScheme=0")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext (Debian: poppler-utils)")
    words = " ".join(subprocess.run(["pdftotext", "-layout", tmp_path / "page.pdf", "-"], capture_output=True, text=True).stdout.split())
    assert "two groups" in words and "All configurations" in words and "How this was made" in words
    assert "click a heading to sort" not in words
