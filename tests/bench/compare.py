# SPDX-License-Identifier: MIT
"""One workload untraced, under tmtrace and under heaptrack: time, memory, size, and from the file to a table.

heaptrack's wall time includes its second process, which reads a pipe, looks names up and writes the
interpreted trace through zstd: on two cores most of that runs beside the program, and its shell
waits for the rest. tmtrace does everything in the program's own threads and looks names up only
afterwards; so heaptrack's CPU time is also shown without that process, and names are compared
by themselves: `stats` against (that process + heaptrack_print).

An event's share of what a tool needs just to start depends on how long the run is, and heaptrack's
start is long where debug files are installed: it reads libc's. So what each tool adds to /bin/true
is taken off before the two are compared, and the ratio with it is printed beside.
"""
import glob
import json
import os
import statistics
import subprocess

from measure import Contender, Run, added, interleave, measure, middle, spread, written

INTERPRETERS = ["/usr/lib/heaptrack/libexec/heaptrack_interpret", "/usr/local/lib/heaptrack/libexec/heaptrack_interpret"]
MIB_BOUNDS = (6, 4)
START_RUNS = 11


def count_events(bench, trace):
    said = subprocess.run([bench.tmtrace, "info", "--no-cache", "--format", "json", trace], stdout=subprocess.PIPE, check=True).stdout
    events = json.loads(said)["events"]
    return events["allocations"] + events["frees"]


def contenders(bench, command, heaptrack=True, raw=False):
    trace, heap = f"{bench.scratch}/t.tmz", f"{bench.scratch}/heap"
    made = {"untraced": Contender(command),
            "tmtrace": Contender([bench.tmtrace, "run", "-o", trace, "--", *command], trace)}
    if bench.heaptrack and heaptrack:
        made["heaptrack"] = Contender(["heaptrack", "-o", heap, *command], heap)
    elif bench.heaptrack and raw:
        made["heaptrack -r"] = Contender(["heaptrack", "-r", "-o", heap, *command], heap)
    return made


def start_costs(bench):
    """{tool: Run} of what each adds to /bin/true, measured once."""
    if not bench.starts:
        made = contenders(bench, ["/bin/true"])
        runs = interleave(bench.build, made, START_RUNS)
        bench.starts = {tool: Run(*(added(runs[tool], runs["untraced"], what) for what in ("wall", "cpu", "rss")), None)
                        for tool in list(made)[1:]}
        bench.figures.keep("starts", **{tool: run[:3] for tool, run in bench.starts.items()})
    return bench.starts


def interpreter_cpu(bench, workload):
    """CPU seconds of heaptrack's second process, which its shell hides: it is run again, alone, as
    `heaptrack -r` says it may be: zstd -dc < FILE | heaptrack_interpret | zstd -c. None if it is not found."""
    path = next((path for path in INTERPRETERS if os.access(path, os.X_OK)), None)
    if not path:
        return None
    raw = Contender(["heaptrack", "-r", "-o", f"{bench.scratch}/raw", *workload.command], f"{bench.scratch}/raw")
    measure(bench.build, raw, workload.environment)
    packed = glob.glob(f"{raw.output}*")[0]
    unpack = subprocess.Popen(["zstd" if packed.endswith("zst") else "gzip", "-dc", packed], stdout=subprocess.PIPE)
    with open(os.devnull, "w") as null:
        interpret = subprocess.Popen([path], stdin=unpack.stdout, stdout=subprocess.PIPE, stderr=null)
        unpack.stdout.close()
        pack = subprocess.Popen(["zstd", "-c"], stdin=interpret.stdout, stdout=null, stderr=null)
        interpret.stdout.close()
    usage = os.wait4(interpret.pid, 0)[2]
    interpret.returncode = 0
    unpack.wait()
    pack.wait()
    os.unlink(packed)
    return usage.ru_utime + usage.ru_stime


def from_file(bench, made, workload, n):
    """CPU seconds from the file to the table, of each tool, and of tmtrace once more with the names in its cache; events
    a second that are read and replayed without names."""
    times = max(3, bench.rounds // 2)
    trace = made["tmtrace"].output

    def cpu(command, environment=None):
        return statistics.median(measure(bench.build, Contender(command), environment).cpu for _ in range(times))

    table = {"tmtrace": cpu([bench.tmtrace, "stats", "--no-cache", trace])}
    cache = {"XDG_CACHE_HOME": bench.scratch}
    measure(bench.build, Contender([bench.tmtrace, "stats", trace]), cache)
    again = cpu([bench.tmtrace, "stats", trace], cache)
    speed = n / cpu([bench.tmtrace, "stats", "--group-by", "domain", trace])
    second = None
    if "heaptrack" in made:
        second = interpreter_cpu(bench, workload)
        if second is not None:
            table["heaptrack"] = second + cpu(["heaptrack_print", glob.glob(f"{made['heaptrack'].output}*")[0]])
    return table, again, speed, second


def had_to_wait(base):
    """A program that waits for nothing needed longer than its CPU time: others had the processors."""
    return middle(base, "wall") > 1.1 * middle(base, "cpu")


def judge(bench, name, workload, runs, bytes_of, table, speed):
    base, own, figures = runs["untraced"], runs["tmtrace"], bench.figures
    if "heaptrack" in runs:
        starts = start_costs(bench)
        for what, label, must, aim in (("cpu", "CPU", 0.2, 0.1), ("wall", "wall", 0.35, 0.15)):
            both = [added(runs[tool], base, what) for tool in ("tmtrace", "heaptrack")]
            mine, theirs = (cost - getattr(starts[tool], what) for cost, tool in zip(both, ("tmtrace", "heaptrack")))
            if theirs > 0:
                figures.judge(f"added {label}, tmtrace / heaptrack", name, mine / theirs, must, aim,
                              busy=what == "wall" and had_to_wait(base), beside=f", {both[0] / both[1]:.3f} with their starts")
    if "heaptrack" in table:
        figures.judge("file to table CPU, tmtrace / heaptrack", name, table["tmtrace"] / table["heaptrack"], 0.5, 0.2)
    if workload.bytes:
        beside = "".join(f", {tool} {size:.3f}" for tool, size in bytes_of.items() if tool != "tmtrace")
        figures.judge(f"trace bytes an event, {name}", name, bytes_of["tmtrace"], *workload.bytes, beside=beside)
        figures.judge("peak RSS over untraced, MiB", name, added(own, base, "rss"), *MIB_BOUNDS, digits=1)
    figures.judge("read and replayed, million events/s and core", name, speed / 1e6, 20, 50, digits=1, more=True)


def compare(bench, name, workload):
    made = contenders(bench, workload.command, workload.heaptrack, raw=True)
    runs = interleave(bench.build, made, bench.rounds, workload.environment)
    base, n = runs["untraced"], count_events(bench, made["tmtrace"].output)
    table, again, speed, second = from_file(bench, made, workload, n)
    bytes_of = {tool: written(made[tool]) / n for tool in made if tool != "untraced"}
    print(f"\n{name}: {n:,} events; untraced {middle(base, 'wall'):.3f} s wall, {middle(base, 'cpu'):.3f} s CPU, "
          f"rounds {100 * spread(base, 'cpu'):.1f} % apart, load {os.getloadavg()[0]:.2f}")
    if had_to_wait(base):
        print("  the untraced program had to wait for a processor: wall times say little here, CPU times are noisy")
    print(f"  {'':12}{'wall s':>8}{'CPU s':>8}{'+wall ns/event':>16}{'+CPU ns/event':>15}{'+RSS MiB':>10}"
          f"{'bytes/event':>13}{'to table CPU s':>16}")
    for tool in list(made)[1:]:
        each = runs[tool]
        print(f"  {tool:12}{middle(each, 'wall'):8.3f}{middle(each, 'cpu'):8.3f}{added(each, base, 'wall') / n * 1e9:16.1f}"
              f"{added(each, base, 'cpu') / n * 1e9:15.1f}{added(each, base, 'rss'):10.1f}{bytes_of[tool]:13.3f}"
              + (f"{table[tool]:16.3f}" if tool in table else f"{'-':>16}"))
    print(f"  {'':12}to the table again, names cached: {again:.3f} s")
    if second is not None:
        without = added(runs["heaptrack"], base, "cpu") - second
        print(f"  {'':12}heaptrack without its second process: {without / n * 1e9:.1f} ns CPU an event; its RSS is the largest process's")
    judge(bench, name, workload, runs, bytes_of, table, speed)
    bench.figures.keep(name, events=n, bytes=bytes_of, to_table_cpu=table, to_table_again_cpu=again,
                       replay_events_s=speed, second_process_cpu=second,
                       runs={tool: [run[:3] for run in each] for tool, each in runs.items()}, fields=Run._fields[:3])
