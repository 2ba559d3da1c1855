#!/usr/bin/python3
"""Whether the traces of a folder are whole and plausible: traces.py FOLDER LEAST.

Prints one line of totals, then what is wrong; status 1 if something is, or if there are less than LEAST allocations.
"""
import concurrent.futures
import glob
import json
import os
import subprocess
import sys

TMTRACE = os.environ["TMTRACE"]
FLAWS = ("lost_events", "unknown_frees", "order_conflicts", "stack_differences")


def run(*command):
    return subprocess.run([TMTRACE, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", timeout=600)


def held_at_start(trace):
    """Blocks of the heap that a forked child inherited."""
    told = run("stats", "--domain-filter", "include,0", "--format", "json", trace + "@start")
    return json.loads(told.stdout)["total"]["count"] if told.returncode == 0 else 0


def look(trace):
    """(what info tells or None, what is wrong with it)."""
    verified = run("verify", trace)
    wrong = [] if verified.returncode == 0 else ["verify: " + (verified.stdout + verified.stderr).strip()]
    answer = run("info", "--format", "json", trace)
    if answer.returncode or answer.stderr:
        wrong.append(f"info: status {answer.returncode}: {answer.stderr.strip()}")
    if answer.returncode:
        return None, wrong
    told = json.loads(answer.stdout)
    events, quality = told["events"], told["quality"]
    wrong += [f"{name}: {quality[name]}" for name in FLAWS if quality.get(name)]
    heap = next((domain for domain in told["domains"] if domain["domain"] == 0), {"size": 0, "count": 0})
    known = events["frees"] - quality["unknown_frees"] - quality["inherited_frees"]
    if heap["count"] != events["allocations"] - known:
        if heap["count"] != held_at_start(trace) + events["allocations"] - known:
            wrong.append(f"{heap['count']} blocks live, but {events['allocations']} allocations and {known} frees")
    if any(domain["size"] < 0 or domain["count"] < 0 for domain in told["domains"]):
        wrong.append(f"less than nothing is live: {told['domains']}")
    if told["peak"]["size"] < told["live"]["size"]:
        wrong.append(f"the peak, {told['peak']['size']}, is below the end, {told['live']['size']}")
    return told, wrong


def main():
    folder, least = sys.argv[1], int(sys.argv[2])
    traces = sorted(path for path in glob.glob(folder + "/*") if not path.endswith(".live"))
    left = len(glob.glob(folder + "/*.live"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        looks = list(pool.map(look, traces))
    told = [one for one, _ in looks if one]
    allocations = sum(one["events"]["allocations"] for one in told)
    frees = sum(one["events"]["frees"] for one in told)
    incomplete = sum(one["quality"]["incomplete_tracebacks"] for one in told)
    print(f"{len(traces):,} processes ({left} killed), {allocations:,} allocations, {frees:,} frees, "
          f"{incomplete:,} tracebacks incomplete")
    bad = [f"{os.path.basename(trace)}: {text}" for trace, (_, wrong) in zip(traces, looks) for text in wrong]
    if allocations < least:
        bad.append(f"at least {least:,} allocations were expected")
    print("".join(text + "\n" for text in bad[:20]), end="")
    sys.exit(bool(bad))


main()
