# shellcheck shell=sh
# Every system call of the library fails, in a build of it that does as told: a sample, or all with FAULTS=all.
/usr/bin/python3 -I "$SOURCE/tests/preload/faults.py" "${FAULTS:-sample}"
