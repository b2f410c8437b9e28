# SPDX-License-Identifier: GPL-2.0-or-later
# expect: success
# timeout: 400
# modes: prefix
# A part of python's own test suite.
python3 -m test -q --timeout 200 test_json test_re test_math test_struct test_float test_int test_long test_cmath test_array test_hashlib \
    test_zlib test_thread test_threading test_threading_local test_queue
