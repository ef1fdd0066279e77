"""Tables in a folder, and experiments on them."""

import json
import re

import pytest

PLAIN = "home,job,y\nown,a,lo\nrent,b,hi\nown,b,lo\nrent,a,hi\n"


class Tables:
    """Tables in a folder, and experiments on them."""

    def __init__(self, caucus, folder):
        self.caucus = caucus
        self.folder = folder

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def experiment(self, table, population="label: y", collective="set: {home: own}, target: lo", more=""):
        text = (f"population: {{file: {json.dumps(str(table))}, {population}}}\n"
                "platform: {consumers: 1K, test: 100}\n"
                f"collectives: [{{name: ours, share: 0.05, strategy: feature_label, {collective}}}]\n{more}")
        return self.write("e.yaml", text)

    def check(self, *arguments, options=(), code=0, **keywords):
        done = self.caucus("check", self.experiment(*arguments, **keywords), *options)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def notes(self, *arguments, **keywords):
        return re.findall(r"^note +(.*)$", self.check(*arguments, **keywords), re.M)

    def values(self, table, column, population="label: y"):
        """The categories of a feature, or of the label where column is None."""
        asked = "set: {home: own}, target: zzzzzzzzzz" if column is None else f"set: {{{column}: zzzzzzzzzz}}, target: lo"
        error = self.check(table, population, asked, code=2)
        return re.search(r"^hint: allowed: (.*)$", error, re.M)[1].split(", ")

    def refused(self, table, population="label: y", **keywords):
        return self.check(table, population, code=2, **keywords)

    def columns(self, table, *options):
        done = self.caucus("columns", table, "--format", "json", *options)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found["rows"], {c["name"]: c for c in found["columns"]}


@pytest.fixture
def tables(caucus, tmp_path):
    return Tables(caucus, tmp_path)


def many(columns, n=2000):
    """A table of n rows: columns maps names to functions of the row's number."""
    lines = [",".join(columns)]
    lines += [",".join(str(of(i)) for of in columns.values()) for i in range(n)]
    return "\n".join(lines) + "\n"
