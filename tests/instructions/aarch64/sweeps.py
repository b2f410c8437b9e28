#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sweeps.py: every floating-point row as lines of sweeps (../sweep.h), for sweep_recorder on the peer.

A row gives a line per setting of what is not a register: size, Q, element, fraction bits, condition (all settings where they
are few, else the ends and some between). Registers are those of sweep_loop.c: 0 = d, 1 = n, 2 = m, 3 = a."""
import importlib.util
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..', '..')
FILES = ('fp.decode', 'simd_scalar.decode', 'simd_vector.decode')
REGISTERS = {'rd': 0, 'rn': 1, 'rm': 2, 'ra': 3}
LETTERS = {1: 'h', 2: 's', 3: 'd'}
INTEGERS = {1: 'H', 2: 'w', 3: 'x'}
MOST = 6


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_bits(row):
    """Bits that no register and no fixed bit has."""
    taken = row.mask
    for name, field in row.operands:
        if name in REGISTERS:
            for high, low in field.pieces:
                taken |= ((2 << high - low) - 1) << low
    return [bit for bit in range(32) if not taken >> bit & 1]


def scatter(field, value):
    bits, rest = 0, value
    for high, low in reversed(field.pieces):
        width = high - low + 1
        bits |= (rest & (1 << width) - 1) << low
        rest >>= width
    return bits


def words(row, above, generate):
    fixed = row.value
    for name, field in row.operands:
        if name in REGISTERS:
            fixed |= scatter(field, REGISTERS[name]) & ~row.mask
    free = free_bits(row)
    rng = random.Random(row.name)
    settings = range(1 << len(free)) if len(free) <= 3 else \
        [0, (1 << len(free)) - 1] + [rng.getrandbits(len(free)) for _ in range(60)]
    found = []
    for setting in settings:
        word = fixed
        for index, bit in enumerate(free):
            word |= (setting >> index & 1) << bit
        if word not in found and generate.matches(row, word) and not any(generate.matches(one, word) for one in above):
            found.append(word)
            if len(found) == MOST + 2 * (len(free) <= 3):
                break
    return found


def is_swept(row):
    name = row.name
    if row.status is not None or row.struct in ('fimm', 'vmodified'):
        return False
    return name.startswith(('F', 'BF')) or 'CVTF' in name or name in ('URECPE', 'URSQRTE')


def size_of(row, op):
    if 'immh' in op:
        return op['immh'].bit_length() - 1
    return op['source'] if row.struct == 'fcvt' else op.get('size', 2)


def kinds(row, op):
    """The letters of n, m, a, d."""
    name, size = row.name, size_of(row, op)
    if name.startswith(('FMLAL', 'FMLSL')):
        return {'n': 'h', 'm': 'h', 'd': 's'}
    if name in ('BFCVT', 'BFCVTN'):
        return {'n': 's'}
    if name.startswith('BF'):
        return {'n': 'b', 'm': 'b', 'd': 's'}
    if name == 'FCVTL':
        return {'n': LETTERS[size - 1]}
    if 'CVTF' in name:
        integer = INTEGERS[3 if op['sf'] else 2] if row.struct in ('fgeneral', 'ffixed') else INTEGERS[size]
        return {'n': integer}
    if name in ('URECPE', 'URSQRTE'):
        return {'n': 'w'}
    if row.lift.startswith('fmov_from') or row.lift == 'fmov_top_x':
        return {'n': 'x'}
    if row.lift == 'fmov_x_top':
        return {'n': 'd'}
    letter = LETTERS[size]
    result = {'n': letter}
    if 'rm' in op and '_zero' not in name:
        result['m'] = letter
    if 'ra' in op:
        result['a'] = letter
    if name.startswith(('FMLA', 'FMLS', 'FCMLA')):
        result['d'] = letter
    return result


def shape(row, op, letters):
    name, part = row.name, row.place[0]
    if part == 'fp.decode':
        return 'scalar'
    if 'P_' in name.split('half')[0] + '_' and name.startswith(('FADDP', 'FMAXP', 'FMINP', 'FMAXNMP', 'FMINNMP')):
        return 'pairs'
    if name.startswith(('FMAXV', 'FMINV', 'FMAXNMV', 'FMINNMV')):
        return 'pairs'
    if 'element' in name or name.startswith(('FCMLA', 'FCADD')):
        return 'same'
    if part == 'simd_scalar.decode':
        return 'scalar'
    if name.startswith(('BFDOT', 'BFMMLA')):
        return 'lanes4'
    if name.startswith(('FMLAL', 'FMLSL', 'BFMLAL')):
        return 'same'
    wide = {'h': 2, 'H': 2, 'b': 2, 's': 4, 'w': 4, 'd': 8, 'x': 8}[letters['n']]
    if name in ('FCVTL',):
        return 'lanes%d' % (16 // wide) if op['q'] else 'lanes%d' % (8 // wide)
    if name in ('FCVTN', 'FCVTXN_vector', 'BFCVTN'):
        return 'lanes%d' % (16 // wide)
    return 'lanes%d' % ((16 if op.get('q', 1) else 8) // wide)


def main():
    decode = load('decode', os.path.join(ROOT, 'translator', 'generate', 'decode.py'))
    generate = load('generate', os.path.join(HERE, '..', 'generate.py'))
    folder = os.path.join(ROOT, 'translator', 'guest', 'aarch64')
    decoder = decode.Decoder()
    names = sorted(one for one in os.listdir(folder) if one.endswith('.decode') and one != 'fields.decode')
    for name in ['fields.decode'] + names:
        decoder.read(os.path.join(folder, name))
    decoder.check()
    for index, row in enumerate(decoder.rows):
        if row.place[0] not in FILES or not is_swept(row):
            continue
        above = [one for one in decoder.rows[:index] if row.braces and one.braces == row.braces]
        print('# %s' % row.name)
        for word in words(row, above, generate):
            op = {name: generate.operand_value(field, word) for name, field in row.operands}
            letters = kinds(row, op)
            form = shape(row, op, letters)
            if form == 'pairs' and 'm' not in letters:
                letters['m'] = letters['n']
            print('%08x | %s %s' % (word, ' '.join('%s=%s' % one for one in letters.items()), form))
    return 0


if __name__ == '__main__':
    sys.exit(main())
