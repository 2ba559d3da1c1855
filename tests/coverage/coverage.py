#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which lines of the product the tests execute: makes the files of counters, and reads them.

`begin` makes an empty file of counters for each object (tests/coverage/counters.c maps it), `end`
puts each between its object's own description, as llvm-profdata reads it, and prints lines executed by
folder and the lines that are not. Lines without code of their own (empty, comments, braces) do not count.
Fails where a folder has less than it must have.
"""
import argparse
import collections
import os
import re
import struct
import subprocess
import sys

LEAST = {"common": 90, "analyzer": 90, "preload": 85}  # per cent
VERSION = 8  # of the raw profile, of LLVM 14 and 15
MAGIC = int.from_bytes(b"\xfflprofr\x81", "big")
RECORD = 48  # bytes of the description of one function


def sections(path):
    """NAME -> (address, bytes) of the ELF file."""
    with open(path, "rb") as file:
        elf = file.read()
    at, = struct.unpack_from("<Q", elf, 40)
    size, n, names = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQ", elf, at + i * size) for i in range(n)]
    text = headers[names][4]
    return {elf[text + name:elf.index(b"\0", text + name)].decode(): (address, elf[offset:offset + length])
            for name, kind, _, address, offset, length in headers if kind != 8}


def begin(build, name):
    counters = sections(os.path.join(build, name))["__llvm_prf_cnts"][1]
    with open(os.path.join(build, f"{name}.counters"), "wb") as out:
        out.write(bytes(len(counters)))


def raw_profile(build, name):
    """The object's description with what was counted; its path."""
    found = sections(os.path.join(build, name))
    (data_at, data), (counters_at, _) = found["__llvm_prf_data"], found["__llvm_prf_cnts"]
    names_at, names = found["__llvm_prf_names"]
    with open(os.path.join(build, f"{name}.counters"), "rb") as file:
        counters = file.read()
    path = os.path.join(build, f"{name}.profraw")
    with open(path, "wb") as out:
        out.write(struct.pack("<8QqQQ", MAGIC, VERSION, 0, len(data) // RECORD, 0, len(counters) // 8, 0, len(names),
                              counters_at - data_at, names_at, 1))
        out.write(data + counters + names + bytes(-len(names) % 8))
    return path


def executed(build, names):
    """PATH -> LINE -> how often."""
    profile = os.path.join(build, "all.profdata")
    subprocess.run(["llvm-profdata", "merge", "-o", profile, *[raw_profile(build, name) for name in names]], check=True)
    objects = [os.path.join(build, name) for name in names]
    told = subprocess.run(["llvm-cov", "export", "-format=lcov", f"-instr-profile={profile}", objects[0],
                           *[f"-object={path}" for path in objects[1:]]], check=True, capture_output=True, text=True).stdout
    lines, path = collections.defaultdict(collections.Counter), None
    for line in told.splitlines():
        if line.startswith("SF:"):
            path = os.path.relpath(line[3:])
        elif line.startswith("DA:"):
            number, times = line[3:].split(",")[:2]
            lines[path][int(number)] += int(times)
    return lines


def code(path):
    """NUMBER -> text of each line that has code."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found[0]), file.read(), flags=re.S)
    lines = {number: re.sub(r"//.*", "", line).strip() for number, line in enumerate(text.split("\n"), 1)}
    return {number: line for number, line in lines.items() if re.search(r"\w", line) and not line.startswith("#")}


def spans(numbers):
    """[1, 2, 3, 7] -> "1-3, 7"."""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in parts)


def report(build, names):
    lines, sums, missed = executed(build, names), collections.defaultdict(lambda: [0, 0, 0]), {}
    for path in sorted(path for path in lines if path.split("/")[0] in LEAST):
        text = code(path)
        counted = [number for number in sorted(lines[path]) if number in text]
        missing = [number for number in counted if not lines[path][number]]
        of = sums[path.split("/")[0]]
        of[0] += 1
        of[1] += len(counted)
        of[2] += len(counted) - len(missing)
        if missing:
            missed[path] = [(number, text[number]) for number in missing]
    print("Lines that no test executes:")
    with open(os.path.join(build, "missed.txt"), "w", encoding="utf-8") as out:
        for path, of in missed.items():
            print(f"  {path}: {spans([number for number, _ in of])}")
            out.writelines(f"{path}:{number}: {text}\n" for number, text in of)
    print(f"Their text is in {out.name}.\n\n{'folder':10}{'files':>7}{'lines':>8}{'executed':>10}{'of 100':>8}{'least':>7}")
    short = 0
    for folder, least in LEAST.items():
        files, total, hit = sums[folder]
        share = hit / max(total, 1) * 100
        print(f"{folder:10}{files:7}{total:8}{hit:10}{share:8.1f}{least:7}")
        short += share < least
    return short > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("what", choices=["begin", "end"])
    parser.add_argument("objects", nargs="+")
    args = parser.parse_args()
    if args.what == "end":
        return report(args.build, args.objects)
    for name in args.objects:
        begin(args.build, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
