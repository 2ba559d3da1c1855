#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""strace_maps.py FILE: what the calls in strace's output leave mapped with access, in bytes and at the most, and without.

Reads the lines of `strace -e trace=%memory,access` between access("/mappings/begin") and .../end, and knows of
every page what became of it.
"""
import re
import sys

PAGE = 4096


class Pages:
    def __init__(self):
        self.open, self.reserved, self.most = set(), set(), 0

    def range(self, address, size):
        return range(address // PAGE, (address + size + PAGE - 1) // PAGE)

    def unmap(self, address, size):
        self.open.difference_update(self.range(address, size))
        self.reserved.difference_update(self.range(address, size))

    def map(self, address, size, access):
        self.unmap(address, size)
        (self.open if access else self.reserved).update(self.range(address, size))
        self.most = max(self.most, len(self.open))

    def protect(self, address, size, access):
        pages = self.range(address, size)
        source, target = (self.reserved, self.open) if access else (self.open, self.reserved)
        moved = source.intersection(pages)
        source -= moved
        target |= moved
        self.most = max(self.most, len(self.open))


def apply(pages, name, words, result):
    if name == "mmap":
        pages.map(result, int(words[1], 0), words[2] != "PROT_NONE")
    elif name == "munmap":
        pages.unmap(int(words[0], 0), int(words[1], 0))
    elif name == "mprotect":
        pages.protect(int(words[0], 0), int(words[1], 0), words[2] != "PROT_NONE")
    elif name == "mremap":
        old, size = int(words[0], 0), int(words[1], 0)
        access = old // PAGE in pages.open
        pages.unmap(old, size)
        pages.map(result, int(words[2], 0), access)


def main():
    pages, inside = Pages(), False
    for line in open(sys.argv[1]):
        mark = re.search(r'access\("/mappings/(begin|end)"', line)
        if mark:
            inside = mark[1] == "begin"
        call = re.match(r"(?:\d+ +)?(\w+)\((.*)\) += (0x[0-9a-f]+|0)$", line)
        if inside and call:
            apply(pages, call[1], call[2].split(", "), int(call[3], 0))
    print(len(pages.open) * PAGE, pages.most * PAGE, len(pages.reserved) * PAGE)


main()
