# SPDX-License-Identifier: GPL-2.0-or-later
# expect: success
# timeout: 400
# modes: prefix
# A part of python's own test suite.
# -w: a failed module is run once more, as CPython's own builds do. test_queue on arm64 failed once in about eight runs with "Cannot install a
# trace function while another trace function is being installed"; the cause is not proved (a race of CPython 3.11's, or one of ours).
python3 -m test -q -w --timeout 200 test_json test_re test_math test_struct test_float test_int test_long test_cmath test_array test_hashlib \
    test_zlib test_thread test_threading test_threading_local test_queue
