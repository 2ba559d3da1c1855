# shellcheck shell=sh
# Debian's Python runs a part of its own test suite, every object with a malloc of its own.
needs="/usr/bin/python3" seconds=900 least=1000000
scenario() {
	export PYTHONMALLOC=malloc PYTHONHASHSEED=0
	/usr/bin/python3 -c 'import test.regrtest' || exit 1
	for test in test_dict test_list test_set test_bytes test_re test_json test_sqlite3 test_gc test_weakref test_generators \
		test_exceptions test_thread test_threading test_queue test_subprocess test_fork1 test_wait3 test_ctypes test_tracemalloc \
		test_signal test_threadsignals test_os test_posix test_socket test_select test_selectors test_mmap test_zlib test_bz2 \
		test_lzma test_hashlib test_pickle test_faulthandler test_atexit test_io test_tempfile test_concurrent_futures \
		test_multiprocessing_fork test_multiprocessing_spawn test_asyncio; do
		record timeout -v 300 /usr/bin/python3 -m test -q --timeout 120 "$test" 2>&1
	done
}
rules() { cat; }
