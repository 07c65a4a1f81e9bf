"""The list of files that harm other programs: each ends in a clear message, in seconds, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dangerous_files import DANGERS, gzip_bomb
from reading_processes import readers

from softdash.settings import Settings
from softdash.structures.upload.sandbox import read_upload_in_sandbox


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that exists only if a pickle was executed."""
    monkeypatch.setenv("SOFTDASH_TEST_CANARY", str(tmp_path / "canary"))
    return tmp_path / "canary"


@pytest.mark.parametrize("case", DANGERS)
def test_danger_ends_in_a_message(case: str, tmp_path: Path, canary: Path) -> None:
    danger = DANGERS[case]
    paths, names = [], []
    for index, (name, content) in enumerate(danger.files().items()):
        path = tmp_path / f"upload-{index}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
        names.append(name)
    before = readers()
    with pytest.raises(danger.error) as caught:
        read_upload_in_sandbox(paths, Settings(), names=names, frames_file=tmp_path / "frames.npz")
    message = str(caught.value)
    assert any(name in message for name in names), message
    assert any(word in message for word in danger.words.split("|")), message
    assert "Traceback" not in message
    assert "reader broke down" not in message
    assert readers() <= before
    assert not canary.exists()
    assert not (tmp_path / "frames.npz").exists()


# In an interpreter of its own: the largest child of this one may be a worker of another test, and a child's peak
# begins with its parent's.
_PEAK_OF_A_READER = """
import resource, sys
from pathlib import Path
from softdash.errors import TooLargeError
from softdash.settings import Settings
from softdash.structures.upload.sandbox import read_upload_in_sandbox
bomb = Path(sys.argv[1])
try:
    read_upload_in_sandbox([bomb], Settings(), names=["vasprun.xml.gz"], frames_file=bomb.with_name("frames.npz"))
except TooLargeError:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def test_bombs_stay_within_the_memory_limit(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzip_bomb(b" ", b"<modeling>"))
    done = subprocess.run(
        [sys.executable, "-c", _PEAK_OF_A_READER, str(bomb)], capture_output=True, text=True, check=True
    )
    assert 10_000_000 < int(done.stdout) < Settings().parser_memory_bytes
