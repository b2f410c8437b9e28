# SPDX-License-Identifier: GPL-2.0-or-later
"""Random inputs for RISC-V rows; see generate.py. The peer knows neither Zicond (by_hand.cases) nor what CTZW of a word of
zeros is when bits above it are set (it gives their position; data corrected by hand)."""
FOLDER = 'translator/guest/riscv'
DECODERS = [
    ['fields.decode', 'integer.decode', 'multiply.decode', 'atomic.decode', 'float.decode', 'bitmanip.decode',
     'crypto.decode'],
    ['compressed_fields.decode', 'compressed.decode', 'compressed64.decode'],
]
# Hand-written cases have those that trap, need one before them, or do nothing to be seen.
SKIPPED = set('ECALL EBREAK C_EBREAK FENCE FENCE_TSO SC_W SC_D KAGE_CALL'.split())
# Extensions that the peer does not have: by_hand_extensions.cases has computed results.
SKIPPED |= {'%s_%s' % (_name, _order) for _name, _order in [('L' + _w, 'AQ') for _w in 'BHWD'] + [('S' + _w, 'RL') for _w in 'BHWD']}
for _width in 'BH':
    SKIPPED |= {'AMO%s_%s' % (_name, _width) for _name in 'SWAP ADD XOR AND OR MIN MAX MINU MAXU'.split()}
SKIPPED |= {'AMOCAS_' + _width for _width in 'BHWDQ'}
SKIPPED |= set('''C_LBU C_LHU C_LH C_SB C_SH C_MUL C_ZEXT_B C_SEXT_B C_ZEXT_H C_SEXT_H C_ZEXT_W C_NOT FCVTMOD_W_D'''.split())
SKIPPED |= {'%s_%s' % (_name, _width) for _name in 'FLI FMINM FMAXM FROUND FROUNDNX FLEQ FLTQ'.split() for _width in 'SDH'}
SKIPPED |= {'FCVT_S_BF16', 'FCVT_BF16_S'}

CODE, DATA = 0x10000000, 0x20000000
MASK = (1 << 64) - 1
BOX = 0xffffffff << 32
INTEGERS = [0, 1, 2, MASK, MASK - 1, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, 0xffffffff, 1 << 32, (MASK << 31) & MASK,
            (MASK << 32) & MASK, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 31, 32, 33, 63, 64, 0x0123456789abcdef,
            0xfedcba9876543210, 0x00ff00000000ff01, 0x8000000080000000]
HALF_BOX = MASK << 16 & MASK
HALVES = [0, 0x8000, 1, 0x8001, 2, 0x03ff, 0x83ff, 0x0400, 0x8400, 0x0401, 0x3c00, 0xbc00, 0x3c01, 0x3bff, 0x3800, 0xb800, 0x3e00, 0x4100,
          0xc100, 0x7bff, 0xfbff, 0x7800, 0x7c00, 0xfc00, 0x7e00, 0xfe00, 0x7e12, 0x7c01, 0xfd34, 0x5bff, 0x6400, 0x77ff]
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


def pick_half(rng):
    draw = rng.random()
    if draw < 0.06:  # not NaN-boxed
        return rng.choice(HALVES) | rng.getrandbits(47) << 16
    if draw < 0.6:
        return HALF_BOX | rng.choice(HALVES)
    if draw < 0.8:  # exponents that meet
        return HALF_BOX | rng.getrandbits(1) << 15 | rng.randrange(12, 18) << 10 | rng.getrandbits(10)
    return HALF_BOX | rng.getrandbits(16)


def pick_double(rng):
    draw = rng.random()
    if draw < 0.65:
        return rng.choice(DOUBLES)
    if draw < 0.9:
        return rng.getrandbits(1) << 63 | rng.randrange(1016, 1031) << 52 | rng.getrandbits(52)
    return rng.getrandbits(64)


def is_float(row, member):
    """Whether a register member names a floating-point register."""
    name = row.lift
    if name in ('flw', 'fld', 'flh'):
        return member == 'rd'
    if name in ('fsw', 'fsd', 'fsh'):
        return member == 'rs2'
    if not name.startswith('f') or name.startswith('fence'):
        return False
    parts = name.split('_')
    if parts[0] == 'fcvt' or parts[0] == 'fmv':
        return (parts[2] if member == 'rs1' else parts[1]) in ('s', 'd', 'h') or \
            (name == 'fmv_w_x' and member == 'rd') or (name in ('fmv_x_w',) and member == 'rs1')
    return member != 'rd' or parts[0] not in ('feq', 'flt', 'fle', 'fclass')


def pick_float(row, rng):
    source = row.lift.split('_')[-1]
    if source == 'h' or row.lift == 'fsh':
        return pick_half(rng)
    return pick_double(rng) if source == 'd' or row.lift in ('fld', 'fsd') else pick_single(rng)


def memory_base(row, operands, rng):
    """What rs1 must be for an access inside the data; misaligned ones where the manual leaves them to us."""
    size = {'b': 1, 'h': 2, 'w': 4, 'd': 8}[row.lift.split('_')[-1].rstrip('u')[-1]]
    place = rng.randrange(0x100, 0x1f00) // size * size
    if 'aq' not in operands and rng.random() < 0.2:
        place += 1
    return (DATA + place - operands.get('imm', 0)) & MASK


def make(row, operands, rng):
    names = dict(row.operands)
    if 'memory' in row.attributes or row.lift == 'jalr':
        if operands['rs1'] == 0 or (operands.get('rs2') == operands['rs1'] and not is_float(row, 'rs2')):
            return None
    if row.lift == 'jal' and abs(operands['imm']) >= 0x100000 - 16:
        return None
    inputs = {}
    for member in ('rs1', 'rs2', 'rs3'):
        if member not in operands:
            continue
        if is_float(row, member):
            inputs['f%d' % operands[member]] = pick_float(row, rng)
        elif operands[member]:
            inputs['x%d' % operands[member]] = pick_integer(rng)
    if 'memory' in row.attributes:
        inputs['x%d' % operands['rs1']] = memory_base(row, operands, rng)
    elif row.lift == 'jalr':
        inputs['x%d' % operands['rs1']] = (CODE + rng.randrange(-0x8000, 0x8000) - operands['imm']) & MASK
    elif 'branch' in row.attributes and operands.get('rs1') and operands.get('rs2') and rng.random() < 0.3:
        inputs['x%d' % operands['rs2']] = inputs['x%d' % operands['rs1']]
    if 'rounds' in row.attributes:
        inputs['fcsr'] = rng.choice((0, 0, 0x20, 0x40, 0x60, 0x80)) | rng.choice((0, 0, rng.getrandbits(5)))
        if operands['rm'] == 7 and rng.random() < 0.1:
            inputs['fcsr'] = rng.choice((0xa0, 0xc0, 0xe0))
    return [], ['%s=%x' % item for item in inputs.items()]


# ---- sequences: x8 points into the data, x9 to an aligned place in it, x10 to x15 and f8 to f15 are computed with ----
POINTER, STEADY_POINTER, COUNTER = 8, 9, 16
BRANCHES = set('BEQ BNE BLT BGE BLTU BGEU C_BEQZ C_BNEZ C_J'.split())


def set_member(row, bits, member, number):
    """The word with a member's bits set, or None where the row fixes them otherwise."""
    field = dict(row.operands)[member]
    if not field.pieces:
        return bits
    mask, value = field.scatter((number - field.plus) >> field.shift)
    if (value ^ row.value) & mask & row.mask:
        return None
    return bits & ~mask | value


def member_value(row, bits, member):
    field = dict(row.operands)[member]
    number = 0
    for high, low in field.pieces:
        number = number << (high - low + 1) | bits >> low & (1 << (high - low + 1)) - 1
    if field.is_signed and number >> (field.width() - 1):
        number -= 1 << field.width()
    return (number << field.shift) + field.plus if field.pieces else field.constant


def fix_in_sequence(row, bits, position, length, rng):
    names = dict(row.operands)
    is_wide = bits & 3 == 3
    if row.lift in ('jalr', 'jal', 'lr_w', 'lr_d') and row.name != 'C_J' or row.name in ('C_ADDI16SP', 'C_NOP', 'C_LUI', 'CTZW'):
        return None
    for member in ('rd', 'rs1', 'rs2', 'rs3'):
        if bits is not None and member in names and names[member].pieces:
            bits = set_member(row, bits, member, rng.randrange(8, 16) if is_float(row, member) else rng.randrange(10, 16))
    if bits is None:
        return None
    if row.name in BRANCHES:
        distance = rng.randrange(1, length - position + 1)
        return set_member(row, bits, 'imm', distance * (4 if is_wide else 2))
    if 'memory' not in row.attributes:
        return bits
    if names['rs1'].pieces:
        bits = set_member(row, bits, 'rs1', STEADY_POINTER if 'aq' in names else POINTER)
    if bits is not None and 'imm' in names and abs(member_value(row, bits, 'imm')) > 0x100:
        return None
    return bits


def end_sequence(words, rng):
    counter = COUNTER
    if rng.random() < 0.4:
        if words[0] & 3 == 3:
            back = -4 * len(words) - 4
            branch = 0x63 | 1 << 12 | COUNTER << 15 | (back >> 12 & 1) << 31 | (back >> 5 & 63) << 25
            words = words + [0xfff00013 | COUNTER << 15 | COUNTER << 7,
                             branch | (back >> 1 & 15) << 8 | (back >> 11 & 1) << 7]
        else:
            counter, back = STEADY_POINTER, -2 * len(words) - 2
            branch = 0xe001 | (STEADY_POINTER - 8) << 7 | (back >> 8 & 1) << 12 | (back >> 3 & 3) << 10
            words = words + [0x147d | STEADY_POINTER << 7 & 0xf80,
                             branch | (back >> 6 & 3) << 5 | (back >> 1 & 3) << 3 | (back >> 5 & 1) << 2]
            words[-2] = 0x147d & ~0xf80 | STEADY_POINTER << 7
    inputs = ['x%d=%x' % (POINTER, DATA + 0xc00 + rng.randrange(0x400)), 'x%d=%x' % (STEADY_POINTER, DATA + 0x800)]
    if counter == STEADY_POINTER:
        inputs.pop()
    inputs.append('x%d=%x' % (counter, rng.randrange(1, 6)))
    inputs += ['x%d=%x' % (index, pick_integer(rng)) for index in rng.sample(range(10, 16), 3)]
    inputs += ['f%d=%x' % (index, (pick_double if rng.random() < 0.6 else pick_single)(rng))
               for index in rng.sample(range(8, 16), 3)]
    if rng.random() < 0.2:
        inputs.append('fcsr=%x' % (rng.randrange(5) << 5))
    return words, inputs
