#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Translations on disk, by an adversary: whatever is done to the directory, its files, the program or its libraries, the program's result
is the same as without. Ends with "cache: N passed, N failed"."""
import argparse
import os
import shutil
import sys
import tempfile

import directories
import files
import changes
import processes
from harness import Place, Programs, Skipped, Wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kage', required=True)
    parser.add_argument('names', nargs='*', help='only these cases')
    options = parser.parse_args()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as builds:
        os.chmod(builds, 0o755)
        kage = shutil.copy(options.kage, builds)  # where other users can run it, too
        for architecture in ('aarch64', 'riscv64'):
            folder = os.path.join(builds, architecture)
            os.mkdir(folder)
            programs = Programs(architecture, folder)
            for case in (case for module in (directories, files, changes, processes) for case in module.CASES):
                if options.names and case.__name__ not in options.names:
                    continue
                with tempfile.TemporaryDirectory() as place:
                    os.chmod(place, 0o755)
                    try:
                        case(Place(kage, programs, place))
                        passed += 1
                    except Skipped as why:
                        skipped += 1
                        print(f'skipped {case.__name__} ({architecture}): {why}')
                    except (Wrong, OSError) as wrong:
                        failed += 1
                        print(f'FAIL {case.__name__} ({architecture}): {wrong}', flush=True)
    print(f'cache: {passed} passed, {failed} failed, {skipped} skipped')
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
