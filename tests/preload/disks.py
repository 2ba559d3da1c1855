#!/usr/bin/python3
"""Records on file systems of its own, which get full at the worst moments: tests/programs/full_disk.c must not notice.

Prints one line for each fact, as the cases of tests/preload do. Only root can mount.
"""
import json
import os
import struct
import subprocess
import sys

TMTRACE, PROGRAM = os.environ["TMTRACE"], os.environ["PROGRAMS"] + "/full_disk"
PRELOAD = f'{os.environ["COUNTER"]} {os.environ["LIB"]}'
# Name, how to make an image of which size, and how to mount it.
IMAGES = [
    ("ext4", 32, "mkfs.ext4 -q -F", "-o loop"),
    ("ext4 without delayed allocation", 32, "mkfs.ext4 -q -F", "-o loop,nodelalloc"),
    ("ext2", 32, "mkfs.ext2 -q -F", "-o loop"),
    ("xfs", 310, "mkfs.xfs -q", "-o loop"),
    ("btrfs", 120, "mkfs.btrfs -q", "-o loop"),
    ("btrfs with compression", 120, "mkfs.btrfs -q", "-o loop,compress-force=zstd"),
    ("tmpfs", 8, None, "-t tmpfs -o size=8m none"),
]
SAFE = ("ext4", "ext2", "xfs", "tmpfs")  # a rewrite of what was written once never fails
LATE = 160  # events after the end, which nothing can be said of where even their place cannot be written


def command(text):
    return subprocess.run(text, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def report(good, fact, why=""):
    print("ok" if good else "not ok", fact)
    if not good:
        print("    " + str(why)[:1000])
    sys.stdout.flush()


def mount(place, size, make, how):
    """What keeps it from being mounted, or nothing."""
    os.makedirs(place, exist_ok=True)
    image = ""
    if make:
        image = place + ".img"
        with open(image, "wb") as file:
            file.truncate(size << 20)
        done = command(f"{make} {image}")
        if done.returncode:
            return done.stdout.strip().splitlines()[-1]
    done = command(f"mount {how} {image} {place}")
    return done.stdout.strip().splitlines()[0] if done.returncode else ""


def told(trace):
    done = subprocess.run([TMTRACE, "info", "--format", "json", trace], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr.decode()}


def counted(path):
    with open(path, "rb") as file:
        return sum(struct.unpack_from("<QQ", file.read(), 16))


def judge(name, folder, run, safe):
    pids = [int(entry[6:]) for entry in os.listdir("counts")]
    main = min(pids)
    info = told(f"{folder}/trace.{main}.tmz")
    report(run.returncode == 7 and not run.stdout and not run.stderr, f"{name}: the program does not notice that the disk is full",
           f"status {run.returncode}: {run.stdout!r} {run.stderr!r}")
    if "error" in info:
        report(False, f"{name}: its trace can be read", info["error"])
        return
    everything, seen = counted(f"counts/count.{main}"), info["events"]["all"] + info["quality"]["lost_events"]
    most_missing = 0 if safe else LATE
    report(everything - most_missing <= seen <= everything, f"{name}: what is recorded and what is lost is all that there was",
           f"{everything} events, {info['events']['all']} recorded, {info['quality']}")
    report(not info["quality"]["damaged_chunks"], f"{name}: nothing is damaged", info["quality"])
    report(info["complete"], f"{name}: and it is complete", info)
    report(safe or not info["kill_safe"], f"{name}: it does not claim to be safe from a kill", info)


def record(name, folder, safe):
    command("rm -rf counts && mkdir counts")
    env = {**os.environ, "LD_PRELOAD": PRELOAD, "COUNTER_OUTPUT": os.path.abspath("counts/count"),
           "TMTRACE_OUTPUT": os.path.abspath(folder) + "/trace.%p.tmz"}
    try:
        run = subprocess.run([PROGRAM, folder], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    except subprocess.TimeoutExpired:
        report(False, f"{name}: the program ends", "it is still running")
        return
    judge(name, folder, run, safe)


def over(name, place):
    """The same through an overlay whose changes go there."""
    for part in ("upper", "work"):
        os.makedirs(f"{place}/{part}", exist_ok=True)
    os.makedirs("lower", exist_ok=True)
    os.makedirs("merged", exist_ok=True)
    done = command(f"mount -t overlay none -o lowerdir=lower,upperdir={place}/upper,workdir={place}/work merged")
    if done.returncode:
        print(f"skip overlay over {name}: {done.stdout.strip().splitlines()[0]}")
        return
    try:
        record(f"overlay over {name}", "merged", name.split()[0] in SAFE)
    finally:
        command("umount merged")


def try_on(name, size, make, how, overlay):
    place = "disk-" + name.replace(" ", "-")
    why = mount(place, size, make, how)
    if why:
        print(f"skip {name}: {why}")
        return
    try:
        if not overlay:
            record(name, place, name.split()[0] in SAFE)
        else:
            over(name, place)
    finally:
        command(f"umount {place}")
        command(f"rm -rf {place}.img")


def main():
    if os.geteuid():
        print("skip only root fills disks")
        return
    everything = sys.argv[1] == "all"
    for name, size, make, how in IMAGES:
        if not (everything or name in ("ext4", "btrfs", "tmpfs")):
            continue
        try_on(name, size, make, how, False)
        if everything or name != "ext4":
            try_on(name, size, make, how, True)


main()
