"""A task as a stranger would write it: energies of face-centred cubic metals, with one table and one page."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.benchmarks.outcome import TaskOutcome
from softdash.benchmarks.task import POTENTIALS, Request, Task, names_option, reference_option
from softdash.catalog.tables import Column, Table, TableSchema

TABLE = Table(
    "cohesion/energies.csv",
    TableSchema(
        "energies of metals",
        (
            Column("metal", "string", "Chemical symbol."),
            Column("potential", "string", "Potential, by its identifier."),
            Column("energy", "number", "Of the primitive cell.", "eV/atom"),
        ),
        key=("metal", "potential"),
    ),
)


def run(request: Request, *, metals: Sequence[str] = ()) -> TaskOutcome:
    import pandas as pd
    from ase.build import bulk

    from softdash.benchmarks.data.data_package import potential_version
    from softdash.benchmarks.data.tables import write_table
    from softdash.potentials.registry import card, load_potential

    chosen = metals or ("Al", "Cu")
    rows = []
    for name in request.potentials:
        for done, metal in enumerate(chosen, start=1):
            energy = load_potential(name).predict([bulk(metal, "fcc", 4.0)])[0].energy
            rows.append({"metal": metal, "potential": name, "energy": energy})
            request.show(name, done, len(chosen))
    write_table(
        request.settings.precomputed_dir,
        TABLE.path,
        pd.DataFrame(rows),
        description="Energies of metals.",
        licence="CC0-1.0",
        sources=(),
        potentials=[potential_version(card(name)) for name in request.potentials],
    )
    written = str(request.settings.precomputed_dir / TABLE.path)
    return TaskOutcome(task="cohesion", potentials=list(request.potentials), written=[written])


TASKS = (
    Task(
        name="cohesion",
        summary="Energies of metals.",
        help="Energies of face-centred cubic metals.",
        tables=(TABLE,),
        run=run,
        run_all=run,
        options=(
            POTENTIALS,
            names_option("--metal", "metals", "Only this metal"),
            reference_option("Energies of your own."),
        ),
        examples=("softdash benchmark cohesion --potential emt --metal Cu",),
        page="softdash_cohesion.page",
        computes="energies of metals, eV/atom",
        reference="none",
    ),
)
