#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""record_random.py GUEST RUNNER: GUEST/random.digests on standard output, from the peer (record.sh) and the runner.
record_random.py GUEST --check: only whether the digests and the list of exceptions name the same rows.

A line is "NAME COUNT DIGEST", the peer's; or, of a row in GUEST/random.exceptions, "NAME COUNT DIGEST N differ": the interpreter's
digest, and how many of its instances end otherwise on the peer. A row that differs and is not listed is an error, and so is one that
is listed and does not."""
import importlib.util
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_exceptions(guest):
    """Lines "NAME ... | why | the manual's section | what else checks it"; a line that begins with a blank continues."""
    with open(os.path.join(HERE, guest, 'random.exceptions'), encoding='utf-8') as file:
        text = re.sub(r'\n[ \t]+', ' ', re.sub(r'#[^\n]*\n', '', file.read()))
    names = {}
    for line in filter(None, text.split('\n')):
        parts = [part.strip() for part in line.split('|')]
        if len(parts) != 4 or not all(parts):
            sys.exit('%s/random.exceptions: four parts wanted: %s' % (guest, line))
        for name in parts[0].split():
            if name in names:
                sys.exit('%s/random.exceptions: %s twice' % (guest, name))
            names[name] = parts
    return names


def read_digests(guest):
    with open(os.path.join(HERE, guest, 'random.digests'), encoding='utf-8') as file:
        return [line.split() for line in file if not line.startswith('#')]


def check(guest):
    listed = set(read_exceptions(guest))
    marked = {line[0] for line in read_digests(guest) if len(line) > 3}
    for name in sorted(listed ^ marked):
        print('%s: %s' % (name, 'listed, but its digest is the peer\'s' if name in listed else 'not listed'))
    print('%s: %d rows, %d of them exceptions' % (guest, len(read_digests(guest)), len(marked)))
    return listed != marked


def by_peer(guest, runner, rows, *options):
    """What the peer says of the rows' instances (none: of all)."""
    made = subprocess.Popen([runner, '-i'] + rows, stdout=subprocess.PIPE)
    done = subprocess.run([os.path.join(HERE, 'record.sh'), guest] + list(options), stdin=made.stdout, stdout=subprocess.PIPE,
                          check=True, text=True)
    return done.stdout.split('\n')[:-1]


def count_differences(guest, runner, rows):
    """Instances of the rows that end differently, by row."""
    own = subprocess.run([runner, '-u', 'interpreter'] + rows, stdout=subprocess.PIPE, check=True, text=True).stdout.split('\n')
    counts, name = {}, None
    for line, other in zip(own, by_peer(guest, runner, rows)):
        if line.startswith('# '):
            name = line[2:]
            counts[name] = 0
        else:
            counts[name] += line != other
    return counts


def record(guest, runner):
    listed = read_exceptions(guest)
    peer = dict(line.split(' ', 1) for line in by_peer(guest, runner, [], '-d'))
    own = subprocess.run([runner, '-w', 'interpreter'], stdout=subprocess.PIPE, check=True, text=True).stdout.split('\n')[:-1]
    differences = count_differences(guest, runner, sorted(listed))
    status = 0
    print('# Random instances of every row: NAME COUNT DIGEST; written by record_random.py, which explains.')
    for line in own:
        name, rest = line.split(' ', 1)
        if name in listed:
            print('%s %d differ' % (line, differences[name]))
        else:
            print('%s %s' % (name, peer[name]))
        if (peer[name] == rest) == (name in listed):
            sys.stderr.write('%s: %s\n' % (name, 'listed, but equal' if name in listed else 'not the peer\'s'))
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(check(sys.argv[1]) if sys.argv[2] == '--check' else record(sys.argv[1], sys.argv[2]))
