"""Problems on which bounds are put to the test, as texts of experiments: used by bench/evidence.py and by the tests.

`ordinary` ones have several collectives, at sizes from hopeless to overwhelming. `small` ones have so few people, cells and
labels that few events share delta, and all of them are near their edges at some size. `tight` ones are built so
that a guarantee is as nearly broken as can be arranged: delta is 0.5, and the margin is just large enough to be certified.
`worst_case` ones have a platform that does its worst.
"""

STRATEGIES = ("feature_label", "feature_only", "feature_only_keep", "unplant_naive", "unplant_adaptive", "erase")

METHODS = """families: [staircase, budget]
  knowledge: [total, labels, strategies, aggregate, full]
  inequalities: [hoeffding, hoeffding_clipped, bernstein, kl, clopper_pearson, hypergeometric, hypergeometric_joint]"""

ALL_INEQUALITIES = METHODS.replace("[hoeffding", "[population, hoeffding")

OUTPUT = "output: {accuracy: false, compression: 1}"


def aim(strategy, target, estimators):
    """The keys of a collective that depend on its strategy."""
    text = f"strategy: {strategy}"
    if strategy != "erase":
        text += f", target: {target}"
    if strategy == "unplant_adaptive":
        text += f", estimators: {estimators}"
    return text


def ordinary(strategy, delta=0.05, methods=METHODS, consumers="100K", extra="", shares=(0.05, 0.1, 0.2, 0.4, 0.8)):
    """Eight cells, four of them signal cells, three labels; a rival who plants on one of the cells, and a third
    collective that keeps its labels on another. Five shares of the collective under test."""
    target = "y1" if strategy.startswith("feature_only") else "y0"
    return f"""
name: ordinary-{strategy}
population: {{scenario: dirichlet, cells: 8, labels: 3, uniqueness: 0.3, gap: 0.2, seed: 7}}
platform: {{consumers: {consumers}, test: 10K}}
collectives:
  - {{name: self, share: 0.1, set: {{signal: yes}}, {aim(strategy, target, 500)}{extra}}}
  - {{name: rival, share: 0.05, strategy: feature_label, set: {{signal: yes, group: g0}}, target: y1}}
  - {{name: keepers, share: 0.02, strategy: feature_only_keep, set: {{signal: yes, group: g1}}, target: y2}}
bounds:
  delta: {delta}
  {methods}
sweep:
  - {{name: share, path: "collectives[0].share", values: {list(shares)}}}
{OUTPUT}
"""


# Two cells and two labels: what stands against the collective is near at one cell and far at the other.
SMALL_TABLE = """signal,group,label,count
yes,g0,a,40
yes,g0,b,160
yes,g1,a,20
yes,g1,b,480
no,g0,a,1400
no,g0,b,1400
no,g1,a,250
no,g1,b,1250
"""
SMALL_SIZES = (60, 90, 130, 180, 250, 350, 500, 700, 1000, 1500)

DEPARTED_SIZES = (130, 250, 500, 1000)

# With a pilot: strategies that can have one.
PILOTED = ("feature_label", "feature_only", "feature_only_keep", "unplant_adaptive")
PILOTED_SIZES = (180, 250, 350, 500, 1000)


def small(strategy, table, delta, draw="iid", methods=METHODS, extra="", sizes=SMALL_SIZES):
    """2,000 consumers out of the 5,000 people of SMALL_TABLE, 200 test points, and a rival of twenty."""
    return f"""
name: small-{strategy}
population: {{file: {table}, label: label, features: [signal, group], weight: count, draw: {draw}}}
platform: {{consumers: 2K, test: 200}}
collectives:
  - {{name: self, size: 100, set: {{signal: yes}}, {aim(strategy, "b" if strategy.startswith("unplant") else "a", 20)}{extra}}}
  - {{name: rival, size: 20, strategy: feature_label, set: {{signal: yes, group: g1}}, target: b}}
bounds:
  delta: {delta}
  {methods}
sweep:
  - {{name: n_self, path: "collectives[0].size", values: {list(sizes)}}}
{OUTPUT}
"""


def tight_table(strategy):
    """The table of a tight problem, as CSV.

    Nobody has the collective's label a on the signal cell, so that only the rivals there can be more numerous than
    foreseen. Unplanting counts one rival, the target; planting can be beaten by each of nine, which are independent
    chances to fail. For erase the contested cell is the other one, where nearly everybody is.
    """
    rivals = [f"b{i}" for i in range(1, 2 if strategy.startswith("unplant") else 10)]
    rows = ["signal,label,count"]
    if strategy == "erase":
        rows += ["yes,a,100"] + [f"no,{b},1100" for b in rivals]
    else:
        rows += ["no,a,1000000", "elsewhere,a,0"] + [f"yes,{b},1" for b in rivals]
    return "\n".join(rows) + "\n"


# Sizes from which one method or another certifies the margin: there, the unorganised rest comes out on top of the
# collective with nearly the probability that the bound gives to each of its events. The first is where
# budget/full/hypergeometric begins, then come those of budget and of staircase/full/clopper_pearson, bernstein and kl.
PLANTING_SIZES = [1065, 1071, 1081, 1095, 1107]
UNPLANTING_SIZES = [1042, 1050, 1060, 1077, 1088]
TIGHT_SIZES = {
    "feature_label": PLANTING_SIZES,
    "feature_only": PLANTING_SIZES,
    "feature_only_keep": PLANTING_SIZES,
    "unplant_naive": UNPLANTING_SIZES,
    "unplant_adaptive": UNPLANTING_SIZES,
    "erase": [11350, 11370, 11390, 11420, 11460],
}

# Without hypergeometric_joint: among 10^13 raw data no pair of counts is ever met twice.
TIGHT_METHODS = METHODS.replace(", hypergeometric_joint", "")


def tight(strategy, table, delta=0.5, sizes=None):
    """A giant collective that does no harm lends its raw data (knowledge full): the base rates are then known nearly
    exactly, and what is left to fail is the one thing that bounds foresee with a quantile: what the rest will hand in."""
    sizes = sizes or TIGHT_SIZES[strategy]
    erase = strategy == "erase"
    rest = 100_000 if erase else 10**9
    giant = 10**9 if erase else 10**13
    where = "yes" if erase else "elsewhere"
    target = "b1" if strategy.startswith("unplant") else "a"
    return f"""
name: tight-{strategy}
population: {{file: {table}, label: label, features: [signal], weight: count}}
platform: {{consumers: {rest + giant + sizes[len(sizes) // 2]}, test: 10K}}
collectives:
  - {{name: self, size: 1000, set: {{signal: yes}}, {aim(strategy, target, 10)}}}
  - {{name: giant, size: {giant}, strategy: feature_label, set: {{signal: {where}}}, target: a}}
bounds:
  delta: {delta}
  {TIGHT_METHODS}
sweep:
  - {{name: n_self, path: "collectives[0].size", values: {sizes}}}
{OUTPUT}
"""


# Problems whose violations are counted, and their delta.
VIOLATIONS = (("small", 0.5), ("small", 0.05), ("small, without replacement", 0.5), ("small, without replacement", 0.05),
              ("tight", 0.5), ("ordinary", 0.5), ("ordinary", 0.05))


def violation(problem, strategy, delta, folder):
    """Text of such a problem, whose table is written into the folder, and the share of the trials that it is given: to the
    ordinary one, where nothing is ever met twice, fewer."""
    table = folder / "table.csv"
    if problem == "ordinary":
        return ordinary(strategy, delta=delta), 0.02
    table.write_text(tight_table(strategy) if problem == "tight" else SMALL_TABLE)
    if problem == "tight":
        return tight(strategy, table, delta), 1
    return small(strategy, table, delta, "iid" if problem == "small" else "without_replacement"), 1


def worst_case(strategy, table, slack, epsilon, delta):
    """The small problem on a platform that spends epsilon on hurting the collective, which assumes that epsilon."""
    text = small(strategy, table, delta).replace("test: 200}", f"test: 200, classifier: {{name: worst_case, epsilon: {epsilon}, "
                                                 "victim: self}}")
    return text.replace("bounds:\n", f"bounds:\n  epsilon: {epsilon}\n  slack: {slack}\n")


HALVES = "signal,label,count\nyes,a,1\nyes,b,1\nno,a,0\n"


def lead_of_twelve_percent(table, slack):
    """0.56 against 0.44 on one cell, epsilon = 0.1: the lead, 0.12, is more than epsilon/(1-epsilon) = 0.111, and yet
    0.06 of the mass, moved from leader to rival, closes it."""
    return f"""
name: lead-{slack}
population: {{file: {table}, label: label, features: [signal], weight: count}}
platform: {{consumers: 10G, test: 10K, classifier: {{name: worst_case, epsilon: 0.1, victim: self}}}}
collectives:
  - {{name: self, share: 0.12, strategy: feature_label, set: {{signal: yes}}, target: a}}
bounds:
  epsilon: 0.1
  slack: {slack}
  {METHODS}
{OUTPUT}
"""
