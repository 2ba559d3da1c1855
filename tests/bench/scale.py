#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Time and memory of `stats` and `diff` of snapshots with millions of traces. Never a pass or a fail.

The target: 5 million traces of 200,000 tracebacks of 30 frames within 2 s and 1 GiB, growing linearly.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

QUERIES = [("stats", []), ("stats", ["-g", "filename"]), ("stats", ["-g", "traceback"]), ("stats", ["--cumulative"]),
           ("diff", []), ("diff", ["-g", "traceback"])]


def measure(command):
    """Wall seconds, CPU seconds, largest resident set in MiB."""
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    status, usage = os.wait4(pid, 0)[1:]
    if status:
        sys.exit(f"scale: {' '.join(command)}: wait status {status}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("-n", "--rounds", type=int, default=3)
    parser.add_argument("--stacks", type=int, default=200000)
    parser.add_argument("--depth", type=int, default=30)
    parser.add_argument("millions", nargs="*", type=float, default=[1, 2, 5])
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores, load %.2f %.2f %.2f; medians of {args.rounds}; "
          f"{args.stacks:,} tracebacks of {args.depth} frames" % os.getloadavg())
    print(f"{'traces':>10}  {'':24}{'wall s':>8}{'CPU s':>8}{'peak MiB':>10}{'ns/trace':>10}")
    with tempfile.TemporaryDirectory(prefix="tmtrace-scale-") as scratch:
        for millions in args.millions:
            n, made = int(millions * 1e6), [f"{scratch}/{name}.tmz" for name in ("old", "new")]
            for seed, path in enumerate(made):
                subprocess.run([f"{args.build}/tests/make_snapshot", str(n), str(args.stacks), str(args.depth), str(seed), path],
                               check=True, stdout=subprocess.DEVNULL)
            for command, options in QUERIES:
                operands = made if command == "diff" else made[:1]
                runs = [measure([f"{args.build}/tmtrace", command, *operands, *options]) for _ in range(args.rounds)]
                wall, cpu, memory = (statistics.median(column) for column in zip(*runs))
                print(f"{n:10,}  {' '.join([command, *options]):24}{wall:8.2f}{cpu:8.2f}{memory:10.0f}{wall / n * 1e9:10.0f}",
                      flush=True)


main()
