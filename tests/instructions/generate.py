#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""generate.py GUEST PART [PER_ROW [SEED]]: random instances of the rows of one decode file, as "code | inputs" for record.sh.

PART is the decode file's name without its suffix, with "+FEATURE[,FEATURE...]" behind it only the rows of these features; or
"sequences": PER_ROW runs of several instructions that depend on one
another, some of them loops. What only the guest knows (which operands are which registers, where a
load may point) is in GUEST/inputs.py:
  DECODERS        lists of decode files, each list one decoder (files with fields and formats first)
  FOLDER          where they are, from the source root
  make(row, operands, random) -> (list of code words before it, list of "NAME=HEX"), or None: try another instance
  SKIPPED         rows that the recorder cannot run
  fix_in_sequence(row, bits, position, length, random) -> bits with few registers and a reachable target or address, or
                  None: take another row
  end_sequence(words, random) -> (words, inputs): perhaps made a loop"""
import importlib.util
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def operand_value(field, bits):
    """What the decoder puts into the member."""
    if not field.pieces:
        return field.constant
    value = 0
    for high, low in field.pieces:
        size = high - low + 1
        value = value << size | (bits >> low & ((1 << size) - 1))
    if field.is_signed and value >> (field.width() - 1):
        value -= 1 << field.width()
    return (value << field.shift) + field.plus


def matches(row, bits):
    return bits & row.mask == row.value and all((bits & mask == value) == equal for mask, value, equal in row.tests)


def instances(decoder, part, per_row, guest, rng):
    part, _, features = part.partition('+')
    for index, row in enumerate(decoder.rows):
        if row.place[0] != part + '.decode' or row.status is not None or row.name in guest.SKIPPED:
            continue
        if features and not set(row.features) & set(features.split(',')):
            continue
        print('# %s' % row.name)
        above = [one for one in decoder.rows[:index] if row.braces and one.braces == row.braces]
        made = 0
        for _ in range(400):
            bits = (rng.getrandbits(decoder.width) & ~row.mask) | row.value
            if not matches(row, bits) or any(matches(one, bits) for one in above):
                continue
            operands = {name: operand_value(field, bits) for name, field in row.operands}
            result = guest.make(row, operands, rng)
            if result is None:
                continue
            before, inputs = result
            words = ' '.join(['%0*x' % (decoder.width // 4, word) for word in before + [bits]])
            print(' '.join([words, '|'] + inputs))
            made += 1
            if made == per_row:
                break
        if made == 0:
            sys.stderr.write('no instance of %s\n' % row.name)


def sequences(decoder, count, guest, rng):
    """Runs of instructions; those of one brace group are tried from its first row, so that the decoder sees the same."""
    rows = [row for row in decoder.rows if row.status is None and row.name not in guest.SKIPPED]
    groups = {}
    for row in decoder.rows:
        groups.setdefault(row.braces, []).append(row)
    files = sorted({row.place[0] for row in rows})
    by_file = {name: [row for row in rows if row.place[0] == name] for name in files}
    for _ in range(count):
        length = rng.randrange(2, 13)
        words = []
        while len(words) < length:
            row = rng.choice(by_file[rng.choice(files)])
            bits = (rng.getrandbits(decoder.width) & ~row.mask) | row.value
            bits = guest.fix_in_sequence(row, bits, len(words), length, rng)
            if bits is None or not matches(row, bits):
                continue
            if row.braces and next(one for one in groups[row.braces] if matches(one, bits)) is not row:
                continue
            words.append(bits)
        words, inputs = guest.end_sequence(words, rng)
        print(' '.join(['%0*x' % (decoder.width // 4, word) for word in words] + ['|'] + inputs))


def main(arguments):
    guest_name, part = arguments[:2]
    per_row = int(arguments[2]) if len(arguments) > 2 else 6
    rng = random.Random('%s %s %s' % (guest_name, part, arguments[3] if len(arguments) > 3 else '1'))
    decode = load('decode', os.path.join(ROOT, 'translator', 'generate', 'decode.py'))
    guest = load('inputs', os.path.join(HERE, guest_name, 'inputs.py'))
    for files in guest.DECODERS:
        decoder = decode.Decoder()
        for name in files:
            decoder.read(os.path.join(ROOT, guest.FOLDER, name))
        decoder.check()
        if part == 'sequences':
            sequences(decoder, per_row, guest, rng)
        else:
            instances(decoder, part, per_row, guest, rng)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
