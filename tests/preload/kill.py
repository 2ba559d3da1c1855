#!/usr/bin/python3
"""Kills tests/programs/finished again and again: what had returned is in the trace, and at most one call more per thread.

kill.py ROUNDS THREADS [WORD]    WORD: how the program ends by itself; else by SIGKILL at a random moment
Prints one line for each fact, as the cases of tests/preload do.
"""
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time

TMTRACE, PROGRAM, LIB = (os.environ["TMTRACE"], os.environ["PROGRAMS"] + "/finished", os.environ["LIB"])
SIZE = 64 * 17


def run(threads, word, delay):
    """One life; the counts of calls that returned, and what the trace says of it."""
    for name in ("k.tmz", "k.tmz.live"):
        if os.path.exists(name):
            os.unlink(name)
    with open("shared", "wb") as shared:
        shared.write(bytes(SIZE))
    env = {**os.environ, "LD_PRELOAD": LIB, "TMTRACE_OUTPUT": "k.tmz"}
    process = subprocess.Popen([PROGRAM, "shared", str(threads)] + [word] * bool(word), env=env)
    if word in ("", "idle"):
        while not struct.unpack("<Q", open("shared", "rb").read(8))[0]:
            time.sleep(0.0005)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    process.wait()
    words = struct.unpack(f"<{SIZE // 8}Q", open("shared", "rb").read())
    return sum(words[8::8]), sum(words[9::8]), told("k.tmz")


def told(trace):
    output = subprocess.run([TMTRACE, "info", "--format", "json", trace], stdout=subprocess.PIPE, check=True).stdout
    info = json.loads(output)
    return {"allocations": info["events"]["allocations"], "frees": info["events"]["frees"],
            "lost": info["quality"]["lost_events"], "unknown": info["quality"]["unknown_frees"],
            "conflicts": info["quality"]["order_conflicts"], "live": info["live"], "kill_safe": info["kill_safe"]}


def wrong_of(finished, got, base, threads):
    wrong = []
    for name, least in zip(("allocations", "frees"), finished):
        if not least <= got[name] - base[name] <= least + threads:
            wrong.append(f"{least} {name} returned, {got[name] - base[name]} are in the trace")
    return wrong + [f"{got[name]} {name}" for name in ("lost", "unknown", "conflicts") if got[name]]


def main():
    rounds, threads, word = int(sys.argv[1]), int(sys.argv[2]), "".join(sys.argv[3:])
    base = run(threads, "idle", 0.05)[2]
    if not base["kill_safe"]:
        print("skip this file system cannot keep blocks")
        return
    chance, wrong = random.Random(threads), []
    for turn in range(rounds):
        *finished, got = run(threads, word, chance.random() ** 2 * 0.15)
        wrong += [f"round {turn}: {text}" for text in wrong_of(finished, got, base, threads)]
        if turn % 10 == 0:
            subprocess.run([TMTRACE, "recover", "k.tmz", "-o", "r.tmz"], check=True)
            clean = told("r.tmz")
            wrong += [f"round {turn}: recover: {key}: {got[key]} became {clean[key]}"
                      for key in ("allocations", "frees", "live", "lost") if clean[key] != got[key]]
    ends = f"ended by {word}" if word else "killed at a random moment"
    print(f"{'not ok' if wrong else 'ok'} {rounds} times {ends}, {threads} threads: every call that returned is recorded")
    for text in wrong[:20]:
        print("    " + text)


main()
