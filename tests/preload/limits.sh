# shellcheck shell=sh
# Small limits, folders that go away, a chroot, a stderr that nobody reads.
/usr/bin/python3 -I "$SOURCE/tests/preload/limits.py"
