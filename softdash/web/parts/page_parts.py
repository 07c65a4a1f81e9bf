"""Parts that every page is made of: heading, controls, figure with caption and downloads, the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import plotly.graph_objects as go
from dash import Output, dcc, html
from dash.development.base_component import Component

from softdash.web.parts.terms import explained
from softdash.web.theme import GRAPH_CONFIG

Children: TypeAlias = "str | Component | Sequence[str | Component]"


def page_header(title: str, lead: Children, *, eyebrow: str | None = None) -> html.Div:
    """Return the page's h1 with one paragraph below it."""
    children: list[Component] = [html.H1(title), html.P(lead, className="lead")]
    if eyebrow:
        children.insert(0, html.P(eyebrow, className="eyebrow"))
    return html.Div(children, className="page-header")


def field(label: str, control: Component, *, hint: str | None = None) -> html.Div:
    """Return a control under its label."""
    text = html.Span(label, className="field-label", title=hint) if hint else html.Span(label, className="field-label")
    return html.Div([text, control], className="field")


def provenance(facts: Mapping[str, Children | None], *, summary: str = "Source and versions") -> html.Details:
    """Return the details panel of a figure or table: data set, versions, hashes, how it was computed."""
    rows = [part for name, value in facts.items() if value for part in (html.Dt(name), html.Dd(value))]
    return html.Details([html.Summary(summary), html.Dl(rows)], className="provenance")


def figure_tools(graph_id: str, file_name: str, extra: Sequence[Component] = ()) -> html.Div:
    """Return the download buttons of a figure; the browser makes the files from what the figure shows."""
    return download_tools("figure", "data-download", {"data-graph": graph_id, "data-name": file_name}, extra)


def table_tools(table_id: str, file_name: str) -> html.Div:
    """Return the download buttons of an HTML table; the browser makes the files from its cells.

    Parameters
    ----------
    table_id : str
        Id of the ``html.Table``.
    file_name : str
        Stem of the downloaded files.

    See Also
    --------
    exact_number : what a cell needs to be downloaded with all digits.
    """
    return download_tools("table", "data-table-download", {"data-table": table_id, "data-name": file_name})


def download_tools(
    what: Literal["figure", "table"],
    attribute: str,
    attributes: Mapping[str, str] | None = None,
    extra: Sequence[Component] = (),
) -> html.Div:
    """Return a button for each kind of file that the browser makes of a figure or a table.

    Parameters
    ----------
    what : {"figure", "table"}
    attribute : str
        That holds the kind, by which a script finds the buttons.
    attributes : mapping of str to str, optional
        What else the script reads: what to take, and the name of the file.
    extra : sequence of Component
        Further links beside the buttons.
    """
    kinds = ("png", "svg", "csv", "json") if what == "figure" else ("csv", "json")
    buttons = [
        html.Button(
            kind.upper(),
            type="button",
            **{attribute: kind, **(attributes or {}), "aria-label": f"Download this {what} as {kind.upper()}"},
        )
        for kind in kinds
    ]
    return html.Div([html.Span("Download", className="muted"), *buttons, *extra], className="figure-tools no-print")


def exact_number(value: float, interval: tuple[float, float] | None = None) -> dict[str, str]:
    """Return the attributes of a table cell that give its number, and its interval, to downloads with all digits."""
    attributes = {"data-value": repr(float(value))}
    if interval is not None:
        attributes |= {"data-low": repr(float(interval[0])), "data-high": repr(float(interval[1]))}
    return attributes


def figure_card(
    graph_id: str,
    title: Children,
    caption: Children,
    *,
    file_name: str,
    figure: go.Figure | dict[str, Any] | None = None,
    height: int = 420,
    details: Component | None = None,
    title_id: str | None = None,
    caption_id: str | None = None,
    extra_tools: Sequence[Component] = (),
) -> html.Figure:
    """Return a figure with the finding as its title, its caption, details and downloads.

    Parameters
    ----------
    graph_id : str
        Id of the ``dcc.Graph``.
    title : str
        The finding, one sentence.
    caption : str or components
        What is drawn, n and source.
    file_name : str
        Stem of the downloaded files.
    figure : Figure, optional
        Default: filled by a callback.
    height : int
        Pixels.
    details : Component, optional
        See `provenance`.
    title_id, caption_id : str, optional
        Ids for callbacks that update them.
    extra_tools : sequence of Component
        Further links beside the downloads.
    """
    given: dict[str, Any] = {"figure": figure} if figure is not None else {}
    graph = dcc.Graph(
        id=graph_id,
        config=GRAPH_CONFIG,
        style={"height": f"{height}px"},
        responsive=True,
        **given,
    )
    return html.Figure(
        [
            html.H3(title, **({"id": title_id} if title_id else {})),
            graph,
            html.Figcaption(
                explained(caption) if isinstance(caption, str) else caption,
                **({"id": caption_id} if caption_id else {}),
            ),
            figure_tools(graph_id, file_name, extra_tools),
            *([details] if details is not None else []),
        ],
        className="figure-card",
    )


def card_to_fill(
    graph_id: str,
    title: Children,
    *,
    file_name: str,
    height: int,
    figure: dict[str, Any] | None = None,
    details: Component | None = None,
    extra_tools: Sequence[Component] = (),
) -> html.Figure:
    """Return a `figure_card` whose figure, title and caption a callback fills, by `card_outputs`."""
    return figure_card(
        graph_id,
        title,
        "",
        file_name=file_name,
        figure=figure,
        height=height,
        details=details,
        title_id=f"{graph_id}-title",
        caption_id=f"{graph_id}-caption",
        extra_tools=extra_tools,
    )


CARD_PARTS = ("figure", "title", "caption")
"""What a callback fills in a `card_to_fill`."""


def card_outputs(graph_id: str) -> dict[str, Output]:
    """Return the outputs of the callback that fills a `card_to_fill`, by `CARD_PARTS`."""
    outputs = (
        Output(graph_id, "figure"),
        Output(f"{graph_id}-title", "children"),
        Output(f"{graph_id}-caption", "children"),
    )
    return dict(zip(CARD_PARTS, outputs, strict=True))


def notice(children: Children, *, kind: str = "info") -> html.Div:
    """Return a framed message; `kind` is ``info``, ``warning`` or ``error``."""
    role = {"role": "alert"} if kind == "error" else {}
    return html.Div(children, className=f"notice {kind}", **role)


def empty_state(what: str, *ways_on: str | Component) -> html.Div:
    """Return what stands where there is nothing to show.

    Parameters
    ----------
    what : str
        Why there is nothing, one sentence.
    *ways_on : str or Component
        What to do about it, with a link to something that can be shown.
    """
    return html.Div([html.P(html.Strong(what)), html.P(list(ways_on))], className="empty")


def no_potential_chosen(address: str) -> html.Div:
    """Return the empty state of a benchmark page without a potential; `address` is the page's."""
    return empty_state(
        "No potential is chosen that has values here.",
        "Choose one above, or ",
        # A whole page load: Dash would take a link to the address that it first opened for no change.
        html.A("go back to the first view", href=address),
        ".",
    )


def caveats_section(texts: Sequence[str]) -> list[Component]:
    """Return the heading and the list with which the numbers of a benchmark page end."""
    return [html.H2("How to read these numbers"), html.Ul([html.Li(text) for text in texts], className="prose")]


def next_step(title: str = "How soft is it for your material?", text: str | None = None) -> html.Div:
    """Return the one obvious next step at the end of a benchmark page."""
    return html.Div(
        [
            html.Div(
                [
                    html.H2(title),
                    html.P(
                        text
                        or "One frame with DFT forces shows a first slope within seconds; a verdict takes several, far "
                        "from each other."
                    ),
                ]
            ),
            dcc.Link("Diagnose your material", href="/diagnose", className="button primary"),
        ],
        className="next-step no-print",
    )
