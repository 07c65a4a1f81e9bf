"""The documentation: it builds without a warning, asks no other server for anything, and names what exists."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import click
import pytest

from softdash.api.reference import api_markdown
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import FINE_TUNING
from softdash.cli import main
from softdash.diagnosis.correction import SMALLEST_GAIN, SMALLEST_R_SQUARED
from softdash.diagnosis.other_factors import OTHER_LABELS_TOLERANCE
from softdash.diagnosis.population import FEWEST_COMPOUNDS, LIKE_PRESSURE_GPA
from softdash.diagnosis.verdict import NEGLIGIBLE_BIAS, WIDEST_UNBIASED_INTERVAL
from softdash.potentials.functionals import HUBBARD_METALS
from softdash.settings import Settings
from softdash.softening import notices, other_labels, refusals
from softdash.softening.breakdowns import FEWEST_COMPONENTS_SHOWN
from softdash.softening.sample_size import HALF_WIDTH, reference_noise_bias
from softdash.softening.slopes import HUBER_TUNING

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
WRITER = runpy.run_path(str(ROOT / "scripts" / "write_doc_tables.py"))
NAMED = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
ELSEWHERE = re.compile(r"(https?:)?//")
LOADED_BY_STYLE = re.compile(r"(?:@import\s+|url\()['\"]?((?:https?:)?//[^'\")]+)")


class Links(HTMLParser):
    """Addresses that a page loads, and those that it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.linked.append(found.get("href", ""))
        elif tag == "link" and found.get("rel") not in {"canonical", "next", "prev"}:
            self.loaded.append(found.get("href", ""))
        else:
            self.loaded += [found[name] for name in ("src", "srcset", "data", "poster") if found.get(name)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_every_page_is_built_and_leads_to_what_is_there(site: Path) -> None:
    for source in DOCS.glob("*.md"):
        page = site / f"{source.stem}.html"
        links = Links(page.read_text(encoding="utf-8"))
        for address in [*links.linked, *links.loaded]:
            path = unquote(urldefrag(address)[0])
            if path and not re.match(r"(https?:|mailto:|data:)", path):
                assert (page.parent / path).exists(), f"{source.name} leads to {address}"


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.glob("*.html"))
    assert len(pages) > len(list(DOCS.glob("*.md")))  # and a page for what is not found
    for page in pages:
        assert [address for address in Links(page.read_text(encoding="utf-8")).loaded if ELSEWHERE.match(address)] == []
    for sheet in site.rglob("*.css"):
        assert LOADED_BY_STYLE.findall(sheet.read_text(encoding="utf-8")) == []


def test_the_reference_of_the_api_is_up_to_date() -> None:
    assert NAMED["api.md"] == api_markdown(), "run `make docs`"


def test_files_that_the_readme_names_are_there() -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", NAMED["README.md"])
    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []


def printed_commands() -> Iterator[tuple[str, str]]:
    """Each softdash command of a shell block: page and command, without comments and what stands before it."""
    for name, text in NAMED.items():
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            for line in block.splitlines():
                for part in re.split(r"\s*(?:&&|\|)\s*", line.partition("  #")[0].strip()):
                    found = re.match(r"(?:[A-Z_]+=\S+ )*(?:[\w./]*/)?(softdash .*)", part)
                    if found:
                        yield name, found[1]


@pytest.mark.parametrize(("page", "command"), list(printed_commands()))
def test_printed_commands_exist_with_their_options(page: str, command: str) -> None:
    words = shlex.split(command)[1:]
    here: click.Command = main
    while isinstance(here, click.Group) and words and not words[0].startswith("-"):
        below = here.get_command(click.Context(here), words.pop(0))
        assert below is not None, f"{page}: {command}"
        here = below
    known = {name for parameter in here.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    assert {word for word in words if re.match(r"--?[a-z]", word)} <= known, f"{page}: {command}"


def test_settings_that_are_named_exist() -> None:
    known = {f"SOFTDASH_{name.upper()}" for name in Settings.model_fields} | {
        "SOFTDASH_URL",
        "SOFTDASH_TEST_POSTGRESQL",
    }
    for name, text in NAMED.items():
        assert set(re.findall(r"SOFTDASH_[A-Z_]+[A-Z]", text)) <= known, name


@pytest.mark.parametrize("page", WRITER["TABLES"])
def test_tables_are_those_that_the_code_declares(page: str) -> None:
    """``python scripts/write_doc_tables.py`` writes them."""
    table = WRITER["TABLES"][page]()
    assert NAMED[page] == WRITER["with_table"](NAMED[page], table)
    assert table in NAMED[page]


METHODS = [
    f"b and s differ by more than {notices.INTERCEPT_SLOPE_DIFFERENCE:g}",
    f"tuning constant {HUBER_TUNING:g}",
    f"with its own interval; from {FEWEST_COMPONENTS_SHOWN} components",
    f"half width h = {HALF_WIDTH:g}",
    f"on forces of 1 eV/Å (rms) by {100 * reference_noise_bias(0.05, 1.0):.2g} %",
    f"of 0.3 eV/Å by {100 * reference_noise_bias(0.3, 1.0):.2g} %",
    f"(rms below {refusals.SMALLEST_REFERENCE_RMS:g} eV/Å)",
    f"fewer than {refusals.FEWEST_COMPONENTS} force components",
    f"sum to more than {notices.NET_FORCE_PER_ATOM:g} eV/Å per atom",
    f"with and without intercept differ by more than {notices.INTERCEPT_SLOPE_DIFFERENCE:g}",
    f"s and the Huber slope differ by more than {notices.HUBER_SLOPE_DIFFERENCE:g}",
    f"rms of the reference below {notices.near_equilibrium_rms():.2f} eV/Å",
    (
        f"noise of {notices.LABEL_NOISE:g} eV/Å would lower the slope by more than "
        f"{100 * notices.REFERENCE_NOISE_BIAS:g} %"
    ),
    ", ".join(sorted(HUBBARD_METALS)[:-1]),
    (
        f"one component has more than {100 * notices.HIGH_LEVERAGE:g} % of Σx², or one of three or more frames "
        f"more than {100 * notices.DOMINANT_FRAME:g} %"
    ),
    f"R² below {notices.LOW_R_SQUARED:g}",
    f"fewer than {notices.FEW_FRAMES}, or one",
    f"more than {notices.CURVATURE_EFFECT:g} between small forces",
    f"differ by more than {notices.ELEMENT_DIFFERENCE:g} with separate intervals",
]
READING = [
    f"Below {SMALLEST_R_SQUARED:g} softdash does not recommend a factor, and below {notices.LOW_R_SQUARED:g} the",
    f"R² is below {SMALLEST_R_SQUARED:g}, or c",
    f"more than {OTHER_LABELS_TOLERANCE:g} away from 1",
    f"With fewer than {FEWEST_COMPOUNDS} such compounds",
    f"by at most {LIKE_PRESSURE_GPA:g} GPa",
    f"below {notices.near_equilibrium_rms():.2f} eV/Å, for an assumed noise of {notices.LABEL_NOISE:g} eV/Å",
    f"could lower the slope by more than {100 * notices.NEAR_EQUILIBRIUM_BIAS:g} %",
    (
        f"lies within {1 - NEGLIGIBLE_BIAS:g} to {1 + NEGLIGIBLE_BIAS:g}, or holds 1 and is at most "
        f"±{WIDEST_UNBIASED_INTERVAL:g} wide"
    ),
    f"gain less than {100 * SMALLEST_GAIN:g} %",
    f"±{HALF_WIDTH:g}* tells",
    "at least four frames",
]
_DEFAULTS = {name: field.default for name, field in Settings.model_fields.items()}
DIAGNOSE = [
    f"above {_DEFAULTS['force_max']:g} eV/Å",
    f"closer than {_DEFAULTS['shortest_distance_refused']:g} Å",
    f"above {notices.near_equilibrium_rms():.1g} eV/Å (root mean square)",
]


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        *(("methods.md", sentence) for sentence in METHODS),
        *(("reading.md", sentence) for sentence in READING),
        *(("diagnose.md", sentence) for sentence in DIAGNOSE),
    ],
)
def test_numbers_are_those_of_the_code(page: str, sentence: str) -> None:
    assert other_labels.FEWEST_ENERGY_FRAMES == 4  # written as a word
    assert sentence in " ".join(NAMED[page].split())


@pytest.mark.parametrize("page", ["README.md", "index.md"])
def test_what_one_factor_brings_is_what_the_tables_show(page: str) -> None:
    """The factor of one frame in frames kept for a test, and 1/s over the high-energy states."""
    catalog, text = Catalog(Settings().precomputed_dir), " ".join(NAMED[page].split())
    tuned = catalog.table(FINE_TUNING).query("train_frames <= 1").set_index(["system", "method"])
    before, scaled = tuned.xs("pretrained", level="method"), tuned.xs("scalar", level="method")
    changes = 100 * (scaled["mae"] / before["mae"] - 1)
    factors = scaled["factor"].map("{:.2f}".format)
    for system, name in (("lif-8", "LiF"), ("lgps", "LGPS"), ("mo-54", "Mo")):
        assert scaled.loc[system, "factor"] > 1 > before.loc[system, "slope"]
        pattern = rf"−{-changes[system]:.0f} % for [a-zA-Z ]*{name} \((factor )?{re.escape(factors[system])}\)"
        assert re.search(pattern, text), pattern
    # Factors below one for forces that are too small: no repair, whatever the error does.
    for system in ("si-16", "si-64"):
        assert max(scaled.loc[system, "factor"], before.loc[system, "slope"]) < 1
    assert f"too small, it is {factors['si-64']} and makes the error {changes['si-64']:.0f} % larger" in text
    assert f"For quenched Si it is {factors['si-16']}: the error falls by {-changes['si-16']:.0f} %" in text
    slopes = [f"{side.loc['si-16', 'slope']:.2f}" for side in (before, scaled)]
    assert f"the slope goes from {slopes[0]} to {slopes[1]}" in text
    reductions = catalog.materials("mpf-TP", "chgnet-0.3.0")["error_reduction"]
    assert f"states of {len(reductions)} compounds (mpf-TP), dividing by" in text
    assert f"takes {100 * reductions.median():.1f} % off its mean error in the median" in text
    assert f"makes {100 * (reductions < 0).mean():.0f} % of them worse" in text
