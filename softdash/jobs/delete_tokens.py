"""The tokens by which the owner of a diagnosis or a sampling is known: handed out once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from softdash.errors import ForbiddenError


def new_token() -> str:
    """Return a new token."""
    return secrets.token_urlsafe(16)


def token_sha256(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_token(token: str, expected_sha256: str | None, where: str, what: str) -> None:
    """Compare a token with the hash of the right one.

    Parameters
    ----------
    token : str
    expected_sha256 : str or None
        None where no token was ever handed out.
    where : str
        Identifier of what it belongs to.
    what : str
        ``"diagnosis"`` or ``"sampling"``, for the message.

    Raises
    ------
    ForbiddenError
        If it is another one.
    """
    if not hmac.compare_digest(expected_sha256 or "", token_sha256(token)):
        raise ForbiddenError(
            f"This is not the delete token of this {what}.",
            where=where,
            advice=f"The token was shown once, when the {what} was created.",
        )
