#!/usr/bin/python3
"""Records under limits and in places that are no place for a trace: the program must not notice.

Prints one line for each fact, as the cases of tests/preload do.
"""
import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys

TMTRACE, LIB, COUNTER, PROGRAMS = (os.environ[name] for name in ("TMTRACE", "LIB", "COUNTER", "PROGRAMS"))
MIB = 1 << 20


def report(good, fact, why=""):
    print("ok" if good else "not ok", fact)
    if not good:
        print("    " + str(why)[:600])
    sys.stdout.flush()


def run(command, env=None, prepare=None, stderr=subprocess.PIPE, counted=True):
    """Status, stdout and stderr, in a fresh folder `place` that has an empty folder `out`."""
    shutil.rmtree("place", ignore_errors=True)
    os.makedirs("place/out")
    if env is not None:
        env = {"LD_PRELOAD": f"{COUNTER} {LIB}" if counted else LIB, "COUNTER_OUTPUT": os.path.abspath("place/count"),
               "TMTRACE_OUTPUT": os.path.abspath("place/out/trace.%p.tmz"), **env}
    try:
        done = subprocess.run(command, cwd="place", env={**os.environ, **(env or {})}, preexec_fn=prepare, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        return "still running", b"", b""


def limit(**limits):
    def prepare():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    return prepare


def said(stderr):
    return b"".join(line + b"\n" for line in (stderr or b"").splitlines() if not line.startswith(b"tmtrace: "))


def unchanged(fact, command, prepare=None, counted=True):
    plain, traced = run(command, None, prepare), run(command, {}, prepare, counted=counted)
    report(plain[:2] == traced[:2] and plain[2] == said(traced[2]), fact, f"{plain} became {traced}")


def accounted():
    """Where counts and traces differ: of every process that has a trace."""
    wrong = []
    for name in os.listdir("place"):
        if not name.startswith("count."):
            continue
        trace = f"place/out/trace.{name[6:]}.tmz"
        if not os.path.exists(trace):
            continue
        with open("place/" + name, "rb") as file:
            allocations, frees = struct.unpack_from("<QQ", file.read(), 16)
        told = subprocess.run([TMTRACE, "info", "--format", "json", trace], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if told.returncode:
            wrong.append(told.stderr)
            continue
        info = json.loads(told.stdout)
        events, lost = info["events"], info["quality"]["lost_events"]
        mapped = events["all"] - events["allocations"] - events["frees"]
        if not allocations + frees <= events["all"] + lost <= allocations + frees + mapped + 3:
            wrong.append(f"{trace}: {allocations} + {frees} calls, {events}, {lost} lost")
    return wrong


def files():
    for size in (0, 1, 4096, 16384, 70000, 300000):
        counted = size > 4096  # or the counter has no file
        unchanged(f"files of at most {size} bytes: the same", [PROGRAMS + "/faulty"], limit(FSIZE=size), counted)
        wrong = accounted()
        report(not wrong, f"files of at most {size} bytes: what is lost is told", wrong)
        over = [name for name in os.listdir("place/out") if os.path.getsize("place/out/" + name) > size]
        report(not over, f"files of at most {size} bytes: none is larger", over)
    told = run([PROGRAMS + "/faulty"], {"TMTRACE_VERBOSE": "1"}, limit(FSIZE=70000))[2].decode()
    report(re.search(r"(?m)^tmtrace: [\d,]+ events in .*\.tmz, [\d,]+ lost$", told), "the line at the end has the losses", told)


def memory():
    """A limit that the program alone just fits in leaves nothing for the library, but it must not crash it."""
    need = 64 * MIB
    while run([PROGRAMS + "/faulty"], None, limit(AS=need))[0] != 4 and need < 4096 * MIB:
        need += 64 * MIB
    for more in (0, 1, 3, 10, 30):
        status = run([PROGRAMS + "/faulty"], {}, limit(AS=need + more * MIB), counted=False)[0]
        report(isinstance(status, int) and status >= 0, f"{more} MiB of addresses more than the program needs: no crash", status)
    unchanged("200 MiB more: the same", [PROGRAMS + "/faulty"], limit(AS=need + 200 * MIB), counted=False)


def descriptors():
    for n in (5, 6, 8, 20, 63, 64, 65, 511, 513):
        unchanged(f"{n} descriptors: the same", [PROGRAMS + "/faulty"], limit(NOFILE=n))
        if n > 5:
            wrong = accounted()
            report(not wrong, f"{n} descriptors: what is lost is told", wrong)
    unchanged("no descriptor open but stdout: the same", [PROGRAMS + "/exits", "exit"], lambda: (os.close(0), os.close(2)))


def places():
    unchanged("the folder of the trace goes away: the same",
              ["sh", "-c", f'rm -rf out; {PROGRAMS}/faulty; echo $?; {PROGRAMS}/faulty; echo $?'])
    report(not os.path.exists("place/out"), "and nobody makes it anew")
    unchanged("another file has taken its name: the same",
              ["sh", "-c", f'for t in out/*; do rm -f "$t"; echo precious >"$t"; done; {PROGRAMS}/faulty; echo $?'])
    texts = [open("place/out/" + name, "rb").read() for name in os.listdir("place/out")]
    report(texts.count(b"precious\n") == 2, "and stays as it is, and so that of its journal", [text[:20] for text in texts])
    unchanged("the working folder goes away: the same",
              ["sh", "-c", f'mkdir gone; cd gone; rmdir ../gone; TMTRACE_OUTPUT=x.tmz {PROGRAMS}/exits exit; echo $?'])
    report(not [name for name in os.listdir("place") if name.startswith("x.tmz")], "and no trace is anywhere else")
    if os.geteuid():
        print("skip only root has a chroot")
        return
    jail = ('mkdir "jail"; @a = map { [$_] } 1 .. 20000; chroot("jail") or die; chdir "/"; opendir(D, "/"); print sort(readdir D); '
            '@b = map { [$_] } 1 .. 300000; print scalar(@b); unless (fork) { @c = map { [$_] } 1 .. 30000; exit 3 } wait; print $?;')
    # In a child without its shared file the counter cannot be.
    unchanged("in a chroot that has no /proc and no trace: the same", ["perl", "-e", jail], counted=False)
    run(["perl", "-e", jail], {})
    wrong = accounted()
    report(not wrong and not os.listdir("place/jail"), "in a chroot: all is told, and nothing is in it", wrong)


def filters():
    """A sandbox that answers what the library asks with EPERM, while few and while many events are left to write."""
    for kept in ("heap", "mappings"):
        for rounds in (1000, 1500000):
            fact = f"a filter of system calls that leaves {kept}, {rounds} rounds"
            unchanged(f"{fact}: the same", [PROGRAMS + "/filtered", kept, str(rounds)])
            wrong = accounted()
            report(not wrong, f"{fact}: what is lost is told", wrong)
        (trace,) = (f"place/out/{name}" for name in os.listdir("place/out") if name.endswith(".tmz"))
        subprocess.run([TMTRACE, "recover", trace, "-o", "place/copy.tmz"], check=True)
        lost = [json.loads(subprocess.check_output([TMTRACE, "info", "--format", "json", path]))["quality"]["lost_events"]
                for path in (trace, "place/copy.tmz")]
        report(lost[0] > 0 and lost[0] == lost[1], f"a filter that leaves {kept}: a recovered copy has the losses", lost)


def stderr_of_all_kinds():
    exits, say = [PROGRAMS + "/exits", "exit"], {"TMTRACE_VERBOSE": "1"}
    reader, writer = os.pipe()
    os.close(reader)
    status = run(exits, say, stderr=writer)[0]
    report(status == 3, "nobody reads stderr: no SIGPIPE", status)
    status = run([PROGRAMS + "/exits", "_exit"], {**say, "TMTRACE_OUTPUT": "/absent/x.tmz"}, stderr=writer)[0]
    report(status in (3, 4, 5, 6), "nor where there is no trace", status)
    os.close(writer)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writer, True)
    status = run(exits, say, stderr=writer)[0]
    report(status == 3, "stderr is a pipe that is full: nobody waits", status)
    os.close(reader), os.close(writer)
    with open("stderr", "wb") as file:
        file.write(bytes(2 * MIB))
        file.flush()
        status = run(exits, say, limit(FSIZE=MIB), stderr=file)[0]
    report(status == 3, "stderr is a file at its limit: no SIGXFSZ", status)


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    files()
    memory()
    descriptors()
    places()
    filters()
    stderr_of_all_kinds()


main()
