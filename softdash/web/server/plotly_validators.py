"""Plotly's rules for checking figures, kept as text: a fifth of the memory of the parsed form.

Plotly parses a table of ten thousand rules at the first figure and keeps it (9 MB); a server needs a few hundred of
them, each once, because plotly keeps the validators that it makes of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class RulesAsText:
    """Plotly's rules by name, each parsed when it is asked for.

    Parameters
    ----------
    text : str
        A JSON object of objects.

    Raises
    ------
    ValueError
        If it is none.
    """

    def __init__(self, text: str) -> None:
        lines = []
        decoder = json.JSONDecoder()
        position = _after(text, 0, "{")
        while text[position] != "}":
            name, position = decoder.raw_decode(text, position)
            start = _after(text, position, ":")
            rule, position = decoder.raw_decode(text, start)
            lines.append(f"\n{name}\t{json.dumps(rule, separators=(',', ':'))}".encode())
            position = _after_space(text, position)
            if text[position] == ",":
                position = _after_space(text, position + 1)
        self._count = len(lines)
        self._lines = b"".join(lines) + b"\n"

    def get(self, name: str, default: Any = None) -> Any:
        """Return a rule of its own, which the caller may change; `default` where there is none."""
        head = f"\n{name}\t".encode()
        # A search through 2 MB takes less than a millisecond, and plotly asks once for each rule.
        start = self._lines.find(head)
        if start < 0:
            return default
        start += len(head)
        return json.loads(self._lines[start : self._lines.index(b"\n", start)])

    def __len__(self) -> int:
        return self._count


def keep_rules_as_text() -> bool:
    """Give plotly its rules in the small form, unless it has them already or keeps them otherwise by now.

    Returns
    -------
    bool
        Whether plotly took them.
    """
    import plotly
    from plotly import validator_cache

    cache = getattr(validator_cache, "ValidatorCache", None)
    file = Path(plotly.__file__).parent / "validators" / "_validators.json"
    if cache is None or getattr(cache, "_json_cache", cache) is not None or not file.is_file():
        return False
    cache._json_cache = RulesAsText(file.read_text(encoding="utf-8"))
    return True


def _after(text: str, position: int, sign: str) -> int:
    position = _after_space(text, position)
    if text[position] != sign:
        raise ValueError(f"expected {sign} at {position}")
    return _after_space(text, position + 1)


def _after_space(text: str, position: int) -> int:
    while text[position].isspace():
        position += 1
    return position
