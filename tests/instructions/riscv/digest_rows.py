#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""digest_rows.py: the floating-point rows of the decode files as lines "NAME CODE OPERANDS MODES" of digest_rule.h."""
import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..', '..')


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def source_letter(name):
    """What the format of a row's sources is, from its name."""
    parts = name.lower().split('_')
    if parts[0] not in ('fcvt', 'fcvtmod', 'fmv'):
        return parts[-1]
    if name == 'FMV_X_W':
        return 's'
    return {'bf16': 'b', 'x': 'w', 'wu': 'w', 'l': 'w', 'lu': 'w'}.get(parts[2], parts[2])


def main():
    decode = load('decode', os.path.join(ROOT, 'translator', 'generate', 'decode.py'))
    decoder = decode.Decoder()
    for name in ('fields.decode', 'float.decode'):
        decoder.read(os.path.join(ROOT, 'translator', 'guest', 'riscv', name))
    decoder.check()
    for row in decoder.rows:
        if row.status is not None or 'memory' in row.attributes or row.name.startswith('FLI_'):
            continue
        code, count = row.value, 0
        operands = dict(row.operands)
        for member, number in (('rd', 10), ('rs1', 11), ('rs2', 12), ('rs3', 13)):
            if member in operands:
                code |= operands[member].scatter(number)[1]
                count += member != 'rd'
        modes = 'rounds' if 'rounds' in row.attributes else 'fixed'
        print('%-11s %08x %-3s %s' % (row.name, code, source_letter(row.name) * count, modes))


if __name__ == '__main__':
    main()
