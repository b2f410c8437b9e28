# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of a program costs: CPU time, wall time and peak memory, checked against what it must print."""
import os
import signal
import statistics
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = {'LC_ALL': 'C', 'TZ': 'UTC', 'TERM': 'dumb', 'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent'}


def build_launcher(folder):
    """The small program that starts what is measured; see launch.c for why it is needed."""
    source, out = os.path.join(HERE, 'launch.c'), os.path.join(folder, 'launch')
    if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(source):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(['gcc', '-O2', '-static', '-o', out, source], check=True)
    return out


class Job:
    """One program as it is run natively, under kage and under the peer.

    `commands` maps an engine ('native', 'kage', 'peer') to its command. `same_output`: all must print what the first prints;
    otherwise (the native program is of another version) the emulators must agree with each other.
    """

    def __init__(self, name, commands, **more):
        self.name, self.commands = name, commands
        self.repeat = more.get('repeat', 1)
        self.stdin = more.get('stdin') or os.devnull
        self.environments = {engine: dict(ENVIRONMENT, **more.get('environments', {}).get(engine, {})) for engine in commands}
        self.same_output = more.get('same_output', True)


def kill_session(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_once(launcher, job, engine, limit):
    """({cpu, wall, memory}, output, '') of one run, or (None, output, why it is not counted)."""
    reader, writer = os.pipe()
    with open(job.stdin, 'rb') as stdin:
        command = [launcher, str(writer), str(job.repeat), str(limit)] + job.commands[engine]
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=job.environments[engine], pass_fds=(writer,), start_new_session=True)
    os.close(writer)
    try:
        output, errors = process.communicate(timeout=limit * 4)
    except subprocess.TimeoutExpired:
        kill_session(process)
        process.communicate()
        os.close(reader)
        return None, b'', f'still running after {limit * 4} s'
    kill_session(process)
    with os.fdopen(reader) as file:
        report = file.read().split()
    if process.returncode != 0 or len(report) != 4:
        return None, output, 'could not be started'
    status = int(report[3])
    if status != 0:
        last = errors.decode('utf-8', 'replace').strip().splitlines()[-1:] or ['']
        what = f'signal {status & 127}' if status & 127 else f'status {status >> 8}'
        return None, output, f'{what} {last[0][:150]}'.strip()
    return {'cpu': float(report[0]), 'wall': float(report[1]), 'memory': int(report[2])}, output, ''


def first_difference(expected, got):
    for left, right in zip(expected.splitlines() + [b''], got.splitlines() + [b'']):
        if left != right:
            return f'printed {right[:60]!r}, not {left[:60]!r}'
    return f'printed {len(got)} bytes, not {len(expected)}'


class Measurement:
    """The rounds of one job, of each engine in turn, so that a disturbance hits all alike."""

    def __init__(self, job):
        self.job = job
        self.rounds = {engine: [] for engine in job.commands}
        self.failures = {}
        self.expected = {}

    def reference(self, engine):
        return 'all' if self.job.same_output else 'native' if engine == 'native' else 'emulators'

    def run_round(self, launcher, limit):
        # Where the emulators are compared with each other, the peer is the one to agree with: it runs first.
        engines = sorted(self.job.commands, key=['native', 'peer', 'kage'].index)
        for engine in engines:
            if engine in self.failures:
                continue
            cost, output, why = run_once(launcher, self.job, engine, limit)
            if cost is None:
                self.failures[engine] = why
            elif output != self.expected.setdefault(self.reference(engine), output):
                self.failures[engine] = first_difference(self.expected[self.reference(engine)], output)
            else:
                self.rounds[engine].append(cost)

    def medians(self):
        """{engine: {cpu, wall, memory}} of the engines that did it right each time."""
        return {engine: {what: statistics.median(cost[what] for cost in costs) for what in costs[0]}
                for engine, costs in self.rounds.items() if costs and engine not in self.failures}


def measure(launcher, job, rounds, limit):
    measurement = Measurement(job)
    for _ in range(rounds):
        measurement.run_round(launcher, limit)
    return measurement
