"""Files of a figshare article: what there is, where, how large, and with which MD5 sum."""

from __future__ import annotations

import json
import re
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from pydantic import BaseModel, TypeAdapter, ValidationError

from softdash.benchmarks.data.datasets import FigshareArticle
from softdash.errors import ReferenceDataError
from softdash.version import __version__

USER_AGENT = {"User-Agent": f"softdash/{__version__}"}
"""Some servers refuse the name that Python's library gives itself."""

_TIMEOUT_SECONDS = 30.0
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+-]*")


class FigshareFile(BaseModel):
    """One file of an article."""

    name: str
    size: int
    download_url: str
    computed_md5: str


def list_files(article: FigshareArticle) -> list[FigshareFile]:
    """Ask figshare for the wanted files of an article.

    Raises
    ------
    ReferenceDataError
        If figshare cannot be reached, answers otherwise than documented, or has no wanted file.
    """
    try:
        request = Request(article.listing, headers=USER_AGENT)  # noqa: S310, an address of our own
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            present = TypeAdapter(list[FigshareFile]).validate_python(json.loads(answer.read()))
    except (HTTPError, URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise ReferenceDataError(
            f"figshare cannot be asked for its files ({error}).",
            where=article.listing,
            advice="Try again later; or download the file with a browser and give it with --from.",
        ) from error
    except (ValueError, ValidationError) as error:
        raise ReferenceDataError(
            "figshare's list of files has another form than expected.",
            where=article.listing,
            advice="Download the file with a browser and give it with --from.",
        ) from error
    wanted = [one for one in present if one.name.lower().endswith(article.endings) and _SAFE_NAME.fullmatch(one.name)]
    if not wanted:
        raise ReferenceDataError(
            f"None of the article's files ends in {' or '.join(article.endings)}: "
            f"{', '.join(one.name for one in present) or 'there are none'}.",
            where=article.listing,
            advice="If one of them is the set, download it with a browser and give it with --from.",
        )
    return wanted
