"""What a report rests on: the data used, versions and hashes, how to cite."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialIdentity, Report
from softdash.potentials.weights_files import hash_in_words
from softdash.reports.citation import PAPER_DOI, bibtex
from softdash.web.parts.material_names import formula_text
from softdash.web.parts.number_text import bytes_text, count_text
from softdash.web.parts.page_parts import Children, provenance, table_tools
from softdash.web.parts.understanding import understanding_part
from softdash.web.parts.viewed_report import ViewedReport

_FRAMES_SHOWN = 200


def data_part(report: Report, corrections: str | None = None) -> Component:
    """Return what was understood of the upload, and the list of frames.

    Parameters
    ----------
    report : Report
    corrections : str, optional
        Id of the store that takes corrections of the reading; without it nothing can be corrected.
    """
    frames = report.understanding.frames
    rows = [
        html.Tr(
            [
                html.Td(str(position), className="number"),
                html.Td(frame.origin),
                html.Td(formula_text(frame.formula)),
                html.Td(f"{frame.atom_count:,}", className="number"),
            ]
        )
        for position, frame in enumerate(frames[:_FRAMES_SHOWN], start=1)
    ]
    titles = (("Frame", "number"), ("Where from", ""), ("Formula", ""), ("Atoms", "number"))
    head = html.Tr([html.Th(title, className=kind, scope="col") for title, kind in titles])
    table = html.Table([html.Thead(head), html.Tbody(rows)], id="frames-used", className="data")
    more = f" (the first {_FRAMES_SHOWN} of {len(frames):,})" if len(frames) > _FRAMES_SHOWN else ""
    frames_used = html.Details(
        [
            html.Summary(f"List of the {count_text(len(frames), 'frame')} used{more}"),
            html.Div(table, className="table-scroll"),
            table_tools("frames-used", f"softdash-frames-{report.id[:8]}"),
        ],
        className="provenance no-print",
    )
    understood = understanding_part(report.understanding, report.files, report.results, corrections)
    return html.Section([html.H2("Data used", id="data-used"), understood, frames_used], className="report-data")


def versions_part(report: Report) -> Component:
    """Return versions, hashes and settings, enough to compute the report again."""
    facts: dict[str, Children | None] = {
        "Report": report.id,
        "Created": f"{report.created_at:%Y-%m-%d %H:%M} UTC",
        "softdash": report.softdash_version,
    }
    for result in report.results:
        facts[result.potential.label] = f"{_identity(result.potential)}; computed in {result.seconds:.2g} s"
    for file in report.files:
        facts[file.name] = f"{bytes_text(file.byte_count)}, SHA-256 {file.sha256}"
    facts["Forces"] = f"SHA-256 {report.points_sha256}"
    facts["Result"] = f"SHA-256 {report.result_sha256} (covers files, settings, versions and all numbers)"
    facts["Settings"] = ", ".join(f"{name} {value}" for name, value in report.settings.items())
    details = provenance(facts, summary="How to reproduce this report")
    details.open = True
    return html.Section([html.H2("Versions and hashes"), details], className="report-versions")


def _identity(identity: PotentialIdentity) -> str:
    return (
        f"weights {identity.version}, {hash_in_words(identity.weights_sha256)}; "
        f"{identity.package} {identity.package_version}; "
        f"functional {identity.functional}, training set: {identity.training_set}; licence {identity.licence}"
    )


def citation_part(viewed: ViewedReport) -> Component:
    """Return what to cite beside the report itself."""
    report = viewed.whole
    of_material = f"?{urlencode({'material': viewed.material})}" if viewed.material else ""
    citations = dict.fromkeys(filter(None, (result.potential.citation for result in report.results)))
    paper = (
        "B. Deng et al., Systematic softening in universal machine learning interatomic potentials, npj Comput. Mater. "
        "11, 9 (2025), "
    )
    return html.Section(
        [
            html.H2("How to cite"),
            html.P(["Definition of the softening scale: ", paper, *_links([f"doi:{PAPER_DOI}"]), "."]),
            html.P(["Potentials: ", *_links(list(citations)), "."]),
            html.P(f"This report: softdash {report.softdash_version}, result SHA-256 {report.result_sha256[:16]}…"),
            html.Div(
                [
                    html.Pre(bibtex(report), id="report-bibtex", tabIndex=0),
                    html.Button(
                        "Copy BibTeX",
                        type="button",
                        className="button small",
                        **{"data-copy-from": "report-bibtex"},
                    ),
                    " ",
                    html.Button(
                        "Copy code for an iframe",
                        type="button",
                        className="button small",
                        **{"data-copy-embed": f"{report.id}{of_material}"},
                    ),
                ],
                className="no-print",
            ),
        ],
        className="prose report-citation",
    )


def _links(citations: Sequence[str]) -> list[str | Component]:
    parts: list[str | Component] = []
    for position, citation in enumerate(citations):
        parts += [", "] if position else []
        is_doi = citation.startswith("doi:")
        parts.append(html.A(citation, href=f"https://doi.org/{citation.removeprefix('doi:')}") if is_doi else citation)
    return parts
