# SPDX-License-Identifier: MIT
"""Random cases whose answers come from the tracemalloc module of the Python that runs this.

A case is made of a profile, which says what is awkward about its traces, and a random number
generator; the same seed makes the same case. It has the form that ask.py reads.
"""
import itertools
import json
import os
import tracemalloc
import warnings

warnings.simplefilter("ignore", FutureWarning)  # of re, about sets that look nested

FILES = ["a.c", "b.c", "A.c", "Z.c", "a-b.c", "a/b.c", "a_b.c", "a.cc", "src/main.c", "src/Main.c", "./src/main.c",
         "/opt/app/bin/app", "libfoo.so.10", "libfoo.so.9", "<unknown>", "<unknown>", "mod.py", "mod.pyc", "mod.pyo",
         ".pyc", "pyc", "x.PYC", "dir/.hidden.c", "[x].c", "x*.c", "x?.c", "back\\slash.c", "com,ma.c", "co:lon.c",
         "sp ace.c", "ta\tb.c", "#h.c", "~t.c", "$HOME.c", "pipe|&;.c", "'q'.c", 'd"q.c', "a]b.c", "!n.c", "-dash.c",
         "^.c", "%s.c", "{}.c", "pattern=a.c", "lineno=1", ""]
ODD = ["é.c", "e\u0301.c", "日本.c", "😀.c", "ﬁ.c", "new\nline.c", "\n", "cr\r.c", "\x7f", "\x01.c", "\x85.c", "\u2028",
       "q\"\\\n.c", "\udcff.c", "\udc80", "a\udcc3", "\udce9.c", "\ue000.c", "\U0010ffff", "a.c", "<unknown>", "\t"]
GLOBS = ["*", "?", "??", "*.c", "*.py", "*.pyc", "*c", "*.py?", "*/*", "[a-z]*", "[!a-z]*", "[^a]*", "[z-a]*", "[!z-a]*",
         "[]]*", "[]a]*", "[!]]*", "[", "[a", "[[]x].c", "[[:alpha:]]*", "[a-]*", "[-a]*", "[--.]*", "\\*", "*\\*",
         "a[-_/]b.c", "*[*]*", "*[?]*", "", "**a**", "src/[Mm]ain.c", "*.so.[0-9]", "*.so.[!0-9]*", "<*>", "*,*", "*:*",
         "[a-a].c", "[a-c-e]*", "[!-a]*", "[z-a!b]*", "[a-c--z]*", "*[\n\t]*", "*\n*", "[é]*", "[\udc80-\udcff]*",
         "*\udcff*", "[\u0080-\uffff]*", "*.PYC", "[&&a]*", "[||~~]*", "?.c", "???.c", "*a*b*c*", ".*", "[.]*"]
SIZES = {
    "small": [1, 2, 8, 16, 24, 32, 48, 64, 100, 128],
    "any": [0, 1, 7, 24, 100, 512, 4096, 4097, 65536, 1 << 20, 123456789],
    "thresholds": [s + d for s in (100, 1024, 10240, 102400, 1 << 20, 10 << 20, 100 << 20, 1 << 30, 10 << 30, 100 << 30,
                                   1 << 40, 10 << 40, 100 << 40) for d in (-1, 0, 1)],
    "zeros": [0, 0, 0, 1],
    "one": [5],
    "large": [(1 << 53) + 1, (1 << 53) - 1, (1 << 62) // 64, (1 << 56) + 1, 1 << 40, 3],
}
DOMAINS = [0, 0, 0, 1, 2, 3, 255, 65536, 2**31 - 1, 2**31, 2**32 - 1]
LINES = [0, 1, 2, 3, 7, 9, 10, 11, 99, 100, 1000, 65535, 65536, 2**31 - 1]

# profile: names, how many of them, lines, sizes, deepest, traces
PROFILES = {
    "mixed": (FILES, 8, 5, "any", 6, 24), "ties": (FILES, 5, 2, "one", 4, 24), "recursion": (FILES, 2, 2, "small", 9, 20),
    "samefile": (FILES, 1, 4, "small", 4, 20), "zeros": (FILES, 4, 2, "zeros", 3, 20),
    "domains": (FILES, 3, 2, "any", 3, 24), "thresholds": (FILES, 9, 2, "thresholds", 3, 24),
    "globs": (FILES, 16, 2, "any", 3, 30), "churn": (FILES, 5, 2, "small", 2, 24), "empty": (FILES, 3, 2, "any", 3, 8),
    "truncated": (FILES, 6, 3, "any", 4, 20), "bignum": (FILES, 4, 2, "large", 4, 20), "names": (ODD, 9, 2, "small", 3, 24),
    "deep": (FILES, 4, 3, "small", 700, 6), "order": (ODD, 22, 1, "one", 2, 40),
}


def encodable(name):
    """The name that the bytes of NAME decode to: two escaped bytes may make one character."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


class Maker:
    def __init__(self, random, profile):
        names, n, lines, self.sizes, self.deepest, self.traces = PROFILES[profile]
        self.random, self.profile = random, profile
        self.names = [encodable(name) for name in random.sample(names, min(n, len(names)))]
        self.lines = random.sample(LINES, lines)
        self.limit = random.randint(1, self.deepest)
        self.stacks = [self.stack() for _ in range(random.randint(1, self.traces))]
        self.b_like_a = random.random() < 0.1

    def stack(self):
        r = self.random
        if r.random() < 0.05:
            return (("<unknown>", 0),)
        frames = [(r.choice(self.names), r.choice(self.lines)) for _ in range(r.randint(1, self.limit))]
        if self.profile in ("recursion", "deep"):
            frames = [frame for frame in frames for _ in range(r.choice([1, 1, 2, 4]))][:self.limit]
        return tuple(frames)

    def trace(self):
        r = self.random
        frames = r.choice(self.stacks)
        domain = r.choice(DOMAINS) if self.profile in ("domains", "mixed", "order") else r.choice([0, 0, 0, 1])
        total = len(frames)
        if self.profile == "truncated" or r.random() < 0.1:
            total = min(65535, total + r.choice([0, 1, 5, 300, 65535]))
        return (domain, r.choice(SIZES[self.sizes]), frames, total)

    def traces_of_snapshot(self, before=None):
        r = self.random
        if self.profile == "empty" and r.random() < 0.6:
            return []
        traces = [self.trace() for _ in range(r.randint(1, self.traces))]
        if before and (self.profile == "churn" or r.random() < 0.5):
            traces = [t for t in before if r.random() < 0.7] + traces[:len(traces) // 2]
        return list(before) if before is not None and self.b_like_a else traces

    def filter(self):
        r = self.random
        if r.random() < 0.2:
            return {"type": "domain", "inclusive": r.random() < 0.5, "domain": r.choice(DOMAINS)}
        name = r.choice(self.names)
        pattern = r.choice([r.choice(GLOBS), name, name, "*" + name[1:], name[:-1] + "?", "<unknown>",
                            "".join(r.choice("*?[]!^-\\abcxyz.:/") for _ in range(r.randint(0, 7)))])
        return {"type": "filter", "inclusive": r.random() < 0.5, "pattern": encodable(pattern),
                "lineno": r.choice([None, None, None, 0] + self.lines), "all_frames": r.random() < 0.4,
                "domain": r.choice([None, None, None, 0, 1, 2**32 - 1])}

    def filters(self):
        return [self.filter() for _ in range(self.random.choice([0, 0, 1, 1, 2, 3]))]


def live_filter(f):
    if f["type"] == "domain":
        return tracemalloc.DomainFilter(f["inclusive"], f["domain"])
    return tracemalloc.Filter(f["inclusive"], f["pattern"], f["lineno"], f["all_frames"], f["domain"])


def frames_of(traceback):
    return [[frame.filename, frame.lineno] for frame in reversed(traceback)]


def kept(snapshot, filters):
    return snapshot.filter_traces([live_filter(f) for f in filters])


def statistics(snapshot, q):
    return kept(snapshot, q["filters"]).statistics(q["key"], q["cumulative"])


def compared(snapshots, q):
    old, new = (kept(snapshots[q[side]], q["filters"]) for side in ("old", "new"))
    return new.compare_to(old, q["key"], q["cumulative"])


def stats(snapshots, q):
    return [{"size": s.size, "count": s.count, "traceback": frames_of(s.traceback)}
            for s in statistics(snapshots[q["snapshot"]], q)]


def diff(snapshots, q):
    return [{"size": s.size, "size_diff": s.size_diff, "count": s.count, "count_diff": s.count_diff,
             "traceback": frames_of(s.traceback)} for s in compared(snapshots, q)]


def chain(snapshots, q):
    snapshot = snapshots[q["snapshot"]]
    for stage in q["stages"]:
        snapshot = kept(snapshot, stage)
    return stats({q["snapshot"]: snapshot}, q)


def text_stats(snapshots, q):
    return [str(s) for s in statistics(snapshots[q["snapshot"]], q)]


def text_diff(snapshots, q):
    return [str(s) for s in compared(snapshots, q)]


def tbformat(snapshots, q):
    lines = []
    for s in snapshots[q["snapshot"]].statistics("traceback")[:q["top"]]:
        lines.append("%d memory blocks: %.1f KiB" % (s.count, s.size / 1024))
        lines += s.traceback.format(q["limit"], q["most_recent_first"])
    return lines


def export(_snapshots, _q):
    return None  # what was imported


def snapshot(snapshots, q):
    """Which traces stay, by number."""
    whole = snapshots[q["snapshot"]]
    numbered = tracemalloc.Snapshot([t[:3] + (i,) for i, t in enumerate(whole.traces._traces)], 1)
    return [trace._trace[3] for trace in kept(numbered, q["filters"]).traces]


def error(_snapshots, _q):
    return None


ANSWERS = [stats, stats, stats, diff, diff, text_stats, text_diff, tbformat, chain, export, snapshot]


def query(maker, answer):
    r = maker.random
    key = r.choice(["traceback", "lineno", "filename"])
    q = {"kind": answer.__name__, "tags": [maker.profile], "key": key,
         "cumulative": key != "traceback" and r.random() < 0.4, "filters": maker.filters()}
    if answer in (diff, text_diff):
        q["old"], q["new"] = r.choice([("a", "b")] * 4 + [("b", "a"), ("a", "a"), ("b", "b")])
    else:
        q["snapshot"] = r.choice("ab")
    if answer is chain:
        q["stages"], q["filters"] = [maker.filters() for _ in range(r.randint(1, 3))], []
    elif answer is tbformat:
        q.update(limit=r.choice([None, 0, 1, 2, 3, maker.limit, 99, -1, -2, -3, -maker.limit, -99]),
                 most_recent_first=r.random() < 0.5, top=r.choice([1, 2, 5, 100]))
    elif answer is snapshot and not q["filters"] and r.random() < 0.8:
        q["filters"] = [maker.filter()]
    elif answer is error:
        q.update(r.choice([{"key": "traceback", "cumulative": True}, {"key": "Lineno"}, {"key": "line"}, {"key": ""}]))
        q["filters"] = []
    return q


def write_traces(path, traces, random):
    """JSON Lines, in any of the forms that are allowed."""
    escaped = random.random() < 0.5 or any("\udc80" <= c <= "\udcff" for t in traces for name, _ in t[2] for c in name)
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for domain, size, frames, total in traces:
            line = {"domain": domain, "size": size, "traceback": frames, "total_nframe": total}
            if total == len(frames) and random.random() < 0.5:
                del line["total_nframe"]
            if random.random() < 0.1:
                line = dict(random.sample([*line.items(), ("note", {"size": [1, None, -2.5e3, "\n"]})], len(line) + 1))
            out.write(json.dumps(line, ensure_ascii=escaped, separators=random.choice([(",", ":"), (", ", " : ")])) + "\n")


def write_case(folder, random, profile, source):
    """One random case. SOURCE: a readable file, a name that Traceback.format() shows the text of."""
    maker = Maker(random, profile)
    if random.random() < 0.3:
        maker.names.append(source)
        maker.stacks += [tuple((source, random.randint(0, 9)) for _ in range(random.randint(1, 3))) for _ in range(3)]
    a = maker.traces_of_snapshot()
    traces = {"a": a, "b": maker.traces_of_snapshot(a)}
    snapshots = {name: tracemalloc.Snapshot(rows, maker.limit) for name, rows in traces.items()}
    queries = []
    for answer in itertools.chain(ANSWERS, [error] if random.random() < 0.1 else []):
        q = query(maker, answer)
        q["expect"] = answer(snapshots, q)
        queries.append({"id": f"q{len(queries):03}", **q})
    for name, rows in traces.items():
        write_traces(os.path.join(folder, name + ".jsonl"), rows, random)
    with open(os.path.join(folder, "expected.json"), "w", encoding="ascii") as out:
        json.dump({"version": 1, "profile": profile, "traces": len(a), "traceback_order": "most-recent-first",
                   "traceback_limit": maker.limit, "queries": queries}, out)
