# SPDX-License-Identifier: MIT
"""Commands run and measured; medians of rounds; nothing here knows what is compared."""
import glob
import os
import statistics
import subprocess
import sys
from collections import namedtuple

# Seconds until the command returned; user + system seconds of all its processes; the largest
# resident set of any of them in MiB; what it said on standard error, if that was asked for.
Run = namedtuple("Run", "wall cpu rss said")
# A command as one of several that do the same work, the files that it writes (a prefix), what is preloaded, and
# variables of its own.
Contender = namedtuple("Contender", "command output preload environment", defaults=(None, None, None))


def clean_environment():
    """Without what would change how either tool works: settings of ours, and a server to ask for debug files."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("TMTRACE_", "BENCH_", "DEBUGINFOD_")) and name != "LD_PRELOAD"}


def measure(build, contender, environment=None, listen=False):
    env = {**clean_environment(), **(environment or {}), **(contender.environment or {})}
    if contender.preload:
        env.update(BENCH_PRELOAD=contender.preload, TMTRACE_OUTPUT=contender.output)
    if listen:
        env["BENCH_STDERR"] = "1"
    for old in glob.glob(f"{contender.output}*") if contender.output else []:
        os.unlink(old)
    done = subprocess.run([f"{build}/bench/measure", *contender.command], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE if listen else None)
    if done.returncode:
        sys.exit(f"bench: {' '.join(contender.command)}: {done.stderr or 'could not be measured'}")
    wall, cpu, rss, status = map(int, done.stdout.split())
    if status:
        sys.exit(f"bench: {' '.join(contender.command)}: wait status {status}")
    return Run(wall / 1e9, cpu / 1e6, rss / 1024, done.stderr)


def interleave(build, contenders, rounds, environment=None, listen=False):
    """{name: [Run]}: each round runs all of them, so that what the machine does meanwhile hits all alike."""
    runs = {name: [] for name in contenders}
    measure(build, next(iter(contenders.values())), environment, listen)  # the files that it reads are in memory now
    for _ in range(rounds):
        for name, contender in contenders.items():
            runs[name].append(measure(build, contender, environment, listen))
    return runs


def middle(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def added(runs, base, what):
    """Over the base: the median of the rounds' differences. A round's runs are neighbours in time."""
    return statistics.median(getattr(run, what) - getattr(bare, what) for run, bare in zip(runs, base))


def spread(runs, what):
    """How far the rounds lie apart, as a part of their median: the noise to read the figures by."""
    values = [getattr(run, what) for run in runs]
    return (max(values) - min(values)) / statistics.median(values)


def written(contender):
    """Bytes of all files that the contender's last run left."""
    return sum(os.path.getsize(path) for path in glob.glob(f"{contender.output}*"))
