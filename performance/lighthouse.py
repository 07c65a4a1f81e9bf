"""Lighthouse scores of each page of a running server, as a phone and as a desktop.

Needs Node.js with Lighthouse (``npm install lighthouse``) and Chromium; no test needs them::

    python performance/lighthouse.py http://127.0.0.1:8050 --report REPORT_ID --lighthouse node_modules/.bin/lighthouse

Ends with an error where a page's accessibility is below `LOWEST_ACCESSIBILITY`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from page_budget import PAGES

LOWEST_ACCESSIBILITY = 0.95
CATEGORIES = ("accessibility", "best-practices", "seo", "performance")
_CHROMIUM_FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one page from 0 to 1 by category, and the accessibility audits that it does not pass."""

    by_category: dict[str, float | None]
    failed: tuple[str, ...]


def scores_of(answer: dict[str, Any]) -> Scores:
    """Read the scores from Lighthouse's JSON."""
    categories, audits = answer["categories"], answer["audits"]
    wanted = [reference["id"] for reference in categories["accessibility"]["auditRefs"] if reference["weight"]]
    failed = tuple(name for name in wanted if audits[name]["score"] is not None and audits[name]["score"] < 1)
    return Scores({name: categories[name]["score"] for name in CATEGORIES if name in categories}, failed)


def measure(lighthouse: str, address: str, form: str) -> Scores:
    """Run Lighthouse on one page.

    Parameters
    ----------
    lighthouse : str
        The command.
    address : str
    form : {"mobile", "desktop"}
    """
    command = [
        lighthouse,
        address,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={_CHROMIUM_FLAGS}",
        "--throttling-method=provided",
        *(["--preset=desktop"] if form == "desktop" else []),
    ]
    chromium = os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    environment = {**os.environ, **({"CHROME_PATH": chromium} if chromium else {})}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"Lighthouse could not load {address}:\n{done.stderr.strip()[-600:]}")
    return scores_of(json.loads(done.stdout))


def main() -> int:
    """Print a line per page and form; return 1 where accessibility is too low."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", help="address of a running server")
    parser.add_argument("--report", action="append", default=[], help="identifier of a report; several are compared")
    parser.add_argument("--sampling", help="identifier of a sampling")
    parser.add_argument("--page", action="append", help="only these pages")
    parser.add_argument("--form", action="append", choices=("mobile", "desktop"), help="default: both")
    parser.add_argument("--lighthouse", default="lighthouse", help="the command")
    asked = parser.parse_args()
    reports = [f"/report/{one}" for one in asked.report] + [f"/embed/{one}" for one in asked.report[:1]]
    compared = [f"/compare?ids={','.join(asked.report)}"] if len(asked.report) > 1 else []
    sampling = [f"/sampling/{asked.sampling}"] if asked.sampling else []
    too_low = 0
    for form in asked.form or ("mobile", "desktop"):
        print(f"{form:34s}" + "".join(f"{name:>16s}" for name in CATEGORIES))
        for path in asked.page or (*PAGES, "/compare", "/api", *reports, *compared, *sampling):
            found = measure(asked.lighthouse, asked.server.rstrip("/") + path, form)
            numbers = [found.by_category.get(name) for name in CATEGORIES]
            line = "".join(f"{'-' if number is None else f'{number:.2f}':>16s}" for number in numbers)
            print(f"{path[:33]:34s}{line}  {' '.join(found.failed)}", flush=True)
            too_low += (found.by_category["accessibility"] or 0) < LOWEST_ACCESSIBILITY
    return 1 if too_low else 0


if __name__ == "__main__":
    sys.exit(main())
