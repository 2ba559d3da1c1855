#!/usr/bin/python3
"""Reads what the counter and `tmtrace --format json` say, for tests/preload.

check.py get FILE KEY.KEY...            one value of a JSON file
check.py counter FILE                   a counter's file as JSON
check.py exact COUNTS TRACES            every COUNTS.PID[.N] agrees with TRACES.PID.tmz[.N], and there are no others
check.py forked COUNTS TRACES            as exact, but a fork may fall into calls of other threads: see UNDER_WAY
check.py whole COUNTS TRACES            as exact, but events may differ by what a jump out of malloc leaves half done
check.py site STATS FILE LINE COUNT SIZE    a group of that size stands under FILE:LINE
check.py live TRACE[@MOMENT] DOMAIN LEAST    the sizes of its traces in a domain, from LEAST on
check.py total TRACE[@MOMENT]              the bytes of all its traces
check.py frames TRACE[@MOMENT] SIZE        the number of frames of the trace of that size, and its true depth
check.py first DIFF FILE LINE COUNT SIZE    the first row is that difference
"""
import glob
import json
import os
import resource
import struct
import subprocess
import sys

FIELDS = ("pid allocations frees allocated_bytes live_count live_bytes unknown_frees inherited_frees").split()


def counter(path):
    data = open(path, "rb").read()
    if data[:8] != b"COUNTER1":
        sys.exit(f"{path}: not a counter's file")
    counts = dict(zip(FIELDS, struct.unpack_from("<8Q", data, 8)))
    counts["name"] = data[72:88].split(b"\n")[0].decode(errors="replace")
    return counts


def info(trace):
    limit = 4 << 30  # an analysis that would take the machine's memory fails instead
    run = subprocess.run([os.environ["TMTRACE"], "info", "--format", "json", trace], stdout=subprocess.PIPE,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    if run.returncode:
        sys.exit(f"{trace}: info ends with status {run.returncode}")
    return json.loads(run.stdout)


def compare(path, trace):
    """What differs, one text each."""
    counts, told = counter(path), info(trace)
    events, quality = told["events"], told["quality"]
    pairs = [(name, counts[name], events[name]) for name in ("allocations", "frees", "allocated_bytes")]
    heap = next((domain for domain in told["domains"] if domain["domain"] == 0), {"size": 0, "count": 0})
    pairs += [("live." + name, counts["live_" + field], heap[name])
              for name, field in (("count", "count"), ("size", "bytes"))]
    pairs += [("pid", counts["pid"], told["pid"]), ("complete", True, told["complete"] or os.path.exists(trace + ".live"))]
    pairs += [(name, 0, quality[name]) for name in ("lost_events", "order_conflicts")]
    # A child whose parent was not recorded cannot tell the blocks of that from unknown ones.
    pairs += [("frees of others", counts["unknown_frees"], quality["unknown_frees"] + quality["inherited_frees"])]
    where = f"{counts['name']}, {os.path.basename(trace)}"
    return [f"{where}: {name}: {want} by the counter, {got} by tmtrace" for name, want, got in pairs if want != got]


UNDER_WAY = 16  # calls of other threads, at most, in which a fork finds the program


def compare_forked(path, trace):
    """What a child inherits of calls under way, the counter and the recorder may see each as done or not."""
    wrong = compare(path, trace)
    told = info(trace)
    if "forked_from" not in told or not wrong:
        return wrong
    heap = next((domain for domain in told["domains"] if domain["domain"] == 0), {"count": 0})
    near = abs(counter(path)["live_count"] - heap["count"]) <= UNDER_WAY
    return [text for text in wrong if not near or ": live." not in text]


JUMPS = 400  # at most that many calls of one process are left half done


def roughly(path, trace):
    counts, told = counter(path), info(trace)
    quality = told["quality"]
    wrong = [f"{name} is {quality[name]}" for name in ("lost_events", "damaged_chunks") if quality[name]]
    wrong += [] if told["complete"] or os.path.exists(trace + ".live") else ["it is incomplete"]
    wrong += [f"{name}: {counts[name]} by the counter, {told['events'][name]} by tmtrace"
              for name in ("allocations", "frees") if abs(counts[name] - told["events"][name]) > JUMPS]
    return [f"{os.path.basename(trace)}: {text}" for text in wrong]


def forked(counts, traces):
    return exact(counts, traces, compare_forked)


def whole(counts, traces):
    return exact(counts, traces, roughly)


def exact(counts, traces, compare=compare):
    wrong, matched = [], set()
    for path in sorted(glob.glob(glob.escape(counts) + ".*")):
        pid, _, again = path[len(counts) + 1:].partition(".")
        trace = f"{traces}.{pid}.tmz" + (f".{again}" if again else "")
        matched.add(trace)
        if os.path.exists(trace):
            wrong += compare(path, trace)
        elif counter(path)["allocations"] + counter(path)["frees"]:
            wrong.append(f"{os.path.basename(trace)} is missing: {counter(path)}")
    wrong += [f"{trace} has no counter" for trace in glob.glob(glob.escape(traces) + ".*.tmz*")
              if trace.removesuffix(".live") not in matched]
    if not matched:
        wrong.append("nothing was counted")
    return wrong


def rows(path):
    return json.load(open(path))["statistics"]


def stands_at(row, name, line):
    (got_name, got_line) = row["traceback"][0]
    return got_line == line and ("/" + got_name).endswith("/" + name.lstrip("./"))


def site(path, name, line, count, size):
    found = [row for row in rows(path) if stands_at(row, name, int(line))]
    got = [(row["count"], row["size"]) for row in found]
    return [] if got == [(int(count), int(size))] else [f"{name}:{line}: {(count, size)} wanted, found {got}"]


def first(path, name, line, count, size):
    row = rows(path)[0]
    good = stands_at(row, name, int(line)) and (row["count_diff"], row["size_diff"]) == (int(count), int(size))
    return [] if good else [f"the first row is {row}"]


def traces(trace):
    run = subprocess.run([os.environ["TMTRACE"], "export", trace], stdout=subprocess.PIPE)
    if run.returncode:
        sys.exit(f"{trace}: export ends with status {run.returncode}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def live(trace, domain, least):
    print(*sorted(t["size"] for t in traces(trace) if t["domain"] == int(domain) and t["size"] >= int(least)))


def total(trace):
    print(sum(t["size"] for t in traces(trace)))


def frames(trace, size):
    print(*(f'{len(t["traceback"])}/{t["total_nframe"]}' for t in traces(trace) if t["size"] == int(size)))


def get(path, keys):
    value = json.load(open(path))
    for key in keys.split("."):
        value = value[int(key) if isinstance(value, list) else key]
    print(json.dumps(value) if not isinstance(value, str) else value)


def main():
    command, *args = sys.argv[1:]
    if command == "counter":
        print(json.dumps(counter(*args)))
        return
    if command in ("get", "live", "total", "frames"):
        {"get": get, "live": live, "total": total, "frames": frames}[command](*args)
        return
    wrong = {"exact": exact, "forked": forked, "whole": whole, "site": site, "first": first}[command](*args)
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
