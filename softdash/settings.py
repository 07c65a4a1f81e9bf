"""Every setting and limit of softdash, each with a name and a sentence.

A setting is read from the environment with the prefix ``SOFTDASH_`` (``SOFTDASH_PORT=9000``). The table in
``docs/settings.md`` is generated from this class by ``softdash settings --markdown``.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

from annotated_types import Ge, Gt, Le
from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from softdash import installation
from softdash.errors import SettingError

_PREFIX = "SOFTDASH_"
# Read elsewhere: the server that commands ask, and what tests tell the programs that they start.
_NOT_SETTINGS = ("SOFTDASH_URL", "SOFTDASH_TEST_")


class Settings(BaseSettings):
    """All settings; see each field's description.

    Raises
    ------
    SettingError
        If a value cannot be used, or a variable with the prefix is no setting.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore")

    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8050, ge=1, le=65535, description="Port the web server listens on.")
    public_url: str | None = Field(
        None, description="Address that visitors see, used in share links; default: the address of the request."
    )
    web_threads: int = Field(8, ge=1, description="Requests that the web process answers at once.")

    state_dir: Path = Field(
        default_factory=installation.state_folder,
        description="Folder for the database, the queue, uploads and reports.",
        json_schema_extra={"default_is": "`var` in a checkout, else the user's data folder"},
    )
    data_dir: Path | None = Field(
        None,
        description="Folder with the reference data sets, beside those that `softdash data fetch` keeps in the cache.",
    )
    weights_dir: Path | None = Field(
        None,
        description="Local folder with potentials' weights; where unset, the caches of their libraries are used.",
    )
    download_weights: bool = Field(
        False,
        description="Whether a worker may fetch weights that are in no cache; has no effect with a weights folder.",
    )
    mace_models_dir: Path | None = Field(
        None,
        description="Folder with MACE models of the operator's own: NAME.model is offered as mace-local-NAME. They are "
        "pickles, which can carry programs: only files that the operator trusts.",
    )
    potentials_dir: Path | None = Field(
        None,
        description="Folder with cards of further potentials, one TOML file each, by which any ASE calculator is "
        "offered. They name code that workers run: only files of the operator's own.",
    )
    precomputed_dir: Path = Field(
        default_factory=installation.tables_folder,
        description="Folder with the benchmark results that the pages show.",
    )
    assets_dir: Path = Field(
        default_factory=lambda: installation.shipped("assets"),
        description="Folder with style sheets, scripts and icons.",
    )
    docs_dir: Path = Field(
        default_factory=lambda: installation.shipped("site"),
        description="Folder of the documentation that `make docs` built; where it is there, /docs/ shows it and every "
        "page links to it.",
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy address of the database; default: SQLite in the state folder."
    )

    upload_max_bytes: int = Field(
        100_000_000, ge=1, description="Largest upload, all files of one diagnosis together, in bytes."
    )
    upload_max_files: int = Field(20, ge=1, description="Most files in one upload.")
    decompressed_max_bytes: int = Field(
        500_000_000, ge=1, description="Largest size of a file after decompression, in bytes."
    )
    structure_file_max_bytes: int = Field(
        5_000_000, ge=1, description="Largest CIF, POSCAR or forces table after decompression, in bytes."
    )
    document_max_bytes: int = Field(
        30_000_000, ge=1, description="Largest JSON or YAML file after decompression, in bytes."
    )
    archive_max_files: int = Field(2_000, ge=1, description="Most files in an uploaded zip archive.")
    archive_max_ratio: float = Field(
        100.0, gt=1, description="A zip or gzip archive whose content is more than this many times larger is refused."
    )
    position_tolerance: float = Field(
        0.01,
        gt=0,
        description="Positions of one atom in two files (structure and forces) may differ by this, in Å; by it atoms "
        "are recognised when their order differs.",
    )
    frames_max: int = Field(1_000, ge=1, description="Most frames in one diagnosis.")
    atoms_per_frame_max: int = Field(2_000, ge=1, description="Most atoms in one frame.")
    atoms_max: int = Field(100_000, ge=1, description="Most atoms in one diagnosis, all frames together.")
    materials_max: int = Field(
        200, ge=1, description="Most materials in one diagnosis; each has findings of its own for each potential."
    )
    shortest_distance_refused: float = Field(
        0.3, gt=0, description="A frame with two atoms closer than this is refused, in Å."
    )
    force_max: float = Field(
        1_000.0, gt=0, description="A frame with a reference force component above this is refused, in eV/Å."
    )

    parser_seconds: float = Field(
        60.0, gt=0, description="Wall-clock and processor time that reading one upload may take, in seconds."
    )
    parsers_at_once: int = Field(2, ge=1, description="Uploads that are read at the same time; further ones wait.")
    parser_memory_bytes: int = Field(
        1_500_000_000, ge=100_000_000, description="Address space that the process reading an upload may use, in bytes."
    )

    torch_threads: int = Field(
        1, ge=1, description="Threads that one potential uses; one thread per process is fastest on shared cores."
    )
    batch_atoms: int = Field(
        40, ge=1, description="Atoms that a potential computes at once at most (a larger frame goes alone)."
    )
    worker_memory_bytes: int | None = Field(
        None,
        ge=1_000_000_000,
        description="Memory that one worker may hold, in bytes, so that too large a frame fails with a message, not "
        "with harm to others; default: half of the machine's or the container's.",
    )
    queue_capacity: int = Field(
        200, ge=1, description="Diagnoses that may wait at once; further ones are turned away with a message."
    )
    queue_poll_seconds: float = Field(
        0.1, gt=0, description="Longest pause between two looks of an idle worker into the queue, in seconds."
    )
    heartbeat_seconds: float = Field(2.0, gt=0, description="Pause between two heartbeats of a worker, in seconds.")
    worker_lost_seconds: float = Field(
        15.0, gt=0, description="A job whose worker gave no heartbeat for this long is taken from it, in seconds."
    )
    job_seconds: float = Field(
        1_800.0, gt=0, description="Longest time one potential may take for one diagnosis, or one sampling, in seconds."
    )
    job_attempts: int = Field(
        2, ge=1, description="Times a job is started before it ends as failed, when its worker dies."
    )
    report_days: int | None = Field(None, ge=1, description="Days after which a report is deleted; default: never.")

    sampling_atoms: int = Field(
        32, ge=1, description="A cell whose states are sampled is repeated while it has at most so many atoms."
    )
    sampling_temperature: float = Field(
        1_000.0, gt=0, description="Temperature at which states are sampled, in K, unless the visitor chooses another."
    )
    sampling_temperature_max: float = Field(5_000.0, gt=0, description="Highest temperature to choose, in K.")
    sampling_time_ps: float = Field(
        0.5,
        gt=0,
        description="Simulated time that the usual number of states is taken from, in ps, more or less for another "
        "number; the paper's is 20.",
    )
    sampling_time_max_ps: float = Field(5.0, gt=0, description="Longest simulated time to choose, in ps.")
    sampling_equilibration_ps: float = Field(0.2, ge=0, description="Simulated time before that, in ps.")
    sampling_frames: int = Field(
        5,
        ge=1,
        le=100,
        description="States that are sampled of a structure, unless the visitor chooses another number.",
    )
    sampling_frames_max: int = Field(20, ge=1, le=100, description="Most states to choose.")
    sampling_slice_seconds: float = Field(
        2.0, gt=0, description="Time after which a sampling lets waiting diagnoses go first, in seconds."
    )

    label_noise: float = Field(
        0.03,
        ge=0,
        description="Noise of reference forces that is assumed, in eV/Å. Frames whose forces are so small that it "
        "could lower the slope by more than 2 % are called too near equilibrium (root mean square below 0.21 eV/Å).",
    )
    answer_force_error: float = Field(
        0.2,
        gt=0,
        description="A potential is called good enough for forces, as it is or with one factor, while the "
        "whole 95 % interval of its relative force error (root mean square error over root mean square force) is not "
        "above this.",
    )
    answer_slope_error: float = Field(
        0.1,
        gt=0,
        description="A potential is called good enough as it is only while the softening scale, with its whole "
        "interval, differs from 1 by no more than this, and no element by more with its whole interval.",
    )
    ranked_items: int = Field(
        10,
        ge=1,
        le=100,
        description="Worst atoms, worst frames, outliers, and frames worth labelling that a report lists.",
    )

    cache_type: Literal["FileSystemCache", "RedisCache", "NullCache"] = Field(
        "FileSystemCache",
        description="Kind of flask-caching cache for drawn figures (FileSystemCache, RedisCache, NullCache).",
    )
    cache_seconds: int = Field(86_400, ge=1, description="Time that a drawn figure stays in the cache, in seconds.")
    parity_points_drawn: int = Field(
        4_000,
        ge=100,
        description="Points that a parity plot draws one by one; with more, a density map and those that lie alone.",
    )

    structure_atoms_drawn: int = Field(
        400,
        ge=1,
        description="Atoms that the picture of a structure shows; with more it shows those with the largest forces.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _say_which(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Check all, and name the variable where something is wrong."""
        _refuse_unknown_variables(cls.model_fields)
        try:
            return handler(data)
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            name = str(wrong["loc"][0])
            raise SettingError(
                f"'{wrong['input']}' is not {_allowed(cls.model_fields[name])}.", where=variable(name)
            ) from error

    @property
    def database_address(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{(self.state_dir / 'softdash.db').resolve()}"

    @property
    def incoming_dir(self) -> Path:
        """Folder of uploads that are being received and read."""
        return self.state_dir / "incoming"

    @property
    def samplings_dir(self) -> Path:
        """Folder of what interrupted samplings go on from."""
        return self.state_dir / "samplings"

    @property
    def files_dir(self) -> Path:
        """Folder of uploaded and computed files, named by their SHA-256."""
        return self.state_dir / "files"


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{_PREFIX}{name}".upper()


def _refuse_unknown_variables(fields: Iterable[str]) -> None:
    known = [variable(name) for name in fields]
    for name in sorted(os.environ):
        if not name.startswith(_PREFIX) or name in known or name.startswith(_NOT_SETTINGS):
            continue
        # The prefix, which all share, must not make names look alike.
        alike = difflib.get_close_matches(name.removeprefix(_PREFIX).lower(), fields, n=1)
        advice = f"Is {variable(alike[0])} meant?" if alike else "Correct its name, or unset it."
        raise SettingError("There is no setting of this name.", where=name, advice=advice)


def _allowed(field: FieldInfo) -> str:
    """Return in words what a field takes."""
    kinds = get_args(field.annotation) or (field.annotation,)
    if str in map(type, kinds):
        return f"one of {', '.join(kinds)}"
    if bool in kinds:
        return "true or false"
    lowest = next((limit for limit in field.metadata if isinstance(limit, Ge | Gt)), None)
    highest = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
    words = "a whole number" if int in kinds else "a number"
    if isinstance(lowest, Gt):
        words += f" above {lowest.gt}"
    elif lowest is not None:
        words += f" from {lowest.ge}" if highest is not None else f" of at least {lowest.ge}"
    return words if highest is None else f"{words} to {highest}"


@cache
def get_settings() -> Settings:
    """Return the settings of this process, read once from the environment."""
    return Settings()


def settings_for_tables() -> Settings:
    """Return the settings of a command that writes benchmark tables: never into an installed package."""
    settings = get_settings()
    if "precomputed_dir" in settings.model_fields_set or installation.is_checkout():
        return settings
    return settings.model_copy(update={"precomputed_dir": installation.writable_tables_folder()})


def settings_or_leave() -> Settings:
    """Return the settings of this process, or end it with status 2 and a sentence; for programs without commands."""
    try:
        return get_settings()
    except SettingError as error:
        sys.stderr.write(f"softdash: {error}\n")
        sys.exit(2)
