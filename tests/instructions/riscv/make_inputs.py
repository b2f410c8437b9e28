#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""make_inputs.py CLASS: "code | inputs" lines for the recorder, for every implemented row of a class of instructions.

Rows and fields come from the decode files. Deterministic. record.sh executes the lines:
    make_inputs.py float | ../record.sh riscv > float.cases"""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..', '..', 'translator')
sys.path.insert(0, os.path.join(ROOT, 'generate'))
import decode  # noqa: E402

DATA = 0x20000000
MASK = (1 << 64) - 1
BOX = 0xffffffff << 32
CLASSES = {
    'integer': (['fields', 'integer'], 10), 'multiply': (['fields', 'multiply'], 16),
    'bitmanip': (['fields', 'bitmanip'], 12), 'atomic': (['fields', 'atomic'], 8), 'float': (['fields', 'float'], 40),
    'compressed': (['compressed_fields', 'compressed', 'compressed64'], 8),
}
INTEGERS = [0, 1, 2, MASK, MASK - 1, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, 0xffffffff, 1 << 32, (MASK << 31) & MASK,
            (MASK << 32) & MASK, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 31, 32, 33, 63, 64, 0x0123456789abcdef,
            0xfedcba9876543210, 0x00ff00000000ff01, 0x8000000080000000]
SINGLES = [0, 1 << 31, 1, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000, 0x3f800000, 0xbf800000, 0x3f800001,
           0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000, 0xc0200000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
           0x7fc00000, 0xffc00000, 0x7fc12345, 0x7f800001, 0xff812345, 0x4f000000, 0xcf000000, 0x4effffff, 0x4f7fffff,
           0x4f800000, 0x5f000000, 0xdf000000, 0x5effffff, 0x5f800000, 0x33800000, 0x33800001, 0x00000002, 0x1e3ce508]
DOUBLES = [0, 1 << 63, 1, (1 << 63) | 1, (1 << 52) - 1, 1 << 52, 0x3ff0000000000000, 0xbff0000000000000, 0x3ff0000000000001,
           0x3fe0000000000000, 0xbfe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0xc004000000000000,
           0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
           0xfff8000000000000, 0x7ff8123456789abc, 0x7ff0000000000001, 0xfff4000000000000, 0x41dfffffffc00000,
           0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000, 0x41efffffffe00000, 0x41f0000000000000,
           0x43e0000000000000, 0xc3e0000000000000, 0x43dfffffffffffff, 0x43f0000000000000, 0x3ca0000000000000,
           0x3ff0000010000000, 0x3ff0000030000000, 0x47efffffe0000000, 0x47effffff0000000, 0x3810000000000000,
           0x380fffffffffffff, 0x36a0000000000000, 0x3690000000000001, 0x5fe0000000000000, 0x2000000000000000]


def pick_integer(rng):
    return rng.choice(INTEGERS) if rng.random() < 0.7 else rng.getrandbits(rng.choice((8, 16, 32, 64)))


def pick_single(rng):
    draw = rng.random()
    if draw < 0.06:  # not NaN-boxed
        return rng.choice(SINGLES) | rng.getrandbits(31) << 32
    if draw < 0.7:
        return BOX | rng.choice(SINGLES)
    if draw < 0.9:  # exponents that meet
        return BOX | rng.getrandbits(1) << 31 | rng.randrange(120, 135) << 23 | rng.getrandbits(23)
    return BOX | rng.getrandbits(32)


def pick_double(rng):
    draw = rng.random()
    if draw < 0.65:
        return rng.choice(DOUBLES)
    if draw < 0.9:
        return rng.getrandbits(1) << 63 | rng.randrange(1016, 1031) << 52 | rng.getrandbits(52)
    return rng.getrandbits(64)


def read_rows(files):
    decoder = decode.Decoder()
    for name in files:
        decoder.read(os.path.join(ROOT, 'guest', 'riscv', name + '.decode'))
    decoder.check()
    return decoder


def encode(row, rng, width, chosen):
    """A random word of the row; chosen: member -> number for plain register fields."""
    for _ in range(1000):
        word = row.value | rng.getrandbits(width) & ~row.mask
        for name, number in chosen.items():
            field = dict(row.operands).get(name)
            if field and field.pieces:
                mask, value = field.scatter(number - field.plus)
                if (value ^ row.value) & mask & row.mask:
                    break
                word = word & ~mask | value
        if all(((word & mask) == value) == equal for mask, value, equal in row.tests):
            return word
    raise SystemExit('no word for ' + row.name)


def extract(field, word):
    number = 0
    for high, low in field.pieces:
        number = number << (high - low + 1) | word >> low & (1 << (high - low + 1)) - 1
    if field.is_signed and number >> (field.width() - 1):
        number -= 1 << field.width()
    return (number << field.shift) + field.plus


def operands(row, word):
    return {name: extract(field, word) if field.pieces else field.constant for name, field in row.operands}


def is_float(row, member):
    """Whether a register member names a floating-point register."""
    name = row.lift
    if name in ('flw', 'fld'):
        return member == 'rd'
    if name in ('fsw', 'fsd'):
        return member == 'rs2'
    if not name.startswith('f') or name.startswith('fence'):
        return False
    parts = name.split('_')
    if parts[0] == 'fcvt' or parts[0] == 'fmv':
        return (parts[2] if member == 'rs1' else parts[1]) in ('s', 'd') or \
            (name == 'fmv_w_x' and member == 'rd') or (name in ('fmv_x_w',) and member == 'rs1')
    return member != 'rd' or parts[0] not in ('feq', 'flt', 'fle', 'fclass')


def pick_float(row, rng):
    source = row.lift.split('_')[-1]
    return pick_double(rng) if source == 'd' or row.lift in ('fld', 'fsd') else pick_single(rng)


def make_case(row, rng, width):
    chosen = {}
    names = dict(row.operands)
    used = rng.sample([1, 5, 8, 9, 10, 11, 12, 13, 14, 15] if width == 16 else range(1, 32), 4)
    if width == 16:
        used = rng.sample(range(8, 16), 4)
    for member, number in zip(('rd', 'rs1', 'rs2', 'rs3'), used):
        if member in names and names[member].pieces:
            chosen[member] = number
    draw = rng.random()
    if draw < 0.1 and 'rd' in chosen and 'rs1' in chosen:
        chosen['rs1'] = chosen['rd']
    elif draw < 0.2 and 'rs2' in chosen and 'rs1' in chosen:
        chosen['rs2'] = chosen['rs1']
    elif draw < 0.25 and 'rd' in chosen and width == 32:
        chosen['rd'] = 0
    elif draw < 0.3 and 'rs2' in chosen and width == 32 and not is_float(row, 'rs2'):
        chosen['rs2'] = 0
    word = encode(row, rng, width, chosen)
    got = operands(row, word)
    inputs = {}
    for member in ('rs1', 'rs2', 'rs3'):
        if member in got and member in names:
            if is_float(row, member):
                inputs['f%d' % got[member]] = pick_float(row, rng)
            elif got[member]:
                inputs['x%d' % got[member]] = pick_integer(rng)
    if 'memory' in row.attributes:
        if got['rs1'] == 0:
            return None
        size = {'b': 1, 'h': 2, 'w': 4, 'd': 8}[row.lift.split('_')[-1].rstrip('u')[-1]]
        place = rng.randrange(0x100, 0x1f00) // size * size
        if 'aq' not in names and rng.random() < 0.2:
            place += 1
        inputs['x%d' % got['rs1']] = (DATA + place - got.get('imm', 0)) & MASK
        if got.get('rs2') == got['rs1'] and not is_float(row, 'rs2') and row.lift.startswith('sc'):
            return None
    if row.lift == 'jalr':
        inputs['x%d' % got['rs1']] = (0x10000000 + rng.randrange(-0x8000, 0x8000) - got['imm']) & MASK
        if got['rs1'] == 0:
            return None
    elif 'branch' in row.attributes and 'rs1' in names:
        if 'rs2' in names and got['rs2'] and rng.random() < 0.3 and got['rs1']:
            inputs['x%d' % got['rs2']] = inputs['x%d' % got['rs1']]
    if row.lift == 'jal' and abs(got['imm']) >= 0x100000 - 16:
        return None
    if 'rounds' in row.attributes:
        inputs['fcsr'] = rng.choice((0, 0, 0x20, 0x40, 0x60, 0x80)) | rng.choice((0, 0, rng.getrandbits(5)))
        if got['rm'] == 7 and rng.random() < 0.04:
            inputs['fcsr'] = rng.choice((0xa0, 0xc0, 0xe0))
    return '%0*x | %s' % (width // 4, word, ' '.join('%s=%x' % item for item in inputs.items()))


# Sequences and encodings that one row alone does not show.
SPECIAL = {
    'atomic': [
        '1005272f 18c526af | x10=20000100 x12=1234',           # lr.w x14,(x10); sc.w x13,x12,(x10)
        '1005372f 18c536af | x10=20000100 x12=123456789abc',   # lr.d, sc.d
        '1005272f 18c5a6af | x10=20000100 x11=20000108 x12=1',  # another address
        '1005272f 00c52023 18c526af | x10=20000100 x12=5555',  # the value changed in between
        '18c526af | x10=20000100 x12=1',                       # no reservation
        '1005272f 18c526af 18c526af | x10=20000100 x12=77',    # the second fails
        '1605272f 1ec526af | x10=20000100 x12=99',             # aq, rl
        '1005272f 18c5252f | x10=20000100 x12=99',             # rd is the address
    ],
    'system': [
        '%08x | fcsr=%x x11=%x' % (csr << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x73, fcsr, value)
        for csr in (1, 2, 3) for funct3 in (1, 2, 3, 5, 6, 7) for rs1, rd in ((11, 10), (0, 10), (11, 0), (11, 11))
        for fcsr, value in ((0x00, 0xff), (0x35, 0x1ea), (0xff, 0x41))
    ] + [
        '00151573 00253553 | f10=3ff0000000000000 x10=15', '00100073 |', '9002 |', '0000 |', '00000000 |',
        'c0001073 | x1=1', 'c00010f3 | x1=1', '10001073 | x1=1', '30002573 |', 'c0002073 |', 'c0102073 |', 'c0202073 |',
        'c8002573 |', '0ff0000f |', '0330000f |', '8330000f |', '0000100f |', '0100000f |', 'ffffffff |', '10500073 |',
        '00300073 |', '57c57057 |', '02058007 | x11=20000000', '30200073 |', '6101 |', '6001 |', '8002 |', '4002 |',
        '00259553 |',
        # a mode written by the program is the mode of the next instruction
        '00211073 003100d3 | x2=1 f2=3ff0000000000000 f3=3ca0000000000000',
        '00225073 02310053 | f2=3ff0000000000000 f3=3ca0000000000000',
        '00221073 02317053 | x4=4 f2=3ff0000000000000 f3=3ca0000000000000',
        '00221073 02317053 | x4=5 f2=3ff0000000000000 f3=3ca0000000000000',
        '02317053 00102573 00105073 00102573 | f2=7ff0000000000001 f3=3ca0000000000000',
    ],
}


def main():
    name = sys.argv[1]
    rng = random.Random(name)
    if name in CLASSES:
        files, count = CLASSES[name]
        decoder = read_rows(files)
        for row in decoder.rows:
            if row.status or row.lift in ('ecall', 'fence', 'ebreak', 'fence_i', 'sc_w', 'sc_d'):
                continue
            print('# ' + row.name)
            for _ in range(count):
                line = make_case(row, rng, decoder.width)
                if line:
                    print(line)
    if name in SPECIAL:
        print('# sequences and special encodings')
        print('\n'.join(SPECIAL[name]))


if __name__ == '__main__':
    main()
