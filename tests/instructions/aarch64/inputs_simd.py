# SPDX-License-Identifier: GPL-2.0-or-later
"""Random inputs for the rows of fp.decode and simd_*.decode; inputs.py calls make()."""

DATA = 0x20000000
ONES = (1 << 64) - 1
# Zeros, subnormal and normal edges, ones, halfway cases of conversions, infinities, quiet and signaling NaNs with payloads.
HALVES = (0, 0x8000, 1, 0x83ff, 0x03ff, 0x0400, 0x8400, 0x3c00, 0xbc00, 0x3c01, 0x3555, 0x7bff, 0xfbff, 0x7c00, 0xfc00,
          0x7e00, 0xfe00, 0x7c01, 0xfd23, 0x7fff, 0x4248)
SINGLES = (0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000, 0x00800001, 0x3f800000,
           0xbf800000, 0x3f800001, 0x3f7fffff, 0x3f000000, 0xbf000000, 0x3fc00000, 0xbfc00000, 0x40200000, 0xc0200000,
           0x40000000, 0x40400000, 0x7f7fffff, 0xff7fffff, 0x7e800000, 0x7f000000, 0x7f800000, 0xff800000, 0x7fc00000,
           0xffc00000, 0x7fc12345, 0xffd54321, 0x7f800001, 0xff812345, 0x7fa00001, 0x4f000000, 0xcf000000, 0x4effffff,
           0x4f7fffff, 0x4f800000, 0x5f000000, 0xdf000000, 0x5effffff, 0x5f800000, 0x33800000, 0x33800001, 0x387fe000,
           0x387fc000, 0x33000000, 0x33000001, 0x477fe000, 0x477fefff, 0x477ff000, 0x47800000, 0x3f801000, 0x3f803000,
           0x3f801001, 0x40490fdb, 0x3effffff, 0x42f6e979, 0x1e3ce508, 0x00200000, 0x001fffff, 0x00400000)
DOUBLES = (0, 1 << 63, 1, 1 << 63 | 1, (1 << 52) - 1, 1 << 63 | (1 << 52) - 1, 1 << 52, 0x8010000000000000,
           0x3ff0000000000000, 0xbff0000000000000, 0x3ff0000000000001, 0x3fefffffffffffff, 0x3fe0000000000000,
           0xbfe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0xc004000000000000, 0x4000000000000000,
           0x4008000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7fe0000000000000, 0x7fd0000000000000,
           0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000, 0x7ff8123456789abc,
           0xfffc000000054321, 0x7ff0000000000001, 0xfff4000000000000, 0xfff0123400000000, 0x41dfffffffc00000,
           0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000, 0x41efffffffe00000, 0x41f0000000000000,
           0x43e0000000000000, 0xc3e0000000000000, 0x43dfffffffffffff, 0x43f0000000000000, 0x43efffffffffffff,
           0x3ca0000000000000, 0x3ff0000010000000, 0x3ff0000030000000, 0x3ff0000010000001, 0x47efffffe0000000,
           0x47effffff0000000, 0x3810000000000000, 0x380fffffffffffff, 0x36a0000000000000, 0x3690000000000000,
           0x3690000000000001, 0x40effc0000000000, 0x40effe0000000000, 0x3f10000000000000, 0x3e60000000000000,
           0x5fe0000000000000, 0x2000000000000000, 0x0004000000000000, 0x0003ffffffffffff, 0x0008000000000000)
# bfloat16: the upper halves of f32.
BFLOATS = tuple(sorted({one >> 16 for one in SINGLES} | {0x7f81, 0xff83, 0x3fc1, 0x7f7f, 0x0080, 0x4b7f}))
FLOATS = {1: HALVES, 2: SINGLES, 3: DOUBLES}
# exponent bits, fraction bits
FORMATS = {1: (5, 10), 2: (8, 23), 3: (11, 52)}


def show(name, value):
    return '%s=%x' % (name, value)


def float_lane(rng, size):
    exponent, fraction = FORMATS[size]
    draw = rng.random()
    if draw < 0.55:
        return rng.choice(FLOATS[size])
    sign = rng.getrandbits(1) << exponent + fraction
    if draw < 0.85:  # exponents that meet
        return sign | (1 << exponent - 1) - 1 + rng.randrange(-6, 7) << fraction | rng.getrandbits(fraction)
    if draw < 0.92:  # magnitudes about the sizes of integers
        bits = rng.choice((8, 31, 32, 63, 64)) if size > 1 else rng.randrange(1, 15)
        low = rng.getrandbits(fraction) & -1 << rng.randrange(fraction)
        return sign | (1 << exponent - 1) - 1 + bits + rng.randrange(-2, 1) << fraction | low
    return rng.getrandbits(1 + exponent + fraction)


def integer_lane(rng, bits):
    draw = rng.random()
    if draw < 0.4:
        return rng.choice((0, 1, 2, (1 << bits) - 1, 1 << bits - 1, (1 << bits - 1) - 1, (1 << bits - 1) + 1,
                           1 << bits // 2, (1 << bits // 2) - 1, (1 << bits) - (1 << bits // 2), 1 << bits // 2 - 1))
    if draw < 0.6:  # small numbers of both signs
        return rng.randrange(-bits - 2, bits + 3) & (1 << bits) - 1
    return rng.getrandbits(bits)


def lanes(rng, size, is_float):
    bits = 8 << size
    if not is_float and rng.random() < 0.2:
        return rng.getrandbits(128)
    value = 0
    for _ in range(128 // bits):
        value = value << bits | (float_lane(rng, size) if is_float else integer_lane(rng, bits))
    return value


def lane_size(row, op):
    if 'immh' in op:
        size = op['immh'].bit_length() - 1
        return size + 1 if 'N' in row.name.split('_')[0][-2:] and 'SHL' not in row.name else size
    if 'source' in op and row.struct == 'fcvt':
        return op['source']
    if 'cmode' in op or 'position' in op or 'length' in op:
        return 0
    return op.get('size', 2)


def is_float(row):
    return row.name.startswith(('F', 'BF'))


def make_vector(row, op, rng):
    size, floating = lane_size(row, op), is_float(row)
    inputs, used = [], set()
    if row.name.startswith(('FMLAL', 'FMLSL', 'BFDOT', 'BFMLAL', 'BFMMLA')):
        return [], narrow_products(row, op, rng)
    if row.name == 'FCVTL':
        size -= 1
    if row.name in ('URECPE', 'URSQRTE') or size == 0:
        floating = False
    for name in ('rd', 'rn', 'rm', 'ra'):
        if name not in op or op[name] in used:
            continue
        if general(row, name):
            if op[name] != 31 and name != 'rd':
                inputs.append(show('X%d' % op[name], integer_lane(rng, 64)))
            continue
        used.add(op[name])
        wide = 1 if row.name.split('_')[0].rstrip('2')[1:] in ('ADDW', 'SUBW') and name == 'rn' else 0
        inputs.append(show('V%d' % op[name], lanes(rng, min(size + wide, 3), floating)))
    if row.name in ('TBL', 'TBX'):
        inputs = [one for one in inputs if not one.startswith('V%d=' % op['rm'])]
        index = 0
        for _ in range(16):
            index = index << 8 | (rng.randrange(70) if rng.random() < 0.9 else rng.getrandbits(8))
        inputs.append(show('V%d' % op['rm'], index))
    if row.name.startswith(('FCCMP', 'FCSEL')):
        inputs.append(show('NZCV', rng.randrange(16)))
    if (floating or 'CVTF' in row.name) and rng.random() < 0.6:
        fpcr = rng.getrandbits(5 if 'FCVT' in row.name else 4) << 22
        if 'fp16' in row.features:
            fpcr |= rng.getrandbits(1) << 26 | (rng.random() < 0.3) << 19
        inputs.append(show('FPCR', fpcr))
    return [], inputs


def bfloat_lane(rng):
    return rng.choice(BFLOATS) if rng.random() < 0.6 else float_lane(rng, 2) >> 16


def narrow_products(row, op, rng):
    """Products of f16 or bfloat16 added to f32."""
    half = row.name.startswith('FML')
    values = {op['rd']: lanes(rng, 2, True)}
    for name in ('rn', 'rm'):
        value = 0
        for _ in range(8):
            value = value << 16 | (float_lane(rng, 1) if half else bfloat_lane(rng))
        values[op[name]] = value
    inputs = [show('V%d' % number, value) for number, value in values.items()]
    if rng.random() < 0.6:
        inputs.append(show('FPCR', rng.getrandbits(5) << 22 | (rng.random() < 0.3) << 19))
    return inputs


def general(row, name):
    """Whether a member names a general register."""
    lift = row.lift
    if row.struct in ('fgeneral', 'ffixed'):
        source = lift.startswith(('scvtf', 'ucvtf')) or lift in ('fmov_from_general', 'fmov_top_x')
        return (name == 'rn') == source
    if lift in ('smov', 'umov'):
        return name == 'rd'
    return lift in ('dup_general', 'ins_general') and name == 'rn'


def make_memory(row, op, rng):
    place = DATA + 0x800 + rng.randrange(0x1000)
    if rng.random() < 0.5:
        place &= ~15
    inputs, offset = [], 0
    if row.struct == 'vpair':
        offset = op['imm'] << op['size']
    elif row.struct == 'vmemory':
        offset = op['imm'] << (op['size'] if 'unsigned' in row.lift else 0)
    if row.lift.endswith('_post'):
        offset = 0
    if 'option' in op:
        if op['rm'] in (op['rn'], 31):
            return None
        index = rng.randrange(-0x200, 0x200) if op['option'] & 4 else rng.randrange(0x400)
        value = index & (ONES if op['option'] & 1 else 0xffffffff)
        if not op['option'] & 1:
            value |= rng.getrandbits(32) << 32
        inputs.append(show('X%d' % op['rm'], value))
        offset = index << (op['size'] if op['s'] else 0)
    elif op.get('rm', 31) != 31 and row.lift.endswith('_post') and op['rm'] != op['rn']:
        inputs.append(show('X%d' % op['rm'], rng.getrandbits(64)))
    if op.get('rt2') == op['rt'] and row.name.startswith('LD'):
        return None
    base = place - offset
    if op['rn'] == 31:
        if base & 15:
            return None
        return [], inputs + [show('SP', base)]
    return [], inputs + [show('X%d' % op['rn'], base & ONES)]


def make(row, op, rng):
    if row.place[0] == 'simd_load_store.decode':
        return make_memory(row, op, rng) if 'rn' in op else ([], [])
    return make_vector(row, op, rng)
