"""The frame around every page: header with navigation, colour scheme, footer, and the view state in the address."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from softdash.version import __version__
from softdash.web.pages import menu
from softdash.web.parts.terms import definition_list
from softdash.web.server.documentation import DOCUMENTATION

INDEX = """<!DOCTYPE html>
<html lang="en" data-mantine-color-scheme="light">
  <head>
    {%metas%}
    <meta name="color-scheme" content="light dark">
    <title>{%title%}</title>
    {%favicon%}
    <link rel="preload" href="/assets/fonts/inter-latin.woff2" as="font" type="font/woff2" crossorigin>
    <script>
      (function () {
        var stored = localStorage.getItem("softdash-theme");
        var dark = stored ? stored === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
        document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
        if (!localStorage.getItem("softdash-tour")) document.documentElement.setAttribute("data-newcomer", "");
      })();
    </script>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <noscript><main><h1>softdash</h1><p>The figures need JavaScript. Reports can be read without it: add
    <code>.html</code>, <code>.json</code> or <code>.csv</code> to a report's address.</p></main></noscript>
    <div>{%config%}{%scripts%}{%renderer%}</div>
  </body>
</html>
"""

_MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z"
_SUN = (
    "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8"
    "M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8"
)


def _icon(path: str, class_name: str) -> html.Span:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23808590' "
        f"stroke-width='1.8' stroke-linecap='round' stroke-linejoin='round'><path d='{path}'/></svg>"
    )
    return html.Span(
        className=class_name,
        style={"width": "18px", "height": "18px", "backgroundImage": f'url("data:image/svg+xml,{svg}")'},
    )


def _theme_button() -> html.Button:
    return html.Button(
        [_icon(_MOON, "icon when-light"), _icon(_SUN, "icon when-dark")],
        id="theme-button",
        className="icon-button",
        title="Switch between light and dark",
        **{"aria-label": "Switch between light and dark"},
    )


def _benchmarks_menu() -> html.Details:
    """Return the menu: a disclosure, so that keyboard, touch and screen readers work by themselves."""
    links = [html.Li(dcc.Link([html.Span(entry.name), html.Small(entry.figures)], href=entry.href)) for entry in menu()]
    return html.Details([html.Summary("Benchmarks"), html.Ul(links)], className="nav-menu")


def _header(icon: str) -> html.Header:
    links = [dcc.Link("Overview", href="/"), _benchmarks_menu(), dcc.Link("Methods", href="/methods")]
    action = dcc.Link("Diagnose your material", href="/diagnose", className="nav-action")
    return html.Header(
        html.Div(
            [
                dcc.Link(
                    [html.Img(src=icon, alt="", width=26, height=26), "softdash"],
                    href="/",
                    className="wordmark",
                ),
                html.Nav([*links, action], className="site-nav", **{"aria-label": "Pages"}),
                _theme_button(),
            ],
            className="site-header-inner",
        ),
        className="site-header",
    )


def _footer(*, has_docs: bool) -> html.Footer:
    documentation: list[str | Component] = []
    if has_docs:
        claims = html.A("What a slope can and cannot tell", href=f"{DOCUMENTATION}what-a-slope-tells.html")
        documentation = [" · ", html.A("Documentation", href=DOCUMENTATION), " · ", claims]
    return html.Footer(
        html.Div(
            [
                html.P(
                    [
                        "softdash ",
                        __version__,
                        " · definitions after Deng et al., ",
                        html.A("npj Comput. Mater. 11, 9 (2025)", href="https://doi.org/10.1038/s41524-024-01500-6"),
                        ".",
                    ]
                ),
                html.P(
                    [
                        html.Button("Tour", type="button", className="text-button", **{"data-tour": "start"}),
                        " · ",
                        dcc.Link("How the numbers are made", href="/methods"),
                        " · ",
                        html.A("API", href="/api"),
                        *documentation,
                    ]
                ),
            ],
            className="site-footer-inner",
        ),
        className="site-footer",
    )


def layout(icon: str, *, has_docs: bool = False) -> Component:
    """Return the frame; pages come into ``dash.page_container``.

    Parameters
    ----------
    icon : str
        Address of the mark beside the name.
    has_docs : bool
        Whether this server shows the documentation, too.
    """
    return dmc.MantineProvider(
        [
            html.A("Skip to content", href="#content", className="skip-link"),
            dcc.Store(id="theme"),
            _header(icon),
            html.Main(dash.page_container, id="content", tabIndex=-1),
            _footer(has_docs=has_docs),
            definition_list(),
            html.Div(id="view-written", hidden=True),
            html.Div(id="navigation-marked", hidden=True),
        ],
        id="provider",
        defaultColorScheme="auto",
        theme={
            "primaryColor": "indigo",
            "fontFamily": "Inter, system-ui, sans-serif",
            "headings": {"fontFamily": "Inter, system-ui, sans-serif"},
            "defaultRadius": "md",
            "respectReducedMotion": True,
        },
    )


def register_shell(app: Dash) -> None:
    """Add the callbacks of the frame; all run in the browser."""
    app.clientside_callback(
        ClientsideFunction("softdash", "theme"),
        Output("provider", "forceColorScheme"),
        Output("theme", "data"),
        Input("theme-button", "n_clicks"),
    )
    app.clientside_callback(
        ClientsideFunction("softdash", "navigation"),
        Output("navigation-marked", "children"),
        Input(dash.dash._ID_LOCATION, "pathname"),
    )
    app.clientside_callback(
        ClientsideFunction("softdash", "view"),
        Output("view-written", "children"),
        Input({"type": "view", "key": ALL}, "value"),
        State({"type": "view", "key": ALL}, "id"),
        State({"type": "view-defaults", "key": ALL}, "data"),
    )
