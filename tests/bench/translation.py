# SPDX-License-Identifier: GPL-2.0-or-later
"""What translating costs, in nanoseconds per guest instruction (--translation).

Two figures. Over real programs: `kage --stats` counts guest instructions translated and the time that took (elapsed: a busy
machine inflates it); a peer's is the share of perf's samples below its translator (see peer_profile.py). And one that needs
nobody's word: translation/bulk.c has 2,000 functions each of which runs once in a pass.
With T(n) the CPU time of n passes, translation = (T(1) - T(0)) - (T(16) - T(6)) / 10: the first pass less what a pass costs
when all is translated. It is divided by the number of instructions that those functions have (objdump), the same for both.
What is in it besides translating: the first look at each page of the guest's code and of the code cache, the linking of
blocks, and for both alike some instructions in branches that the first pass does not take.
"""
import os
import re
import statistics
import subprocess

import peer_profile
import real_programs
from measuring import HERE, Job, run_once
from reporting import align, cell, ratio

REAL_PROGRAMS = ('python_start', 'cc1', 'bash', 'git', 'sqlite3', 'perl')
PASSES, REPEAT, RUNS = (0, 1, 6, 16), 3, 3
STATISTIC = re.compile(r'^ *(\d+)  (.*)$', re.M)


def count_instructions(prefix, executable):
    """Instructions of the functions that run once in a pass."""
    text = subprocess.run([prefix + 'objdump', '-d', '--no-show-raw-insn', executable], capture_output=True, text=True, check=True)
    count, inside = 0, False
    for line in text.stdout.splitlines():
        if line.endswith('>:'):
            inside = '<piece_' in line
        elif inside and re.match(r'^ +[0-9a-f]+:\t', line):
            count += 1
    return count


def bulk_nanoseconds(launcher, executable, emulators, options, instructions):
    """{engine: nanoseconds per guest instruction} of bulk.c."""
    jobs = {passes: Job('bulk', {engine: command + [executable, str(passes)] for engine, command in emulators.items()},
                        repeat=REPEAT) for passes in PASSES}
    times = {engine: {passes: [] for passes in PASSES} for engine in emulators}
    for _ in range(max(3, options.rounds)):
        for engine in emulators:
            for passes, job in jobs.items():
                cost, _, why = run_once(launcher, job, engine, options.limit)
                if cost is None:
                    raise RuntimeError(f'bulk {passes} under {engine}: {why}')
                times[engine][passes].append(cost['cpu'] / REPEAT)
    result = {}
    for engine, of_passes in times.items():
        none, one, six, sixteen = (statistics.median(of_passes[passes]) for passes in PASSES)
        result[engine] = (one - none - (sixteen - six) / 10) * 1e9 / instructions
    return result


def own_statistics(job, limit):
    """{text: number} of what --stats prints at the end of the job's run, the quickest of a few; {} where it failed."""
    found = []
    for _ in range(RUNS):
        with open(job.stdin, 'rb') as stdin:
            done = subprocess.run(job.commands['kage'], stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  env=job.environments['kage'], timeout=limit * 4, check=False)
        found.append({text: int(number) for number, text in STATISTIC.findall(done.stderr.decode('utf-8', 'replace'))})
    return min(found, key=lambda numbers: numbers.get('nanoseconds spent translating', 0))


def statistics_row(name, guest, numbers, of_peer):
    instructions = numbers.get('guest instructions translated')
    nanoseconds = numbers.get('nanoseconds spent translating')
    return [name, guest, cell(numbers.get('units translated'), '{}'), cell(instructions, '{}'),
            cell(ratio(numbers.get('host bytes generated'), instructions), '{:.1f}'),
            cell(nanoseconds and nanoseconds / 1e6, '{:.1f}'), cell(ratio(nanoseconds, instructions), '{:.0f}'),
            cell(of_peer and of_peer[0], '{}'), cell(of_peer and of_peer[0] * of_peer[1] / 1e6, '{:.1f}'),
            cell(of_peer and of_peer[1], '{:.0f}'), cell(of_peer and ratio(ratio(nanoseconds, instructions), of_peer[1])),
            cell(of_peer and ratio(nanoseconds, of_peer[0] * of_peer[1]))]


def report(launcher, guests, options, folder):
    """Prints both tables. guests: {name: (prefix of its tools, {engine: command}, root or None)}."""
    own, compared = [], []
    for guest, (prefix, emulators, root) in guests.items():
        source, executable = os.path.join(HERE, 'translation', 'bulk.c'), os.path.join(folder, guest, 'bulk')
        if not os.path.exists(executable) or os.path.getmtime(executable) < os.path.getmtime(source):
            os.makedirs(os.path.dirname(executable), exist_ok=True)
            subprocess.run([prefix + 'gcc', '-O2', '-w', '-static', '-o', executable, source], check=True)
        count = count_instructions(prefix, executable)
        found = bulk_nanoseconds(launcher, executable, emulators, options, count)
        compared.append([guest, str(count)] + [cell(found.get(engine), '{:.0f}') for engine in ('kage', 'peer')] +
                        [cell(ratio(found.get('kage'), found.get('peer')))])
        with_statistics = dict(emulators, kage=emulators['kage'] + ['--stats'])
        jobs = {'bulk': Job('bulk', {engine: command + [executable] for engine, command in with_statistics.items()})}
        for name in options.names or REAL_PROGRAMS if root else ():
            jobs[name] = real_programs.make_job(name, root, os.path.join(folder, 'inputs'), guest, with_statistics)
        for name, job in jobs.items():
            if job:
                of_peer = 'peer' in emulators and peer_profile.translation_cost(launcher, job, options.limit, folder) or None
                own.append(statistics_row(name, guest, own_statistics(job, options.limit), of_peer))
    head = ['program', 'guest', 'units', 'instructions', 'host bytes each', 'ms', 'ns each', 'peer: instructions', 'ms', 'ns each',
            'kage/peer: ns each', 'ms']
    print(align(head, own, 2))
    print()
    print(align(['first pass less later ones', 'instructions', 'kage ns each', 'peer ns each', 'kage/peer'], compared, 1))
