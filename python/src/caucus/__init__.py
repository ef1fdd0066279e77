"""Batch experiments on algorithmic collective action.

The program `caucus` does the work; this package runs it and reads what it writes.

>>> import caucus
>>> experiment = caucus.example("vehicles-planting").set("collectives[0].target", "Poor")
>>> experiment = experiment.set("sweep", [{"name": "members", "path": "collectives[0].size", "values": [41000, 121000]}])
>>> result = experiment.run(trials=50, seed=1, progress=False)
>>> result.data.success.mean("trial").sel(collective="planters").round(1).values.tolist()
[0.7, 1.0]
"""

from ._bounds import Bounds, bound
from ._errors import CaucusError, InvalidError, ProgramNotFound, StoppedError
from ._experiment import Experiment, Plan, example
from ._program import devices, program, version
from ._result import CriticalMass, Result, load, merge
from ._tables import columns

__all__ = ["Bounds", "CaucusError", "CriticalMass", "Experiment", "InvalidError", "Plan", "ProgramNotFound", "Result",
           "StoppedError", "bound", "columns", "devices", "example", "load", "merge", "program", "version"]
__version__ = "0.1.0"
