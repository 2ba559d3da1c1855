# shellcheck shell=sh
# Every system call of the library fails, in a build of it that does as told: a sample, or all with FAULTS=all.
trapping() { for object in "$B"/fault/"$1"/*.o; do objdump -d "$object" | grep -q '\ssyscall\b' && basename "$object"; done; }
wrappers() { nm -D --undefined-only "$LIB" | grep -wE 'open|openat|close|read|write|mmap|munmap|syscall|fcntl|fstat|unlink|getpid'; }
expect "no code of the library reaches the kernel but through sys_call, or for the program" \
	equal "$(trapping preload) $(trapping common)" "mapping.o "
expect "nor through libc" equal "$(wrappers)" ""
expect "nothing of this is in the library that is installed" equal "$(nm "$LIB" | grep -w fault_call)" ""
# shellcheck disable=SC2086  # all CALL...: these alone
/usr/bin/python3 -I "$SOURCE/tests/preload/faults.py" ${FAULTS:-sample}
