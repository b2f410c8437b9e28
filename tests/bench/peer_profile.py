# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of a peer's CPU time is translation, where the peer is QEMU's user-mode emulator and has no symbols.

Its function tb_gen_code is all of translation: from the first look at the guest's code to the finished block. A stripped program
still has its unwind table, which says where functions begin and end, and the name of this one, which assertions print. The
function whose code refers to that name is the one (or is its part for unlikely code, to which the function itself jumps).
perf with call chains then tells which share of the samples was below it, and the peer's own log (-d in_asm) how many guest
instructions it translated. Share times CPU time (of a run without perf) by instructions is the figure.
"""
import bisect
import os
import re
import shutil
import struct
import subprocess

from measuring import run_once

NAME = b'tb_gen_code\0'
LOAD_ADDRESS = re.compile(rb'[\x48\x4c]\x8d[\x05\x0d\x15\x1d\x25\x2d\x35\x3d]')
FAR_JUMP = re.compile(rb'\x0f[\x80-\x8f]|\xe9')
CHAIN_LINE = re.compile(r'^\s+([0-9a-f]+) .*\((.*)\)$')


class Elf:
    """Sections and the functions' bounds of a 64-bit little-endian ELF file."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = file.read()
        table, = struct.unpack_from('<Q', self.data, 40)
        size, count, names = struct.unpack_from('<HHH', self.data, 58)
        rows = [struct.unpack_from('<IIQQQQ', self.data, table + size * i) for i in range(count)]
        start = rows[names][4]
        self.sections = {self.data[start + row[0]:self.data.index(b'\0', start + row[0])].decode(): row for row in rows}
        self.functions = sorted(self.read_functions())

    def section(self, name):
        """(address, contents)"""
        _, _, _, address, offset, size = self.sections[name]
        return address, self.data[offset:offset + size]

    def read_functions(self):
        """(start, end) of each entry of the unwind table."""
        base, data = self.section('.eh_frame')
        at = 0
        while at + 4 <= len(data):
            length, owner = struct.unpack_from('<Ii', data, at) if at + 8 <= len(data) else (0, 0)
            if length == 0:
                break
            if owner != 0:
                begin, size = struct.unpack_from('<iI', data, at + 8)
                yield base + at + 8 + begin, base + at + 8 + begin + size
            at += 4 + length

    def function_at(self, address):
        index = bisect.bisect(self.functions, (address, 1 << 63)) - 1
        return self.functions[index] if index >= 0 and address < self.functions[index][1] else None


def functions_of_name(elf, name):
    """Bounds of the functions that refer to a name, and of those that jump into these."""
    base, code = elf.section('.text')
    texts, data = elf.section('.rodata')
    targets = {texts + match.start() for match in re.finditer(b'\0' + re.escape(name), data)}
    targets = {target + 1 for target in targets}
    found = set()
    for match in LOAD_ADDRESS.finditer(code):
        if match.end() + 4 <= len(code):
            if base + match.end() + 4 + struct.unpack_from('<i', code, match.end())[0] in targets:
                found.add(elf.function_at(base + match.start()))
    found.discard(None)
    for match in FAR_JUMP.finditer(code):
        if match.end() + 4 <= len(code):
            target = base + match.end() + 4 + struct.unpack_from('<i', code, match.end())[0]
            if any(start <= target < end for start, end in found):
                found.add(elf.function_at(base + match.start()))
    found.discard(None)
    return found


def run_quietly(job, command):
    with open(job.stdin, 'rb') as stdin:
        subprocess.run(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=job.environments['peer'],
                       check=False)


def count_translated(job, log):
    """Guest instructions that the peer says it translated."""
    peer = job.commands['peer']
    run_quietly(job, peer[:1] + ['-d', 'in_asm', '-D', log] + peer[1:])
    with open(log, encoding='utf-8', errors='replace') as file:
        count = sum(1 for line in file if line.startswith('0x'))
    os.remove(log)
    return count


def count_samples(job, data, bounds):
    """(samples, those of them below a function within the bounds)"""
    peer = job.commands['peer']
    run_quietly(job, ['perf', 'record', '-q', '-e', 'cpu-clock', '-F', '2000', '--call-graph', 'dwarf,8192', '-o', data] + peer)
    script = subprocess.run(['perf', 'script', '-i', data, '-F', 'comm,ip,sym,dso'], capture_output=True, text=True,
                            errors='replace', check=True).stdout
    os.remove(data)
    samples = below = 0
    for chain in script.split('\n\n'):
        lines = [found for found in map(CHAIN_LINE.match, chain.splitlines()) if found]
        own = [int(line[1], 16) for line in lines if line[2] == peer[0]]
        samples += bool(lines)
        below += any(start <= address < end for address in own for start, end in bounds)
    return samples, below


def translation_cost(launcher, job, limit, scratch):
    """(guest instructions, nanoseconds each) of the peer's run of a job; None where it cannot be told."""
    peer = os.path.realpath(job.commands['peer'][0])
    if not shutil.which('perf'):
        return None
    bounds = functions_of_name(Elf(peer), NAME)
    job.commands['peer'][0] = peer
    cost, _, _ = run_once(launcher, job, 'peer', limit)
    if not bounds or cost is None:
        return None
    count = count_translated(job, os.path.join(scratch, 'peer.log'))
    samples, below = count_samples(job, os.path.join(scratch, 'peer.perf'), bounds)
    if not count or not samples or not below:
        return None
    return count, cost['cpu'] / job.repeat * below / samples * 1e9 / count
