#!/usr/bin/python3
"""Untraced, tmtrace and heaptrack on the same work, interleaved; medians. Never a pass or a fail.

Wall is until the command returns; CPU is user + system of all its processes, also of those that it
leaves behind (heaptrack's second process). A workload is measured where its program is installed.
"""
import argparse
import ctypes
import glob
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "../data")
PYTHON = {"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}


def workloads(scratch):
    xml = os.path.join(scratch, "library.xml")
    with open(xml, "w") as out:
        subprocess.run(["perl", f"{DATA}/library.pl", "150000"], stdout=out, check=True)
    return {
        "sqlite3": (["sqlite3", ":memory:", f".read {DATA}/memory.sql"], {}),
        "python3-objects": (["/usr/bin/python3", "-sS", f"{HERE}/objects.py"], PYTHON),
        "python3-json": (["/usr/bin/python3", "-sS", f"{HERE}/json_loop.py"], PYTHON),
        "perl": (["perl", f"{DATA}/words.pl", "400000"], {"PERL_HASH_SEED": "0"}),
        "xmllint": (["xmllint", "--noblanks", "--noout", xml], {}),
    }


def measure(command, env=None):
    """Wall and CPU seconds, and the largest resident set of any of its processes in MiB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with open(os.devnull, "r+") as null:
        pid = os.posix_spawnp(command[0], command, {**os.environ, **(env or {})},
                              file_actions=[(os.POSIX_SPAWN_DUP2, null.fileno(), fd) for fd in (0, 1, 2)])
    status, usage = os.wait4(pid, 0)[1:]
    wall, largest = time.perf_counter() - start, usage.ru_maxrss
    while True:  # what it left behind: we are its reaper
        try:
            largest = max(largest, os.wait4(-1, 0)[2].ru_maxrss)
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if status:
        sys.exit(f"bench: {' '.join(command)}: wait status {status}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, largest / 1024


def median(runs):
    return [statistics.median(column) for column in zip(*runs)]


def bench(name, command, env, args, scratch, heaptrack):
    tmtrace, trace, heap = f"{args.build}/tmtrace", f"{scratch}/t.tmz", f"{scratch}/heap"
    tools = {"untraced": (command, None), "tmtrace": ([tmtrace, "run", "-o", trace, "--", *command], trace)}
    analysis = {"tmtrace": [tmtrace, "stats", trace]}
    if heaptrack:
        tools["heaptrack"] = (["heaptrack", "-o", heap, *command], heap)
    runs, told = {tool: [] for tool in tools}, {}
    for _ in range(args.rounds):
        for tool, (line, output) in tools.items():
            for old in glob.glob(f"{output}*") if output else []:
                os.unlink(old)
            runs[tool].append(measure(line, env))
    events = json.loads(subprocess.run([tmtrace, "info", "--format", "json", trace], stdout=subprocess.PIPE,
                                       check=True).stdout)["events"]
    n = events["allocations"] + events["frees"]
    if heaptrack:
        analysis["heaptrack"] = ["heaptrack_print", glob.glob(f"{heap}*")[0]]
    times = {tool: median([measure(line) for _ in range(max(3, args.rounds // 2))]) for tool, line in analysis.items()}
    base = median(runs["untraced"])
    print(f"\n{name}: {n:,} events, load {os.getloadavg()[0]:.2f}")
    print(f"  {'':10}{'wall s':>9}{'CPU s':>9}{'added ns/event':>16}{'CPU':>8}{'RSS +MiB':>10}{'bytes/event':>13}{'analysis s':>12}")
    for tool in tools:
        wall, cpu, rss = median(runs[tool])
        told[tool] = [wall - base[0], cpu - base[1], times[tool][0] if tool in times else 0]
        row = f"  {tool:10}{wall:9.3f}{cpu:9.3f}"
        if tool != "untraced":
            size = sum(os.path.getsize(path) for path in glob.glob(f"{tools[tool][1]}*"))
            row += f"{(wall - base[0]) / n * 1e9:16.1f}{(cpu - base[1]) / n * 1e9:8.1f}{rss - base[2]:10.1f}{size / n:13.3f}"
            row += f"{times[tool][0]:12.3f}"
        print(row)
    if heaptrack:
        ratio = [a / b if b > 0 else float("nan") for a, b in zip(told["tmtrace"], told["heaptrack"])]
        print("  tmtrace / heaptrack: added wall %.3f, added CPU %.3f, analysis %.3f" % tuple(ratio), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--rounds", type=int, default=5)
    parser.add_argument("--build", default="build")
    parser.add_argument("workload", nargs="*")
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    heaptrack = shutil.which("heaptrack")
    if not heaptrack:
        print("heaptrack is not installed: without comparison")
    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    print(f"{model[0] if model else 'unknown processor'}, {os.cpu_count()} cores, load %.2f %.2f %.2f" % os.getloadavg())
    with tempfile.TemporaryDirectory(prefix="tmtrace-bench-") as scratch:
        for name, (command, env) in workloads(scratch).items():
            if args.workload and name not in args.workload:
                continue
            if shutil.which(command[0]):
                bench(name, command, env, args, scratch, heaptrack)
            else:
                print(f"\n{name}: {command[0]} is not installed")


main()
