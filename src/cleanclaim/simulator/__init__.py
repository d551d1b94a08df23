"""A payer and clearinghouse that answers our X12 with X12, by scenario and test clock.

It is a training and test partner. It proves nothing about correctness: that is for independent
validators, public sample files and worked cases. docs/concepts/simulator.md tells how to use it.
"""

from cleanclaim.simulator.clearinghouse import SimulatedClearinghouse
from cleanclaim.simulator.contract import Contract, Rate
from cleanclaim.simulator.scenarios import SCENARIOS, Family, Scenario, find_scenario, scenario_of
from cleanclaim.simulator.state import OutFile, Timing

__all__ = [
    "SCENARIOS",
    "Contract",
    "Family",
    "OutFile",
    "Rate",
    "Scenario",
    "SimulatedClearinghouse",
    "Timing",
    "find_scenario",
    "scenario_of",
]
