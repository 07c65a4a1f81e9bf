"""What a column and a table are: types, units, ranges, and the check of a loaded table against them.

The form of `TableSchema.as_json` is the Table Schema of Frictionless Data (https://specs.frictionlessdata.io/table-schema/),
with a ``unit`` beside each field.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from softdash.errors import ReferenceDataError

ColumnType = Literal["string", "integer", "number", "boolean"]

# Nullable integers keep "no value" apart from zero; csv has no other way to write it than an empty cell.
_CSV_TYPES: dict[ColumnType, str] = {"string": "str", "integer": "Int64", "number": "float64", "boolean": "bool"}

# Potentials predict in single precision, which has seven digits: further ones would be noise that everyone downloads.
_NUMBER_FORMAT = "%.7g"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    name, description : str
    kind : {"string", "integer", "number", "boolean"}
    unit : str
        ``"eV/Å"``; empty for names and dimensionless numbers.
    required : bool
        Whether each row must have a value.
    minimum, maximum : float or None
        Inclusive range.
    choices : tuple of str
        The only values allowed; empty when any is.
    """

    name: str
    kind: ColumnType
    description: str
    unit: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the field's description as in a Frictionless table schema."""
        constraints: dict[str, Any] = {"required": self.required}
        if self.minimum is not None:
            constraints["minimum"] = self.minimum
        if self.maximum is not None:
            constraints["maximum"] = self.maximum
        if self.choices:
            constraints["enum"] = list(self.choices)
        field: dict[str, Any] = {"name": self.name, "type": self.kind, "description": self.description}
        if self.unit:
            field["unit"] = self.unit
        return {**field, "constraints": constraints}


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of one table, its key, and pairs of columns that must stand in order.

    Attributes
    ----------
    name : str
        For messages: ``"softening scales per material"``.
    columns : tuple of Column
    key : tuple of str
        Columns whose values together name one row; empty when rows may repeat.
    ordered : tuple of tuple of str
        Groups of columns with a ≤ b ≤ … in each row, where all have a value.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    ordered: tuple[tuple[str, ...], ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in the order they are written."""
        return [column.name for column in self.columns]

    def as_json(self) -> dict[str, Any]:
        """Return the schema in the form of a Frictionless table schema."""
        described: dict[str, Any] = {"fields": [column.as_json() for column in self.columns]}
        if self.key:
            described["primaryKey"] = list(self.key)
        return described

    def read_csv(self, path: Path) -> pd.DataFrame:
        """Read and check a csv table.

        Raises
        ------
        ReferenceDataError
            If the file is missing, cannot be parsed, or breaks the schema.
        """
        types = {column.name: _CSV_TYPES[column.kind] for column in self.columns}
        try:
            table = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""], encoding="utf-8")
        except FileNotFoundError:
            raise ReferenceDataError(f"The table of {self.name} is missing.", where=str(path)) from None
        except (ValueError, TypeError, OSError) as error:
            raise self._problem(f"it cannot be read ({error})", str(path)) from error
        return self.check(table, str(path))

    def write_csv(self, table: pd.DataFrame, path: Path) -> None:
        """Check a table and write it as csv, its columns in the schema's order, numbers to seven significant digits.

        The file is replaced at once, so a reader never sees half a table. A table without rows needs no columns.

        Raises
        ------
        ReferenceDataError
            If the table breaks the schema; nothing is written then.
        """
        checked = self.typed(table, str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        checked.to_csv(part, index=False, float_format=_NUMBER_FORMAT, encoding="utf-8", lineterminator="\n")
        part.replace(path)

    def typed(self, table: pd.DataFrame, where: str) -> pd.DataFrame:
        """Give rows that were collected one by one the schema's types, and check them.

        Raises
        ------
        ReferenceDataError
            If a value does not fit its type, or the table breaks the schema.
        """
        if table.empty:
            table = pd.DataFrame(columns=self.column_names)
        types = {column.name: _CSV_TYPES[column.kind] for column in self.columns if column.name in table.columns}
        try:
            table = table.astype(types)
        except (ValueError, TypeError) as error:
            raise self._problem(f"a value has the wrong type ({error})", where) from error
        return self.check(table, where)

    def check(self, table: pd.DataFrame, where: str) -> pd.DataFrame:
        """Check a table against the schema.

        Parameters
        ----------
        table : DataFrame
            Further columns are allowed and dropped, so that an older softdash reads a newer table. Columns that need no
            value may be missing, so that a newer softdash reads an older one; they come out empty.
        where : str
            The file's name, for messages.

        Returns
        -------
        DataFrame
            The schema's columns, in its order.

        Raises
        ------
        ReferenceDataError
            With the first thing that is wrong.
        """
        table = self._with_empty_columns(table)
        missing = [name for name in self.column_names if name not in table.columns]
        if missing:
            raise self._problem(f"it lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}", where)
        for column in self.columns:
            reason = _wrong_in_column(table[column.name], column)
            if reason:
                raise self._problem(reason, where)
        for group in self.ordered:
            values = table[list(group)].dropna().to_numpy(dtype=float)
            if (np.diff(values, axis=1) < 0).any():
                raise self._problem(f"its columns {', '.join(group)} are not in ascending order in each row", where)
        if self.key and table.duplicated(list(self.key)).any():
            row = table.loc[table.duplicated(list(self.key)), list(self.key)].iloc[0]
            raise self._problem(f"two rows stand for {', '.join(str(value) for value in row)}", where)
        return table[self.column_names]

    def _with_empty_columns(self, table: pd.DataFrame) -> pd.DataFrame:
        empty = {
            column.name: pd.Series(np.nan, index=table.index, dtype=_CSV_TYPES[column.kind])
            for column in self.columns
            if not column.required and column.kind != "boolean" and column.name not in table.columns
        }
        return table.assign(**empty) if empty else table

    def _problem(self, reason: str, where: str) -> ReferenceDataError:
        return ReferenceDataError(
            f"The table of {self.name} is damaged: {reason}.",
            where=where,
            advice="Restore the file from the repository, or compute it again with `softdash benchmark`.",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A csv table of ``precomputed/``.

    Attributes
    ----------
    path : str
        Relative to ``precomputed/``: ``"energies/surfaces.csv"``.
    schema : TableSchema
    is_optional : bool
        Whether it may be neither there nor described, as the table of a benchmark that was not run.
    """

    path: str
    schema: TableSchema
    is_optional: bool = True


def _wrong_in_column(values: pd.Series, column: Column) -> str | None:
    """Return what is wrong in one column, in words; None when all is well."""
    if not _has_type(values, column.kind):
        return f"its column {column.name} should hold values of type {column.kind}, not {values.dtype}"
    if column.required and values.isna().any():
        return f"its column {column.name} has an empty cell (row {int(values.isna().to_numpy().argmax()) + 1})"
    present = values.dropna()
    if column.choices and not present.isin(column.choices).all():
        odd = present[~present.isin(column.choices)].iloc[0]
        return f"its column {column.name} holds {odd!r}, which is none of {', '.join(column.choices)}"
    if column.kind not in ("integer", "number") or present.empty:
        return None
    numbers = present.to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        return f"its column {column.name} holds a number that is not finite"
    if column.minimum is not None and numbers.min() < column.minimum:
        return f"its column {column.name} holds {numbers.min():g}, below {column.minimum:g}"
    if column.maximum is not None and numbers.max() > column.maximum:
        return f"its column {column.name} holds {numbers.max():g}, above {column.maximum:g}"
    return None


def _has_type(values: pd.Series, kind: ColumnType) -> bool:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.categories.to_series()
    tests = pd.api.types
    if kind == "boolean":
        return bool(tests.is_bool_dtype(values))
    if kind == "integer":
        return bool(tests.is_integer_dtype(values))
    if kind == "number":
        return bool(tests.is_numeric_dtype(values)) and not tests.is_bool_dtype(values)
    return bool(tests.is_string_dtype(values)) or bool(values.empty)
