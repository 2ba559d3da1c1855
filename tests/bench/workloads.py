# SPDX-License-Identifier: MIT
"""What is run: real programs with work of half a second or more, the same at every run."""
import os
import shutil
import subprocess
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "../data")
PYTHON = {"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}

# `heaptrack`: may be run under it (it wants 16 GiB and more for cc1plus). `bytes`: the (must, aim) of trace bytes an event.
Workload = namedtuple("Workload", "command environment heaptrack bytes", defaults=({}, True, None))
NAMES = ["sqlite3", "python3-objects", "python3-json", "perl", "xmllint", "c++20", "c++50", "cc1plus"]


def prepare_xml(scratch, books):
    path = os.path.join(scratch, f"library-{books}.xml")
    if not os.path.exists(path):
        with open(path, "w") as out:
            subprocess.run(["perl", f"{DATA}/library.pl", str(books)], stdout=out, check=True)
    return path


def prepare_cc1plus(scratch):
    """The compiler proper and its input, or None."""
    path = os.path.join(scratch, "headers.ii")
    if not shutil.which("g++"):
        return None
    if not os.path.exists(path):
        subprocess.run(["g++", "-E", "-O1", f"{HERE}/headers.cc", "-o", path], check=True)
    compiler = subprocess.run(["g++", "-print-prog-name=cc1plus"], stdout=subprocess.PIPE, text=True, check=True)
    return [compiler.stdout.strip(), "-quiet", "-O1", path, "-o", "/dev/null"]


def prepare(name, build, scratch, size=1.0):
    """The workload, `size` times as large as usual; None where its program is not installed."""
    def scaled(n):
        return str(max(1, round(n * size)))

    if name == "sqlite3":
        made = Workload(["sqlite3", "-cmd", f"create temp table size as select {scaled(400000)} n", ":memory:",
                         f".read {HERE}/orders.sql"], bytes=(0.08, 0.05))
    elif name == "python3-objects":
        made = Workload(["/usr/bin/python3", "-sS", f"{HERE}/objects.py", scaled(14)], PYTHON)
    elif name == "python3-json":
        made = Workload(["/usr/bin/python3", "-sS", f"{HERE}/json_loop.py", scaled(800)], PYTHON, bytes=(0.8, 0.4))
    elif name == "perl":
        made = Workload(["perl", f"{DATA}/words.pl", scaled(600000)], {"PERL_HASH_SEED": "0"})
    elif name == "xmllint":
        if not shutil.which("perl") or not shutil.which("xmllint"):
            return None
        made = Workload(["xmllint", "--noblanks", "--noout", prepare_xml(scratch, scaled(250000))])
    elif name in ("c++20", "c++50"):
        made = Workload([f"{build}/bench/nested", name[3:], scaled(250000)])
    elif name == "cc1plus":
        command = prepare_cc1plus(scratch)
        if not command:
            return None
        made = Workload(command, heaptrack=False, bytes=(1.3, 0.9))
    return made if shutil.which(made.command[0]) else None
