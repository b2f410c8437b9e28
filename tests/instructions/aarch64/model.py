#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""model.py [SEED]: cases whose results are computed here, from the manual's pseudocode, because the peer lacks the instructions
(MOPS) or has other keys and another algorithm (pointer authentication). Output: computed.cases."""
import random
import sys

ONES = (1 << 64) - 1
DATA, SIZE = 0x20000000, 0x2000
RUN = 80  # bytes in one output at most
CODE_MASK = 0x7f << 48
# runner_registers.c: low and high halves of IA, IB, DA, DB, GA
KEYS = [0x9e3779b97f4a7c15 * (2 * index + 1) & ONES | 1 for index in range(10)]


def background(offset):
    return (offset * 37 + 11 + (offset >> 8) * 5) & 255


class Fault(Exception):
    pass


class SmallFault(Exception):
    pass


class Machine:
    """Registers that were set, and memory; knows what has changed."""

    def __init__(self, registers):
        self.before, self.registers = dict(registers), dict(registers)
        self.memory = [background(offset) for offset in range(SIZE)]
        self.ending = []

    def load(self, address):
        address = address & (1 << 56) - 1
        if not DATA <= address < DATA + SIZE:
            raise Fault()
        return self.memory[address - DATA]

    def store(self, address, value):
        self.load(address)
        self.memory[(address & (1 << 56) - 1) - DATA] = value

    def outputs(self):
        changed = ['%s=%x' % (name, value) for name, value in self.registers.items() if self.before[name] != value]
        offset = 0
        while offset < SIZE:
            end = offset
            while end < SIZE and end < offset + RUN and self.memory[end] != background(end):
                end += 1
            if end > offset:
                changed.append('@%x=%s' % (offset, ''.join('%02x' % one for one in self.memory[offset:end])))
            offset = max(end, offset + 1)
        return changed + self.ending


def show(words, machine):
    inputs = ['%s=%x' % item for item in machine.before.items()]
    print(' '.join(['%08x' % word for word in words] + ['|'] + inputs + ['=>'] + machine.outputs()))


# ---- memory copy and set, option A; a piece is a byte here: only where a fault stops it can tell, and there it is exact ----

def signed(value):
    return value - (1 << 64) if value >> 63 else value


def prologue(machine, kind, d, s, n):
    r = machine.registers
    size = r[n]
    r['NZCV'] = 0
    if kind == 'CPY':
        size = min(size, (1 << 55) - 1)
        to, source = r[d] & (1 << 56) - 1, r[s] & (1 << 56) - 1
        if source < to < source + size or (source == to and size):
            r[n] = size
            return
    else:
        size = min(size, (1 << 63) - 1)
    r[d] = (r[d] + size) & ONES
    if kind != 'SET':
        r[s] = (r[s] + size) & ONES
    r[n] = -size & ONES


def main_part(machine, kind, d, s, n):
    r = machine.registers
    while r[n]:
        left = signed(r[n])
        at = left if left < 0 else left - 1
        value = r.get(s, 0) & 255 if kind == 'SET' else machine.load(r[s] + at & ONES)
        machine.store(r[d] + at & ONES, value)
        r[n] = (left + (1 if left < 0 else -1)) & ONES


def small_at_once(machine, kind, d, s, n):
    """A whole group of up to 64 bytes of one page is done by its prologue, with nothing changed if it faults."""
    size, starts = machine.registers[n], [machine.registers[d]] + [machine.registers[s]] * (kind != 'SET')
    if 0 < size <= 64 and all(start % 4096 + size <= 4096 for start in starts):
        for start in starts:
            if not DATA <= start & (1 << 56) - 1 < DATA + SIZE:
                raise SmallFault()


def mops_words(kind, d, s, n, options):
    base = 0x19000400 | (kind == 'CPY') << 26 | s << 16 | n << 5 | d
    if kind == 'SET':
        base |= 3 << 22 | (options & 3) << 12
        return [base | stage << 14 for stage in range(3)]
    return [base | options << 12 | stage << 22 for stage in range(3)]


def make_registers(kind, numbers, rng):
    d, s, n = numbers
    size = rng.choice((0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 255, 300))
    to, source = DATA + 0x600 + rng.randrange(0x800), DATA + 0x600 + rng.randrange(0x800)
    draw = rng.random()
    if draw < 0.4:  # they overlap
        source = to + rng.randrange(-40, 41) if kind == 'CPY' else to + rng.randrange(41)
    elif draw < 0.5:  # across a page
        to = DATA + 0x1000 - rng.randrange(size + 1)
    tag = rng.choice((0, 0, 0xa5 << 56))
    registers = {'X%d' % d: to | tag, 'X%d' % s: source, 'X%d' % n: size, 'NZCV': rng.choice((0, 8, 4, 12, 1))}
    if kind == 'SET':
        registers['X%d' % s] = rng.getrandbits(64)
    return registers


def mops(rng):
    for kind, name in (('CPYF', 'CPYFP'), ('CPY', 'CPYP'), ('SET', 'SETP')):
        print('# %s alone, then with its main part, then all three, then through another copy of the main part' % name)
        for index in range(24):
            numbers = rng.sample(range(31), 3)
            d, s, n = ['X%d' % number for number in numbers]
            words = mops_words(kind, *numbers, rng.randrange(16))
            machine = Machine(make_registers(kind, numbers, rng))
            prologue(machine, kind, d, s, n)
            if index % 4:
                main_part(machine, kind, d, s, n)
            used = (words[:1], words[:2], words, [words[0], 0xd503201f, words[1], words[2]])[index % 4]
            show(used, machine)
        print('# sizes that are too large')
        for _ in range(3):
            numbers = rng.sample(range(31), 3)
            d, s, n = ['X%d' % number for number in numbers]
            registers = make_registers(kind, numbers, rng)
            registers[n] = rng.choice((1 << 55, (1 << 55) - 1, 1 << 63, ONES, (1 << 63) - 1))
            machine = Machine(registers)
            prologue(machine, kind, d, s, n)
            show(mops_words(kind, *numbers, 0)[:1], machine)
        print('# a fault in the middle: the registers say what is left')
        for index in range(10):
            numbers = rng.sample(range(31), 3)
            d, s, n = ['X%d' % number for number in numbers]
            registers = make_registers(kind, numbers, rng)
            size = registers[n] = rng.choice((rng.randrange(20, 65), rng.randrange(65, 300)))
            end = DATA + SIZE - rng.randrange(1, size)
            if kind == 'CPY' and index % 2:  # backward out of the beginning
                registers[d] = DATA - rng.randrange(1, size)
                registers[s] = registers[d] - rng.randrange(1, 20)
            elif index % 3 == 0 and kind != 'SET':
                registers[s] = end
            else:
                registers[d] = end
            if index == 8:
                registers[d], registers[n] = DATA + SIZE + 8, rng.randrange(1, 65)
            machine = Machine(registers)
            try:
                small_at_once(machine, kind, d, s, n)
                prologue(machine, kind, d, s, n)
                main_part(machine, kind, d, s, n)
            except Fault:
                machine.ending = ['!SEGV', 'PC=10000004']
            except SmallFault:
                machine.ending = ['!SEGV', 'PC=10000000']
            show(mops_words(kind, *numbers, 0), machine)
    print('# the form of option B in the main part')
    for kind, nzcv in (('CPYF', 2), ('CPY', 10), ('SET', 2)):
        words = mops_words(kind, 1, 2, 3, 0)
        machine = Machine({'X1': DATA + 0x900, 'X2': DATA + 0x800, 'X3': 40, 'NZCV': nzcv})
        r = machine.registers
        step = 0 if nzcv & 8 else 40
        r.update({'X1': r['X1'] + (step or -40), 'X2': r['X2'] + (step or -40), 'X3': -step & ONES or 40, 'NZCV': 0})
        if kind == 'SET':
            r['X2'] = machine.before['X2']
        main_part(machine, kind, 'X1', 'X2', 'X3')
        show(words[1:], machine)
    print('# registers that may not be')
    for words in (mops_words('CPY', 1, 1, 2, 0), mops_words('CPYF', 1, 2, 2, 0), mops_words('SET', 1, 2, 1, 0),
                  mops_words('CPY', 31, 1, 2, 0), mops_words('CPYF', 1, 31, 2, 0), mops_words('SET', 1, 2, 31, 0)):
        for word in words:
            print('%08x | => !ILL' % word)
    print('# SETP, SETM, SETE of zero')
    machine = Machine({'X1': DATA + 0x700, 'X3': 33, 'NZCV': 0})
    prologue(machine, 'SET', 'X1', 'X31', 'X3')
    main_part(machine, 'SET', 'X1', 'X31', 'X3')
    show(mops_words('SET', 1, 31, 3, 0), machine)


# ---- pointer authentication with PAuth2: AUT is PAC; the algorithm is our own ----

def pac(pointer, modifier, key):
    code = ((pointer & ~CODE_MASK) * KEYS[2 * key] + modifier * KEYS[2 * key + 1] & ONES) >> 57
    return pointer ^ code << 48


def pointer_value(rng):
    return rng.choice((rng.getrandbits(47), rng.getrandbits(47) | rng.getrandbits(8) << 56, rng.getrandbits(64), 0, ONES))


def pauth(rng):
    for aut in range(2):
        for key in range(4):
            print('# %s%s' % (('PAC', 'AUT')[aut], ('IA', 'IB', 'DA', 'DB')[key]))
            for _ in range(3):
                d, n = rng.sample(range(31), 2)
                machine = Machine({'X%d' % d: pointer_value(rng), 'X%d' % n: rng.getrandbits(64)})
                r = machine.registers
                r['X%d' % d] = pac(r['X%d' % d], r['X%d' % n], key)
                show([0xdac10000 | aut << 12 | key << 10 | n << 5 | d], machine)
            machine = Machine({'X1': pointer_value(rng), 'SP': DATA + 0x500})
            machine.registers['X1'] = pac(machine.registers['X1'], DATA + 0x500, key)
            show([0xdac10000 | aut << 12 | key << 10 | 31 << 5 | 1], machine)
            machine = Machine({'X7': pointer_value(rng)})
            machine.registers['X7'] = pac(machine.registers['X7'], 0, key)
            show([0xdac123e0 | aut << 12 | key << 10 | 7], machine)
    print('# PACGA')
    for _ in range(4):
        machine = Machine({'X1': rng.getrandbits(64), 'X2': rng.getrandbits(64), 'X3': rng.getrandbits(64)})
        r = machine.registers
        r['X3'] = (r['X1'] * KEYS[8] + r['X2'] * KEYS[9]) & 0xffffffff << 32
        show([0x9ac23023], machine)
    print('# XPACI, XPACD, XPACLRI')
    for word, name in ((0xdac143e5, 'X5'), (0xdac147e5, 'X5'), (0xd50320ff, 'X30')):
        for _ in range(3):
            machine = Machine({name: pointer_value(rng)})
            value = machine.registers[name]
            machine.registers[name] = value | 0xffff << 48 if value >> 55 & 1 else value & ~CODE_MASK
            show([word], machine)
    print('# the hints')
    for key in range(2):
        for aut in range(2):
            place = key << 6 | aut << 7
            machine = Machine({'X17': pointer_value(rng), 'X16': rng.getrandbits(64)})
            machine.registers['X17'] = pac(machine.registers['X17'], machine.registers['X16'], key)
            show([0xd503211f | place], machine)
            machine = Machine({'X30': pointer_value(rng), 'SP': DATA + 0x400})
            machine.registers['X30'] = pac(machine.registers['X30'], DATA + 0x400, key)
            show([0xd503233f | place], machine)
            machine = Machine({'X30': pointer_value(rng)})
            machine.registers['X30'] = pac(machine.registers['X30'], 0, key)
            show([0xd503231f | place], machine)
    pauth_branches()
    print('# there and back: PACIA, AUTIA; another modifier does not give the pointer back; PACDB, LDRAB')
    show([0xdac10041, 0xdac11041], Machine({'X1': 0x7f1234567890, 'X2': 77}))
    machine = Machine({'X1': 0x7f1234567890, 'X2': 77, 'X3': 78})
    machine.registers['X1'] = pac(pac(0x7f1234567890, 77, 0), 78, 0)
    show([0xdac10041, 0xdac11061], machine)
    machine = Machine({'X1': DATA + 0x100, 'X2': 0})
    machine.registers['X1'] = pac(DATA + 0x100, 0, 3)
    machine.registers['X2'] = int.from_bytes(bytes(machine.memory[0x100:0x108]), 'little')
    show([0xdac12fe1, 0xf8a00422], machine)
    machine = Machine({'X1': DATA + 0x100, 'X2': 0})
    machine.registers['X1'] = DATA + 0x108
    machine.registers['X2'] = int.from_bytes(bytes(machine.memory[0x108:0x110]), 'little')
    show([0xdac12be1, 0xf8201c22], machine)


def pauth_branches():
    print('# RETAA, BRAAZ, BLRAB of pointers that are right')
    target = 0x10000100
    for words, registers, key, modifier, link in (
            ([0xd65f0bff], {'SP': DATA + 0x400}, 0, DATA + 0x400, 'X30'), ([0xd61f083f], {}, 0, 0, 'X1'),
            ([0xd71f0c22], {'X2': 99}, 1, 99, 'X1'), ([0xd73f0822], {'X2': 98}, 0, 98, 'X1')):
        registers = dict(registers)
        registers[link] = pac(target, modifier, key)
        machine = Machine(registers)
        machine.ending = ['PC=%x' % target]
        if words[0] == 0xd73f0822:
            machine.before['X30'] = 0
            machine.registers['X30'] = 0x10000004
        show(words, machine)


def main():
    rng = random.Random('model %s' % (sys.argv[1] if len(sys.argv) > 1 else '1'))
    print('# Computed by model.py.')
    mops(rng)
    pauth(rng)


if __name__ == '__main__':
    main()
