# SPDX-License-Identifier: GPL-2.0-or-later
# expect: success
# timeout: 800
# modes: prefix
# A part of python's own test suite.
# test_frame_tstate_tracing has a process of its own: in 3.11 it leaves threading.settrace() set, so that every later thread calls
# sys.settrace(). There, 3.11 fails if two threads meet (gh-98257, "Cannot install a trace function while another trace function is being
# installed"): its flag is one static variable for all threads, and between setting and clearing it runs the audit hook that the test suite
# installs, which is python code and may let another thread run. The native 3.11 fails in the same way with a short sys.setswitchinterval().
set -e
python3 -m test -q --timeout 400 -i test_frame_tstate_tracing test_json test_re test_math test_struct test_float test_int test_long test_cmath \
    test_array test_hashlib test_zlib test_thread test_threading test_threading_local test_queue
python3 -m test -q --timeout 400 -m test_frame_tstate_tracing test_threading
