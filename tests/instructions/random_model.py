#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""random_model.py GUEST RUNNER [ROW...]: computes, from the manual's text, what the random instances of the rows in
GUEST/random.exceptions give, and compares with what the interpreter makes of them. GUEST/exceptions_model.py has a function for each
row: (name, words of code, Machine) -> None."""
import os
import subprocess
import sys

import record_random
from random_machine import End, Machine

HERE = os.path.dirname(os.path.abspath(__file__))
SHOWN = 3


def expected_of(machine, model, name, words):
    try:
        model(name, words, machine)
    except End as end:
        machine.stop(str(end))
    return machine.result()


def compare(line, name, guest):
    """True if the line's outputs are what the model computes."""
    inputs, _, outputs = line.partition(' =>')
    code, _, registers = inputs.partition(' |')
    words = [int(word, 16) for word in code.split()]
    length = sum(len(word) // 2 for word in code.split())
    wanted = expected_of(Machine(guest.FIXED, registers.split(), length), guest.MODELS[name], name, words)
    got = Machine(guest.FIXED, registers.split(), length)
    before = {one: got.get(one) for one in [word.partition('=')[0] for word in outputs.split()] if one[0] not in '!@P'}
    got.apply(outputs.split())
    got.before.update(before)
    return wanted == got.result(), wanted


def main(guest_name, runner, rows):
    guest = record_random.load('model', os.path.join(HERE, guest_name, 'exceptions_model.py'))
    listed = record_random.read_exceptions(guest_name)
    rows = rows or sorted(name for name in listed if name in guest.MODELS)
    counts, failures, name = {}, {}, None
    run = subprocess.Popen([runner, '-u', 'interpreter'] + rows, stdout=subprocess.PIPE, text=True)
    for line in run.stdout:
        line = line.rstrip('\n')
        if line.startswith('# '):
            name = line[2:]
            continue
        is_good, wanted = compare(line, name, guest)
        counts[name] = counts.get(name, 0) + 1
        if not is_good:
            failures[name] = failures.get(name, 0) + 1
            if failures[name] <= SHOWN:
                end, pc, changed, _ = wanted
                print('%s: %s\n  model: !%s PC=%x %s' % (name, line, end, pc, ' '.join('%s=%x' % item for item in changed.items())))
    for name, count in failures.items():
        print('%s: %d of %d are not as the model has them' % (name, count, counts[name]))
    missing = [name for name in sorted(listed) if name not in guest.MODELS]
    print('%s: %d rows, %d instances, %d failures; rows without a model: %s' % (
        guest_name, len(counts), sum(counts.values()), sum(failures.values()), ' '.join(missing) or 'none'))
    return run.wait() or not counts or bool(failures)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
