# SPDX-License-Identifier: MIT
"""What readelf says of a file: its build-id, its code, its debug file, its symbols and its .debug_aranges."""

import bisect
import os
import re
import subprocess

DEBUG_DIR = "/usr/lib/debug"


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, errors="surrogateescape", check=True).stdout


def build_id(path):
    found = re.search(r"Build ID: ([0-9a-f]+)", readelf(path, "-n"))
    return found[1] if found else "no-build-id"


def debug_file(path):
    """The separate debug file; PATH itself when there is none."""
    found = build_id(path)
    separate = f"{DEBUG_DIR}/.build-id/{found[:2]}/{found[2:]}.debug"
    return separate if os.path.exists(separate) else path


def text_section(path):
    found = re.search(r"\] \.text +PROGBITS +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+)", readelf(path, "-S"))
    return int(found[1], 16), int(found[2], 16)


def units_in_aranges(path):
    """The offsets of the units that .debug_aranges knows."""
    return {int(offset, 16) for offset in re.findall(r"Offset into .debug_info: *(\S+)", readelf(path, "--debug-dump=aranges"))}


def code_symbols(path):
    """(start, end, name) of all functions and labels, sorted."""
    found = set()
    for file in {path, debug_file(path)}:
        for line in readelf(file, "-s").splitlines():
            words = line.split()
            if len(words) >= 8 and words[3] in ("FUNC", "IFUNC", "NOTYPE") and words[6].isdigit():
                start, size = int(words[1], 16), int(words[2], 0)
                found.add((start, start + size, words[7]))
    return sorted(found)


def names_around(path, addresses):
    """{address: the symbols that reach over it}."""
    symbols = code_symbols(path)
    starts = [start for start, _, _ in symbols]
    longest = max((end - start for start, end, _ in symbols), default=0)
    names = {}
    for address in addresses:
        low = bisect.bisect_left(starts, address - longest)
        high = bisect.bisect_right(starts, address)
        names[address] = {name for _, end, name in symbols[low:high] if address < end}
    return names
