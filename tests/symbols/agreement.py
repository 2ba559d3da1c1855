# SPDX-License-Identifier: MIT
"""Random code addresses of real programs: what we say of them against eu-addr2line -a -i -f.

Function, file, line and inlined calls are compared, address by address, and each difference is
explained or makes the program fail.  eu-addr2line's answers are kept in BUILD/symbols by build-id:
it needs minutes of CPU time for 20,000 addresses of a large program.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys

import explain
from answers import plain, read_addr2line, read_ours, read_witness
from elf_names import build_id, debug_file, names_around, text_section, units_in_aranges

SEED = 1
LIST_SIZE = 500  # addresses for one run of eu-addr2line
SHOWN = 5

Program = collections.namedtuple("Program", "name path quick needs_debug_file")


def library(name):
    return subprocess.run(["cc", "-print-file-name=" + name], stdout=subprocess.PIPE, text=True).stdout.strip()


def programs(build):
    return [Program("large C++, gcc", f"{build}/symbols/large-gcc", False, False),
            Program("large C++, clang", f"{build}/symbols/large-clang", False, False),
            Program("Rust", f"{build}/symbols/large-rust", False, False),
            Program("python3.11", "/usr/bin/python3.11", True, True),
            Program("libc", library("libc.so.6"), True, True),
            Program("libstdc++ (.dynsym only)", library("libstdc++.so.6"), True, False),
            Program("tmtrace", f"{build}/tmtrace", True, False),
            Program("C++", f"{build}/tests/before_after", True, False)]


def run(command, addresses):
    text = "".join(f"{address:#x}\n" for address in addresses)
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, errors="surrogateescape")
    if done.returncode not in (0, 1):  # 1 of eu-addr2line: nothing is known of some of them
        sys.exit(f"{command[0]}: status {done.returncode}")
    return done.stdout


def random_addresses(path, n):
    start, size = text_section(path)
    return sorted(random.Random(SEED).sample(range(start, start + size), min(n, size)))


def eu_answers(build, program, addresses):
    """Kept: it is the slow one."""
    version = re.search(r"[\d.]+$", run(["eu-addr2line", "--version"], []).split("\n")[0])
    kept = f"{build}/symbols/{build_id(program.path)}-{len(addresses)}-{SEED}-eu-{version[0]}.txt"
    if not os.path.exists(kept):
        command = ["eu-addr2line", "-a", "-i", "-f", "-e", program.path]
        parts = [addresses[i::-(-len(addresses) // LIST_SIZE)] for i in range(-(-len(addresses) // LIST_SIZE))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            text = "".join(pool.map(lambda part: run(command, part), parts))
        with open(kept + ".new", "w", errors="surrogateescape") as file:
            file.write(text)
        os.rename(kept + ".new", kept)
    with open(kept, errors="surrogateescape") as file:
        return read_addr2line(file.read())


def other_readers(program, addresses):
    """{name: answers} of the symbolizers that have nothing from elfutils."""
    arguments = ["-a", "-i", "-f", "-e", program.path]
    readers = {"binutils": run(["addr2line", *arguments], addresses)}
    if shutil.which("llvm-symbolizer"):
        readers["llvm"] = run(["llvm-symbolizer", "--output-style=GNU", "--no-demangle", *arguments], addresses)
    return {name: read_addr2line(text) for name, text in readers.items()}


def show(address, answers):
    print(f"    {address:#x}")
    for who, frames in answers.items():
        for frame in frames:
            print(f"      {who:12} {frame.function} {frame.file}:{frame.line}")


def judge(program, ours, theirs, different, witness):
    """{reason: Counter of who confirms it}; None is the reason of what is not explained, [(address, answers)]."""
    facts = read_witness(run([witness, debug_file(program.path)], different))
    readers = other_readers(program, different)
    symbols = names_around(program.path, different)
    in_aranges = units_in_aranges(debug_file(program.path))
    reasons, unexplained = collections.defaultdict(collections.Counter), []
    for address in different:
        case = explain.Case(ours[address], theirs[address], facts[address], symbols[address], in_aranges)
        reason = case.reason()
        agreeing = [name for name, answers in readers.items()
                    if explain.same_but_names(ours[address], answers[address], symbols[address])]
        if reason and (agreeing or reason in explain.ABSENT):
            reasons[reason].update(["all", *agreeing])
        else:
            unexplained.append((address, {"tmtrace": ours[address], "eu-addr2line": theirs[address],
                                          **{name: answers[address] for name, answers in readers.items()},
                                          }, reason))
    return reasons, unexplained


def compare(build, program, n):
    """Whether all is equal or explained."""
    addresses = random_addresses(program.path, n)
    ours = read_ours(run([f"{build}/symbols/ask_symbols", program.path], addresses))
    theirs = eu_answers(build, program, addresses)
    different = [address for address in addresses if plain(ours[address]) != plain(theirs[address])]
    reasons, unexplained = judge(program, ours, theirs, different, f"{build}/symbols/witness")
    print(f"{program.name}: {len(addresses):,} addresses, {len(addresses) - len(different):,} the same, "
          f"{len(different) - len(unexplained):,} explained, {len(unexplained):,} not")
    for reason, who in sorted(reasons.items(), key=lambda item: -item[1]["all"]):
        agreeing = ", ".join(f"{name} {who[name]:,}" for name in ("binutils", "llvm") if who[name])
        print(f"  {who['all']:6,}  {explain.REASONS[reason]} (as we: {agreeing or 'none'})")
    for address, answers, reason in unexplained[:SHOWN]:
        print(f"  not explained{', nobody else says so: ' + reason if reason else ''}")
        show(address, answers)
    return not unexplained


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("-q", "--quick", action="store_true", help="300 addresses each of what is quick")
    parser.add_argument("-n", type=int, metavar="N", help="addresses of each program (20000)")
    parser.add_argument("name", nargs="*", help="only programs whose name has this in it")
    given = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    if not shutil.which("eu-addr2line"):
        print("skip: eu-addr2line is not installed")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    os.makedirs(f"{given.build}/symbols", exist_ok=True)
    for program in programs(given.build):
        if given.name and not any(name in program.name for name in given.name):
            continue
        if given.quick and not program.quick:
            continue
        if not os.path.exists(program.path) or (program.needs_debug_file and
                                                debug_file(program.path) == program.path):
            print(f"skip {program.name}: {program.path} or its debug file is not there")
            counts["skipped"] += 1
            continue
        good = compare(given.build, program, given.n or (300 if given.quick else 20000))
        counts["passed" if good else "failed"] += 1
        sys.stdout.flush()
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
