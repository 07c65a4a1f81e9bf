"""``/api/v1/uploads``: files go to disk piece by piece, never into memory as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Epilogue, File, MultipartDecoder, NeedData

from softdash.api.addresses import public_address
from softdash.api.messages import json_response, read_form
from softdash.api.operations import Answer, Header, operation
from softdash.diagnosis.records import ReadOptions, UploadRecord
from softdash.errors import InputError, NotFoundError, RefusalError, TooLargeError
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.settings import Settings

_FORM_OVERHEAD = 1_000_000
_DRAINED_TIMES = 4
_CHUNK = 1 << 20
_BEGINNING = 1 << 14
_NAME_LENGTH = 200


def uploads_blueprint(service: DiagnosisService, settings: Settings) -> Blueprint:
    """Return the routes of uploads."""
    routes = Blueprint("api_uploads", __name__)

    @routes.post("/uploads")
    @operation(
        "uploads",
        {201: Answer("What was understood.", UploadRecord, headers=(Header("Location", "Address of the upload."),))},
        form=ReadOptions,
        errors=(RefusalError,),
    )
    def add_upload() -> Response:
        """Read files (multipart form, any field names) and answer with what was understood."""
        with tempfile.TemporaryDirectory(dir=settings.incoming_dir) as folder:
            files, form = receive_files(Path(folder), settings)
            record = service.add_upload(files, read_form(ReadOptions, form))
        response = json_response(record, 201)
        response.headers["Location"] = f"{public_address(settings)}/api/v1/uploads/{record.id}"
        return response

    @routes.get("/uploads/<upload_id>")
    @operation("uploads", {200: Answer("What was understood.", UploadRecord)}, errors=(NotFoundError,))
    def upload(upload_id: str) -> Response:
        """Answer with what was understood of an upload."""
        return json_response(service.upload(upload_id))

    return routes


def receive_files(folder: Path, settings: Settings) -> tuple[list[IncomingFile], Mapping[str, str]]:
    """Write the files of the request into `folder`; return them and the form's other fields.

    Raises
    ------
    TooLargeError
        If they are larger together than the settings allow.
    InputError
        If there is no file, or there are too many.
    """
    limit = settings.upload_max_bytes + _FORM_OVERHEAD
    if request.mimetype != "multipart/form-data":
        raise InputError(
            "The request holds no files.", advice="Send them as multipart/form-data, as an HTML form or curl -F does."
        )
    if (request.content_length or 0) > limit:
        beginning = _drain(request.content_length or 0, _DRAINED_TIMES * limit)
        raise _too_large(settings, _first_file_name(beginning))

    def new_file(*_args: Any, **_named: Any) -> IO[bytes]:
        return tempfile.NamedTemporaryFile(dir=folder, delete=False)

    request.max_content_length = limit
    parser = FormDataParser(
        stream_factory=new_file,
        max_form_memory_size=_FORM_OVERHEAD,
        max_content_length=limit,
        max_form_parts=settings.upload_max_files + 20,
        silent=False,
    )
    try:
        _, form, received = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
    except RequestEntityTooLarge:
        raise _too_large(settings) from None
    except ValueError as error:
        raise InputError(f"The upload is not a complete form ({error}).", advice="Send it again.") from None
    files = [_close(file) for _, file in received.items(multi=True) if file.filename]
    if not files:
        raise InputError("The request holds no files.", advice="Choose at least one file.")
    if len(files) > settings.upload_max_files:
        raise InputError(
            f"These are {len(files)} files; {settings.upload_max_files} may come together.",
            advice="Put frames into one extended XYZ file.",
        )
    return files, form


def _close(file: FileStorage) -> IncomingFile:
    file.stream.close()
    return IncomingFile(_shown_name(file.filename), Path(str(file.stream.name)))


def _shown_name(given: str | None) -> str:
    return Path((given or "").replace("\\", "/")).name[-_NAME_LENGTH:] or "file"


def _drain(length: int, most: int) -> bytes:
    """Read the request's body away and return its first piece.

    A server that answers and hangs up while the browser is still sending is reported as "connection lost"; reading on
    lets the message through. Beyond `most` nobody is owed that.
    """
    stream, left, beginning = request.environ["wsgi.input"], min(length, most), b""
    while left > 0:
        chunk = stream.read(min(_CHUNK, left))
        if not chunk:
            break
        beginning = beginning or chunk[:_BEGINNING]
        left -= len(chunk)
    return beginning


def _first_file_name(beginning: bytes) -> str | None:
    """Return the name of the first file of a multipart form, of which only the beginning is known."""
    decoder = MultipartDecoder(request.mimetype_params.get("boundary", "").encode("latin-1", "replace"))
    decoder.receive_data(beginning)
    try:
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            if isinstance(event, File):
                return _shown_name(event.filename)
    except ValueError:
        return None
    return None


def _too_large(settings: Settings, where: str | None = None) -> TooLargeError:
    return TooLargeError(
        f"The upload is larger than {settings.upload_max_bytes / 1e6:g} MB.",
        where=where,
        advice="Send fewer frames, or compress the file (.gz).",
    )
