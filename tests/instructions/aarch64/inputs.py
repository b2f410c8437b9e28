# SPDX-License-Identifier: GPL-2.0-or-later
"""Random inputs for A64 rows; see generate.py."""
import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import inputs_simd

FOLDER = 'translator/guest/aarch64'
_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', FOLDER)
DECODERS = [['fields.decode'] + sorted(os.path.basename(path) for path in glob.glob(os.path.join(_HERE, '*.decode'))
                                       if not path.endswith('/fields.decode'))]
# Their results are kage's own choice, or the recorder's libc needs the register.
SKIPPED = set('''SVC MSR_tpidr MRS_tpidr MRS_tpidrro MRS_ctr MRS_dczid MRS_cntfrq MRS_cntvct MRS_id
IC_IVAU DC_ZVA MRS_rndr BC_cond DSB_nxs SMAX UMAX SMIN UMIN SMAX_imm UMAX_imm SMIN_imm UMIN_imm CTZ CNT ABS
DC_CVAP DC_CVADP'''.split())

CODE, DATA, DATA_SIZE = 0x10000000, 0x20000000, 0x2000
ONES = (1 << 64) - 1
GENERAL = ('rd', 'rn', 'rm', 'ra', 'rt', 'rt2', 'rs')


def number(rng):
    """Numbers on the edges as often as any."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice((0, 1, ONES, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, 0xffffffff, ONES << 31 & ONES))
    if kind == 1:
        return rng.randrange(256)
    if kind == 2:
        return -rng.randrange(256) & ONES
    if kind == 3:
        return rng.getrandbits(32)
    if kind == 4:
        return rng.getrandbits(64) >> rng.randrange(64)
    return rng.getrandbits(64)


def show(name, value):
    return '%s=%x' % (name, value)


def base_of(rn, address):
    """The base register, or None where SP would be misaligned."""
    if rn == 31:
        return None if address & 15 else show('SP', address)
    return show('X%d' % rn, address & ONES)


def make_memory(row, op, rng):
    size = op.get('size', 3)
    # The bytes of the access and of what lies around it stay inside the data.
    place = DATA + 0x800 + rng.randrange(0x1000)
    aligned = row.struct in ('exclusive', 'ordered', 'compare_swap', 'atomic') or 'ordered' in (row.lift or '')
    aligned = aligned or rng.random() < 0.5
    if aligned:
        place &= ~((1 << size) * 2 - 1)
    inputs = []
    offset = op.get('imm', 0) if op.get('index', 0) != 1 else 0
    if 'option' in op:
        if op['rm'] == op['rn'] or op['rm'] == 31:
            return None
        index = rng.randrange(-0x200, 0x200) if op['option'] & 4 else rng.randrange(0x400)
        value = index & (ONES if op['option'] & 1 else 0xffffffff)
        if not op['option'] & 1:
            value |= rng.getrandbits(32) << 32
        inputs.append(show('X%d' % op['rm'], value))
        offset = index << (size if op['s'] else 0)
    base = base_of(op['rn'], place - offset)
    if base is None:
        return None
    inputs.append(base)
    used = {op['rn'], op.get('rm') if 'option' in op else None}
    for name in ('rt', 'rt2', 'rs'):
        if name in op and op[name] in used and op[name] != 31:
            return None
        if name in op and op[name] != 31 and op[name] not in used:
            used.add(op[name])
            inputs.append(show('X%d' % op[name], number(rng)))
    if row.struct == 'compare_swap' and rng.random() < 0.6:
        inputs = compare_equal(row, op, inputs, place)
    before = []
    if row.lift == 'store_exclusive' and op['rs'] not in (op['rn'], op['rt'], op['rt2']) and rng.random() < 0.7:
        before = exclusive_before(op)
    return before, inputs


def compare_equal(row, op, inputs, place):
    """Makes the comparison succeed: the compared registers become what the background has in memory."""
    def background(offset):
        return (offset * 37 + 11 + (offset >> 8) * 5) & 255
    inputs = [one for one in inputs if not one.startswith('X%d=' % op['rs'])]
    for index in range(2 if row.lift == 'casp' else 1):
        start = place - DATA + (index << op['size'])
        value = sum(background(start + at) << 8 * at for at in range(1 << op['size']))
        register = op['rs'] + index
        if register < 31:
            inputs = [one for one in inputs if not one.startswith('X%d=' % register)]
            inputs.append(show('X%d' % register, value))
    return inputs


def exclusive_before(op):
    """A load-exclusive of the same address into the zero register(s)."""
    if op.get('pair'):
        return [0x887f0000 | (op['size'] - 2) << 30 | 30 << 10 | op['rn'] << 5 | 31] if op['rn'] != 30 else []
    return [0x085f7c00 | op['size'] << 30 | op['rn'] << 5 | 31]


def make(row, op, rng):
    if row.place[0].startswith(('fp', 'simd')):
        return inputs_simd.make(row, op, rng)
    if row.place[0] == 'load_store.decode':
        if 'rn' not in op:
            return [], []
        return make_memory(row, op, rng)
    inputs = []
    if row.name in ('BR', 'BLR', 'RET'):
        if op['rn'] == 31:
            return None
        return [], [show('X%d' % op['rn'], CODE + 4 * rng.randrange(2, 0x10000))]
    if row.place[0] == 'branch.decode' and abs(op.get('imm', 64)) < 64:
        return None
    if row.lift == 'dc_clean':
        if op['rt'] == 31:
            return None
        return [], [show('X%d' % op['rt'], DATA + rng.randrange(DATA_SIZE))]
    if row.name == 'MSR_fpcr':
        return [], [show('X%d' % op['rt'], rng.getrandbits(5) << 22)] if op['rt'] != 31 else []
    if row.name == 'MSR_fpsr':
        return [], [show('X%d' % op['rt'], rng.getrandbits(32) & 0x0800009f)] if op['rt'] != 31 else []
    if row.place[0] == 'system.decode' and 'fpcr' in row.name:
        inputs.append(show('FPCR', rng.getrandbits(5) << 22))
    used = set()
    for name in GENERAL:
        if name not in op or op[name] in used:
            continue
        used.add(op[name])
        if op[name] == 31:
            if row.name.endswith(('_imm', '_extended')) and name == 'rn' and rng.random() < 0.5:
                inputs.append(show('SP', number(rng) & ~15))
        elif name != 'rd' or row.lift in ('movk', 'bfm'):
            inputs.append(show('X%d' % op[name], number(rng)))
    inputs.append(show('NZCV', rng.randrange(16)))
    return [], inputs


# ---- sequences: registers 0 to 7; X26 and X28 point into the data, X27 is a small offset, X8 counts the loop ----

POINTER, STEADY_POINTER, OFFSET, COUNTER = 28, 26, 27, 8
BRANCHES = ('B_cond', 'CBZ', 'CBNZ', 'TBZ', 'TBNZ', 'B')


def set_field(bits, row, name, value):
    high, low = row.named[name].pieces[0]
    mask = (1 << (high - low + 1)) - 1
    return (bits & ~(mask << low)) | (value & mask) << low


def fix_in_sequence(row, bits, position, length, rng):
    part = row.place[0]
    if set(row.features) & {'pauth', 'mops'}:  # the peer's codes are others; it has no MOPS
        return None
    if part == 'branch.decode':
        if row.name not in BRANCHES:
            return None
        words = rng.randrange(1, length - position + 1)
        low, size = {'B': (0, 26), 'TBZ': (5, 14), 'TBNZ': (5, 14)}.get(row.name, (5, 19))
        bits = (bits & ~(((1 << size) - 1) << low)) | words << low
    if part == 'system.decode' and 'nzcv' not in row.name:
        return None
    for name in GENERAL:
        if name in row.named:
            bits = set_field(bits, row, name, rng.randrange(8))
    if 'load_store' not in part:
        return bits
    if 'rn' not in row.named or row.struct == 'vstructures' or row.struct == 'exclusive':
        return None
    steady = row.struct in ('ordered', 'compare_swap', 'atomic') or 'ordered' in row.lift
    bits = set_field(bits, row, 'rn', STEADY_POINTER if steady else POINTER)
    if 'option' in row.named:
        bits = set_field(bits, row, 'rm', OFFSET)
    if 'rt' in row.named and 'rt2' in row.named and row.named['rt'].pieces == row.named['rt2'].pieces:
        return None
    fields = dict(row.operands)
    if 'rt2' in fields and fields['rt'].scatter(0)[0] != fields['rt2'].scatter(0)[0]:
        if (bits >> 10 & 31) == (bits & 31):
            return None
    if row.place[0].startswith('simd') and 'rm' in row.named and 'option' not in row.named:
        bits = set_field(bits, row, 'rm', OFFSET)
    imm = fields.get('imm')
    if imm is not None and imm.pieces:
        value = 0
        for high, low in imm.pieces:
            value = value << (high - low + 1) | (bits >> low & ((1 << (high - low + 1)) - 1))
        if imm.is_signed and value >> (imm.width() - 1):
            value -= 1 << imm.width()
        if steady and value & 15:
            return None
        if abs(value << max(imm.shift, 4 if row.place[0].startswith('simd') else 0)) > 0x100:
            return None
    return bits


def end_sequence(words, rng):
    if rng.random() < 0.4:
        words = words + [0xf1000400 | COUNTER << 5 | COUNTER, 0x54000001 | (-len(words) - 1 & 0x7ffff) << 5]
    inputs = [show('X%d' % POINTER, DATA + 0xc00 + rng.randrange(0x400)), show('X%d' % STEADY_POINTER, DATA + 0x800),
              show('X%d' % OFFSET, 8 * rng.randrange(8)), show('X%d' % COUNTER, rng.randrange(1, 6)),
              show('NZCV', rng.randrange(16))]
    for index in rng.sample(range(8), 3):
        inputs.append(show('X%d' % index, number(rng)))
    if rng.random() < 0.2:
        inputs.append(show('FPCR', rng.getrandbits(4) << 22))
    return words, inputs
