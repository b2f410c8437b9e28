#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run_refused.py DECODE_PY STATE_PY FOLDER: every input of FOLDER must be refused with the message its first line gives."""
import glob
import os
import subprocess
import sys
import tempfile


def main():
    decode, state, folder = sys.argv[1:]
    failures = 0
    inputs = sorted(glob.glob(os.path.join(folder, '*.decode')) + glob.glob(os.path.join(folder, '*.def')))
    with tempfile.TemporaryDirectory() as place:
        outputs = [os.path.join(place, name) for name in ('header', 'source', 'dispatch')]
        for path in inputs:
            with open(path, encoding='utf-8') as file:
                expected = file.readline().split('# refused: ')[1].strip()
            command = [decode] + outputs if path.endswith('.decode') else [state] + outputs[:2]
            result = subprocess.run([sys.executable] + command + [path], capture_output=True, text=True, check=False)
            if result.returncode != 1 or result.stderr.strip() != expected or any(map(os.path.exists, outputs)):
                failures += 1
                print('%s: exit code %d\n  expected: %s\n  got:      %s'
                      % (path, result.returncode, expected, result.stderr.strip()))
    print('%d inputs, %d failures' % (len(inputs), failures))
    return 1 if failures or not inputs else 0


if __name__ == '__main__':
    sys.exit(main())
