#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""random_rows.py DECODE.PY OUTPUT FILES...: the table random_rows (random.h) of the decoders that lists of decode files describe;
a list ends at "--"."""
import importlib.util
import os
import sys


def main(arguments):
    spec = importlib.util.spec_from_file_location('decode', arguments[0])
    decode = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(decode)
    lists = [[]]
    for path in arguments[2:]:
        if path == '--':
            lists.append([])
        else:
            lists[-1].append(path)
    includes, rows = [], []
    for files in lists:
        decoder = decode.Decoder()
        for path in files:
            decoder.read(path)
        decoder.check()
        includes.append('#include "%s_decode.h"' % decoder.prefix)
        for row in decoder.rows:
            rows.append('    {&%s_rows[%s_ROW_%s], %d, "%s", "%s", "%s"},' % (
                decoder.prefix, decoder.prefix.upper(), row.name, decoder.width, os.path.splitext(row.place[0])[0],
                row.struct, row.lift or ''))
    text = ['/* SPDX-License-Identifier: GPL-2.0-or-later */', '#include "random.h"'] + includes
    text += ['', 'const struct random_row random_rows[] = {'] + rows + ['};']
    text += ['const unsigned random_row_count = sizeof random_rows / sizeof *random_rows;', '']
    with open(arguments[1], 'w', encoding='utf-8') as file:
        file.write('\n'.join(text))


if __name__ == '__main__':
    main(sys.argv[1:])
