#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual page and both completions name exactly the options that options.c has."""
import os
import re
import sys

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))


def read(path):
    with open(os.path.join(TOP, 'linux-user', path), encoding='utf-8') as file:
        return file.read()


def main():
    table = re.search(r'option_row rows\[\] = \{(.*?)\n\};', read('options.c'), re.S)[1]
    options = {('-' if len(name) == 1 else '--') + name for name in re.findall(r'\{"([\w-]+)",\s*(?:NULL|")', table)}
    bash, zsh = read('completions/kage.bash'), read('completions/_kage')
    manual = read('kage.1').replace('\\-', '-').split('.SH OPTIONS')[1].split('.SH ENVIRONMENT')[0]
    tags = ' '.join(re.findall(r'^\.TP\n(.*)$', manual, re.M))
    found = {
        'kage.1': set(re.findall(r'(?<![\w-])(--?[\w][\w-]*)', tags)),
        'kage.bash': set(' '.join(re.findall(r"(?:with_value|flags)='(.*)'", bash)).split()),
        '_kage': set(re.findall(r"'\*?(--?[\w-]+)\[", zsh)) | set(re.search(r'\{(-h,--help)\}', zsh)[1].split(',')),
    }
    status = 0
    for name, seen in found.items():
        for option in sorted(options ^ seen):
            print(f'{name}: {option} is {"missing" if option in options else "not an option"}')
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(main())
