#!/usr/bin/python3
"""What the processes of tests/programs/tree.c hold, by themselves and by their traces, for tests/preload/processes.sh.

descent.py replayed OUT TRACES    by the events of TRACES.PID.tmz[.N], those of its ancestors up to the forks
descent.py told OUT TRACES        by what tmtrace says of each trace, at @start and at the end
descent.py sum OUT TRACES         the same of all processes together, by `tmtrace stats`
descent.py parent TRACE           the path of the parent's trace that it names, and whether its identity is that
Prints what differs; says nothing where all agree.
"""
import ctypes
import json
import os
import struct
import subprocess
import sys

PID, PARENT_IDENTITY, PARENT_TRACE, FORKED_AT = 2, 19, 20, 21
COUNTED = {"alloc", "free", "undo", "track", "untrack", "clear", "unmap"}
KNOWN = {}


def varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def varint(data, at):
    size = next(i for i in range(10) if data[at + i] < 128) + 1
    return next(varints(data[at:at + size])), at + size


def decompressed(data, size):
    zstd, into = ctypes.CDLL("libzstd.so.1"), ctypes.create_string_buffer(size)
    zstd.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    zstd.ZSTD_decompress(into, size, data, len(data))
    return into.raw


class Trace:
    """One file: who it is, whose child, and what the events of each of its streams do."""

    def __init__(self, path):
        data = open(path, "rb").read()
        self.path, self.fields = path, {}
        self.identity = struct.unpack_from("<Q", data, 16)[0]
        kind, flags, raw_size, size = data[36], data[37], *struct.unpack_from("<2I", data, 52)
        if kind != 1:
            sys.exit(f"{path}: does not begin with a process chunk")
        self.read_fields(data[96:96 + size] if flags & 1 else decompressed(data[96:96 + size], raw_size))

    def read_fields(self, data):
        at = 0
        while at < len(data):
            tag, at = varint(data, at)
            size, at = varint(data, at)
            self.fields[tag] = data[at:at + size]
            at += size

    def number(self, tag):
        return next(varints(self.fields[tag]))

    def parent(self):
        """The trace that this one refers to, or None."""
        if FORKED_AT not in self.fields:
            return None
        found = trace_of(self.fields[PARENT_TRACE].decode())
        if found.identity != self.number(PARENT_IDENTITY):
            sys.exit(f"{self.path}: {found.path} has another identity")
        return found

    def position(self):
        last, *pairs = varints(self.fields[FORKED_AT])
        return last, dict(zip(pairs[::2], pairs[1::2]))

    def events(self):
        """Stream, kind and fields of each event that counts. What a thread does once it is late is in stream 0."""
        run = subprocess.run([os.environ["TMTRACE"], "dump", self.path], stdout=subprocess.PIPE, check=True, text=True)
        late = set()
        for line in run.stdout.splitlines():
            _, _, thread, kind, *fields = line.split("  ")[0].split()
            if kind == "thread":
                late.add(thread)
            elif kind in COUNTED or kind == "start":
                yield 0 if thread in late else int(thread), kind, fields


def trace_of(path):
    if path not in KNOWN:
        KNOWN[path] = Trace(path)
    return KNOWN[path]


class Live:
    """What lives: sizes by domain and address."""

    def __init__(self, blocks):
        self.blocks, self.ended, self.stopped = dict(blocks), {}, False

    def take(self, stream, kind, fields):
        if kind == "start":
            self.stopped = False
        elif kind == "clear":
            self.blocks, self.stopped = {}, "stop" in fields
        elif self.stopped:
            return
        elif kind in ("alloc", "track"):
            domain = next((int(field[7:]) for field in fields if field.startswith("domain=")), 0)
            self.blocks[domain, fields[0]] = int(fields[1])
        elif kind == "undo":
            key, size = self.ended.pop(stream)
            if size is not None:
                self.blocks[key] = size
        else:
            key = (1 if kind == "unmap" else 0, fields[0])
            self.ended[stream] = key, self.blocks.pop(key, None)

    def figures(self):
        return figures(self.blocks[key] for key in self.blocks if key[0] == 0), sum(
            self.blocks[key] for key in self.blocks if key[0] == 1)


def figures(sizes):
    """Of blocks of the program itself."""
    sizes = [size for size in sizes if size % 16 == 5]
    return len(sizes), sum(sizes)


def inherited(trace):
    parent = trace.parent()
    if not parent:
        return {}
    if not hasattr(trace, "inherited"):
        last, left = trace.position()
        live = Live(inherited(parent))
        for stream, kind, fields in parent.events():
            if stream > last or (kind != "start" and not left.get(stream, 1)):
                continue
            live.take(stream, kind, fields)
            if stream in left and kind != "start":
                left[stream] -= 1
        if any(left.values()):
            sys.exit(f"{trace.path}: its parent has fewer events than were before the fork: {left}")
        trace.inherited = live.blocks
    return trace.inherited


def replayed(trace, what):
    live = Live(inherited(trace))
    if what == "held":
        for event in trace.events():
            live.take(*event)
    return live.figures()


def told(trace, what):
    moment = trace.path + ("" if what == "held" else "@start")
    run = subprocess.run([os.environ["TMTRACE"], "export", moment], stdout=subprocess.PIPE, check=True)
    traces = [json.loads(line) for line in run.stdout.splitlines()]
    return figures(t["size"] for t in traces if t["domain"] == 0), sum(t["size"] for t in traces if t["domain"] == 1)


def said(out, traces):
    """What, trace and figures of each line of the program."""
    for line in open(out):
        what, name, blocks, size, mapped = line.split()
        pid, _, again = name.partition(".")
        yield what, f"{traces}.{pid}.tmz" + (f".{again}" if again else ""), ((int(blocks), int(size)), int(mapped))


def compare(out, traces, ask):
    n = 0
    for what, path, want in said(out, traces):
        if not os.path.exists(path) and what == "born":
            continue  # it has no event, and nobody to tell
        got = ask(trace_of(path), what.rstrip("?"))
        n += 1
        near = what == "born?" and abs(got[0][0] - want[0][0]) + (got[1] != want[1]) <= 1
        if got != want and not near:
            yield f"{os.path.basename(path)}: {what}: {want} by the program, {got} by the trace"
    if not n:
        yield "nothing was said"


def stats(path, domain):
    run = subprocess.run([os.environ["TMTRACE"], "stats", path, "--domain-filter", f"include,{domain}", "--format", "json"],
                         stdout=subprocess.PIPE, check=True)
    total = json.loads(run.stdout)["total"]
    return total["count"], total["size"]


def summed(out, traces):
    ends = [(path, figures) for what, path, figures in said(out, traces) if what == "held"]
    want = [sum(figures[0][i] for _, figures in ends) for i in (0, 1)] + [sum(figures[1] for _, figures in ends)]
    heap = [stats(path, 0) for path, _ in ends]
    got = [sum(total[i] for total in heap) for i in (0, 1)] + [sum(stats(path, 1)[1] for path, _ in ends)]
    return [] if got == want else [f"{len(ends)} processes: {want} by the programs, {got} by tmtrace"]


def main():
    command, *args = sys.argv[1:]
    if command == "parent":
        parent = trace_of(args[0]).parent()
        print(os.path.basename(parent.path) if parent else "none")
        return
    wrong = summed(*args) if command == "sum" else list(compare(*args, {"replayed": replayed, "told": told}[command]))
    print("\n".join(wrong[:20]))
    sys.exit(bool(wrong))


main()
