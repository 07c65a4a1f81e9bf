"""What a message shows of a link to a report: title, words and picture, with the addresses that visitors know."""

from __future__ import annotations

import io
from html.parser import HTMLParser

import pytest
from dash import Dash
from diagnosed import add_copper, diagnose
from PIL import Image

from softdash.diagnosis.records import Report
from softdash.jobs.service import CreatedDiagnosis, DiagnosisService
from softdash.potentials.look import look_of
from softdash.web.context import web_context
from softdash.web.server import report_picture
from softdash.web.server.report_picture import picture_content

PUBLIC = "https://soft.example/lab"
HOSTILE = 'Copper "hot" <script>alert(1)</script> {%scripts%} & more'


@pytest.fixture(scope="module", autouse=True)
def _behind_a_proxy(app: Dash) -> None:
    web_context().settings.public_url = f"{PUBLIC}/"


@pytest.fixture(scope="module")
def created(service: DiagnosisService, tmp_path_factory: pytest.TempPathFactory) -> CreatedDiagnosis:
    return diagnose(service, web_context().settings, add_copper(service, tmp_path_factory.mktemp("copper")))


class Head(HTMLParser):
    """The ``<meta>`` tags of a page by property or name, its title, and all its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.title = ""
        self.scripts = 0
        self._is_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._is_title = tag == "title"
        self.scripts += tag == "script"
        if tag == "meta" and (name := found.get("property") or found.get("name")):
            assert name not in self.metas
            self.metas[name] = found.get("content") or ""

    def handle_endtag(self, tag: str) -> None:
        self._is_title = False

    def handle_data(self, data: str) -> None:
        self.title += data if self._is_title else ""


def head(app: Dash, path: str) -> Head:
    return Head(app.server.test_client().get(path).text)


def test_report_is_previewed_under_the_public_address(
    app: Dash, service: DiagnosisService, created: CreatedDiagnosis
) -> None:
    report_id = created.record.id
    usual_scripts = head(app, "/methods").scripts
    service.edit(report_id, created.delete_token, HOSTILE, "A note.")
    found = head(app, f"/report/{report_id}?plots=over")
    assert found.title == f"{HOSTILE} · softdash"
    assert found.metas["og:title"] == found.metas["twitter:title"] == found.title
    assert found.metas["og:url"] == f"{PUBLIC}/report/{report_id}?plots=over"
    assert found.metas["og:image"] == found.metas["twitter:image"] == f"{PUBLIC}/report/{report_id}.png"
    assert (found.metas["og:image:width"], found.metas["og:image:height"]) == ("1200", "630")
    assert found.metas["twitter:card"] == "summary_large_image"
    verdict = service.report(report_id).results[0].verdict
    assert verdict is not None
    assert found.metas["og:description"] == found.metas["description"] == f"{verdict.headline} A note."
    assert found.metas["robots"] == "noindex"
    assert found.scripts == usual_scripts


@pytest.mark.parametrize("path", ["/", "/methods", "/compare?ids=a%22%3E%3Cscript%3E", "/report/none", "/nowhere"])
def test_other_pages_show_the_picture_of_softdash(app: Dash, path: str) -> None:
    found = head(app, path)
    assert found.metas["og:image"] == f"{PUBLIC}/assets/app.png"
    assert found.metas["og:url"].startswith(f"{PUBLIC}/{path.split('?')[0].strip('/')}")
    assert found.metas["og:title"]
    assert found.metas.get("robots") == ("noindex" if path == "/report/none" else None)
    assert found.metas["og:description"]
    assert app.server.test_client().get("/assets/app.png").status_code == 200


def test_without_a_public_address_the_one_of_the_request_is_used(app: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_context().settings, "public_url", None)
    page = app.server.test_client().get("/methods", base_url="http://lab.example:8050")
    assert Head(page.text).metas["og:image"] == "http://lab.example:8050/assets/app.png"


def test_picture_of_a_report_is_drawn_once_and_anew_for_a_new_title(
    app: Dash, service: DiagnosisService, created: CreatedDiagnosis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = app.server.test_client(), f"/report/{created.record.id}.png"
    first = client.get(address)
    assert (first.status_code, first.mimetype) == (200, "image/png")
    image = Image.open(io.BytesIO(first.data)).convert("RGB")
    assert image.size == (1200, 630)
    colours = {colour for _, colour in image.getcolors(1 << 20) or []}
    red, green, blue = (int(look_of("emt").colour[place : place + 2], 16) for place in (1, 3, 5))
    assert (red, green, blue) in colours
    drawn: list[str] = []
    monkeypatch.setattr(report_picture, "_drawn", lambda content, _settings: drawn.append(content["title"]) or b"new")
    assert client.get(address).data == first.data
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    service.edit(created.record.id, created.delete_token, "Another", "")
    assert client.get(address).data == b"new"
    assert drawn == ["Another"]


def test_a_report_without_a_result_shows_the_picture_of_softdash(
    app: Dash, service: DiagnosisService, created: CreatedDiagnosis
) -> None:
    client = app.server.test_client()
    usual = client.get("/assets/app.png").data
    waiting = service.create(created.record.upload_id, ["emt"]).record
    assert head(app, f"/report/{waiting.id}").metas["og:image"] == f"{PUBLIC}/assets/app.png"
    answer = client.get(f"/report/{waiting.id}.png")
    assert (answer.data, answer.headers["Cache-Control"]) == (usual, "no-store")
    service.cancel(waiting.id)
    assert client.get("/report/none.png").status_code == 404


def test_picture_that_cannot_be_drawn_is_that_of_softdash(
    app: Dash, service: DiagnosisService, created: CreatedDiagnosis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = app.server.test_client(), f"/report/{created.record.id}.png"
    usual = client.get("/assets/app.png").data
    service.edit(created.record.id, created.delete_token, "Not drawn", "")
    monkeypatch.setattr(report_picture, "_WAIT_SECONDS", 0.01)
    with report_picture._one_at_a_time:  # another picture is being drawn
        assert client.get(address).data == usual
    monkeypatch.setattr(report_picture, "_SECONDS", 0.001)
    assert client.get(address).data == usual
    monkeypatch.undo()
    monkeypatch.setattr(report_picture, "link_picture", lambda _: "no picture")
    assert client.get(address).data == usual


def test_picture_says_what_failed_and_that_there_is_more(service: DiagnosisService, created: CreatedDiagnosis) -> None:
    report, points = service.report(created.record.id), service.points(created.record.id)
    (result,) = report.results
    failed = result.model_copy(update={"statistics": None, "verdict": None, "error": {"message": "It broke."}})

    def content(*results: object) -> dict[str, object]:
        shown: Report = report.model_copy(update={"results": results, "title": "Cu by Effective medium theory"})
        return picture_content(shown, points)

    only_failed = content(failed)
    assert (only_failed["verdict"], only_failed["clouds"]) == ("It broke.", [])
    many = content(*[failed, result] * 4)
    assert many["more"] == "and 3 more"
    rows = many["rows"]
    assert isinstance(rows, list)
    assert [row["value"] == "no result" for row in rows] == [False] * 4 + [True]
    assert content(result)["title"] == "Cu"
