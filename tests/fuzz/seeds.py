#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seed corpora: seeds.py FOLDER. Each target gets a folder of small files made by the rules below from what the tree has."""
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)


def elf_file(kind, address, interpreter):
    """A program of two segments as tests/unit/elf has it."""
    headers = [(1, 5, 0, address, 0x800, 0x800, 0x1000), (1, 6, 0x810, address + 0x11810, 0x100, 0x5000, 0x10000),
               (0x6474e551, 6, 0, 0, 0, 0, 16)]
    if interpreter:
        headers.append((3, 4, 0x400, address + 0x400, len(interpreter) + 1, len(interpreter) + 1, 1))
    head = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01', kind, 183, 1, address + 0x100, 64, 0, 0, 64, 56, len(headers),
                       0, 0, 0)
    for kind, flags, offset, place, file_size, memory_size, align in headers:
        head += struct.pack('<IIQQQQQQ', kind, flags, offset, place, place, file_size, memory_size, align)
    return (head.ljust(0x400, b'\0') + interpreter).ljust(0x910, b'\x55')


def elf():
    yield elf_file(3, 0, b'')
    yield elf_file(3, 0, b'/lib/ld.so')
    yield elf_file(2, 0x120000000000, b'')


def script():
    yield b'#!/bin/sh\n'
    yield b'#! /usr/bin/env  -S python3 -u \nprint()\n'
    yield b'#!' + b'/' * 300 + b' x\n'
    yield elf_file(3, 0, b'')[:64]


def seccomp():
    call = struct.pack('<II6I', 7, 0xc00000b7, 1, 2, 3, 4, 5, 6)
    rows = [[(0x20, 0, 0, 0), (0x15, 1, 0, 7), (0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x50005)],
            [(0x20, 0, 0, 16), (0x74, 0, 0, 8), (0x02, 0, 0, 3), (0x81, 0, 0, 0), (0x0c, 0, 0, 0), (0x61, 0, 0, 3),
             (0xac, 0, 0, 0), (0x84, 0, 0, 0), (0x07, 0, 0, 0), (0x16, 0, 0, 0)]]
    for row in rows:
        yield call + b''.join(struct.pack('<HBBI', *item) for item in row)


def instruction_words(pattern, files):
    for name in files:
        with open(os.path.join(TESTS, 'decoding', name), encoding='utf-8') as file:
            words = [match[1] for match in (re.match(pattern, line) for line in file) if match]
        for start in range(0, len(words), 64):
            yield b''.join(bytes.fromhex(word)[::-1] for word in words[start:start + 64])


def code():
    pattern = r'^(?:0x)?([0-9a-f]{8}|[0-9a-f]{4})\b'
    for number, files in ((0, ('a64.lines', 'a64_simd.lines')), (1, ('riscv.lines', 'riscv_c.lines'))):
        for words in instruction_words(pattern, files):
            yield bytes((number, 0, 0)) + words
            yield bytes((number | 0x40, 0x81, 0)) + words[:64]


def units():
    for seed in range(16):
        yield struct.pack('<QI', seed * 0x9e3779b97f4a7c15 & (1 << 64) - 1, 0)


def syscalls():
    for number in range(0, 460, 3):
        yield struct.pack('<BIHHHHHHHH', number % 4 | 8, number, number, 0x555, 3, 0x100, 0x200, 8, 0x300, 0x400) + b'/tmp/x\0\x01\x02\x03'


def options():
    for text in ('\n/bin/true\nargument', '\n-L\n/\n-E\nA=B\n--strace\n--engine=fast\n/bin/true', '\n-d\nin_asm,op\n-s\n8M\nx',
                 '\x04' + '1048576\n\n/bin/true', '\x08' + '\x1f'.join('3 -1 -1 -1 1 2 3 4 /bin/true / 6.1 max ir log 1 31'.split())
                 + '\n\n/bin/true', '\n--help', '\n--stats\n--verify\n--randomize\n-0\nname\n-R\n0x10000\np'):
        yield text.encode()


def gdb():
    sessions = (
        ('qSupported:multiprocess+;swbreak+;hwbreak+;fork-events+;vfork-events+;exec-events+', 'QStartNoAckMode', 'qXfer:features:read:target.xml:0,fff',
         'qXfer:auxv:read::0,1000', 'qXfer:exec-file:read:1:0,fff', 'qXfer:siginfo:read::0,80', 'Hgp1.1', '?', 'g', 'qC', 'qfThreadInfo',
         'qsThreadInfo', 'qXfer:threads:read::0,fff', 'qThreadExtraInfo,p1.1', 'qAttached:1', 'qSymbol::', 'qRcmd,68656c70'),
        ('m400,100', 'M400,3:010203', 'X400,3:a}\x03b', 'Z0,4000,4', 'z0,4000,4', 'Z2,5000,8', 'vCont?', 'vCont;s:p1.1;c', '!bA\0\5', 'p20', 'P1f=0011223344556677',
         'vCont;r10,20:1', '!cB\1\7', 'c', '^', 'C05', '!dB\1\0\4', 's', '!gA', 'G' + '00' * 300),
        ('vFile:setfs:0', 'vFile:open:2f6574632f7061737377642f,0,0', 'vFile:fstat:0', 'vFile:pread:0,100,0', 'vFile:pwrite:0,3,abc', 'vFile:close:0',
         'vFile:readlink:2f70726f63', 'vFile:unlink:2f78', 'QPassSignals:1;2;e', 'QCatchSyscalls:1;40;3f', 'QThreadEvents:1', 'QNonStop:0',
         'Hc-1', 'T1', 'vCont;c', '!eA\0\x4d', 'D;4d', 'vKill;4d', 'vCont;c', '!mA\0\3', 'k'),
        ('=$g#', '=$g#00', '=+-\x03', 'D', 'vCont;c', '!nA', 'vCont;t'))
    for kind in (0, 0x19, 0x30, 0x04, 0x3b):
        for lines in sessions:
            yield bytes((kind, 3)) + '\n'.join(lines).encode('latin-1')


def frames():
    for number in range(4):
        yield bytes((number, 0)) + bytes(128 + 40)
    record = struct.pack('<IIII', 0x46508001, 528, 0, 0) + bytes(512)
    yield bytes((0, 0)) + bytes(256) + record + struct.pack('<II', 0, 0)
    yield bytes((2, 0)) + bytes(256) + struct.pack('<IIQ', 0x45535201, 16, 0x92000045) + record + bytes(16)
    yield bytes((0, 0)) + bytes(256) + struct.pack('<IIQ', 0x45585401, 32, 0) * 20


def image():
    """Each byte of the header, and some of what follows; see struct image_header."""
    yield b'\0'
    for bits in range(4):
        for place in range(0, 160, 1 if bits & 1 else 8):
            for value in (0, 1, 0x7f, 0xff):
                yield struct.pack('<BHBB', bits, place, 0, value)
        for place in range(64, 112, 8):  # sizes of sections, with what else tells them
            yield struct.pack('<B HBB HBB HBB', bits, place, 0, 8, 144, 0, 1, 148, 0, 1)
    for place in range(4096, 1 << 19, 4099):
        yield struct.pack('<BIB', place & 2, place, 0x55)[:4] + b'\x55'


def main():
    for rule in (elf, script, seccomp, code, units, syscalls, options, gdb, frames, image):
        folder = os.path.join(sys.argv[1], rule.__name__)
        os.makedirs(folder, exist_ok=True)
        for number, seed in enumerate(rule()):
            with open(os.path.join(folder, f'{number:03}'), 'wb') as file:
                file.write(seed)


if __name__ == '__main__':
    main()
