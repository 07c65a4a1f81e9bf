"""The sheets of an Excel workbook as rows of cells; formulas by the values that were saved with them."""

from __future__ import annotations

import io
import math
import zipfile
from typing import Any

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.readers.decompression import megabytes
from softdash.structures.readers.tables.table_text import DECIMAL_COMMA, TableText, TextRow

_CELLS_PER_ATOM = 30
_COLUMNS_MAX = 100
_SHEETS_MAX = 10
_UNPACKED_MAX = 50_000_000
_ADVICE = "Save the sheet as CSV and upload that."


def read_sheets(content: bytes, name: str, settings: Settings) -> dict[str, TableText]:
    """Return the visible sheets of a workbook that have cells, by their titles.

    Raises
    ------
    InputError
        If it is no workbook.
    TooLargeError
        If it unpacks to too much, or has too many cells.
    """
    _check_archive(content, name)
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets: dict[str, TableText] = {}
        left = settings.atoms_per_frame_max * _CELLS_PER_ATOM
        for sheet in workbook.worksheets[:_SHEETS_MAX]:
            if sheet.sheet_state != "visible":
                continue
            rows, used = _rows(sheet, left)
            left -= used
            if left < 0:
                raise TooLargeError(
                    f"It has more than {settings.atoms_per_frame_max * _CELLS_PER_ATOM:,} cells.",
                    where=name,
                    advice=_ADVICE,
                )
            if rows:
                sheets[str(sheet.title)] = TableText(tuple(rows), (), "\t")
        workbook.close()
    except TooLargeError:
        raise
    except Exception:  # openpyxl raises whatever a damaged workbook makes it meet
        raise InputError(
            "By its name it is an Excel workbook; it is none, or damaged.", where=name, advice=_ADVICE
        ) from None
    return sheets


def _check_archive(content: bytes, name: str) -> None:
    """Refuse what unpacks to too much, by the directory of the archive, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError(
            "By its name it is an Excel workbook; it is none, or damaged.", where=name, advice=_ADVICE
        ) from None
    if unpacked > _UNPACKED_MAX:
        raise TooLargeError(
            f"It unpacks to {megabytes(unpacked)}; a table of forces has at most {megabytes(_UNPACKED_MAX)}.",
            where=name,
            advice=_ADVICE,
        )


def _rows(sheet: Any, cells_left: int) -> tuple[list[TextRow], int]:
    rows: list[TextRow] = []
    used = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=_COLUMNS_MAX), start=1):
        cells = [_cell(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        used += len(cells) + 1
        if used > cells_left:
            return rows, used
        if any(cells):
            rows.append(TextRow(number, tuple(cells)))
    return rows, used


def _cell(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    text = str(value).strip()[:200].replace("−", "-").replace("\u00a0", " ").strip()
    return text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else text
