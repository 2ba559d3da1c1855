# SPDX-License-Identifier: MIT
"""The tables of vectors.json, asked of the command: many entries of a table in one snapshot."""
import json
import os
import subprocess

NAMES = ("format_size", "statistic_str", "filter_match", "traceback_format")


class Tables:
    def __init__(self, tell, tmtrace, scratch):
        self.tell, self.tmtrace, self.scratch, self.n = tell, os.path.abspath(tmtrace), scratch, 0

    def call(self, *words):
        return subprocess.run([self.tmtrace, *map(str, words)], cwd=self.scratch, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, check=True, timeout=60).stdout.decode("utf-8")

    def trace(self, name, traces):
        """A trace of (size, frames), most recent first."""
        with open(os.path.join(self.scratch, "in.jsonl"), "w", encoding="utf-8") as out:
            for size, frames in traces:
                out.write(json.dumps({"domain": 0, "size": size, "traceback": frames}) + "\n")
        self.call("import", "in.jsonl", "-o", name)

    def told(self, name, expected, given):
        self.n += 1
        self.tell(None if expected == given else f"expected {expected!r}, given {given!r}", name)

    def plain(self, *words):
        """Rows of plain text by the number in their file name."""
        return {int(row[1:row.index(":")]): row.partition(": ")[2] for row in self.call(*words).splitlines()}

    def format_size(self, rows):
        """Each size is that of a group, and signed ones are differences: nothing, or the other way about."""
        sizes, signed = dict(enumerate(rows)), [(i, row[0]) for i, row in enumerate(rows) if row[1]]
        self.trace("all.tmz", [(abs(size), [[f"f{i}", 1]]) for i, (size, _, _) in sizes.items()])
        self.trace("old.tmz", [(max(0, -size), [[f"f{i}", 1]]) for i, size in signed])
        self.trace("new.tmz", [(max(0, size), [[f"f{i}", 1]]) for i, size in signed])
        alone = self.plain("stats", "all.tmz", "--format", "plain")
        compared = self.plain("diff", "old.tmz", "new.tmz", "--format", "plain")
        for i, (_, sign, text) in sizes.items():
            given = compared[i].partition("(")[2].partition(")")[0] if sign else alone[i][5:].partition(",")[0]
            self.told(f"format_size {rows[i]}", text.lstrip("-" if not sign else ""), given)

    def statistic_str(self, rows):
        self.trace("all.tmz", [(size if not block else 0, [[f"f{i}", 1]]) for i, (size, count, _) in enumerate(rows)
                               for block in range(count)])
        given = self.plain("stats", "all.tmz", "--format", "plain")
        for i, (_, _, text) in enumerate(rows):
            self.told(f"statistic_str {rows[i]}", text.partition(": ")[2], given[i])

    def filter_match(self, rows):
        self.trace("all.tmz", [(1, [[name, 1]]) for name in dict.fromkeys(row[1] for row in rows)])
        for pattern in dict.fromkeys(row[0] for row in rows):
            text = self.call("stats", "all.tmz", "--filter", "include,pattern=" + pattern, "--format", "json")
            names = {e["traceback"][0][0] for e in json.loads(text)["statistics"]}
            for row in rows:
                if row[0] == pattern:
                    self.told(f"filter_match {row}", row[2], row[1] in names)

    def traceback_format(self, rows):
        depths = sorted({row[0] for row in rows}, reverse=True)
        self.trace("all.tmz", [(depth, [[f"f{i}.c", i] for i in range(depth)]) for depth in depths])
        for limit, recent_first in dict.fromkeys((row[1], row[2]) for row in rows):
            words = ([] if limit is None else [f"--frames={limit}"]) + (["--most-recent-first"] if recent_first else [])
            text = self.call("stats", "all.tmz", "--group-by", "traceback", "--format", "traceback", *words)
            groups = (group.splitlines()[1:] for group in ("\n" + text).split("\n1 memory blocks:")[1:])
            groups = dict(zip(depths, groups))
            for row in rows:
                if (row[1], row[2]) == (limit, recent_first):
                    self.told(f"traceback_format {row[:3]}", row[3], groups[row[0]])


def check(tell, tmtrace, scratch, path):
    """Tells of each entry what is wrong, or None; returns how many there are."""
    with open(path, encoding="ascii") as file:
        rows_of = {name.partition("[")[0]: rows for name, rows in json.load(file).items()}
    tables = Tables(tell, tmtrace, scratch)
    for name in NAMES:
        getattr(tables, name)(rows_of[name])
    return tables.n
