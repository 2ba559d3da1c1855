#!/usr/bin/python3
"""Cuts a trace at each byte, and changes each: `tmtrace stats` ends, says so, and takes at most twice the memory.

any_byte.py TRACE [STEP]: prints what is wrong, and at the end how many files were looked at.
"""
import os
import resource
import subprocess
import sys
import tempfile

TIMEOUT = 30


def look(path):
    """Status, what was said and the peak memory in KiB; a signal if it goes on for long."""
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen([os.environ["TMTRACE"], "stats", "-g", "traceback", path], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=said,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT)))
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = status
        said.seek(0)
        return status, said.read(), usage.ru_maxrss


def copies(whole, step):
    for at in range(0, len(whole), step):
        yield f"cut at {at}", whole[:at]
        yield f"changed at {at}", whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:]


def main():
    whole = open(sys.argv[1], "rb").read()
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    path = "damaged.tmz"
    wrong = n = 0
    look(sys.argv[1])  # names are looked up once; they are in the cache then
    status, said, most = look(sys.argv[1])
    if status or said:
        sys.exit(f"the whole trace: status {status}, {said.decode()}")
    for what, data in copies(whole, step):
        with open(path, "wb") as file:
            file.write(data)
        status, said, memory = look(path)
        if status not in (0, 1 << 8) or not said or memory > 2 * most:
            print(f"{what}: status {status}, {memory} KiB (whole: {most}), said: {said.decode()!r}")
            wrong += 1
        n += 1
    print(f"{n} damaged copies of {len(whole)} bytes")
    sys.exit(bool(wrong))


main()
