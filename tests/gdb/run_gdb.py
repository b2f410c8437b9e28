#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debugs programs under kage with gdb-multiarch and compares what gdb says with patterns.

A case is a gdb script of the folder cases/. Its comments say what is run and what is expected:

    # program: threads           a source of programs/
    # arguments: fork            of the program
    # options: --engine=...      of kage
    # variants: static dynamic   how the program is linked; static by default
    # guests: aarch64            both by default
    # status: 7                  kage's exit status, as a shell gives it
    # files: remote              gdb is given no program and reads it through the connection
    #= REGULAR EXPRESSION        found in gdb's and the program's output, in this order
    #! REGULAR EXPRESSION        not found
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ARCHITECTURES = {'aarch64': 'aarch64-linux-gnu', 'riscv64': 'riscv64-linux-gnu'}
FLAGS = ['-g', '-O0', '-pthread', '-D_GNU_SOURCE', '-w']
PATIENCE = 120


class Case:
    def __init__(self, path):
        self.path, self.name = path, os.path.splitext(os.path.basename(path))[0]
        self.settings, self.expected, self.refused = {}, [], []
        with open(path, encoding='utf-8') as file:
            for line in file:
                if line.startswith('#= '):
                    self.expected.append(line[3:].rstrip('\n'))
                elif line.startswith('#! '):
                    self.refused.append(line[3:].rstrip('\n'))
                else:
                    setting = re.match(r'# (program|arguments|guests|options|variants|status|files): (.*)$', line)
                    if setting:
                        self.settings[setting[1]] = setting[2]


def compile_program(name, architecture, variant, out):
    source, program = os.path.join(HERE, 'programs', name + '.c'), os.path.join(out, f'{name}.{architecture}.{variant}')
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        flags = FLAGS + (['-static'] if variant == 'static' else [])
        # Built where it lies, so that gdb names the source by its bare name.
        subprocess.run([ARCHITECTURES[architecture] + '-gcc', *flags, '-o', program, name + '.c'], check=True,
                       cwd=os.path.dirname(source))
    return program


def wait_for_socket(path, process):
    for _ in range(600):
        if os.path.exists(path) or process.poll() is not None:
            return
        time.sleep(0.05)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def debug(case, kage, architecture, program, folder):
    """(what gdb and the program printed, kage's status)"""
    place = os.path.join(folder, 'socket')
    sysroot = '/usr/' + ARCHITECTURES[architecture]
    command = [kage, '-L', sysroot, '-g', place, *case.settings.get('options', '').split(), program,
               *case.settings.get('arguments', '').split()]
    with open(os.path.join(folder, 'output'), 'w+', encoding='utf-8', errors='replace') as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        wait_for_socket(place, process)
        debugger = ['gdb-multiarch', '-batch', '-nx', '-ex', 'set pagination off', '-ex', 'set confirm off', '-ex',
                    'set width 0', '-ex', 'set $folder = "' + folder + '"']
        if case.settings.get('files') != 'remote':
            debugger += ['-ex', 'set sysroot ' + sysroot, '-ex', 'file ' + program]
        debugger += ['-ex', 'target remote ' + place, '-x', case.path]
        environment = dict(os.environ, KAGE_PLACE=place, KAGE_FOLDER=folder)
        try:
            done = subprocess.run(debugger, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                  timeout=PATIENCE, env=environment, start_new_session=True)
            status = process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            end(process)
            output.write('\ntime-out\n')
            status = 0
        output.flush()
        output.seek(0)
        return output.read(), status if status >= 0 else 128 - status


def judge(case, text, status):
    """What is wrong, or None."""
    at = 0
    for pattern in case.expected:
        match = re.search(pattern, text[at:], re.M)
        if not match:
            return f'not found (in order): {pattern}'
        at += match.end()
    for pattern in case.refused + ['^time-out$', 'internal-error', r'kage: internal error']:
        if re.search(pattern, text, re.M):
            return f'found: {pattern}'
    wanted = case.settings.get('status')
    if wanted is not None and int(wanted) != status:
        return f'status {status}, not {wanted}'
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--kage', required=True)
    parser.add_argument('--out', default='build/gdb-programs')
    parser.add_argument('--architecture', choices=ARCHITECTURES, action='append')
    parser.add_argument('--verbose', action='store_true', help='show the output of every case')
    parser.add_argument('cases', nargs='*', help='names; all by default')
    options = parser.parse_args()
    kage, out = os.path.abspath(options.kage), os.path.abspath(options.out)
    os.makedirs(out, exist_ok=True)
    folder = os.path.join(HERE, 'cases')
    names = options.cases or sorted(name[:-4] for name in os.listdir(folder) if name.endswith('.gdb'))
    passed = failed = 0
    for name in names:
        case = Case(os.path.join(folder, name + '.gdb'))
        guests = case.settings.get('guests', ' '.join(ARCHITECTURES)).split()
        for architecture in (guest for guest in options.architecture or guests if guest in guests):
            for variant in case.settings.get('variants', 'static').split():
                program = compile_program(case.settings['program'], architecture, variant, out)
                with tempfile.TemporaryDirectory() as temporary:
                    text, status = debug(case, kage, architecture, program, temporary)
                wrong = judge(case, text, status)
                passed, failed = passed + (wrong is None), failed + (wrong is not None)
                if wrong:
                    print(f'FAIL {name} ({architecture}, {variant}): {wrong}')
                if wrong or options.verbose:
                    print(''.join('    ' + line + '\n' for line in text.splitlines()))
    print(f'gdb: {passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
