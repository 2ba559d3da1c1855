# SPDX-License-Identifier: MIT
"""Queries put to the tmtrace command, and whether its answer is the one that was expected.

A case is a folder of a.jsonl, b.jsonl and expected.json. Each function named like a kind of query
answers it as (expected, given): two things to compare, as readable as the kind allows.
"""
import collections
import json
import os
import subprocess

TEXT = {"encoding": "utf-8", "errors": "surrogateescape"}
NUMBERS = {"stats": ("size", "count"), "diff": ("size", "size_diff", "count", "count_diff")}


class Refused(Exception):
    """The command failed, or wrote what cannot be understood."""


def rule(f):
    """A filter of expected.json as words of the command line."""
    polarity = "include" if f["inclusive"] else "exclude"
    if f["type"] == "domain":
        return ["--domain-filter", f"{polarity},{f['domain']}"]
    parts = [polarity]
    parts += [f"lineno={f['lineno']}"] if f["lineno"] is not None else []
    parts += ["all-frames"] if f["all_frames"] else []
    parts += [f"domain={f['domain']}"] if f["domain"] is not None else []
    return ["--filter", ",".join(parts + ["pattern=" + f["pattern"]])]


def selection(query):
    """The words for key, cumulative and filters."""
    words = ["--group-by", query["key"]] + (["--cumulative"] if query.get("cumulative") else [])
    return words + [word for f in query.get("filters", []) for word in rule(f)]


def trace_of(line):
    """An exported line as (domain, size, frames, total_nframe), integers checked."""
    d = json.loads(line)
    frames = tuple((name, number) for name, number in d["traceback"])
    row = (d["domain"], d["size"], frames, d.get("total_nframe", len(frames)))
    if not frames or any(type(n) is not int for n in [row[0], row[1], row[3]] + [n for _, n in frames]):
        raise ValueError(line)
    return row


def entries(text, kind):
    """The statistics of JSON, integers checked."""
    rows = json.loads(text)["statistics"]
    for e in rows:
        if any(type(n) is not int for n in [e[name] for name in NUMBERS[kind]] + [line for _, line in e["traceback"]]):
            raise ValueError(e)
    return [entry(e, kind) for e in rows]


def entry(e, kind):
    frames = " < ".join(f"{name!a}:{line}" for name, line in e["traceback"])
    return " ".join(f"{name}={e[name]}" for name in NUMBERS[kind]) + " " + frames


class Case:
    def __init__(self, tmtrace, folder, scratch):
        self.tmtrace, self.folder, self.scratch = os.path.abspath(tmtrace), folder, scratch
        self.line, self.imported = [], {}
        with open(os.path.join(folder, "expected.json"), encoding="ascii") as file:
            self.queries = json.load(file)["queries"]
        self.environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        self.environment.update((k, v) for k, v in os.environ.items() if k.endswith("SAN_OPTIONS"))

    def call(self, *words, status=(0,)):
        """Standard output. Nothing may be said on stderr unless a failure, STATUS, is expected."""
        self.line = [os.fsencode(str(word)) for word in words]
        done = subprocess.run([self.tmtrace] + self.line, cwd=self.scratch, env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        if done.returncode not in status or bool(done.stderr) == (0 in status):
            raise Refused(f"status {done.returncode}; stderr: {done.stderr.decode(**TEXT)!a}")
        return done.stdout

    def trace(self, name):
        if name not in self.imported:
            self.imported[name] = name + ".tmz"
            self.call("import", os.path.join(os.path.abspath(self.folder), name + ".jsonl"), "-o", name + ".tmz")
        return self.imported[name]

    def lines(self, name):
        with open(os.path.join(self.folder, name + ".jsonl"), encoding="utf-8") as file:
            return [line for line in file.read().split("\n") if line]

    def ask(self, query):
        """None, or what is wrong."""
        try:
            expected, given = getattr(self, query["kind"])(query)
        except Refused as refused:
            return str(refused)
        except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
            return f"the answer cannot be read: {error!r:.300}"
        except subprocess.TimeoutExpired:
            return "no answer within a minute"
        return None if expected == given else difference(expected, given)

    def halves(self, name):
        """A folder with the snapshot in two, of which stats is the sum."""
        folder = os.path.join(self.scratch, name + ".halves")
        if not os.path.isdir(folder):
            os.mkdir(folder)
            for half in 0, 1:
                with open(f"{folder}/{half}.jsonl", "w", encoding="utf-8") as file:
                    file.writelines(line + "\n" for line in self.lines(name)[half::2])
                self.call("import", f"{folder}/{half}.jsonl", "-o", f"{folder}/{half}.tmz")
        return folder

    def stats(self, query, trace=None):
        expected = [entry(e, "stats") for e in query["expect"]]
        words = [*selection(query), "--format", "json"]
        given = entries(self.call("stats", trace or self.trace(query["snapshot"]), *words), "stats")
        if given == expected and not trace:
            given = entries(self.call("stats", self.halves(query["snapshot"]), *words), "stats")
        return expected, given

    def diff(self, query):
        text = self.call("diff", self.trace(query["old"]), self.trace(query["new"]), *selection(query),
                         "--format", "json")
        return [entry(e, "diff") for e in query["expect"]], entries(text, "diff")

    def chain(self, query):
        """Filters one after the other, by way of files."""
        trace = self.trace(query["snapshot"])
        for i, stage in enumerate(query["stages"]):
            self.call("snapshot", trace, "-o", f"stage{i}.tmz", *(word for f in stage for word in rule(f)))
            trace = f"stage{i}.tmz"
        return self.stats(query, trace)

    def text_stats(self, query):
        text = self.call("stats", self.trace(query["snapshot"]), *selection(query), "--format", "plain")
        return query["expect"], text_lines(text, query["expect"])

    def text_diff(self, query):
        text = self.call("diff", self.trace(query["old"]), self.trace(query["new"]), *selection(query),
                         "--format", "plain")
        return query["expect"], text_lines(text, query["expect"])

    def tbformat(self, query):
        words = [] if query["limit"] is None else [f"--frames={query['limit']}"]
        words += ["--most-recent-first"] if query["most_recent_first"] else []
        text = self.call("stats", self.trace(query["snapshot"]), "--group-by", "traceback", "--format", "traceback",
                         "--limit", query["top"], *words)
        return query["expect"], text_lines(text, query["expect"])

    def export(self, query):
        """What was imported comes back: as a multiset, as the order of traces carries no meaning."""
        lines = self.call("export", self.trace(query["snapshot"])).decode("utf-8").split("\n")
        return (sorted(map(trace_of, self.lines(query["snapshot"]))), sorted(trace_of(line) for line in lines if line))

    def snapshot(self, query):
        """A filtered snapshot holds the traces that the filters keep, and has the statistics of them."""
        trace = self.trace(query["snapshot"])
        filters = [word for f in query["filters"] for word in rule(f)]
        self.call("snapshot", trace, "-o", "kept.tmz", *filters)
        words = ["--group-by", query["key"], *(["--cumulative"] if query["cumulative"] else []), "--format", "json"]
        kept = [line for line in self.call("export", "kept.tmz").decode("utf-8").split("\n") if line]
        return ([entries(self.call("stats", trace, *words, *filters), "stats"),
                 sorted(trace_of(self.lines(query["snapshot"])[i]) for i in query["expect"])],
                [entries(self.call("stats", "kept.tmz", *words), "stats"), sorted(map(trace_of, kept))])

    def error(self, query):
        """Wrong usage, or a key that the traces do not have: a message and no output."""
        return b"", self.call("stats", self.trace(query["snapshot"]), *selection(query), status=(1, 2))


KINDS = {name for name in vars(Case) if name in
         ("stats", "diff", "chain", "text_stats", "text_diff", "tbformat", "export", "snapshot", "error")}


def text_lines(text, expected):
    """The lines of a text; names may hold newlines, so lines are those of what is expected, if it is that."""
    text = text.decode(**TEXT)
    return expected if text == "".join(line + "\n" for line in expected) else text.split("\n")[:-1]


def difference(expected, given):
    expected, given = ([f"{row!a}" for row in side] if isinstance(side, list) else [f"{side!a}"]
                       for side in (expected, given))
    at = next((i for i, (e, g) in enumerate(zip(expected, given)) if e != g), min(len(expected), len(given)))
    same = collections.Counter(expected) == collections.Counter(given)
    return (f"{len(expected)} expected, {len(given)} given{', in another order' if same else ''}; at {at}:\n"
            + "".join(f"    {word} {rows[at] if at < len(rows) else '(nothing)':.600}\n"
                      for word, rows in (("expected", expected), ("given   ", given)))).rstrip()
