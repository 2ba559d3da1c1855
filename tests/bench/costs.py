# SPDX-License-Identifier: MIT
"""What a comparison of whole programs does not show: threads, single calls, starting, and each stage by itself."""
import json
import os
import statistics
import subprocess

import workloads
from compare import START_RUNS, contenders, count_events, start_costs
from measure import Contender, added, interleave, middle, spread

STAGES = ["interpose", "unwind", "record", "encode", "compress", "write"]
STAGE_WORKLOADS = ["sqlite3", "python3-json", "c++20"]


def threads(bench):
    """Four threads that free each other's blocks against one. Two kinds of one: the main thread of a
    process that never had another, which needs no time stamps, is what the figure is measured against."""
    pairs, cost = max(16, round(500000 * bench.args.size)), {}
    print(f"\nthreads: each {pairs:,} times malloc and free, of blocks that mostly another thread allocated; "
          f"{len(os.sched_getaffinity(0))} cores")
    print(f"  {'':34}{'untraced CPU s':>15}{'+CPU ns/event':>15}{'+wall ns/event':>16}{'heaptrack +CPU':>16}{'+wall':>8}")
    for count, name in ((0, "1, the main thread"), (1, "1, beside a main thread"), (4, "4")):
        made = contenders(bench, [f"{bench.build}/bench/exchange", str(count), str(pairs)])
        runs = interleave(bench.build, made, bench.rounds)
        n, base = count_events(bench, made["tmtrace"].output), runs["untraced"]
        ns = {(tool, what): added(runs[tool], base, what) / n * 1e9 for tool in list(made)[1:] for what in ("cpu", "wall")}
        cost[count] = ns["tmtrace", "cpu"]
        theirs = f"{ns['heaptrack', 'cpu']:16.1f}{ns['heaptrack', 'wall']:8.1f}" if "heaptrack" in made else ""
        print(f"  {name:34}{middle(base, 'cpu'):15.3f}{ns['tmtrace', 'cpu']:15.1f}{ns['tmtrace', 'wall']:16.1f}{theirs}", flush=True)
        bench.figures.keep("threads", **{str(count): {"events": n, "runs": {tool: [run[:3] for run in each]
                                                                           for tool, each in runs.items()}}})
    bench.figures.judge("4 threads, added CPU an event / the same with 1", "threads", cost[4] / cost[0], 1.6, 1.2)
    print(f"  {'4 threads / 1 beside a main thread':46}{cost[4] / cost[1]:9.3f}")


def longest(bench):
    """Single calls, timed inside the program."""
    pairs = max(1000, round(500000 * bench.args.size))
    columns = ["max", "undisturbed", "99.99 %", "99.9 %", "50 %"]
    print(f"\nlongest: microseconds of a single malloc or free, {2 * pairs:,} of them by each thread; "
          "undisturbed: the longest while the kernel left the thread on its processor")
    print(f"  {'':24}" + "".join(f"{column:>13}" for column in columns))
    for count in (1, 4):
        made, rows = contenders(bench, [f"{bench.build}/bench/longest", str(count), str(pairs)]), {}
        runs = interleave(bench.build, made, bench.rounds, listen=True)
        for tool, each in runs.items():
            told = [next(line.split() for line in run.said.splitlines() if line.replace(" ", "").isdigit()) for run in each]
            rows[tool] = [statistics.median(float(line[i]) / 1000 for line in told) for i in range(len(columns))]
            print(f"  {count} thread{'s' if count > 1 else ' '} {tool:14}" + "".join(f"{value:13.2f}" for value in rows[tool]), flush=True)
        bench.figures.keep("longest", **{str(count): rows})
        for i, column in ((1, "longest"), (2, "99.99 %")):
            bench.figures.judge(f"{column} call added, ms, {count} thread{'s' if count > 1 else ''}", "longest",
                                (rows["tmtrace"][i] - rows["untraced"][i]) / 1000, None, 1)


def true(bench):
    """What the start of a process costs. The rounds do not count here: there are always many."""
    times = max(100, 20 * bench.rounds) if bench.args.size >= 1 else 20
    made = contenders(bench, ["/bin/true"], heaptrack=False)
    made["LD_PRELOAD"] = Contender(["/bin/true"], f"{bench.scratch}/true.tmz", f"{bench.build}/libtmtrace.so")
    runs = interleave(bench.build, made, times)
    base = runs["untraced"]
    print(f"\n/bin/true: milliseconds, medians of {times} runs; untraced {1000 * middle(base, 'wall'):.2f} wall, "
          f"{1000 * middle(base, 'cpu'):.2f} CPU, middle half of the runs {1000 * quartiles(base):.2f} apart")
    for tool, name in (("tmtrace", "tmtrace run"), ("LD_PRELOAD", "LD_PRELOAD")):
        print(f"  {name:14}+{1000 * added(runs[tool], base, 'wall'):.2f} wall  +{1000 * added(runs[tool], base, 'cpu'):.2f} CPU")
    theirs = start_costs(bench).get("heaptrack")
    if theirs:
        print(f"  {'heaptrack':14}+{1000 * theirs.wall:.2f} wall  +{1000 * theirs.cpu:.2f} CPU  (medians of {START_RUNS} runs)")
    bench.figures.keep("true", runs={tool: [run[:3] for run in each] for tool, each in runs.items()})
    for tool, name in (("LD_PRELOAD", "LD_PRELOAD"), ("tmtrace", "tmtrace run")):
        bench.figures.judge(f"/bin/true, added wall, ms, by {name}", "true", 1000 * added(runs[tool], base, "wall"), 1.5, 0.5)


def quartiles(runs):
    low, _, high = statistics.quantiles([run.wall for run in runs], n=4)
    return high - low


def staged(bench, command):
    """The untraced program and the library of each stage; `write` is the product. See stage.c."""
    made = {"untraced": Contender(command)}
    for stage in STAGES:
        library = "libtmtrace.so" if stage == "write" else f"bench/libtmtrace-{stage}.so"
        made[stage] = Contender(command, f"{bench.scratch}/{stage}.tmz", f"{bench.build}/{library}")
    return made


def stages(bench):
    print("\nstages: CPU ns an event added by the library with all later stages cut off, and (step) by the stage itself")
    print(f"  {'':14}" + "".join(f"{stage:>16}" for stage in STAGES) + "   untraced rounds apart")
    for name in STAGE_WORKLOADS:
        workload = workloads.prepare(name, bench.build, bench.scratch, bench.args.size)
        if not workload:
            continue
        made = staged(bench, workload.command)
        runs = interleave(bench.build, made, bench.rounds, workload.environment)
        n, base, row, before = count_events(bench, made["write"].output), runs["untraced"], "", 0
        ns = [added(runs[stage], base, "cpu") / n * 1e9 for stage in STAGES]
        for value in ns:
            row += "{:>16}".format(f"{value:.1f} ({value - before:+.1f})")
            before = value
        noise = spread(base, "cpu") * middle(base, "cpu") / n * 1e9
        falls = [stage for stage, value, last in zip(STAGES[1:], ns[1:], ns) if value < last]
        print(f"  {name:14}{row}   {noise:.1f} ns an event" + (f"; less than the stage before: {', '.join(falls)}" if falls else ""),
              flush=True)
        bench.figures.keep("stages", **{name: {"events": n, "stages": dict(zip(STAGES, ns))}})


def stopped(bench):
    """A program that may be recorded, and is not: TMTRACE_START=0."""
    workload = workloads.prepare("c++20", bench.build, bench.scratch, bench.args.size)
    command, output, library = workload.command, f"{bench.scratch}/stopped.tmz", f"{bench.build}/libtmtrace.so"
    recorded = {"recorded": Contender(command, output, library)}
    interleave(bench.build, recorded, 1, workload.environment)
    n = count_events(bench, output)
    os.unlink(output)
    made = {"untraced": Contender(command), "stopped": Contender(command, output, library)}
    runs = interleave(bench.build, made, bench.rounds, {**workload.environment, "TMTRACE_START": "0"})
    print(f"\nstopped: {n:,} events of c++20 with TMTRACE_START=0")
    bench.figures.keep("stopped", events=n, runs={tool: [run[:3] for run in each] for tool, each in runs.items()})
    bench.figures.judge("TMTRACE_START=0, added CPU ns an event", "stopped",
                        added(runs["stopped"], runs["untraced"], "cpu") / n * 1e9, 5, 3)


def live(bench):
    """What TMTRACE_LIVE=1 adds to recording: time, and memory beside what lives."""
    pairs = max(16, round(500000 * bench.args.size))
    works = {f"{count or 1} thread{'s' if count else ''}": workloads.Workload([f"{bench.build}/bench/exchange", str(count), str(pairs)])
             for count in (0, 4)}
    works.update((name, workloads.prepare(name, bench.build, bench.scratch, bench.args.size)) for name in ("sqlite3", "python3-json", "c++20"))
    print("\nlive: what TMTRACE_LIVE=1 adds to recording; bytes are of resident memory, for each block that lives at the peak")
    print(f"  {'':14}{'events':>12}{'blocks':>10}{'recording, CPU ns/event':>25}{'+live':>8}{'+wall':>8}{'+MiB':>8}{'+bytes/block':>14}{'of what lives':>15}")
    for name, workload in works.items():
        if not workload:
            continue
        library = f"{bench.build}/libtmtrace.so"
        made = {"untraced": Contender(workload.command),
                "recorded": Contender(workload.command, f"{bench.scratch}/recorded.tmz", library),
                "live": Contender(workload.command, f"{bench.scratch}/live.tmz", library, {"TMTRACE_LIVE": "1"})}
        runs = interleave(bench.build, made, bench.rounds, workload.environment)
        n = count_events(bench, made["live"].output)
        peak = json.loads(subprocess.run([bench.tmtrace, "info", "--format", "json", made["live"].output],
                                         stdout=subprocess.PIPE, check=True).stdout)["peak"]
        plain = added(runs["recorded"], runs["untraced"], "cpu") / n * 1e9
        ns = {what: added(runs["live"], runs["recorded"], what) / n * 1e9 for what in ("cpu", "wall")}
        mib = added(runs["live"], runs["recorded"], "rss")
        print(f"  {name:14}{n:12,}{peak['count']:10,}{plain:25.1f}{ns['cpu']:8.1f}{ns['wall']:8.1f}{mib:8.2f}"
              f"{mib * 2**20 / peak['count']:14.1f}{mib * 2**20 / peak['size']:15.1%}", flush=True)
        bench.figures.keep("live", **{name: {"events": n, "peak": peak, "runs": {tool: [run[:3] for run in each]
                                                                                 for tool, each in runs.items()}}})
