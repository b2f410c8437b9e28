# SPDX-License-Identifier: GPL-2.0-or-later
# expect: success
# timeout: 800
# modes: prefix
# Python's own tests of child processes and signals.
python3 -m test -q --timeout 600 test_subprocess test_popen test_signal
