#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How much recording costs, beside heaptrack's default mode and the untraced program. Never a pass or a fail.

All contenders are run in turn in every round; figures are medians of the rounds, and what is added is
the median of the differences to the untraced run of the same round. Wall time is until the command
returns: heaptrack's shell waits for its second process and for zstd. CPU is user + system time of
all processes. Parts: the workloads' names, threads, longest, true, stages, stopped, live; all without one.
After --: any command of yours, as a workload.
"""
import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

import compare
import costs
import workloads
from figures import Figures

PARTS = {"threads": costs.threads, "longest": costs.longest, "true": costs.true, "stages": costs.stages,
         "stopped": costs.stopped, "live": costs.live}


def line_of(path, start=""):
    try:
        with open(path) as lines:
            return next((line for line in lines if line.startswith(start)), "").split(":")[-1].strip()
    except OSError:
        return ""


def said_by(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.strip()


def describe_machine(args, scratch):
    """What the figures depend on, printed and kept."""
    machine = {
        "processor": line_of("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg(),
        "kernel": platform.release(),
        "clock_source": line_of("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "file_system": said_by(["df", "--output=fstype", scratch]).split()[-1],
        "libc": " ".join(platform.libc_ver()),
        "debug_files": os.path.isdir("/usr/lib/debug/.build-id"),
        "tmtrace": said_by([f"{args.build}/tmtrace", "--version"]),
        "heaptrack": said_by(["heaptrack", "--version"]) if args.heaptrack else None,
        "rounds": args.rounds,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    print("{processor}, {cores} cores, kernel {kernel}, clock {clock_source}, {libc}, traces on {file_system}".format(**machine))
    print("load %.2f %.2f %.2f;" % machine["load"], f"medians of {args.rounds} rounds;", f"{machine['tmtrace']};",
          machine["heaptrack"] or "heaptrack is not installed: without comparison")
    if machine["debug_files"]:
        print("debug files are installed under /usr/lib/debug: heaptrack reads libc's in every run, tmtrace in `stats`")
    if args.heaptrack and not shutil.which("zstd"):
        print("zstd is not installed: heaptrack compresses with gzip, slowly; its figures are not to be used")
    return machine


def parse():
    own, command = sys.argv[1:], None
    if "--" in own:
        own, command = own[:own.index("--")], own[own.index("--") + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     usage="%(prog)s [-n ROUNDS] [-o FILE.json] [PART...] [-- COMMAND...]")
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument("-o", "--output", help="all figures as JSON, also those of every single run")
    parser.add_argument("--build", default="build")
    parser.add_argument("--size", type=float, default=1, help="of the workloads, in place of 1")
    parser.add_argument("part", nargs="*", help=" ".join([*workloads.NAMES, *PARTS]) + "; after --: a command of yours")
    args = parser.parse_args(own)
    wrong = set(args.part) - set(workloads.NAMES) - set(PARTS)
    if wrong:
        parser.error(f"no such part: {' '.join(sorted(wrong))}")
    args.build = os.path.abspath(args.build)
    args.heaptrack = shutil.which("heaptrack")
    args.command = command
    if not args.part and not command:
        args.part = [*workloads.NAMES, *PARTS]
    return args


def main():
    args, start = parse(), time.monotonic()
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="tmtrace-bench-") as scratch:
        machine = describe_machine(args, scratch)
        bench = SimpleNamespace(args=args, build=args.build, scratch=scratch, rounds=args.rounds, figures=figures,
                                heaptrack=args.heaptrack, tmtrace=f"{args.build}/tmtrace", starts=None)
        if args.command:
            compare.compare(bench, "command", workloads.Workload(args.command))
        for name in args.part:
            if name in PARTS:
                PARTS[name](bench)
                continue
            workload = workloads.prepare(name, args.build, scratch, args.size)
            if workload:
                compare.compare(bench, name, workload)
            else:
                print(f"\n{name}: its program is not installed")
    figures.print_summary()
    print(f"\n{time.monotonic() - start:.0f} s, load %.2f %.2f %.2f at the end" % os.getloadavg())
    if args.output:
        with open(args.output, "w") as out:
            json.dump({"machine": machine, **figures.kept()}, out, indent=1)


main()
