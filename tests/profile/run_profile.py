#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--perfmap and --jitdump: the files are read back; where perf works, its report names the guest's functions."""
import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ARCHITECTURES = {'aarch64': 'aarch64-linux-gnu', 'riscv64': 'riscv64-linux-gnu'}
DUMP_MAGIC, EM_X86_64, EM_AARCH64 = 0x4a695444, 62, 183


class Wrong(Exception):
    pass


def check(good, text):
    if not good:
        raise Wrong(text)


def read_map(path):
    """[(address, size, name)]"""
    pieces = []
    with open(path, encoding='ascii') as file:
        for line in file:
            match = re.match(r'([0-9a-f]+) ([0-9a-f]+) (\S+)$', line)
            check(match, f'line of the map: {line!r}')
            pieces.append((int(match[1], 16), int(match[2], 16), match[3]))
    return pieces


def read_dump(path, process):
    """[(address, size, name)], with everything that the format demands checked"""
    with open(path, 'rb') as file:
        data = file.read()
    magic, version, size, machine, _, pid, _, flags = struct.unpack_from('<IIIIIIQQ', data)
    check((magic, version, size, flags) == (DUMP_MAGIC, 1, 40, 0), 'head of the dump')
    check(machine in (EM_X86_64, EM_AARCH64) and pid == process, f'machine {machine}, process {pid} of the dump')
    pieces, at, last = [], size, 0
    while at < len(data):
        kind, size, time, pid, _, vma, address, length, index = struct.unpack_from('<IIQIIQQQQ', data, at)
        name, code = data[at + 56:at + size].split(b'\0', 1)
        check(kind == 0 and pid == process and vma == address and time >= last, f'record at {at}')
        check(len(code) == length and index == len(pieces), f'record at {at}: {len(code)} bytes of code, index {index}')
        pieces.append((address, length, name.decode('ascii')))
        at, last = at + size, time
    check(at == len(data), 'the dump ends within a record')
    return pieces


def check_pieces(pieces, names):
    found = {re.sub(r'\+0x[0-9a-f]+$', '', name) for _, _, name in pieces}
    for name in names:
        check(name in found, f'{name} is not among the {len(found)} names')
    ordered = sorted(pieces)
    for (address, size, name), (following, _, other) in zip(ordered, ordered[1:]):
        check(address + size <= following, f'{name} and {other} overlap')


def maps_of(processes):
    return {process: f'/tmp/perf-{process}.map' for process in processes}


def check_files(kage, sysroot, program, folder):
    child = subprocess.Popen([kage, '-L', sysroot, '--perfmap', '--jitdump', program], cwd=folder,
                             stdout=subprocess.DEVNULL)
    check(child.wait() == 0, 'the program failed')
    processes = [int(match[1]) for name in os.listdir(folder) if (match := re.match(r'jit-(\d+)\.dump$', name))]
    check(child.pid in processes and len(processes) == 2, f'dumps of {len(processes)} processes')
    try:
        for process in processes:
            own = ['main', 'add_fractions'] if process == child.pid else ['main', 'add_fractions', 'mix_numbers']
            by_map = read_map(maps_of(processes)[process])
            by_dump = read_dump(os.path.join(folder, f'jit-{process}.dump'), process)
            check(by_map == by_dump, 'map and dump differ')
            check_pieces(by_map, own)
    finally:
        for path in maps_of(processes).values():
            os.unlink(path)


def check_report(kage, sysroot, program, folder):
    """False if perf cannot be used here."""
    if not shutil.which('perf'):
        return False
    record = subprocess.run(['perf', 'record', '-k', 'mono', '-o', 'raw', kage, '-L', sysroot, '--jitdump', program],
                            cwd=folder, capture_output=True)
    if record.returncode:
        return False
    inject = subprocess.run(['perf', 'inject', '--jit', '-i', 'raw', '-o', 'injected'], cwd=folder, capture_output=True)
    check(inject.returncode == 0, 'perf inject: ' + inject.stderr.decode('utf-8', 'replace')[-200:])
    report = subprocess.run(['perf', 'report', '-i', 'injected', '--stdio', '--sort', 'symbol'], cwd=folder,
                            capture_output=True).stdout.decode('utf-8', 'replace')
    for name in ('add_fractions', 'mix_numbers'):
        check(re.search(r'\d\.\d+%.*\b' + name, report), f'perf report does not name {name}:\n{report[:2000]}')
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--kage', required=True)
    options = parser.parse_args()
    kage = os.path.abspath(options.kage)
    passed = failed = skipped = 0
    for architecture, prefix in ARCHITECTURES.items():
        for variant in ('static', 'dynamic'):
            for test in (check_files, check_report):
                with tempfile.TemporaryDirectory() as folder:
                    program = os.path.join(folder, 'profiled')
                    flags = ['-static'] if variant == 'static' else []
                    subprocess.run([prefix + '-gcc', '-O2', *flags, '-o', program, os.path.join(HERE, 'profiled.c')],
                                   check=True)
                    try:
                        is_done = test(kage, '/usr/' + prefix, program, folder)
                        skipped, passed = skipped + (is_done is False), passed + (is_done is not False)
                    except Wrong as wrong:
                        failed += 1
                        print(f'FAIL {test.__name__} ({architecture}, {variant}): {wrong}')
    print(f'profile: {passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
