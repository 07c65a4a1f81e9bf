"""Names of uploads and diagnoses: part of addresses, and typed on the command line."""

from __future__ import annotations

import secrets

_BYTES = 16


def new_identifier() -> str:
    """Return a name that nobody can guess: 22 letters, digits, ``_`` and ``-``, the first of them no ``-``.

    A command line would take a name with ``-`` in front for an option: ``softdash report show -xY…``.
    """
    while (identifier := secrets.token_urlsafe(_BYTES)).startswith("-"):
        pass
    return identifier
