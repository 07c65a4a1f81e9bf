"""``/report/<id>.png``: the picture that a link to a report shows in messages, 1200 × 630 pixels.

Drawn at its first request, rasterised by a short child process, and kept in the cache of figures: reports made before
there were pictures have one too, a new title gives a new one, and a deleted report leaves none behind.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, Response, request, send_file
from numpy.typing import NDArray

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.diagnosis.several_materials import by_slope
from softdash.errors import ConflictError, SoftdashError
from softdash.potentials.look import DASHES, SYMBOLS, look_of
from softdash.reports.link_picture import HEIGHT, WIDTH, link_picture
from softdash.reports.material_view import material_points
from softdash.settings import Settings
from softdash.version import __version__
from softdash.web.context import web_context
from softdash.web.parts.material_names import formula_text, subscripted, title_text
from softdash.web.parts.number_text import count_text
from softdash.web.parts.statistics_table import slope_text
from softdash.web.parts.viewed_report import viewed_report
from softdash.web.server.figure_cache import cached

PICTURE_WIDTH, PICTURE_HEIGHT = WIDTH, HEIGHT
DEFAULT_PICTURE = "app.png"
"""Of all other pages, and of reports without a result; in the folder of assets."""

_MOST_ROWS = 5
_MOST_POINTS = 1_500
_SECONDS = 25.0
# A thread of the server that waits here answers nobody else: softdash's own picture will do meanwhile.
_WAIT_SECONDS = 2.0
_FONTS = ("inter-latin.ttf", "inter-greek.ttf")
_one_at_a_time = threading.Lock()
_log = logging.getLogger(__name__)


def register_report_picture(server: Flask) -> None:
    """Add the route."""
    server.add_url_rule("/report/<report_id>.png", "report_picture", report_picture)


def report_picture(report_id: str) -> Response:
    """Answer with the picture of a report; softdash's own where the report has none (yet)."""
    context = web_context()
    try:
        viewed = viewed_report(context.service.report(report_id), request.args.get("material"))
        points = viewed.points(context.service.points(report_id))
        content = picture_content(viewed.shown, points, len(viewed.frames))
        drawn = cached(lambda: _drawn(content, context.settings), "report picture", __version__, json.dumps(content))
    except ConflictError:
        return _default_picture(context.settings)
    except SoftdashError as error:
        return Response(f"{error}\n", status=error.http_status, mimetype="text/plain")
    except (OSError, subprocess.SubprocessError):
        _log.exception("The picture of report %s could not be drawn.", report_id)
        return _default_picture(context.settings)
    response = Response(drawn, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=600"
    response.add_etag()
    response.make_conditional(request)  # changes the response in place
    return response


def picture_content(report: Report, points: ForcePoints, frame_count: int | None = None) -> dict[str, Any]:
    """Return what the picture shows, as `link_picture` takes it; `frame_count` is of all by default."""
    several = next((result for result in report.results if result.materials), None)
    if several is not None:
        return _several(report, several, points)
    computed = [result for result in report.results if result.statistics is not None]
    order = computed + [result for result in report.results if result.statistics is None]
    clouds = [_cloud(result, points) for result in computed[:_MOST_ROWS]]
    limit = _limit(clouds)
    more = len(order) - _MOST_ROWS
    verdicts = [result.verdict.headline for result in order if result.verdict is not None]
    return {
        "title": _title(report),
        "material": _material(report),
        "facts": _facts(report, frame_count),
        "verdict": verdicts[0] if verdicts else str((order[0].error or {}).get("message", "")),
        "rows": [{"label": one.potential.label, "value": _value(one), **_look(one)} for one in order[:_MOST_ROWS]],
        "more": f"and {more} more" if more > 0 else "",
        "limit": limit,
        "clouds": clouds,
    }


def _several(report: Report, first: PotentialResult, points: ForcePoints) -> dict[str, Any]:
    """Return the picture of several materials: those of the first potential, the softest first, told apart by marks."""
    known = by_slope(first.materials) or [(part, part.statistics) for part in first.materials if part.statistics]
    shown, clouds, rows = known[:_MOST_ROWS], [], []
    looks = [{"dash": dash, "symbol": symbol} for dash, symbol in zip(DASHES, SYMBOLS, strict=False)]
    for (part, statistics), mark in zip(shown, looks, strict=False):
        result = first.model_copy(update={"statistics": statistics})
        clouds.append(_cloud(result, material_points(points, part.frames)) | mark)
        value = slope_text(statistics.slope, statistics.slope_interval)
        rows.append({"label": subscripted(part.name), "value": value, **_look(first), **mark})
    more = len(first.materials) - len(shown)
    limit = _limit(clouds)
    return {
        "title": _title(report),
        "material": _material(report),
        "facts": f"{count_text(len(first.materials), 'material')} · {first.potential.label} · {_facts(report)}",
        "verdict": first.verdict.headline if first.verdict is not None else "",
        "rows": rows,
        "more": f"and {more} more" if more > 0 else "",
        "limit": limit,
        "clouds": clouds,
    }


def _limit(clouds: Sequence[Mapping[str, Any]]) -> float:
    reach = max((abs(value) for cloud in clouds for point in cloud["points"] for value in point), default=1.0)
    return 1.05 * (reach or 1.0)


def _title(report: Report) -> str:
    """Return the title; of one that softdash made, the material alone, as the potentials stand in their rows."""
    potentials = ", ".join(result.potential.label for result in report.results)
    return _material(report) if report.title.endswith(f" by {potentials}") else title_text(report.title)


def _facts(report: Report, frame_count: int | None = None) -> str:
    understood = report.understanding
    parts = [count_text(frame_count or len(understood.frames), "frame"), f"reference {understood.functional or 'DFT'}"]
    material = _material(report)
    return " · ".join(parts if _title(report) == material else [material, *parts])


def _material(report: Report) -> str:
    formulas = [formula_text(formula) for formula in report.understanding.formulas]
    # In the way of titles that softdash makes, cut to what a line holds.
    more = f" and {len(formulas) - 2} more" if len(formulas) > 2 else ""
    return f"{', '.join(formulas[:2])}{more}"


def _value(result: PotentialResult) -> str:
    statistics = result.statistics
    if statistics is None:
        return "no result"
    return "in doubt" if result.doubts else slope_text(statistics.slope, statistics.slope_interval)


def _look(result: PotentialResult) -> dict[str, str]:
    look = look_of(result.potential.name)
    return {"colour": look.colour, "dash": look.dash, "symbol": look.symbol}


def _cloud(result: PotentialResult, points: ForcePoints) -> dict[str, Any]:
    assert result.statistics is not None  # noqa: S101 - the caller chose those
    reference, predicted = points.reference.ravel(), points.predicted[result.potential.name].ravel()
    known = np.isfinite(predicted)
    drawn = _thinned(np.stack([reference[known], predicted[known]], axis=1))
    return {
        **_look(result),
        "slope": result.statistics.slope,
        "points": np.round(drawn, 3).tolist(),
    }


def _thinned(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return evenly chosen points, those of the largest reference forces among them."""
    if len(pairs) <= _MOST_POINTS:
        return pairs
    order = np.argsort(np.abs(pairs[:, 0]), kind="stable")
    chosen = order[np.linspace(0, len(pairs) - 1, _MOST_POINTS).astype(int)]
    found: NDArray[np.float64] = pairs[chosen]
    return found


def _fonts(settings: Settings) -> list[Path]:
    """Return paths of fonts: those of the pages, then one with many more characters, where matplotlib is installed."""
    paths = [settings.assets_dir.resolve() / "fonts" / name for name in _FONTS]
    found = importlib.util.find_spec("matplotlib")
    if found is not None and found.origin is not None:
        paths.append(Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf")
    return [path for path in paths if path.is_file()]


def _drawn(content: dict[str, Any], settings: Settings) -> bytes:
    return png(link_picture(content), _fonts(settings))


def png(svg: str, fonts: Sequence[Path]) -> bytes:
    """Return an SVG as PNG of the size of a link's picture, with these fonts alone.

    Raises
    ------
    OSError, subprocess.SubprocessError
        If the child fails, takes too long, or another picture is being made.
    """
    order = {"svg": svg, "fonts": [str(path) for path in fonts], "width": WIDTH, "height": HEIGHT}
    program = Path(__file__).with_name("picture_child.py")
    if not _one_at_a_time.acquire(timeout=_WAIT_SECONDS):
        raise TimeoutError("another picture is being drawn")
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the visitor's words go through its standard input
            [sys.executable, "-P", str(program)],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    finally:
        _one_at_a_time.release()
    if done.returncode:
        raise OSError(f"the drawing process ended with {done.returncode}: {done.stderr[-2000:].decode()}")
    return done.stdout


def _default_picture(settings: Settings) -> Response:
    response = send_file(settings.assets_dir.resolve() / DEFAULT_PICTURE, "image/png")
    response.headers["Cache-Control"] = "no-store"
    return response
