"""The one look of sortable, filterable tables: AG Grid in the page's own colours, light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag

_THEME = (
    "themeQuartz.withParams({"
    "fontFamily: 'Inter, system-ui, sans-serif', fontSize: 14, headerFontSize: 13, headerFontWeight: 600, "
    "backgroundColor: 'var(--page)', foregroundColor: 'var(--ink)', textColor: 'var(--ink)', "
    "headerBackgroundColor: 'var(--page)', headerTextColor: 'var(--ink-soft)', borderColor: 'var(--line)', "
    "rowHoverColor: 'var(--surface)', selectedRowBackgroundColor: 'var(--accent-soft)', accentColor: 'var(--accent)', "
    "chromeBackgroundColor: 'var(--page)', menuBackgroundColor: 'var(--page)', tooltipBackgroundColor: 'var(--page)', "
    "inputBackgroundColor: 'var(--page)', inputTextColor: 'var(--ink)', inputBorder: '1px solid var(--line-strong)', "
    "wrapperBorder: false, columnBorder: false, wrapperBorderRadius: 0, spacing: 7})"
)


def text_column(field: str, heading: str, **extra: Any) -> dict[str, Any]:
    """Return a column of text with a text filter."""
    return {"field": field, "headerName": heading, "filter": "agTextColumnFilter", **extra}


def formula_column(field: str, heading: str, **extra: Any) -> dict[str, Any]:
    """Return a column of formulas, shown with subscript digits; its filter takes plain ones."""
    return text_column(field, heading, valueFormatter={"function": "subscripts(params.value)"}, **extra)


def number_column(field: str, heading: str, *, unit: str = "", decimals: int = 3, **extra: Any) -> dict[str, Any]:
    """Return a right-aligned column of numbers with its unit in the heading and a number filter."""
    return {
        "field": field,
        "headerName": f"{heading} ({unit})" if unit else heading,
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "valueFormatter": {"function": f"params.value == null ? '–' : d3.format('.{decimals}f')(params.value)"},
        **extra,
    }


def data_grid(
    grid_id: str | dict[str, str],
    columns: Sequence[Mapping[str, Any]],
    *,
    rows: Sequence[Mapping[str, Any]] = (),
    height: int = 460,
    row_id: str | None = None,
    **options: Any,
) -> dag.AgGrid:
    """Return a grid whose columns sort and filter in the browser.

    Parameters
    ----------
    grid_id : str or dict
    columns : sequence of column definitions
        See `text_column` and `number_column`.
    rows : sequence of mappings
    height : int
        Pixels.
    row_id : str, optional
        Field that names a row.
    **options
        Further grid options.
    """
    return dag.AgGrid(
        id=grid_id,
        columnDefs=[dict(column) for column in columns],
        rowData=[dict(row) for row in rows],
        defaultColDef={"sortable": True, "resizable": True, "floatingFilter": False, "minWidth": 90, "flex": 1},
        dashGridOptions={
            "theme": {"function": _THEME},
            "animateRows": False,
            "suppressCellFocus": False,
            "rowHeight": 36,
            "headerHeight": 40,
            "suppressDragLeaveHidesColumns": True,
            # By default the browser leaves a grid below the window out of drawing: columns get their widths, and cells
            # become visible, only when one scrolls there. Print, pictures and screen readers would meet an empty grid.
            "suppressContentVisibilityAuto": True,
            "localeText": {
                "noRowsToShow": "Nothing passes the filters above. Widen one to see rows here.",
                "noMatchingRows": "No row passes the filters of the columns. Clear one from its heading's menu.",
            },
            **options,
        },
        style={"height": f"{height}px", "width": "100%"},
        className="data-grid",
        **({"getRowId": f"params.data.{row_id}"} if row_id else {}),
    )
