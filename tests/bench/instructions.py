#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Instructions that the library adds to an event, by stage: callgrind's counts, the same at every run.

They say nothing of caches, page faults or the kernel: see `make bench` for time. The library is
preloaded into the program only: valgrind's tool is a static program, so it is started without
valgrind's own launcher, which is dynamic and would be recorded too. callgrind leaves malloc alone.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import workloads
from compare import count_events
from costs import STAGES, staged
from measure import clean_environment

FOLDERS = ["/usr/libexec/valgrind", "/usr/lib/valgrind", "/usr/lib/x86_64-linux-gnu/valgrind", "/usr/local/libexec/valgrind"]
TOOL = "callgrind-amd64-linux"
NAMES = ["sqlite3", "python3-objects", "python3-json", "perl", "xmllint", "c++20", "c++50"]
SIZE = 0.05


def count(tool, contender, environment, profile):
    env = {**clean_environment(), **environment, "VALGRIND_LAUNCHER": shutil.which("valgrind") or tool}
    if contender.preload:
        env.update(LD_PRELOAD=contender.preload, TMTRACE_OUTPUT=contender.output)
    command = [tool, "--tool=callgrind", f"--callgrind-out-file={profile}", *contender.command]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not collected:
        sys.exit(f"instructions: {' '.join(command)}: status {done.returncode}\n{done.stderr}")
    return int(collected.group(1))


def print_functions(profile, n, limit):
    """The library's functions that cost the most, without what they call, in the product."""
    said = subprocess.run(["callgrind_annotate", "--threshold=100", profile], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    # A function's lines that come from headers are listed by themselves, without the library's name.
    lines = re.findall(r"^ *([\d,]+) .*?\s[^\s:]+:([^\s']+)\S*(?: \[(\S+)\])?$", said, re.MULTILINE)
    cost = {function: 0 for _, function, library in lines if library.endswith("/libtmtrace.so")}
    for instructions, function, library in lines:
        if function in cost and (not library or library.endswith("/libtmtrace.so")):
            cost[function] += int(instructions.replace(",", ""))
    for function, instructions in sorted(cost.items(), key=lambda item: -item[1])[:limit]:
        print(f"{instructions / n:14.1f}  {function}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--size", type=float, default=SIZE, help=f"of the workloads, in place of {SIZE}")
    parser.add_argument("-k", "--keep", metavar="FOLDER", help="keep the profiles there, for callgrind_annotate")
    parser.add_argument("-f", "--functions", type=int, metavar="N", help="also the N functions that cost the most themselves")
    parser.add_argument("workload", nargs="*", help=" ".join(NAMES))
    args = parser.parse_args()
    tool = next((f"{folder}/{TOOL}" for folder in [os.environ.get("VALGRIND_LIB", ""), *FOLDERS]
                 if os.access(f"{folder}/{TOOL}", os.X_OK)), None)
    if not tool:
        sys.exit("instructions: valgrind is not installed, or VALGRIND_LIB does not say where")
    build = os.path.abspath(args.build)
    print("instructions an event, added by the library with all later stages cut off, and (step) by the stage itself")
    print(f"{'':16}{'events':>10}" + "".join(f"{stage:>18}" for stage in STAGES))
    with tempfile.TemporaryDirectory(prefix="tmtrace-bench-") as scratch:
        kept = args.keep or scratch
        os.makedirs(kept, exist_ok=True)
        for name in args.workload or ["sqlite3", "python3-json", "c++20", "c++50"]:
            workload = workloads.prepare(name, build, scratch, args.size)
            if not workload:
                print(f"{name}: its program is not installed")
                continue
            made = staged(SimpleNamespace(scratch=scratch, build=build), workload.command)
            counts = {}
            for stage, contender in made.items():
                if contender.output and os.path.exists(contender.output):
                    os.unlink(contender.output)
                counts[stage] = count(tool, contender, workload.environment, f"{kept}/{name}-{stage}.callgrind")
            n = count_events(SimpleNamespace(tmtrace=f"{build}/tmtrace"), made["write"].output)
            row, before = "", counts["untraced"]
            for stage in STAGES:
                step = (counts[stage] - before) / n
                total = (counts[stage] - counts["untraced"]) / n
                row += "{:>18}".format(f"{total:.1f} ({step:+.1f})")
                before = counts[stage]
            print(f"{name:16}{n:10,}{row}", flush=True)
            if args.functions:
                print_functions(f"{kept}/{name}-write.callgrind", n, args.functions)


main()
