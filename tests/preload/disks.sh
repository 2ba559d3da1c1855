# shellcheck shell=sh
# File systems that get full while the journal is on them: three of them, or all with FAULTS=all.
/usr/bin/python3 -I "$SOURCE/tests/preload/disks.py" "${FAULTS:-sample}"
