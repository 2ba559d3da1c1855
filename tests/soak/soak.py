#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Programs that run for long, recorded, beside the same untraced: memory, losses, reading meanwhile.

`endless` is tests/programs/endless.c, which asks the library what memory it takes; `redis` is
redis-server under redis-benchmark, with threads for its input and output. The resident memory of the
recorded process, less that of the other one, and what the library says of itself must not grow after
the first minute (in short runs: the first half); no event is lost; and whoever reads the trace at any
moment, by verify, stats, info and ctl in turn, finds it whole.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

GROWTH = 2 << 20  # bytes that are no growth: pages come and go
REDIS_TESTS = "set,get,incr,lpush,lpop,sadd,hset,zadd,mset"


class Failures(list):
    def check(self, good, text):
        print(f"{'ok' if good else 'not ok'} {text}", flush=True)
        if not good:
            self.append(text)


def resident(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS")), 0)
    except OSError:
        return 0


class Program:
    """Started traced or not; its samples are (seconds, resident bytes)."""

    def __init__(self, command, preload, trace, name=None, out=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TMTRACE_")}
        if trace:
            environment.update(LD_PRELOAD=preload, TMTRACE_OUTPUT=trace)
        self.trace, self.samples, self.begin = trace, [], time.monotonic()
        self.process = subprocess.Popen([name or command[0], *command[1:]], executable=command[0], env=environment,
                                        stdout=out or subprocess.DEVNULL)

    def sample(self):
        self.samples.append((time.monotonic() - self.begin, resident(self.process.pid)))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def most(samples, begin, end):
    return max((value for at, value in samples if begin <= at < end), default=0)


def growth(samples, settled, seconds):
    """Of the most in the last part over the most in the first part after `settled`."""
    part = (seconds - settled) / 3
    return most(samples, seconds - part, seconds + 60) - most(samples, settled, settled + part)


class Reader(threading.Thread):
    """Reads the trace of a running program over and over."""

    def __init__(self, tmtrace, program, failures):
        super().__init__(daemon=True)
        self.tmtrace, self.program, self.failures = tmtrace, program, failures
        self.stopped, self.times, self.slowest = threading.Event(), 0, 0

    def read(self, words):
        start = time.monotonic()
        told = subprocess.run([self.tmtrace, *words], capture_output=True, text=True, errors="replace", check=False)
        self.slowest = max(self.slowest, time.monotonic() - start)
        good = told.returncode == 0 and not told.stderr
        if good and words[0] == "info":
            info = json.loads(told.stdout)
            good = not any(info["quality"][name] for name in ("lost_events", "unknown_frees", "order_conflicts"))
        elif good and words[0] == "ctl":
            good = "none lost" in told.stdout
        elif good and words[0] == "verify":
            good = "nothing lost" in told.stdout
        if not good and not self.stopped.is_set():
            self.failures.check(False, f"{' '.join(words)}: status {told.returncode}: {told.stdout[-400:]}{told.stderr[-400:]}")
        self.times += 1
        return time.monotonic() - start

    def run(self):
        trace, pid = self.program.trace, str(self.program.process.pid)
        while not self.stopped.is_set():
            for words in (["verify", trace], ["stats", trace, "-n", "1"], ["info", trace, "--format", "json"],
                          ["ctl", pid, "status"]):
                took = self.read(words)
                if self.stopped.wait(max(2, took)):
                    return


def mib(size):
    return f"{size / (1 << 20):.1f} MiB"


def soak(name, args, traced, untraced, failures):
    """Lets both run, and judges how the traced one was read and did not grow."""
    settled, reader = min(60, args.seconds / 2), Reader(args.tmtrace, traced, failures)
    reader.start()
    while time.monotonic() - traced.begin < args.seconds:
        time.sleep(1)
        traced.sample()
        untraced.sample()
        if traced.process.poll() is not None:
            break
    reader.stopped.set()
    reader.join()
    for which, program in (("untraced", untraced), ("traced", traced)):
        print(f"{name}: {which}: {mib(most(program.samples, 0, settled))} resident at most in the first {settled:.0f} s, "
              f"{mib(most(program.samples, settled, args.seconds + 60))} after it")
    grown = growth(traced.samples, settled, args.seconds) - max(0, growth(untraced.samples, settled, args.seconds))
    failures.check(grown <= GROWTH, f"{name}: its memory is flat after {settled:.0f} s: {mib(grown)} more than untraced")
    failures.check(reader.times > 4, f"{name}: read {reader.times} times meanwhile, {reader.slowest:.1f} s at most")


def check_trace(name, args, trace, status, failures):
    """`status`: of the traced and of the untraced process."""
    told = subprocess.run([args.tmtrace, "info", "--format", "json", trace], capture_output=True, text=True, check=False)
    info = json.loads(told.stdout or "{}")
    quality = info.get("quality", {})
    failures.check(status[0] == status[1], f"{name}: it ends as untraced, status {status[1]}")
    failures.check(info.get("complete"), f"{name}: its trace is complete")
    for wrong in ("lost_events", "unknown_frees", "order_conflicts", "damaged_chunks"):
        failures.check(quality.get(wrong) == 0, f"{name}: {wrong} is 0")
    events = info.get("events", {}).get("all", 0)
    print(f"{name}: {events:,} events, {os.path.getsize(trace) / 1e6:.1f} MB, {info.get('threads')} threads", flush=True)
    return info


def endless(args, scratch, failures):
    command = [os.path.join(args.build, "tests/endless"), "4", str(args.pace)]
    trace, out = os.path.join(scratch, "endless.tmz"), os.path.join(scratch, "endless.out")
    with open(out, "w", encoding="ascii") as stdout:
        traced, untraced = Program(command, args.preload, trace, out=stdout), Program(command, args.preload, None)
        soak("endless", args, traced, untraced, failures)
        status = (traced.end(), untraced.end())
    info = check_trace("endless", args, trace, status, failures)
    with open(out, encoding="ascii") as file:
        lines = [line.split() for line in file]
    memory = [(int(line[1]), int(line[3])) for line in lines if line[0] == "second"]
    grown, settled = growth(memory, min(60, args.seconds / 2), args.seconds), min(60, args.seconds / 2)
    failures.check(0 < most(memory, 0, args.seconds) and grown <= GROWTH, "endless: tmtrace_get_tracer_memory is flat: "
                   f"{mib(most(memory, 0, settled))} at first, {mib(most(memory, settled, args.seconds + 60))} after it")
    truth = [int(word) for word in lines[-1][1:]]
    over = info["events"]["allocations"] - truth[0]
    # For each thread glibc allocates its table of TLS blocks; stdout and what is before main come on top.
    failures.check(0 <= over <= 2 * truth[3] + 20, f"endless: all of {truth[0]:,} allocations, by {truth[3]:,} threads")


def redis_start(args, scratch, trace):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    # Debian's redis-server is this file of redis-tools by another name.
    server = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    folder = tempfile.mkdtemp(dir=scratch)
    program = Program([server, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder,
                       "--io-threads", "2", "--io-threads-do-reads", "yes"], args.preload, trace, name="redis-server")
    for _ in range(100):
        if subprocess.run(["redis-cli", "-p", port, "ping"], capture_output=True, check=False).returncode == 0:
            break
        time.sleep(0.1)
    load = subprocess.Popen(["redis-benchmark", "-p", port, "-l", "-q", "-r", "10000", "-n", "20000", "-c", "20", "-P", "8", "-d",
                             "100", "-t", REDIS_TESTS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return program, load


def redis(args, scratch, failures):
    if not shutil.which("redis-benchmark"):
        print("skip redis: redis-tools is not installed")
        return
    trace = os.path.join(scratch, "redis.tmz")
    started = [redis_start(args, scratch, trace), redis_start(args, scratch, None)]
    try:
        soak("redis", args, started[0][0], started[1][0], failures)
    finally:
        for _, load in started:
            load.kill()
            load.wait()
        status = [program.end() for program, _ in started]
    check_trace("redis", args, trace, status, failures)


PROGRAMS = {"endless": endless, "redis": redis}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--seconds", type=float, default=600, help="of each program; default 600")
    parser.add_argument("--pace", type=int, default=50, help="thousands of events a second of each of 4 threads; default 50")
    parser.add_argument("program", nargs="*", help=f"of {', '.join(PROGRAMS)}; default all")
    args = parser.parse_args()
    args.tmtrace, args.preload = (os.path.abspath(os.path.join(args.build, name)) for name in ("tmtrace", "libtmtrace.so"))
    failures = Failures()
    with tempfile.TemporaryDirectory(prefix="tmtrace-soak-") as scratch:
        for name in args.program or PROGRAMS:
            PROGRAMS[name](args, scratch, failures)
    print(f"{len(failures)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
