"""Write constraints.txt: the exact versions installed in this environment, for reproducible installs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HEADER = (
    "# Exact versions that softdash is tested with; written by `make lock`. pip takes them with -c constraints.txt.\n"
)
NOT_OURS = re.compile(r"^(softdash|nvidia-.*-cu\d+|cuda-.*|triton|pip|setuptools|wheel)\b", re.IGNORECASE)


def main() -> None:
    """Freeze the environment, without softdash itself and without the parts of one build of torch."""
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--exclude-editable"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    pinned = []
    for line in frozen:
        name, _, version = line.partition("==")
        if " @ " in line:  # a package from a local file: keep its version only
            name = line.split(" @ ")[0]
            shown = subprocess.run(
                [sys.executable, "-m", "pip", "show", name], capture_output=True, text=True, check=True
            ).stdout
            version = re.findall(r"^Version: (\S+)", shown, re.MULTILINE)[0]
        if not NOT_OURS.match(name):
            pinned.append(f"{name}=={version.split('+')[0]}")
    Path("constraints.txt").write_text(HEADER + "\n".join(sorted(pinned, key=str.lower)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
