#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged, foreign and missing programs, and programs that destroy themselves: the right exit status and one clear line."""
import argparse
import os
import struct
import subprocess
import sys
import tempfile

SEGV, ILL, BUS = 128 + 11, 128 + 4, 128 + 7

CRASHES = {  # body of main, statuses that are right
    'unmapped store': ('*(volatile int *)0x123456 = 1;', {SEGV}),
    'wild jump': ('((void (*)(void))0x7ffff123450ul)();', {SEGV}),
    'jump to zero': ('((void (*)(void))0ul)();', {SEGV}),
    'endless recursion': ('char a[5000]; __asm__("" : : "r"(a) : "memory"); main(); __asm__("" : : "r"(a));', {SEGV}),
    'illegal instruction': ('__asm__(".word 0");', {ILL}),
    'write to code': ('*(volatile char *)&main = 1;', {SEGV}),
    'non-canonical address': ('*(volatile int *)0x8000000000001234ul = 1;', {SEGV}),
}
SOURCE = '#include <stdio.h>\n#include <sys/resource.h>\nint main(void)\n{{\n    struct rlimit none = {{0, 0}};\n' \
         '    setrlimit(RLIMIT_CORE, &none);\n    {}\n    return 0;\n}}\n'


def field(image, offset, kind, value):
    changed = bytearray(image)
    struct.pack_into('<' + kind, changed, offset, value)
    return bytes(changed)


def program_header(image, kind):
    """File offset of the first program header of a kind."""
    start, size, count = (struct.unpack_from('<Q', image, 32)[0], *struct.unpack_from('<HH', image, 54))
    for i in range(count):
        if struct.unpack_from('<I', image, start + i * size)[0] == kind:
            return start + i * size
    raise ValueError(f'no program header of kind {kind}')


def damaged(static, dynamic):
    """name -> (bytes, statuses that are right)"""
    load, interpreter = program_header(static, 1), program_header(dynamic, 3)
    data = load + 56  # the writable segment, which has memory beyond its bytes in the file
    name_offset = struct.unpack_from('<Q', dynamic, interpreter + 8)[0]
    cannot, any_end = {126, 127}, {1, 126, 127, SEGV, ILL, BUS, 255}
    return {
        'empty file': (b'', cannot),
        'one byte': (b'\x7f', cannot),
        'header only': (static[:64], cannot),
        'half a header': (static[:33], cannot),
        'truncated in the first segment': (static[:5000], any_end),
        'text file': (b'just some text\n', {0, 1, 2, 126, 127}),
        'wrong machine': (field(static, 18, 'H', 0x1234), cannot),
        'host machine number but wrong class': (field(static, 4, 'B', 1), cannot),
        'wrong byte order': (field(static, 5, 'B', 2), cannot),
        'relocatable file': (field(static, 16, 'H', 1), cannot),
        'core file': (field(static, 16, 'H', 4), cannot),
        'huge number of program headers': (field(static, 56, 'H', 0xffff), cannot),
        'program headers beyond the file': (field(static, 32, 'Q', 1 << 60), cannot),
        'program header size 1': (field(static, 54, 'H', 1), cannot),
        'no program headers': (field(static, 56, 'H', 0), cannot),
        'segment size beyond memory': (field(static, load + 40, 'Q', 1 << 62), cannot),
        'segment file size above memory size': (field(static, load + 32, 'Q', 1 << 40), cannot),
        'segment offset beyond the file': (field(static, load + 8, 'Q', 1 << 40), any_end),
        'data segment offset beyond the file': (field(static, data + 8, 'Q', 1 << 40 | struct.unpack_from('<Q', static, data + 16)[0] % 0x10000),
                                                {126}),
        'segment at a kernel address': (field(static, load + 16, 'Q', 0xffff800000000000), cannot),
        'segment misaligned with its offset': (field(static, load + 16, 'Q', 0x400123), any_end),
        'entry outside': (field(static, 24, 'Q', 0x10), {SEGV}),
        'missing interpreter': (dynamic[:name_offset] + b'/no/such/ld.so\0' + dynamic[name_offset + 15:], cannot),
        'interpreter name unterminated': (field(dynamic, interpreter + 32, 'Q', 3), cannot),
        'interpreter name huge': (field(dynamic, interpreter + 32, 'Q', 1 << 50), cannot),
    }


class Checker:
    def __init__(self, kage, sysroot):
        self.kage, self.sysroot = kage, sysroot
        self.passed = self.failed = 0

    def check(self, name, arguments, statuses, needs_line=True):
        try:
            done = subprocess.run([self.kage] + arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=30,
                                  env={'PATH': os.environ['PATH']}, check=False)
        except subprocess.TimeoutExpired:
            self.failed += 1
            print(f'FAIL {name}: no end within 30 s')
            return
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        lines = done.stderr.decode('utf-8', 'replace').strip().splitlines()
        problems = []
        if status not in statuses:
            problems.append(f'status {status}, expected one of {sorted(statuses)}')
        if needs_line and status in (126, 127) and len(lines) != 1:
            problems.append(f'{len(lines)} lines of message instead of one: {lines[:3]}')
        if any('ssert' in line or 'Sanitizer' in line for line in lines):
            problems.append('an assertion or sanitizer spoke: ' + lines[0])
        if problems:
            self.failed += 1
            print(f'FAIL {name}: ' + '; '.join(problems), flush=True)
        else:
            self.passed += 1

    def check_guest(self, architecture, compiler, folder):
        def build(name, body, flags):
            source, out = os.path.join(folder, 'source.c'), os.path.join(folder, name)
            with open(source, 'w', encoding='utf-8') as file:
                file.write(SOURCE.format(body))
            subprocess.run([compiler, '-w', '-O1', '-fno-optimize-sibling-calls', '-o', out, source] + flags, check=True)
            with open(out, 'rb') as file:
                return out, file.read()
        static = build('static', 'puts("x");', ['-static'])[1]
        dynamic = build('dynamic', 'puts("x");', ['-Wl,-z,norelro'])[1]
        library = ['-L', self.sysroot or f'/usr/{architecture}-linux-gnu']
        for name, (image, statuses) in damaged(static, dynamic).items():
            path = os.path.join(folder, 'damaged')
            with open(path, 'wb') as file:
                file.write(image)
            os.chmod(path, 0o755)
            self.check(f'{architecture} {name}', library + [path], statuses, statuses <= {126, 127})
        for name, (body, statuses) in CRASHES.items():
            path, _ = build('crash', body, ['-static'])
            self.check(f'{architecture} {name}', library + [path], statuses)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kage', required=True)
    parser.add_argument('--sysroot')
    options = parser.parse_args()
    checker = Checker(options.kage, options.sysroot)
    with tempfile.TemporaryDirectory(prefix='kage-bad-') as folder:
        for architecture in ('aarch64', 'riscv64'):
            checker.check_guest(architecture, f'{architecture}-linux-gnu-gcc', folder)
        checker.check('missing program', [os.path.join(folder, 'none')], {127})
        checker.check('folder as program', [folder], {126})
        plain = os.path.join(folder, 'plain')
        with open(plain, 'w', encoding='ascii') as file:
            file.write('x')
        os.chmod(plain, 0o644)
        checker.check('program without permission', [plain], {126})
        checker.check('unknown option', ['--no-such-option'], {1, 2, 125})
        checker.check('no program named', [], {1, 2, 125}, needs_line=False)
    print(f'bad input: {checker.passed} passed, {checker.failed} failed')
    return 1 if checker.failed else 0


if __name__ == '__main__':
    sys.exit(main())
