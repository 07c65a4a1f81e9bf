"""Old addresses of tables lead to the API's; queries that mean nothing lead where they always did."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from softening_sample import write_softening_sample

from softdash.settings import Settings
from softdash.web import create_app

SIDES = {"dataset": ["mpf-TP"], "potential": ["chgnet-0.3.0"]}
COMPARED = "/api/v1/compared"
FILTERS = (
    "data=mptrj-1k,mpf-TP&potentials=chgnet-r2scan&elements=Li,O&pressure_min=-2.5&pressure_max=9&rms_min=1e-3"
    "&rms_max=0.123456789&r2=0.5&slope=0.85,0.9"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = write_softening_sample(tmp_path_factory.mktemp("precomputed"))
    app = create_app(Settings(state_dir=tmp_path_factory.mktemp("state"), precomputed_dir=folder))
    return app.server.test_client()


@pytest.mark.parametrize(
    ("old", "path", "query"),
    [
        ("softening.csv", f"{COMPARED}/materials.csv", SIDES),
        ("softening.json?data=nowhere&potentials=,&r2=high&slope=2", f"{COMPARED}/materials.json", SIDES),
        (
            f"softening.csv?{FILTERS}",
            f"{COMPARED}/materials.csv",
            {
                "dataset": ["mptrj-1k", "mpf-TP"],
                "potential": ["chgnet-r2scan"],
                "with_element": ["Li", "O"],
                "pressure_min": ["-2.5"],
                "pressure_max": ["9.0"],
                "rms_min": ["0.001"],
                "rms_max": ["0.123456789"],
                "r2_min": ["0.5"],
                "slope_min": ["0.85"],
                "slope_max": ["0.9"],
            },
        ),
        ("failures.csv?elements=Li", "/api/v1/catalog/high_energy-failures.csv", SIDES),
        ("failures.json", "/api/v1/catalog/high_energy-failures.json", SIDES),
        ("parity.csv?material=m0", f"{COMPARED}/forces.csv", {"material": ["m0"], **SIDES}),
        ("potential-medians.csv", f"{COMPARED}/medians.csv", {}),
        ("potential-medians.json", f"{COMPARED}/medians.json", {}),
        ("phonon-bands.csv?material=mp-149", "/api/v1/catalog/phonon-bands/mp-149.csv", {}),
        ("phonon-max-frequencies.json", "/api/v1/catalog/phonons-max_frequencies.json", {}),
        ("tables/energies/surfaces.json", "/api/v1/catalog/energies-surfaces.json", {}),
    ],
)
def test_each_leads_to_its_twin(client: FlaskClient, old: str, path: str, query: dict[str, list[str]]) -> None:
    answer = client.get(f"/download/{old}")
    assert answer.status_code == 308
    there = urlsplit(answer.headers["Location"])
    assert (there.path, parse_qs(there.query)) == (path, query)
    if path.startswith(COMPARED) or "failures" in path:  # tables of the sample
        assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "path", ["nonsense.csv", "parity.csv", "parity.csv?material=", "phonon-bands.csv", "softening.xlsx", "softening"]
)
def test_what_was_never_there_is_404_in_the_one_shape(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/download/{path}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")
