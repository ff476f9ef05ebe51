"""PolicyEngine-Core, fed with arrays. An AGPL program, installed to be measured; nothing of it is here."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from typing import Any

from policyengine_core.entities import build_entity
from policyengine_core.parameters import ParameterNode
from policyengine_core.periods import YEAR
from policyengine_core.simulations import SimulationBuilder
from policyengine_core.taxbenefitsystems import TaxBenefitSystem
from policyengine_core.variables import Variable

from benchmarks.policy.peers.formulas import FormulaPeer, define_variables, make_parameters
from benchmarks.policy.peers.harness import Columns, serve

CHUNK = 1 << 18  # people per simulation: the quickest of 2**13 … 2**21


class PolicyEngine(FormulaPeer):
    """One entity, the person."""

    def build(self, columns: Columns) -> Any:
        """Return the tax and benefit system."""
        person = build_entity("person", "persons", "Person", is_person=True)
        system = TaxBenefitSystem([person])
        system.parameters = ParameterNode("notice", data=make_parameters(columns.as_of))
        for variable in define_variables(Variable, person, YEAR):
            system.add_variable(variable)
        return system

    def simulate(self, system: Any, count: int) -> Any:
        """Return a simulation of ``count`` persons."""
        return SimulationBuilder().build_default_simulation(system, count)


if __name__ == "__main__":
    serve(PolicyEngine(CHUNK))
