# shellcheck shell=sh
# Debian's Python runs a part of its own test suite, every object with a malloc of its own. What counts is how each test ends.
# Left out: what hangs in a virtual machine (VSOCK), and two tests that look for every descriptor in a child, where the
# recorder's, which libtmtrace(7) tells of, is one more.
needs="/usr/bin/python3" seconds=1500 least=1000000
scenario() {
	export PYTHONMALLOC=malloc PYTHONHASHSEED=0
	cat >outcomes.py <<-'END'
		import sys, xml.etree.ElementTree as tree
		for case in tree.parse(sys.argv[1]).iter("testcase"):
		    ends = [one.tag for one in case if one.tag in ("error", "failure", "skipped")]
		    print(case.get("name"), *ends or ("ok",))
	END
	/usr/bin/python3 -c 'import test.regrtest' || exit 1
	for test in test_dict test_list test_set test_bytes test_re test_json test_gc test_weakref test_exceptions test_thread \
		test_threading test_queue test_subprocess test_fork1 test_wait3 test_ctypes test_tracemalloc test_signal \
		test_threadsignals test_os test_posix test_socket test_selectors test_mmap test_zlib test_pickle test_faulthandler \
		test_atexit test_multiprocessing_fork; do
		echo "$test"
		record timeout -k 5 300 /usr/bin/python3 -m test --junit-xml "$test.xml" -i "*VSOCK*" -i test_pass_fds_redirected \
			-i test_close_fds_when_max_fd_is_lowered "$test" >"$test.log" 2>&1
		tail -n 1 "$test.log"
		/usr/bin/python3 outcomes.py "$test.xml" || tail -n 30 "$test.log"
	done
}
