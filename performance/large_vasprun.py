"""How long, and with how much memory, a large vasprun.xml is read.

    python performance/large_vasprun.py [--megabytes 50]

Writes two files with the elements and digits of VASP into a temporary folder, one that is nearly all ionic steps of 64
atoms (a run of molecular dynamics) and one that is nearly all eigenvalues (few steps, many bands and k-points), reads
each in the sandbox as an upload is read, and prints the seconds and the largest resident memory of the reading process.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from softdash.settings import get_settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.sandbox import read_upload_in_sandbox

ATOMS = 64
HEAD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
 <generator>
  <i name="program" type="string">vasp </i>
  <i name="version" type="string">6.4.2  </i>
 </generator>
 <incar>
  <i type="string" name="GGA">PE</i>
 </incar>
"""


def _vectors(name: str, rows: np.ndarray) -> str:
    lines = "".join(f"   <v> {x:16.8f} {y:16.8f} {z:16.8f} </v>\n" for x, y, z in rows)
    return f'  <varray name="{name}" >\n{lines}  </varray>\n'


def _atoms() -> str:
    rows = "    <rc><c>Na</c><c>   1</c></rc>\n" * (ATOMS // 2) + "    <rc><c>Cl</c><c>   2</c></rc>\n" * (ATOMS // 2)
    types = "".join(
        f"    <rc><c>  32</c><c>{symbol}</c><c> 22.9</c><c> 7.0</c><c>  PAW_PBE {symbol} 01Jan2000 </c></rc>\n"
        for symbol in ("Na", "Cl")
    )
    return (
        f' <atominfo>\n  <array name="atoms" >\n   <set>\n{rows}   </set>\n  </array>\n'
        f'  <array name="atomtypes" >\n   <set>\n{types}   </set>\n  </array>\n </atominfo>\n'
    )


def _step(random: np.random.Generator, eigenvalue_rows: int) -> str:
    rows = "".join(f"      <r> {-10 + 0.1 * (row % 200):9.4f}    1.0000 </r>\n" for row in range(eigenvalue_rows))
    electronic = (
        '  <scstep>\n   <energy>\n    <i name="e_fr_energy"> -200.10000000 </i>\n   </energy>\n  </scstep>\n' * 12
    )
    return (
        f" <calculation>\n{electronic}  <structure>\n   <crystal>\n{_vectors('basis', 11.4 * np.eye(3))}   </crystal>\n"
        f"{_vectors('positions', random.random((ATOMS, 3)))}  </structure>\n"
        f"{_vectors('forces', random.normal(size=(ATOMS, 3)))}{_vectors('stress', random.normal(size=(3, 3)))}"
        '  <energy>\n   <i name="e_fr_energy"> -200.10000000 </i>\n  </energy>\n'
        f"  <eigenvalues>\n   <array>\n    <set>\n{rows}    </set>\n   </array>\n  </eigenvalues>\n </calculation>\n"
    )


def _pieces(byte_count: int, eigenvalue_rows: int) -> Iterator[str]:
    """Yield the file piece by piece until it has `byte_count` bytes."""
    random = np.random.default_rng(1)
    yield HEAD + _atoms()
    written = 0
    while written < byte_count:
        step = _step(random, eigenvalue_rows)
        written += len(step)
        yield step
    yield "</modeling>\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=50.0)
    given = parser.parse_args()
    settings = get_settings().model_copy(update={"parser_seconds": 300.0})
    for kind, eigenvalue_rows in (("nearly all eigenvalues", 60_000), ("nearly all ionic steps", 0)):
        for thin in (False, True):
            if eigenvalue_rows and thin:
                continue
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "vasprun.xml"
                with path.open("w", encoding="ascii") as stream:
                    stream.writelines(_pieces(int(given.megabytes * 1e6), eigenvalue_rows))
                limits = settings.model_copy(update={} if thin else {"frames_max": 100_000, "atoms_max": 10_000_000})
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                start = time.perf_counter()
                found = read_upload_in_sandbox(
                    [path], limits, frames_file=Path(folder) / "frames.npz", options=ReadOptions(thin=thin)
                )
                seconds = time.perf_counter() - start
                usage = resource.getrusage(resource.RUSAGE_CHILDREN)
                processor = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
                frames = f"{len(found.frames):,} of {found.frames_found:,}" if thin else f"{len(found.frames):,}"
                print(
                    f"{path.stat().st_size / 1e6:5.1f} MB, {kind}: {frames} frames, {seconds:5.1f} s "
                    f"({processor:.1f} s of processor time), largest so far {usage.ru_maxrss * 1024 / 1e6:.0f} MB"
                )


if __name__ == "__main__":
    main()
