# SPDX-License-Identifier: MIT
"""What each symbolizer says of an address: a list of frames (function, file, line), innermost first.

What is not known is "??" and 0.  Files are kept as they are printed; `plain` makes two spellings of
one path comparable.
"""

import os
import re
from collections import namedtuple

Frame = namedtuple("Frame", "function file line")
Die = namedtuple("Die", "tag offset low high origin_unit call_file call_line linkage name around")
Row = namedtuple("Row", "unit file line is_stmt start end")

UNKNOWN = "??"
SUBPROGRAM, INLINED = 0x2E, 0x1D
ADDRESS = re.compile(r"0x[0-9a-f]+")
# FILE:LINE:COLUMN (discriminator N), where all but FILE may be missing.
PLACE = re.compile(r"(.*?):(\d+|\?)(?::\d+)?(?: \(discriminator \d+\))?")


def place(text):
    found = PLACE.fullmatch(text)
    if not found or found[1] == UNKNOWN:
        return UNKNOWN, 0
    return found[1], int(found[2]) if found[2] != "?" else 0


def read_addr2line(text):
    """Of eu-addr2line, addr2line and llvm-symbolizer --output-style=GNU, each with -a -i -f."""
    answers, frames, function = {}, None, None
    for line in text.split("\n"):
        if function is None and ADDRESS.fullmatch(line):
            frames = answers.setdefault(int(line, 16), [])
            frames.clear()
        elif function is None:
            function = line
        else:
            # eu-addr2line tells the place of the call here, and again in the next frame.
            frames.append(Frame(function.split(" inlined at ")[0], *place(line)))
            function = None
    return answers


def read_ours(text):
    answers, frames = {}, None
    for line in text.splitlines():
        if line.startswith("> "):
            frames = answers.setdefault(int(line[2:], 16), [])
            frames.clear()
        else:
            function, file, number = line.split("\t")
            frames.append(Frame(function, file, int(number)))
    return answers


class Facts:
    """What witness.c found at one address."""

    def __init__(self):
        self.dies, self.rows = [], []

    def units(self):
        """The units around the address, each with its DIEs, outermost first."""
        units = {}
        for die in self.dies:
            unit = die.around[-1][1] if die.around else die.offset
            units.setdefault(unit, []).append(die)
        return units


def read_witness(text):
    answers, facts = {}, None
    for line in text.splitlines():
        kind, *rest = line.split("\t")
        if kind == "die":
            tag, offset, low, high, unit = (int(x, 16) for x in rest[:5])
            around = [tuple(int(x, 16) for x in pair.split(":")) for pair in rest[9].split()]
            facts.dies.append(Die(tag, offset, low, high, unit, rest[5], int(rest[6]), rest[7],
                                  rest[8], around))
        elif kind == "row":
            facts.rows.append(Row(int(rest[0], 16), rest[1], int(rest[2]), rest[3] == "1",
                                  int(rest[4], 16), int(rest[5], 16)))
        else:
            facts = answers.setdefault(int(line[2:], 16), Facts())
    return answers


def plain(frames):
    """Frames with paths in one spelling."""
    return [frame._replace(file=os.path.normpath(frame.file)) for frame in frames]
