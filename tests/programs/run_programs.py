#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs each program of this folder natively and under kage and compares output and exit status.

Every program is compiled natively once and per guest as given by VARIANTS; the native run is what is expected. A program may
say in its first lines `// flags: ...` (for the compiler), `// flags aarch64: ...` (for that guest's), `// guests: aarch64 ...` (which
guests' compilers can build it) and `// variants: static dynamic ...` (which builds make sense).
"""
import argparse
import concurrent.futures
import difflib
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ARCHITECTURES = {'aarch64': 'aarch64-linux-gnu', 'riscv64': 'riscv64-linux-gnu'}
VARIANTS = {'static': ['-O2', '-static'], 'dynamic': ['-O0'], 'vector': ['-O3', '-ffp-contract=off', '-static']}
DEFAULT_VARIANTS = ('static', 'dynamic')
COMMON_FLAGS = ['-g1', '-D_GNU_SOURCE', '-w', '-ffp-contract=off']


class Program:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding='utf-8') as file:
            head = file.read(1000)
        flags = re.search(r'^// flags: (.*)$', head, re.M)
        variants = re.search(r'^// variants: (.*)$', head, re.M)
        self.flags = flags[1].split() if flags else []
        self.guest_flags = {name: text.split() for name, text in re.findall(r'^// flags (\w+): (.*)$', head, re.M)}
        guests = re.search(r'^// guests: (.*)$', head, re.M)
        self.guests = guests[1].split() if guests else list(ARCHITECTURES)
        self.variants = tuple(variants[1].split()) if variants else DEFAULT_VARIANTS
        self.compiler = 'g++' if path.endswith('.cc') else 'gcc'


def compile_program(program, prefix, flags, out_folder):
    """Path of the executable, made anew only when a source or the command changed."""
    command = [prefix + program.compiler] + COMMON_FLAGS + flags + program.flags
    digest = hashlib.sha256(repr(command).encode())
    folder = os.path.dirname(program.path)
    for source in [program.path] + [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith('.h')]:
        with open(source, 'rb') as file:
            digest.update(file.read())
    out = os.path.join(out_folder, program.name)
    stamp = out + '.stamp'
    if os.path.exists(out) and os.path.exists(stamp) and open(stamp, encoding='ascii').read() == digest.hexdigest():
        return out
    os.makedirs(out_folder, exist_ok=True)
    subprocess.run(command + ['-o', out, program.path, '-lm', '-pthread'], check=True)
    with open(stamp, 'w', encoding='ascii') as file:
        file.write(digest.hexdigest())
    return out


def run(command, timeout, environment=None):
    """(status as a shell gives it, output, errors, seconds); the whole process group is ended on a time-out."""
    folder = tempfile.mkdtemp(prefix='kage-run-')
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True, env=dict(environment or os.environ, TMPDIR=folder))
    try:
        out, err = process.communicate(timeout=timeout)
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        status = 'time-out'
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status, out.decode('utf-8', 'replace'), err.decode('utf-8', 'replace'), time.monotonic() - start


def difference(expected, got):
    lines = list(difflib.unified_diff(expected.splitlines(), got.splitlines(), 'native', 'kage', lineterm='', n=1))
    return '\n'.join('      ' + line[:160] for line in lines[2:14])


class Runner:
    def __init__(self, options):
        self.options = options
        self.passed = self.failed = self.skipped = 0
        self.times = []

    def report(self, label, problem, seconds):
        if problem is None:
            self.passed += 1
        else:
            self.failed += 1
        if problem is not None or self.options.verbose:
            print(f'{"ok  " if problem is None else "FAIL"} {label} ({seconds:.1f} s){problem or ""}', flush=True)

    def guest_command(self, architecture, engine, executable):
        command = shlex.split(self.options.kage) + engine
        sysroot = self.options.sysroot or f'/usr/{ARCHITECTURES[architecture]}'
        return command + ['-L', sysroot, executable]

    def compare(self, label, expected, command):
        status, out, err, seconds = run(command, self.options.timeout)
        problem = None
        if status != expected[0]:
            problem = f'\n      status {status}, natively {expected[0]}'
        if out != expected[1]:
            problem = (problem or '') + '\n' + difference(expected[1], out)
        if problem and err:
            problem += '\n      stderr: ' + '\n      '.join(err.strip().splitlines()[-6:])[:600]
        self.times.append((seconds, label))
        return label, problem, seconds

    def variants_of(self, program):
        if program.variants is DEFAULT_VARIANTS:
            return self.options.variant or program.variants
        return [variant for variant in program.variants if variant in (self.options.variant or program.variants)]

    def jobs_of(self, program):
        """Compiles a program everywhere, runs it natively, yields what is left to compare."""
        folder = self.options.out
        native = compile_program(program, '', ['-O2'], os.path.join(folder, 'native'))
        expected = run([native], self.options.timeout)
        if expected[0] == 'time-out' or expected[0] == 99:
            yield program.name + ' natively', None, expected
            return
        for architecture in self.options.arch:
            for variant in self.variants_of(program) if architecture in program.guests else ():
                flags = VARIANTS[variant] + program.guest_flags.get(architecture, [])
                executable = compile_program(program, ARCHITECTURES[architecture] + '-', flags,
                                             os.path.join(folder, architecture, variant))
                for name, engine in self.options.engines:
                    label = f'{program.name} {architecture} {variant}' + (f' {name}' if name else '')
                    yield label, expected, self.guest_command(architecture, engine, executable)

    def run_program(self, program):
        results = []
        for label, expected, command in self.jobs_of(program):
            if expected is None:
                results.append((label, f'\n      natively: status {command[0]}\n      {command[1][-300:]}', command[3]))
            else:
                results.append(self.compare(label, expected, command))
        return results

    def run_all(self, programs):
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for results in pool.map(self.run_program, programs):
                for result in results:
                    self.report(*result)


def heed_signals():
    """A job in the background inherits ignored signals; what is tested must not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def main():
    heed_signals()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kage', required=True, help='the emulator, with what goes before it')
    parser.add_argument('--folder', default=HERE, help='where the programs are, e.g. tests/syscalls')
    parser.add_argument('--out', required=True, help='folder for executables')
    parser.add_argument('--arch', action='append', choices=sorted(ARCHITECTURES))
    parser.add_argument('--variant', action='append', choices=sorted(VARIANTS))
    parser.add_argument('--engine', action='append', default=[],
                        help='also run with this option of kage, e.g. --engine=--engine=interpreter; "" is the default engine')
    parser.add_argument('--sysroot', help='where dynamic programs find their libraries')
    parser.add_argument('--timeout', type=float, default=60)
    parser.add_argument('--label', default='programs', help='first word of the closing line')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('-v', '--verbose', action='store_true')
    parser.add_argument('names', nargs='*', help='only these programs')
    options = parser.parse_args()
    options.arch = options.arch or sorted(ARCHITECTURES)
    options.engines = [(engine, engine.split()) for engine in options.engine or ['']]
    paths = sorted(os.path.join(options.folder, name) for name in os.listdir(options.folder) if name.endswith(('.c', '.cc')))
    programs = [program for program in map(Program, paths) if not options.names or program.name in options.names]
    runner = Runner(options)
    runner.run_all(programs)
    slowest = ', '.join(f'{label} {seconds:.1f} s' for seconds, label in sorted(runner.times, reverse=True)[:3])
    print(f'slowest: {slowest}')
    print(f'{options.label}: {runner.passed} passed, {runner.failed} failed')
    return 1 if runner.failed or not runner.passed else 0


if __name__ == '__main__':
    sys.exit(main())
