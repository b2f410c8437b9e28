#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the scripts of cases/ with real userlands of other architectures under kage and compares with this machine's own.

Modes: `prefix` runs `kage -L ROOT ROOT/usr/bin/bash script`; `chroot` enters ROOT through the guest's own chroot program, so that
everything inside, exec included, has nothing but the guest's files. A case may say in its first lines `# expect: success`
(status 0 instead of the native output), `# modes: ...`, `# timeout: seconds`.
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MODES = ('prefix', 'chroot')
ENTER = 'mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" && shift && exec "$@"'


class Case:
    def __init__(self, path):
        self.path, self.name = path, os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding='utf-8') as file:
            head = file.read(600)
        self.success_only = '# expect: success' in head
        modes = re.search(r'^# modes: (.*)$', head, re.M)
        self.modes = modes[1].split() if modes else MODES
        seconds = re.search(r'^# timeout: (\d+)$', head, re.M)
        self.timeout = int(seconds[1]) if seconds else 120


def run(command, folder, path, timeout):
    """(status, output, errors, seconds); everything the case left running is ended."""
    environment = {'PATH': path, 'HOME': folder, 'LC_ALL': 'C', 'TZ': 'UTC', 'LANG': 'C', 'TERM': 'dumb', 'USER': 'root'}
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder if os.path.isdir(folder) else '/', env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = process.communicate(timeout=timeout)
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    except subprocess.TimeoutExpired:
        status = 'time-out'
        out, err = b'', b''
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if status == 'time-out':
        out, err = process.communicate()
    return status, out.decode('utf-8', 'replace'), err.decode('utf-8', 'replace'), time.monotonic() - start


def namespace_prefix(root):
    """Command that gives ROOT a /dev and /proc of its own mount namespace; None if this machine does not let us."""
    for command in (['unshare', '--mount', '--propagation', 'private'],
                    ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'private']):
        prefix = command + ['sh', '-c', ENTER, 'sh', root]
        try:
            if subprocess.run(prefix + ['true'], capture_output=True, check=False).returncode == 0:
                return prefix
        except FileNotFoundError:
            return None
    return None


class Runner:
    def __init__(self, options):
        self.options = options
        self.passed = self.failed = self.skipped = 0
        self.native = {}

    def run_native(self, case):
        if case.success_only:
            return (0, None, '', 0.0)
        with tempfile.TemporaryDirectory(prefix='kage-native-') as folder:
            script = shutil.copy(case.path, folder + '/script.sh')
            return run(['bash', script], folder, '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', case.timeout)

    def guest_command(self, root, mode, inside):
        kage = [self.options.kage, '--cache', os.environ.get('KAGE_CACHE', 'off')] + self.options.kage_option + ['-L', root]
        if mode == 'prefix':
            return kage + [root + '/usr/bin/bash', root + inside + '/script.sh']
        return self.prefixes[root] + kage + [root + '/usr/sbin/chroot', root, '/usr/bin/env', '-C', inside, 'bash', 'script.sh']

    def run_guest(self, root, mode, case):
        folder = tempfile.mkdtemp(prefix='case-', dir=root + '/tmp')
        inside = folder[len(root):]
        try:
            shutil.copy(case.path, folder + '/script.sh')
            path = '/usr/sbin:/usr/bin' if mode == 'chroot' else f'{root}/usr/sbin:{root}/usr/bin'
            return run(self.guest_command(root, mode, inside), folder, path, case.timeout * self.options.patience)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def judge(self, case, expected, got):
        status, out, err, _ = got
        problem = ''
        if status != expected[0]:
            problem = f'\n      status {status}, natively {expected[0]}'
        if expected[1] is not None and out != expected[1]:
            lines = list(difflib.unified_diff(expected[1].splitlines(), out.splitlines(), lineterm='', n=1))[2:]
            problem += '\n' + '\n'.join('      ' + line[:170] for line in lines[:self.options.lines])
        if problem and expected[1] is None:
            problem += '\n      ' + '\n      '.join(line[:170] for line in out.strip().splitlines()[-self.options.lines:])
        if problem and err:
            problem += '\n      stderr: ' + '\n      '.join(line[:170] for line in err.strip().splitlines()[-8:])
        return problem

    def run_one(self, job):
        root, mode, case = job
        return job, self.judge(case, self.native[case.name], got := self.run_guest(root, mode, case)), got[3]

    def run_all(self, cases):
        self.prefixes = {root: namespace_prefix(root) for root in self.options.root}
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            self.native = dict(zip((case.name for case in cases), pool.map(self.run_native, cases)))
            jobs = [(root, mode, case) for case in cases for root in self.options.root for mode in self.options.mode
                    if mode in case.modes]
            for root, mode, case in jobs:
                if mode == 'chroot' and self.prefixes[root] is None:
                    self.skipped += 1
            jobs = [job for job in jobs if job[1] != 'chroot' or self.prefixes[job[0]] is not None]
            for (root, mode, case), problem, seconds in pool.map(self.run_one, jobs):
                label = f'{case.name} {os.path.basename(root)} {mode}'
                self.passed += not problem
                self.failed += bool(problem)
                print(f'{"FAIL" if problem else "ok  "} {label} ({seconds:.1f} s, natively {self.native[case.name][3]:.1f} s){problem}',
                      flush=True)


def heed_signals():
    """A job in the background inherits ignored signals; what is tested must not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def main():
    heed_signals()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kage', required=True)
    parser.add_argument('--kage-option', action='append', default=[])
    parser.add_argument('--root', action='append', help='unpacked userland; its folder name is the architecture', required=True)
    parser.add_argument('--mode', action='append', choices=MODES)
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--patience', type=float, default=1, help='factor for the time-outs')
    parser.add_argument('--lines', type=int, default=12, help='lines of difference to show')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    options.mode = options.mode or list(MODES)
    options.kage = os.path.abspath(options.kage)
    options.root = [os.path.abspath(root) for root in options.root]
    folder = os.path.join(HERE, 'cases')
    cases = [Case(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith('.sh')]
    runner = Runner(options)
    runner.run_all([case for case in cases if not options.names or case.name in options.names])
    skipped = f', {runner.skipped} skipped' if runner.skipped else ''
    print(f'userland: {runner.passed} passed, {runner.failed} failed{skipped}')
    return 1 if runner.failed or not runner.passed else 0


if __name__ == '__main__':
    sys.exit(main())
