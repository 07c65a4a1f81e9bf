"""Queue entries are signed, and only jobs come out."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from softdash.jobs.queues import JobQueues
from softdash.settings import Settings


def test_an_entry_reaches_the_worker_s_function(tmp_path: Path) -> None:
    settings, seen = Settings(state_dir=tmp_path), []
    JobQueues(settings).put("classical", 7)
    huey = JobQueues(settings, seen.append).huey("classical")
    huey.execute(huey.dequeue())
    assert seen == [7]


def test_queues_are_apart(tmp_path: Path) -> None:
    queues = JobQueues(Settings(state_dir=tmp_path))
    queues.put("classical", 1)
    queues.put("chgnet", 2)
    assert (queues.waiting("classical"), queues.waiting("chgnet")) == ({1}, {2})


class _Harmful:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.marker,)  # type: ignore[return-value]


def test_a_forged_entry_is_refused_before_it_is_unpickled(tmp_path: Path) -> None:
    queues, marker = JobQueues(Settings(state_dir=tmp_path)), tmp_path / "harm done"
    huey = queues.huey("classical")
    forged = pickle.dumps(_Harmful(marker))
    pickle.loads(forged)  # noqa: S301 - our own
    assert marker.exists()  # the forgery would work
    marker.unlink()
    huey.storage.enqueue(forged + b":" + b"0" * 40)
    with pytest.raises(ValueError, match="mismatch"):
        huey.dequeue()
    assert not marker.exists()


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    JobQueues(settings).put("classical", 1)
    secret = tmp_path / "queue-secret"
    first = secret.read_text()
    JobQueues(settings).put("classical", 2)
    assert secret.read_text() == first
    assert secret.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["../outside", "", "a b", "x" * 81])
def test_a_queue_s_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="queue's name"):
        JobQueues(Settings(state_dir=tmp_path)).put(name, 1)
