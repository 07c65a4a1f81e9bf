"""The file `gradient` of Turbomole and xtb: for each cycle coordinates (bohr) and gradients (Ha/bohr)."""

from __future__ import annotations

from softdash.structures.readers.numbers_in_text import element_in, is_number_word
from softdash.structures.readers.tables.pasted_blocks import Block, Program

_PROGRAM = Program("Turbomole", ("$grad",), "", "Ha/bohr", is_gradient=True, length_unit="bohr")


def gradient_blocks(text: str) -> list[Block]:
    """Return one block per cycle; empty if the text is no such file."""
    if "$grad" not in text:
        return []
    blocks: list[Block] = []
    is_inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if line.startswith("$"):
            is_inside = line.startswith("$grad")
        elif is_inside and words[:1] == ["cycle"]:
            blocks.append(Block(_PROGRAM, _PROGRAM.unit, True))
        elif is_inside and blocks and len(words) in (3, 4) and all(map(is_number_word, words[:3])):
            block = blocks[-1]
            if len(words) == 4 and element_in(words[3]) is not None:
                block.positions.append((words[0], words[1], words[2]))
                block.elements.append(words[3])
            elif len(words) == 3:
                block.forces.append((words[0], words[1], words[2]))
                block.lines.append(number)
    return [block for block in blocks if block.forces and len(block.forces) == len(block.positions)]
