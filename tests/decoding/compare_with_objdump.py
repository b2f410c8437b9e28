#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_with_objdump.py PRINT_ROWS OBJDUMP MACHINE FILE.decode...: not a test, a tool for who writes rows.

Makes random words, most of them near a row, lets PRINT_ROWS (built for the decoder) and OBJDUMP (of binutils, for MACHINE) decode
them, and lists by row: words that only one of them calls undefined, and the mnemonics that OBJDUMP has for each row.

    compare_with_objdump.py build/tests/decoding/print_rows_a64 aarch64-linux-gnu-objdump aarch64 FIELDS.decode OTHER.decode..."""
import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = 60000


def load_rows(files):
    path = os.path.join(HERE, '..', '..', 'translator', 'generate', 'decode.py')
    spec = importlib.util.spec_from_file_location('decode', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    decoder = module.Decoder()
    for name in files:
        decoder.read(name)
    return decoder


def make_words(decoder):
    words = []
    for _ in range(WORDS):
        word = random.getrandbits(decoder.width)
        if random.random() < 0.7:
            row = random.choice(decoder.rows)
            word = (word & ~row.mask) | row.value
            if random.random() < 0.5:
                word ^= 1 << random.randrange(decoder.width)
        words.append(word)
    return words


def disassemble(objdump, machine, words, size):
    with tempfile.NamedTemporaryFile() as file:
        file.write(b''.join(word.to_bytes(size, 'little') for word in words))
        file.flush()
        text = subprocess.run([objdump, '-D', '-z', '-b', 'binary', '-m', machine, file.name], check=True,
                              capture_output=True, text=True).stdout
    found = {}
    for line in text.split('\n'):
        match = re.match(r'\s*[0-9a-f]+:\s+([0-9a-f]+)\s+(.*)', line)
        if match:
            found[int(match.group(1), 16)] = match.group(2)
    return found


def main():
    printer, objdump, machine = sys.argv[1:4]
    decoder = load_rows(sys.argv[4:])
    words = make_words(decoder)
    theirs = disassemble(objdump, machine, words, decoder.width // 8)
    ours = subprocess.run([printer], input=''.join('%08x\n' % word for word in words), check=True, capture_output=True,
                          text=True).stdout.split('\n')
    differences, mnemonics = {}, {}
    for word, line in zip(words, ours):
        _, status, text = line.split(' ', 2)
        their = theirs.get(word, 'undefined')
        is_undefined = 'undefined' in their or their.startswith(('.inst', '.word', '.insn', '.short'))
        name = text.split()[0]
        if is_undefined != (status in ('unallocated', 'undefined')):
            differences.setdefault((status, name), []).append('%x %s | %s' % (word, their, text))
        elif not is_undefined:
            mnemonics.setdefault(name, set()).add(their.split()[0])
    for (status, name), lines in sorted(differences.items()):
        print('%-12s %-20s %5d, such as %s' % (status, name, len(lines), lines[0]))
    print()
    for name in sorted(mnemonics):
        print('%-24s %s' % (name, ' '.join(sorted(mnemonics[name]))))


if __name__ == '__main__':
    main()
