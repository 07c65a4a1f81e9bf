"""Uploaded files as byte streams: plain or gzip, never larger than a limit, never mistaken for text when binary."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from softdash.errors import InputError, TooLargeError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 1 << 16
_NEVER_A_BOMB = 10_000_000
_GZIP = b"\x1f\x8b"

_ORIGINAL = "Upload the file that the program wrote, under its own name."
_AS_TEXT = "Save it as plain text in UTF-8 (in an editor: Save as, encoding UTF-8) and upload that."
_UNPACKED = "Unpack it, and upload what is inside."
_BINARY_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a PNG picture", _ORIGINAL),
    (b"\xff\xd8\xff", "a JPEG picture", _ORIGINAL),
    (b"GIF8", "a GIF picture", _ORIGINAL),
    (b"%PDF", "a PDF document", _ORIGINAL),
    (b"PK\x03\x04", "a zip archive (or a document of an office program)", "Give an archive a name that ends in .zip."),
    (_GZIP, "compressed with gzip", "Give it a name that ends in .gz."),
    (b"BZh", "compressed with bzip2", _UNPACKED),
    (b"\xfd7zXZ", "compressed with xz", _UNPACKED),
    (b"\x89HDF", "an HDF5 file", _ORIGINAL),
    (b"\x93NUMPY", "an array of numpy", "Give it a name that ends in .npy."),
    (b"SQLite format 3", "a database", "If ASE wrote it, give it a name that ends in .db."),
    (b"- of Ulm", "an ASE trajectory", "Convert it to extended XYZ, in a terminal: ase convert run.traj run.extxyz"),
    (b"\xff\xfe", "text in the rare encoding UTF-16", _AS_TEXT),
    (b"\xfe\xff", "text in the rare encoding UTF-16", _AS_TEXT),
)


@dataclass
class SourceFile:
    """One uploaded file.

    Attributes
    ----------
    path : Path
        Where it lies.
    name : str
        The visitor's name for it, used in messages and to tell its format.
    max_bytes : int
        Most bytes it may hold after decompression.
    truncated : bool
        Set while reading when a gzip stream ends too early; what came before was delivered.
    """

    path: Path
    name: str
    max_bytes: int
    max_ratio: float = float("inf")
    truncated: bool = field(default=False, init=False)

    @contextmanager
    def open(self, max_bytes: int | None = None) -> Iterator[BinaryIO]:
        """Open the decompressed content, limited to `max_bytes` (default: the file's own limit).

        Raises
        ------
        InputError
            If the file is empty, or damaged as a gzip archive (also later, while it is read).
        TooLargeError
            While it is read, once more than `max_bytes` came.
        """
        if self.byte_count == 0:
            raise InputError(
                "The file is empty (0 bytes).", where=self.name, advice="Upload the file that the program wrote."
            )
        limit = self.max_bytes if max_bytes is None else min(max_bytes, self.max_bytes)
        with self._open_stored() as stored:
            inner = gzip.GzipFile(fileobj=stored) if self.is_gzip else stored
            yield io.BufferedReader(_CappedReader(self, inner, limit), _CHUNK)

    def _open_stored(self) -> BinaryIO:
        """Open the bytes as they were uploaded."""
        return self.path.open("rb")

    @property
    def byte_count(self) -> int:
        """Size as it was uploaded."""
        return self.path.stat().st_size

    @property
    def is_gzip(self) -> bool:
        """Whether the name says gzip."""
        return self.name.lower().endswith(".gz")

    @property
    def begins_as_gzip(self) -> bool:
        """Whether the content says gzip, as far as it can be read."""
        try:
            with self._open_stored() as stored:
                return stored.read(len(_GZIP)) == _GZIP
        except (OSError, zlib.error, zipfile.BadZipFile):
            return True

    def read_head(self, max_bytes: int) -> bytes:
        """Return the first `max_bytes` of the decompressed content, or all; errors as in `open`."""
        with self.open(None) as stream:
            return stream.read(max_bytes)

    def read_bytes(self, max_bytes: int) -> bytes:
        """Return the whole decompressed content; errors as in `open`, and for an archive that ends too early."""
        with self.open(max_bytes) as stream:
            content = stream.read()
        if self.truncated:
            raise InputError(
                "The compressed file ends too early.",
                where=self.name,
                advice="Copy or download it again from where it was made, and upload that.",
            )
        if not content.strip():
            raise InputError("The file holds nothing but blanks.", where=self.name, advice=_ORIGINAL)
        return content

    def read_text(self, max_bytes: int) -> str:
        """Return the whole content as text (UTF-8, else Latin-1); `InputError` when it is binary."""
        content = self.read_bytes(max_bytes)
        refuse_binary(content[:8192], self.name)
        return decode(content)


def decode(content: bytes) -> str:
    """Return text from UTF-8 (with or without a byte order mark) or else Latin-1, lines ended by line feeds."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse_binary(head: bytes, name: str) -> None:
    """Raise `InputError` when the first bytes of a file that should be text are not text."""
    if head.startswith(_GZIP) and name.lower().endswith(".gz"):
        raise InputError("It is compressed twice.", where=name, advice="Uncompress it once and upload that.")
    for signature, description, advice in _BINARY_SIGNATURES:
        if head.startswith(signature):
            raise InputError(f"By its name it is text, by its content {description}.", where=name, advice=advice)
    if b"\x00" in head:
        raise InputError("By its name it is text, by its content it is none.", where=name, advice=_ORIGINAL)


class _CappedReader(io.RawIOBase):
    """Raw stream that counts what it delivers and stops at a limit, and turns gzip's errors into ours."""

    def __init__(self, source: SourceFile, inner: BinaryIO | gzip.GzipFile, limit: int) -> None:
        self._source, self._inner, self._limit = source, inner, limit
        self._delivered = 0
        self._most_unpacked = max(_NEVER_A_BOMB, source.max_ratio * source.byte_count)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            # read() would drop what precedes an early end
            data = self._inner.read1(min(len(view), _CHUNK))  # type: ignore[union-attr]
        except EOFError:
            if self._delivered == 0:
                raise self._damaged(" (it ends too early)") from None
            self._source.truncated = True
            return 0
        except (OSError, zlib.error, zipfile.BadZipFile):
            raise self._damaged() from None
        self._delivered += len(data)
        if self._delivered > self._limit:
            unpacked = " after decompression" if self._source.is_gzip else ""
            raise TooLargeError(
                f"The file is larger than {megabytes(self._limit)}{unpacked}.",
                where=self._source.name,
                advice="Upload fewer frames, or only what is needed (structure, forces).",
            )
        if self._source.is_gzip and self._delivered > self._most_unpacked:
            raise TooLargeError(
                f"Unpacked, it is more than {self._source.max_ratio:g} times larger; no real data shrinks like this.",
                where=self._source.name,
                advice="Upload the file as the program wrote it.",
            )
        view[: len(data)] = data
        return len(data)

    def _damaged(self, how: str = "") -> InputError:
        name = self._source.name
        if self._source.is_gzip and not self._source.begins_as_gzip:
            what = "By its name it is compressed (.gz), by its content it is not."
            return InputError(what, where=name, advice="Take .gz off its name, or compress it with gzip.")
        kind = "compressed file" if self._source.is_gzip else "archive or file"
        advice = "Copy or download it again from where it was made, and upload that."
        return InputError(f"The {kind} is damaged{how}.", where=name, advice=advice)


def megabytes(byte_count: int) -> str:
    """Return a size for people: ``"500 MB"``."""
    return f"{byte_count / 1e6:.3g} MB"
