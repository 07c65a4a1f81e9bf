"""Write the fonts of link previews from those of the pages: as TrueType, and the advance widths of their characters.

    python -m pip install fonttools brotli && python scripts/write_picture_fonts.py

Pages use WOFF2, which rasterisers do not read. The widths tell `softdash.reports.text_width` where a line ends.
"""

from __future__ import annotations

import json
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "assets" / "fonts"
WEIGHTS = (400, 500, 600, 700)


def main() -> None:
    """Write ``assets/fonts/*.ttf`` and ``softdash/reports/inter_widths.json``."""
    widths: dict[str, dict[str, float]] = {str(weight): {} for weight in WEIGHTS}
    for subset in ("latin", "greek"):
        source = FONTS / f"inter-{subset}.woff2"
        font = TTFont(source)
        font.flavor = None
        font.save(source.with_suffix(".ttf"))
        for weight in WEIGHTS:
            one = instantiateVariableFont(TTFont(source), {"wght": weight})
            unit, metrics = one["head"].unitsPerEm, one["hmtx"]
            for code, glyph in one.getBestCmap().items():
                widths[str(weight)].setdefault(chr(code), round(metrics[glyph][0] / unit, 4))
    target = ROOT / "softdash" / "reports" / "inter_widths.json"
    target.write_text(json.dumps(widths, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
