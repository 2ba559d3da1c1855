#!/usr/bin/python3
"""sums.py FOLDER LEAST: the sum over the traces in FOLDER, at least LEAST of them, is that of each alone, in every key."""
import json
import os
import subprocess
import sys
from collections import Counter

KEYS = "lineno filename function module traceback domain thread process".split()


def stats(*arguments):
    run = subprocess.run([os.environ["TMTRACE"], "stats", "--format", "json", *arguments], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def rows(told, before=""):
    sizes, counts = Counter(), Counter()
    for row in told["statistics"]:
        name = before + json.dumps(row.get("key", row.get("traceback")))
        sizes[name] += row["size"]
        counts[name] += row["count"]
    return sizes + Counter(), counts


def compare(what, one, other):
    if one != other:
        sys.exit(f"{what}: {one} in the sum, {other} in the single traces")


def check_key(folder, key):
    whole = stats(folder, "-g", key)
    sizes, counts, total = Counter(), Counter(), Counter()
    for part in whole["traces"]:
        alone = stats(part["trace"], "-g", key)
        compare(f"{key}: {part['trace']}", part["total"], alone["total"])
        total.update(alone["total"])
        if key not in ("thread", "process"):  # whose keys differ
            more = rows(alone)
            sizes += more[0]
            counts += more[1]
    compare(key + ": total", Counter(whole["total"]), total)
    if key in ("thread", "process"):
        compare(key + ": rows", sum(row["size"] for row in whole["statistics"]), total["size"])
    else:
        compare(key + ": sizes", rows(whole)[0], sizes)
        compare(key + ": counts", rows(whole)[1], counts)
    return whole


def main():
    folder, least = sys.argv[1], int(sys.argv[2])
    for key in KEYS:
        whole = check_key(folder, key)
    if len(whole["traces"]) < least or whole["left_out"]:
        sys.exit(f"{len(whole['traces'])} traces, {len(whole['left_out'])} left out")
    names = [part["process"] for part in whole["traces"]]
    compare("names of processes", len(set(names)), len(names))
    by_process = {row["key"]: row["size"] for row in whole["statistics"]}
    compare("processes", by_process, {part["process"]: part["total"]["size"] for part in whole["traces"] if part["total"]["count"]})


main()
