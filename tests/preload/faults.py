#!/usr/bin/python3
"""Lets each system call of the library fail, the first, second, third ... time and from then on, in each way it may.

faults.py sample|all [CALL|storms...]    tests/programs/faulty.c is the program that must not notice
Prints one line for each way in which a call fails, as the cases of tests/preload do.
"""
import concurrent.futures
import errno
import glob
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

B, TMTRACE, PROGRAM = os.environ["B"], os.environ["TMTRACE"], os.environ["PROGRAMS"] + "/faulty"
PRELOAD = f'{os.environ["COUNTER"]} {B}/fault/libtmtrace.so'
PLAN = struct.Struct("<qQQqQ512Q")
HALF, NOTHING = 1, 2
MAPPED = {"main": 3}  # events that the counter does not count
SENTINEL = b"precious\n" * 1000

# What makes the program and the library do more.
SCENARIOS = {
    "": {},
    "api": {"TMTRACE_START": "0", "FAULTY_API": "1"},
    "live": {"TMTRACE_LIVE": "1"},
    "map": {"FAULTY_MAP": "1"},
    "say": {"TMTRACE_VERBOSE": "1"},
}
# Each call of preload/sys.h: its number, how it may fail, and in which scenarios.
# A sandbox may forbid those that never fail otherwise.
CALLS = {
    "openat": (257, "EMFILE ENFILE EACCES ENOSPC EROFS ENOENT EINTR EIO EDQUOT ENOMEM"),
    "close": (3, "EINTR EIO"),
    "read": (0, "EIO EINTR NOTHING HALF"),
    "pread64": (17, "EIO EINTR NOTHING HALF", "map"),
    "writev": (20, "EPIPE EAGAIN EBADF", "say"),
    "poll": (7, "EINTR ENOMEM", "say"),
    "rt_sigpending": (127, "EPERM", "say"),
    "pwrite64": (18, "ENOSPC EIO EDQUOT EFBIG EINTR EBADF HALF NOTHING"),
    "pwritev": (296, "ENOSPC EIO EDQUOT EINTR HALF NOTHING"),
    "fstat": (5, "EIO EBADF ENOMEM"),
    "newfstatat": (262, "EACCES EIO ENOMEM"),
    "ftruncate": (77, "ENOSPC EIO EINTR EFBIG EPERM", "", "api"),
    "fstatfs": (138, "EIO ENOSYS EINTR"),
    "fcntl": (72, "EMFILE EINVAL EPERM", "", "api"),
    "unlink": (87, "EACCES EROFS EIO ENOENT"),
    "readlink": (89, "EACCES ENOENT EIO"),
    "getcwd": (79, "ENOENT ENOMEM"),
    "mmap": (9, "ENOMEM EAGAIN EACCES ENODEV", "", "api", "live"),
    "mprotect": (10, "ENOMEM EACCES"),
    "munmap": (11, "ENOMEM EINVAL"),
    "madvise": (28, "ENOMEM EAGAIN EINVAL", "", "live"),
    "memfd_create": (319, "ENOSYS EMFILE ENOMEM EINVAL EPERM", "api"),
    "membarrier": (324, "ENOSYS EPERM"),
    "tgkill": (234, "EPERM EAGAIN"),
    "prlimit64": (302, "EPERM ENOSYS"),
    "getrusage": (98, "EPERM"),
    "uname": (63, "ENOSYS"),
    "ioctl": (16, "ENOTTY EIO"),
    "prctl": (157, "EINVAL EPERM"),
    "clock_gettime": (228, "EINVAL EPERM"),
    "nanosleep": (35, "EINTR"),
    "futex": (202, "EINTR EAGAIN ENOSYS"),
    "rt_sigprocmask": (14, "EPERM"),
    "probe": (511, "EFAULT EPERM"),
    "getppid": (110, "EPERM"),
    "gettid": (186, "EPERM"),
    "geteuid": (107, "EPERM", "map"),
}
# Why others are not among them.
EXEMPT = {
    "exit_group": "does not return",
    "getpid": "always succeeds, and nothing would go on without it",
    "rt_sigtimedwait": "takes back a signal that a failing writev raised, see limits.py",
    "sigaltstack": "only asks, into memory of its caller",
}
# Of the program, made for it by preload/mapping.c.
FORWARDED = ("pkey_mprotect", "mremap")
EACH_MAX = 250
TELLS_CHILDREN = ("openat", "read")  # without them a child does not know that it is one
# Where one of these fails, the journal may have to stay.
KEEPS_JOURNAL = ("openat", "unlink", "fcntl", "pwrite64", "mmap")


ANY, RATES = -2, (5, 20, 100, 300, 600, 900)  # FAULT_ANY of tests/faults/fault_plan.h, in a thousand


def result_of(way):
    return {"HALF": HALF, "NOTHING": NOTHING}.get(way) or -getattr(errno, way)


class Run:
    """One life of the program in a folder of its own."""

    def __init__(self, call=None, way="EIO", first=1, last=1, scenario="", plan=(-1, 0, 0, 0), name="no fault"):
        self.call, self.scenario = call, scenario
        self.plan, self.name = plan, name
        if call:
            self.plan = (CALLS[call][0], first, last, result_of(way))
            self.name = f"{call} {way} {first}{'' if first == last else ' and later'}{scenario and ', '}{scenario}"
        self.totals, self.lost = {}, 0
        self.folder = tempfile.mkdtemp(prefix="run-", dir=".")
        try:
            self.live()
            self.wrong = self.judge()
        finally:
            shutil.rmtree(self.folder)
            for pid in self.pids:
                if os.path.exists(f"/tmp/perf-{pid}.map"):
                    os.unlink(f"/tmp/perf-{pid}.map")

    def at(self, name):
        return os.path.abspath(os.path.join(self.folder, name))

    def live(self):
        for name in ("work", "out", "count", "guard"):
            os.mkdir(self.at(name))
        for name in ("guard/a", "guard/b.tmz", "guard/b.tmz.live"):
            with open(self.at(name), "wb") as file:
                file.write(SENTINEL)
        with open(self.at("plan"), "wb") as file:
            file.write(PLAN.pack(*self.plan, 0, *[0] * 512))
        env = {**os.environ, **SCENARIOS[self.scenario], "LD_PRELOAD": PRELOAD, "FAULT_PLAN": self.at("plan"),
               "COUNTER_OUTPUT": self.at("count/count"), "TMTRACE_OUTPUT": self.at("out/trace.%p.tmz")}
        self.status, self.out, self.err = execute(env, self.at("work"))
        self.pids = sorted(int(name[6:]) for name in os.listdir(self.at("count")))
        with open(self.at("plan"), "rb") as file:
            _, _, _, _, self.injected, *self.counts = PLAN.unpack(file.read())

    def judge(self):
        wrong = []
        if BARE and (self.status, self.out) != BARE[:2]:
            wrong.append(f"status {self.status}, not {BARE[0]}; it said {self.out!r}")
        if sorted(os.listdir(self.folder)) != ["count", "guard", "out", "plan", "work"] or os.listdir(self.at("work")):
            wrong.append(f"files that nobody asked for: {os.listdir(self.folder)} {os.listdir(self.at('work'))}")
        if sorted(os.listdir(self.at("guard"))) != ["a", "b.tmz", "b.tmz.live"] or any(
                open(self.at("guard/" + name), "rb").read() != SENTINEL for name in os.listdir(self.at("guard"))):
            wrong.append("a file of somebody else was changed")
        if not isinstance(self.status, int):
            return wrong
        self.traces = self.find_traces()
        lines = [line for line in self.err.splitlines() if not self.is_expected(line)]
        if lines or self.too_many_said():
            wrong.append(f"stderr: {self.err!r}")
        for pid in self.pids:
            wrong += self.judge_process(pid)
        for pid in self.traces:
            if not os.path.exists(self.at(f"count/count.{pid}")):
                wrong.append(f"a trace of the unknown process {pid}")
        return wrong

    def too_many_said(self):
        return self.err.count("runs untraced") > (4 if self.call in TELLS_CHILDREN else 1)

    def counted_calls(self, pid):
        """Allocations and frees of a process, by the counter."""
        with open(self.at(f"count/count.{pid}"), "rb") as file:
            return struct.unpack_from("<QQ", file.read(), 16)

    def is_expected(self, line):
        if self.scenario == "say" and re.fullmatch(r"tmtrace: [\d,]+ events in .*\.tmz(\.\d)?(, [\d,]+ lost)?", line):
            return True
        return re.fullmatch(r"tmtrace: .*; the program runs untraced", line)

    def find_traces(self):
        traces = {}
        for name in sorted(os.listdir(self.at("out"))):
            match = re.fullmatch(r"trace\.(\d+)\.tmz(\.\d+)?(\.live)?", name)
            traces.setdefault(int(match[1]) if match else name, []).append(name)
        return traces

    def judge_process(self, pid):
        told_untraced = re.search(rf"(?m)^tmtrace: (.*\.{pid}\.tmz.*: )?[^:]*; the program runs untraced$", self.err)
        allocations, frees = self.counted_calls(pid)
        files = self.traces.get(pid, [])
        names = [name for name in files if not name.endswith(".live")]
        role = "main" if allocations > 40000 else "child" if allocations > 20000 else "exec"
        if not names:
            if not self.injected and (role != "exec" or self.scenario != "api"):
                return [f"{role}: no trace"]
            if role == "main" and not told_untraced and self.scenario != "api":
                return [f"{role}: no trace, and stderr {self.err!r}"]
            return [f"{role}: left {files}"] if files and self.call != "unlink" else []
        if told_untraced and role == "main":
            return [f"{role}: said to be untraced, but there are {files}"] if self.call != "unlink" else []
        if self.scenario == "api":
            counted = BASE["api"].totals.get(role, 0) if self.call else None
        else:
            counted = allocations + frees + MAPPED.get(role, 0)
        if len(names) > 1:
            return [f"{role}: several traces {files}"]
        wrong = []
        if len(files) > 1 and self.call not in KEEPS_JOURNAL:
            wrong.append(f"{role}: its journal is still there")
        return wrong + self.judge_trace(role, self.at("out/" + names[0]), counted)

    def judge_trace(self, role, path, counted):
        info, why = read_info(path)
        if not info:
            return [f"{role}: {why}"]
        recorded, lost = info["events"]["all"], info["quality"]["lost_events"]
        exact = info["complete"] or os.path.exists(path + ".live")
        wrong = []
        self.totals[role] = recorded
        if counted is None:
            return wrong
        if recorded + lost != counted and (exact or recorded + lost > counted):
            wrong.append(f"{role}: {counted} events, {recorded} recorded and {lost} lost, complete {info['complete']}")
        self.lost += lost  # what is missing in one trace is missing in those of its children
        if info["quality"]["damaged_chunks"] or (info["quality"]["order_conflicts"] and not self.lost):
            wrong.append(f"{role}: {info['quality']}")
        if self.call in ("mmap", "pwrite64", "fcntl") and not self.lost:
            unresolved = info["quality"]["unresolved_frames"]
            if unresolved > 1 or (self.call != "mmap" and not info["modules"]):
                wrong.append(f"{role}: {unresolved} frames in no module, and nothing is lost")
        if not lost and exact and info["quality"]["unknown_frees"]:
            wrong.append(f"{role}: {info['quality']['unknown_frees']} unknown frees, and nothing is lost")
        if not self.injected and (lost or not info["complete"] or not info["kill_safe"]):
            wrong.append(f"{role}: {lost} lost, complete {info['complete']} without a fault")
        return wrong


class Storm(Run):
    """Calls of all kinds fail, drawn by a seed: what is lost need not be told where nothing can be, but nothing is made up."""

    def __init__(self, seed, rate, scenario):
        super().__init__(scenario=scenario, plan=(ANY, seed, rate, 0), name=f"seed {seed}, {rate} of 1000, {scenario}")

    def too_many_said(self):
        return self.err.count("runs untraced") > len(self.pids) + 1  # an image that was executed says it for itself

    def judge_process(self, pid):
        allocations, frees = self.counted_calls(pid)
        wrong = []
        for name in self.traces.get(pid, []):
            path = self.at("out/" + name)
            if name.endswith(".live") or not os.path.getsize(path):
                continue
            info, why = read_info(path)
            if not info:
                wrong.append(f"{pid}: {why}")
                continue
            told, calls = info["events"]["all"] + info["quality"]["lost_events"], allocations + frees
            if told > calls + MAPPED["main"] or info["quality"]["damaged_chunks"]:
                wrong.append(f"{pid}: {calls} calls, {info['events']}, {info['quality']}")
        return wrong


def read_info(path):
    """What info says, or None and why it says nothing."""
    told = subprocess.run([TMTRACE, "info", "--format", "json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if told.returncode:
        return None, f"{told.stderr.decode()!r}, {os.path.getsize(path)} bytes"
    return json.loads(told.stdout), ""


def execute(env, folder):
    try:
        done = subprocess.run([PROGRAM], env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return "still running", (late.stdout or b"").decode(), (late.stderr or b"").decode()


def plans(call, way, scenario, everything):
    """Which of the calls fail: (first, last). Each one of them in the first way that `all` has for it."""
    base = BASE[scenario]
    chance = random.Random(zlib.crc32(f"{call} {way} {scenario}".encode()))
    count = base.counts[CALLS[call][0]]
    turns = range(1, 7) if everything else (1,)
    if everything and way == CALLS[call][1].split()[0]:
        turns = range(1, min(count, EACH_MAX) + 1)
    chosen = [(n, n) for n in turns if n <= max(count, 1)] + [(1, 1 << 40)]
    chosen += [(n, 1 << 40) for n in turns if everything]
    for _ in range(4 if everything else 1):
        n = chance.randint(1, max(count, 1))
        chosen += [(n, n), (n, 1 << 40)] if everything else [(n, chance.choice((n, 1 << 40)))]
    return sorted(set(chosen))


def run_all(chosen, everything):
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        todo = []
        for call in chosen:
            _, ways, *scenarios = CALLS[call]
            ways = ways.split() if everything else ways.split()[:1]
            for scenario in scenarios or [""]:
                todo += [(call, way, scenario, [pool.submit(Run, call, way, *turn, scenario)
                                                for turn in plans(call, way, scenario, everything)]) for way in ways]
        for call, way, scenario, runs in todo:
            yield call, way, scenario, [run.result() for run in runs]


def main():
    global BARE
    everything, chosen = sys.argv[1] == "all", sys.argv[2:] or [*CALLS, "storms"]
    os.mkdir("bare")
    BARE = execute({**os.environ, "LD_PRELOAD": ""}, "bare")
    report("every system call of the library is one that fails here", missing())
    for scenario in SCENARIOS:
        BASE[scenario] = Run(scenario=scenario)
        report(f"without a fault every event is recorded{scenario and ', '}{scenario}", BASE[scenario].wrong)
    for call, way, scenario, done in run_all([call for call in chosen if call not in ("storms", "mprotect")], everything):
        hit, where = sum(run.injected > 0 for run in done), scenario and f", {scenario}"
        wrong = [f"{run.name}: {text}" for run in done for text in run.wrong]
        if hit or wrong:
            report(f"{call} fails with {way}, {hit} times{where}: nobody notices, and the trace tells what is lost", wrong)
        else:
            report(f"{call}{where}: nothing calls it here", [], "skip")
    if "mprotect" in chosen:
        operators()
    if "storms" in chosen:
        storms(everything)


def storms(everything):
    """What many faults together do."""
    seeds = range(1, 31) if everything else (1,)
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        done = [pool.submit(Storm, seed, rate, scenario) for seed in seeds for rate in RATES for scenario in SCENARIOS]
    wrong = [f"{run.name}: {text}" for run in (future.result() for future in done) for text in run.wrong]
    report(f"calls of all kinds fail, one in 200 to nine in ten, in {len(done)} lives: nobody notices, and no trace is wrong", wrong)


def operators():
    """Over an allocator with an operator new of its own, whose references cannot be turned."""
    library = re.search(r"libmimalloc\.so\.\S* .*=> (\S+)", subprocess.check_output(["/sbin/ldconfig", "-p"], text=True))
    if not library:
        report("there is no mimalloc here", [], "skip")
        return
    wrong, program = [], [os.environ["PROGRAMS"] + "/operators", "1000"]
    plain = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for first, last in ((0, 0), (1, 1), (2, 2), (3, 3), (1, 1 << 40)):
        with open("plan", "wb") as file:
            file.write(PLAN.pack(CALLS["mprotect"][0], first, last, -errno.ENOMEM, 0, *[0] * 512))
        env = {**os.environ, "LD_PRELOAD": f"{B}/fault/libtmtrace.so {library[1]}", "FAULT_PLAN": os.path.abspath("plan"),
               "TMTRACE_OUTPUT": "operators.tmz"}
        done = subprocess.run(program, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        info, why = read_info("operators.tmz")
        os.unlink("operators.tmz")
        # The second one puts the protection of the first page back.
        whole = first in (0, 2)
        if (done.returncode, done.stdout) != (plain.returncode, plain.stdout) or not info or info["complete"] != whole:
            wrong.append(f"mprotect {first} to {last}: {done}, {why or (info['events'], info['complete'])}")
    report("mprotect fails where an allocator has its own operator new: nobody notices, and the trace says that it is not whole", wrong)


def missing():
    """System calls that preload/ makes and that stand nowhere above."""
    known, made = {*CALLS, *EXEMPT, *FORWARDED}, set()
    for path in glob.glob(os.environ["SOURCE"] + "/preload/*.[ch]"):
        with open(path) as file:
            made |= set(re.findall(r"\bSYS_([a-z]\w*)", file.read()))
    return [f"{name}" for name in sorted(made - known)]


def report(fact, wrong, otherwise="ok"):
    print("not ok" if wrong else otherwise, fact)
    for text in wrong[:20]:
        print("    " + text)
    sys.stdout.flush()


BARE, BASE = None, {}
if __name__ == "__main__":
    main()
