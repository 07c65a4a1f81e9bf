"""Idempotency keys: who repeats a creation under the same key, after a lost answer, gets the same diagnosis.

Neither the key nor the delete token is kept. The key is known by its hash; the token of a creation with a key is an
HMAC under that key, so that the repeated answer has it again and a copy of the database gives it to nobody. A key is
therefore as good as a password, and has to be as long as one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from softdash.errors import ConflictError, InputError
from softdash.jobs.tables import DiagnosisRow

KEY_LENGTH_MIN, KEY_LENGTH_MAX = 16, 200
_KEY = re.compile(rf"[\x21-\x7e]{{{KEY_LENGTH_MIN},{KEY_LENGTH_MAX}}}")
_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class CreationKey:
    """A client's key, and what it wants created.

    Parameters
    ----------
    key : str
    request_sha256 : str
        Hash of what is wanted.
    """

    key: str
    request_sha256: str

    @property
    def sha256(self) -> str:
        """Hash under which the key is kept."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    def delete_token(self, diagnosis_id: str) -> str:
        """Return the token that deletes the diagnosis created under this key."""
        digest = hmac.digest(self.key.encode(), f"softdash delete token of {diagnosis_id}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).rstrip(b"=").decode()

    def created(self, session: Session) -> str | None:
        """Return the identifier of the diagnosis that was created under this key, if one was.

        Raises
        ------
        ConflictError
            If the key was used for another request.
        """
        known = session.scalar(select(DiagnosisRow).where(DiagnosisRow.creation_key_sha256 == self.sha256))
        if known is None:
            return None
        if known.creation_request_sha256 != self.request_sha256:
            raise ConflictError(
                "This idempotency key was used for another request.",
                where="Idempotency-Key",
                advice="Make a new key for each diagnosis; send the same key only to repeat the same request.",
            )
        return known.id


def creation_key(key: str, upload_id: str, potentials: Sequence[str], title: str | None) -> CreationKey:
    """Return a checked key.

    Raises
    ------
    InputError
        If it is too short, too long, or has other characters than printable ASCII.
    """
    if not _KEY.fullmatch(key):
        raise InputError(
            f"An idempotency key has {KEY_LENGTH_MIN} to {KEY_LENGTH_MAX} printable ASCII characters without spaces.",
            where="Idempotency-Key",
            advice="Use a random UUID.",
        )
    wanted = json.dumps([upload_id, list(potentials), title])
    return CreationKey(key, hashlib.sha256(wanted.encode()).hexdigest())
