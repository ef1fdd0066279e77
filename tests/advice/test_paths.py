"""Paths of values and axes on the command line, by name, and hints about what is misspelt."""

from table_experiments import PLAIN, many, tables  # noqa: F401

TWO = ("population: {file: t.csv, label: y}\nplatform: {consumers: 1K, test: 100}\ncollectives:\n"
       "  - {name: renters, share: 0.05, strategy: feature_label, set: {home: rent}, target: lo}\n"
       "  - {share: 0.05, strategy: feature_label, set: {home: own}, target: hi}\n")


def axes(tables, text, *options):
    """The axes of a run, as its summary names them, with their values."""
    tables.write("t.csv", PLAIN)
    done = tables.caucus("run", tables.write("e.yaml", text), "-q", "--trials", "2", "-o", tables.folder / "o.h5", "--force",
                         *options)
    assert done.returncode == 0, done.stderr
    import h5py
    with h5py.File(tables.folder / "o.h5") as file:
        return {name: [v.decode() if isinstance(v, bytes) else v for v in file[name][:]] for name in file
                if isinstance(file[name], h5py.Dataset) and file[name].dims[0].label in ("", "config")
                and file[name].shape == file["done"].shape[:1] and name not in ("config",)}


def test_names_in_paths(tables):
    tables.write("t.csv", PLAIN)
    experiment = tables.write("e.yaml", TWO)
    for path in ("collectives.renters.share", "collectives.c2.share", "collectives[1].share"):
        done = tables.caucus("check", experiment, "--set", f"{path}=2")
        assert done.returncode == 2 and f"--set {path}=2: share must be a number from 0 to 1" in done.stderr, done.stderr
    done = tables.caucus("check", experiment, "--set", "collectives.rentres.share=0.1")
    assert 'collectives is a list, and none of its items is called "rentres"' in done.stderr
    assert 'did you mean "renters"?' in done.stderr
    swept = tables.write("s.yaml", TWO + "sweep: [{path: collectives.renters.share, values: [0.1, 2]}]\n")
    assert "must be a number from 0 to 1" in tables.caucus("check", swept).stderr
    whole = tables.write("s.yaml", TWO + "sweep: [{path: collectives.renters, values: [{share: 0.1}]}]\n")
    assert tables.caucus("check", whole).returncode == 2


def test_axis_option(tables):
    found = axes(tables, TWO, "--axis", "collectives.renters.share=0.1, 0.2", "--axis", "collectives[1].target=lo,hi")
    assert found["share"] == [0.1, 0.1, 0.2, 0.2] and found["target"] == ["lo", "hi", "lo", "hi"]
    swept = TWO + 'sweep: [{name: size, path: "collectives[0].share", values: [0.1]}]\n'.replace("size", "part")
    assert axes(tables, swept, "--axis", "collectives[0].share=0.2,0.3")["part"] == [0.2, 0.3]
    assert axes(tables, TWO, "--axis", "collectives[0].share={linspace: [0, 0.2, 3]}")["share"] == [0, 0.1, 0.2]
    assert axes(tables, TWO, "--axis", "collectives[0].target='lo',\"hi\"")["target"] == ["lo", "hi"]
    tied = TWO + ('sweep: [{name: both, paths: ["collectives[0].share", "collectives[1].share"], values: [0.1, 0.2]}]\n')
    experiment = tables.write("e.yaml", tied)
    for axis, says in (("collectives[0].share=0.2", "moves together with other places"), ("nonsense", "--axis takes PATH=V1,V2"),
                       ("collectives[1].share=0.1,,2", "--axis collectives[1].share=0.1,,2: a value is missing"),
                       ("collectives[7].share=1", "--axis collectives[7].share=1: collectives[7] leads nowhere")):
        done = tables.caucus("check", experiment, "--axis", axis)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_default_names_of_axes_never_clash(tables):
    found = axes(tables, TWO, "--axis", "collectives[0].share=0.1,0.2", "--axis", "collectives[1].share=0.1,0.2", "--axis",
                 "platform.test=50,60", "--axis", 'collectives[0].set.home=own,rent')
    assert {"share", "c2_share", "platform_test", "home"} <= set(found)
    named = TWO + 'sweep: [{path: "collectives[0].share", values: [0.1]}, {name: share, path: "collectives[1].share", values: [0.2]}]\n'
    assert {"renters_share", "share"} <= set(axes(tables, named))


def test_hints(tables):
    tables.write("t.csv", PLAIN)
    bare = tables.write("e.yaml", TWO + "sweep: [{path: collectives[0].share, values: [0.1]}]\n")
    assert 'stands in quotes: {path: "collectives[0].share", ...}' in tables.caucus("check", bare).stderr
    for name in ("a/b", ".hidden"):
        done = tables.caucus("check", tables.write("e.yaml", f"name: {name}\n{TWO}"))
        assert done.returncode == 2 and "name is what result files are called" in done.stderr


def test_numbers_that_nobody_cut(tables):
    table = tables.write("t.csv", many({"home": lambda i: ("own", "rent")[i % 2], "age": lambda i: 18 + i % 60,
                                        "y": lambda i: ("lo", "hi")[i % 3 == 0]}))
    for value in ("90", "<30", "25.5"):
        error = tables.check(table, collective=f'set: {{age: "{value}"}}, target: lo', code=2)
        assert "age is a column of 60 different numbers" in error and "hint: cut it: bins: {age: [32, 48, 62]}" in error
