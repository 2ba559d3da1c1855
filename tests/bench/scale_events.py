#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Time and memory of reading traces with very many events: the end, the peak, two moments compared.

Traces of a tenth of the events and of all of them have the same number of live blocks and of stacks:
memory that grows with these alone is the same for both. Takes 4 bytes an event in TMPDIR. Fails only
where a command does, or answers something else than what was made.
"""
import argparse
import json
import os
import sys
import tempfile
import time

HEAD = f"{'events':>14}  {'':24}{'wall s':>9}{'CPU s':>9}{'M events/s':>12}{'peak MiB':>10}"


def run(command, out=os.devnull):
    """Wall seconds, CPU seconds, largest resident set in MiB."""
    start = time.perf_counter()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600)])
    status, usage = os.wait4(pid, 0)[1:]
    if status:
        sys.exit(f"scale: {' '.join(command)}: wait status {status}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def show(events, name, wall, cpu, memory, passes=1):
    print(f"{events:14,}  {name:24}{wall:9.1f}{cpu:9.1f}{events * passes / wall / 1e6:12.1f}{memory:10.0f}", flush=True)


def check(answer, live):
    with open(answer, encoding="utf-8") as file:
        count = json.load(file)["total"]["count"]
    if count != live:
        sys.exit(f"scale: {count} blocks live, not {live}")


def measure(args, events, scratch):
    """Largest memory of each query."""
    trace, answer = os.path.join(scratch, "scale.tmz"), os.path.join(scratch, "answer.json")
    tmtrace = os.path.join(args.build, "tmtrace")
    live, stacks = int(args.live * 1e6), int(args.stacks * 1e6)
    show(events, "(made)", *run([f"{args.build}/tests/make_events", str(events), str(live), str(stacks), trace]))
    queries = {"stats": [f"{trace}@end"], "stats -g traceback": [f"{trace}@end"], "stats @peak": [f"{trace}@peak"],
               "diff, half and end": [f"{trace}@event:{(events + live) // 2}", f"{trace}@end"]}
    most = {}
    for name, operands in queries.items():
        words = name.split(",")[0].replace(" @peak", "").split()
        wall, cpu, memory = run([tmtrace, *words, *operands, "-n", "1", "--format", "json"], answer)
        if words[0] == "stats" and "@end" in operands[0]:
            check(answer, live - (events - live) % 2)
        show(events, name, wall, cpu, memory)
        most[name] = memory
    size = os.path.getsize(trace)
    print(f"{'':16}{size / 1e6:,.0f} MB, {size / events:.2f} bytes an event", flush=True)
    os.unlink(trace)
    return most


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--events", type=float, default=1000, help="millions; default 1000")
    parser.add_argument("--live", type=float, default=10, help="millions of live blocks; default 10")
    parser.add_argument("--stacks", type=float, default=1, help="millions of distinct stacks; default 1")
    args = parser.parse_args()
    events = int(args.events * 1e6)
    fewer = max(events // 10, int(args.live * 2e6))
    print(f"{os.cpu_count()} cores, load %.2f %.2f %.2f; {args.live:g} million live blocks, {args.stacks:g} million stacks of "
          "18 frames, 4 threads" % os.getloadavg())
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="tmtrace-scale-") as scratch:
        few = measure(args, fewer, scratch) if fewer < events else None
        many = measure(args, events, scratch)
    if few:
        worst = max(many, key=lambda name: many[name] / few[name])
        print(f"{events / fewer:.1f} times the events: at most {many[worst] / few[worst]:.2f} times the memory ({worst})")


if __name__ == "__main__":
    main()
