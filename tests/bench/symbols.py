#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Names and lines of random code addresses: tmtrace's symbolizer, eu-addr2line -i -f and heaptrack's interpreter. Never a pass or a fail.

All do the same: functions demangled (eu-addr2line: not), inlined calls, file and line, of the same
addresses of the same files, which are in the page cache. Where eu-addr2line needs minutes for the
whole list it is measured on a sample, beside tmtrace on the same sample; --all: on the whole list. heaptrack's interpreter reads a raw trace made here that has those addresses and one
allocation. What is made: the large program of tests/symbols, python3 and libc with their -dbg
packages; and one list over all modules of python3, on one core and on all.

Memory is held against the files touched: the program and its debug file, sections unpacked.
"""
import argparse
import glob
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import namedtuple

from compare import INTERPRETERS
from figures import Figures
from measure import Contender, interleave, measure, middle

SEED = 1
QUICK = 60  # seconds
MANY_EACH = 100  # addresses of each of many modules
SHF_COMPRESSED = 0x800
SHT_NOTE, SHT_NOBITS = 7, 8

Section = namedtuple("Section", "name type flags address offset size")


class Elf:
    """What there is in a 64-bit file, and how large it is unpacked."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.bytes = file.read()
        at, = struct.unpack_from("<Q", self.bytes, 0x28)
        size, n, names = struct.unpack_from("<HHH", self.bytes, 0x3A)
        raw = [struct.unpack_from("<IIQQQQ", self.bytes, at + i * size) for i in range(n)]
        self.sections = {self.text(raw[names][4] + one[0]): Section(*one) for one in raw}

    def text(self, at):
        return self.bytes[at:self.bytes.index(b"\0", at)].decode()

    def data(self, section):
        return self.bytes[section.offset:section.offset + section.size]

    def unpacked(self, section):
        if section.type == SHT_NOBITS:
            return 0
        return struct.unpack_from("<Q", self.data(section), 8)[0] if section.flags & SHF_COMPRESSED else section.size

    def debug_size(self):
        return sum(self.unpacked(section) for name, section in self.sections.items() if name.startswith(".debug_"))

    def whole_size(self):
        return len(self.bytes) + sum(self.unpacked(one) - one.size for one in self.sections.values() if one.flags & SHF_COMPRESSED)

    def debug_file(self):
        """Itself, or what stands under its build-id; None without."""
        if self.debug_size():
            return self
        note = self.sections.get(".note.gnu.build-id")
        name = self.data(note)[16:].hex() if note else "  "
        path = f"/usr/lib/debug/.build-id/{name[:2]}/{name[2:]}.debug"
        return Elf(path) if os.path.exists(path) else None

    def segments(self):
        at, = struct.unpack_from("<Q", self.bytes, 0x20)
        size, n = struct.unpack_from("<HH", self.bytes, 0x36)
        raw = [struct.unpack_from("<IIQQQQ", self.bytes, at + i * size) for i in range(n)]
        return [(one[3], one[5]) for one in raw if one[0] == 1]


def addresses(elf, n):
    """In no order, as those of a trace."""
    code = elf.sections[".text"]
    choose = random.Random(SEED)
    return [choose.randrange(code.address, code.address + code.size) for _ in range(n)]


def write(path, lines):
    with open(path, "w") as out:
        out.writelines(line + "\n" for line in lines)
    return path


def own_list(bench, path, wanted, name):
    return write(f"{bench.scratch}/{name}.tmtrace", [path, *map(hex, wanted)])


def raw_trace(bench, elf, wanted, name):
    """The module where no address is too small to be one, a chain of one frame for each address, an allocation."""
    base, path = 0x7F0000000000, os.path.realpath(elf.path)
    ranges = " ".join(f"{at:x} {size:x}" for at, size in elf.segments())
    return write(f"{bench.scratch}/{name}.raw", [
        "v 10400 3", f"x {len(path):x} {path}", "X x", "I 1000 1000", "m 1 -", f"m {len(path):x} {path} {base:x} {ranges}",
        *(f"t {base + at:x} 0" for at in wanted), "+ 10 1 1000", "c 0"])


def reading(command, path):
    """As a contender, whose standard input is nothing."""
    return Contender(["/bin/sh", "-c", 'input=$1; shift; exec "$@" < "$input"', "sh", path, *command])


def tmtrace(bench, path):
    return reading([f"{bench.args.build}/tests/symbolize", "-q"], path)


def addr2line(bench, elf, wanted, name):
    return reading(["eu-addr2line", "-i", "-f", "-e", elf.path], write(f"{bench.scratch}/{name}.eu", map(hex, wanted)))


def show(tool, runs, n):
    print(f"  {tool:34}{middle(runs, 'cpu'):9.3f}{middle(runs, 'wall'):9.3f}{middle(runs, 'cpu') / n * 1e6:12.1f}{middle(runs, 'rss'):9.1f}", flush=True)


def program(bench, name, path):
    elf = Elf(path)
    debug = elf.debug_file()
    if not debug:
        print(f"\nsymbols of {name}: no debug information")
        return
    wanted = addresses(elf, bench.args.addresses)
    files = {one.path: one for one in (elf, debug)}.values()
    touched = sum(one.whole_size() for one in files) / 2**20
    contenders = {"tmtrace": tmtrace(bench, own_list(bench, path, wanted, name))}
    if bench.heaptrack:
        contenders["heaptrack_interpret"] = reading([bench.heaptrack], raw_trace(bench, elf, wanted, name))
    runs = interleave(bench.args.build, contenders, bench.args.rounds)
    print(f"\nsymbols of {name}: {len(wanted):,} addresses; files {sum(len(one.bytes) for one in files) / 2**20:.1f} MiB, "
          f"{touched:.1f} MiB unpacked, {debug.debug_size() / 2**20:.1f} MiB of that debug sections")
    print(f"  {'':34}{'CPU s':>9}{'wall s':>9}{'us/address':>12}{'MiB':>9}")
    for tool, each in runs.items():
        show(tool, each, len(wanted))
    beside = addr2line_beside(bench, elf, wanted, name)
    judge(bench, name, runs, beside, touched)


def addr2line_beside(bench, elf, wanted, name):
    """Each once: where it is slow it is many seconds, and nothing to be exact about."""
    def both(some):
        return {"tmtrace": [measure(bench.args.build, tmtrace(bench, own_list(bench, elf.path, some, name)))],
                "eu-addr2line": [measure(bench.args.build, addr2line(bench, elf, some, name))]}

    sample = wanted[:bench.args.sample]
    runs = both(sample)
    if bench.args.all or runs["eu-addr2line"][0].cpu / len(sample) * len(wanted) < QUICK:
        sample, runs = wanted, both(wanted)
    for tool, each in runs.items():
        show(f"{tool}, {len(sample):,} of them", each, len(sample))
    return runs


def judge(bench, name, runs, beside, touched):
    figures = bench.figures
    figures.judge("symbols CPU, tmtrace / eu-addr2line", name, beside["tmtrace"][0].cpu / beside["eu-addr2line"][0].cpu, 0.2, 0.05)
    if "heaptrack_interpret" in runs:
        figures.judge("symbols CPU, tmtrace / heaptrack", name,
                      middle(runs["tmtrace"], "cpu") / middle(runs["heaptrack_interpret"], "cpu"), 1 / 3, 0.2)
    figures.judge("symbols peak RSS / files touched", name, middle(runs["tmtrace"], "rss") / touched, 2, 1)
    figures.keep(f"symbols of {name}", touched_mib=touched,
                 runs={tool: [run[:3] for run in each] for tool, each in runs.items()},
                 sample={tool: [run[:3] for run in each] for tool, each in beside.items()})


def many(bench):
    """One list over many modules: what the cores are good for."""
    paths = sorted(glob.glob("/usr/lib/python3*/lib-dynload/*.so")) + ["/usr/bin/python3", bench.libc, bench.large]
    lists, n = [], 0
    for path in filter(os.path.exists, paths):
        elf = Elf(os.path.realpath(path))
        if ".text" in elf.sections and elf.debug_file():
            lists += [elf.path, *map(hex, addresses(elf, MANY_EACH))]
            n += 1
    if n < 2:
        return
    contender = tmtrace(bench, write(f"{bench.scratch}/many.tmtrace", lists))
    contenders = {"1 core": Contender(["taskset", "-c", str(min(os.sched_getaffinity(0))), *contender.command]), "all cores": contender}
    runs = interleave(bench.args.build, contenders, bench.args.rounds)
    print(f"\nsymbols of {n} modules, {MANY_EACH} addresses each; {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.2f}")
    print(f"  {'':34}{'CPU s':>9}{'wall s':>9}{'us/address':>12}{'MiB':>9}")
    for tool, each in runs.items():
        show(tool, each, n * MANY_EACH)
    bench.figures.judge("symbols wall, all cores / 1", "many modules", middle(runs["all cores"], "wall") / middle(runs["1 core"], "wall"),
                        None, 0.7, busy=os.getloadavg()[0] > 1.5)
    bench.figures.keep("symbols of many modules", runs={tool: [run[:3] for run in each] for tool, each in runs.items()})


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument("-o", "--output", help="all figures as JSON, also those of every single run")
    parser.add_argument("--build", default="build")
    parser.add_argument("--addresses", type=int, default=20000)
    parser.add_argument("--sample", type=int, default=1000, help="of them, for eu-addr2line where it is slow")
    parser.add_argument("--all", action="store_true", help="eu-addr2line too: 6 minutes for the large program")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    return args


class Bench:
    def __init__(self, scratch):
        self.args, self.scratch, self.figures = parse(), scratch, Figures()
        self.heaptrack = next((path for path in INTERPRETERS if os.access(path, os.X_OK)), None)
        said = subprocess.run(["gcc", "-print-file-name=libc.so.6"], stdout=subprocess.PIPE, text=True)
        self.libc = os.path.realpath(said.stdout.strip())
        self.large = f"{self.args.build}/symbols/large-gcc"


def main():
    if not shutil.which("eu-addr2line"):
        sys.exit("bench: eu-addr2line is not installed: scripts/packages bench")
    with tempfile.TemporaryDirectory(prefix="tmtrace-bench-") as scratch:
        bench = Bench(scratch)
        for name, path in (("large C++", bench.large), ("python3", "/usr/bin/python3"), ("libc", bench.libc)):
            if os.path.exists(path):
                program(bench, name, os.path.realpath(path))
        many(bench)
    bench.figures.print_summary()
    if bench.args.output:
        with open(bench.args.output, "w") as out:
            json.dump(bench.figures.kept(), out, indent=1)


main()
