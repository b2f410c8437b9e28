# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cases of run_cache.py stand on: a guest's programs, a private directory, and kage run there."""
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FEW = 24  # units that a warm run may still translate


class Wrong(Exception):
    pass


class Skipped(Exception):
    pass


def check(good, text):
    if not good:
        raise Wrong(text)


class Programs:
    """Of one guest: the program, static and dynamic, and two builds of a library."""

    def __init__(self, architecture, folder):
        self.name, self.folder = architecture, folder
        self.sysroot = f'/usr/{architecture}-linux-gnu'
        self.static, self.dynamic = self.build('guest.c', 'static', ['-static']), self.build('guest.c', 'dynamic', ['-pthread'])
        self.libraries = [self.build('library.c', f'library{value}.so', ['-shared', '-fPIC', f'-DVALUE={value}']) for value in (5, 6)]

    def build(self, source, name, flags):
        out = os.path.join(self.folder, name)
        subprocess.run([f'{self.name}-linux-gnu-gcc', '-w', '-O1', '-Wl,-z,max-page-size=4096', '-Wl,--no-warnings', '-o', out,
                        os.path.join(HERE, source), *flags], check=True, capture_output=True)
        return out


class Result:
    def __init__(self, status, out, error):
        self.status, self.out = status, out.decode('utf-8', 'replace')
        self.error = error.decode('utf-8', 'replace')

    def figure(self, text):
        match = re.search(r'^ *(\d+)  ' + text, self.error, re.M)
        check(match, f'no line "{text}" among the statistics: {self.error[-300:]}')
        return int(match[1])

    @property
    def made(self):
        return self.figure('units translated')

    @property
    def lines(self):
        """What kage said besides statistics."""
        return [line for line in self.error.splitlines() if line.startswith('kage:')]


class Place:
    """A directory with a home of its own in it; the cache is `cache` unless said otherwise."""

    def __init__(self, kage, programs, folder):
        self.kage, self.programs, self.folder = kage, programs, folder
        self.cache = self.path('cache')
        self.home = self.path('home')
        os.mkdir(self.home)

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self, more):
        variables = {'PATH': os.environ['PATH'], 'HOME': self.home}
        variables.update(more)
        return {name: value for name, value in variables.items() if value is not None}

    def command(self, arguments, program=None, options=('--stats',), cache='cache', kage=None):
        """cache: a name or a path; None = kage's default"""
        where = [] if cache is None else ['--cache', os.path.join(self.folder, cache)] if cache != 'off' else ['--cache', 'off']
        return [kage or self.kage, '-L', self.programs.sysroot, *where, *options, program or self.programs.dynamic, *arguments]

    def start(self, *arguments, more=None, preparation=None, user=None, **words):
        return subprocess.Popen(self.command(arguments, **words), env=self.environment(more or {}), cwd=self.folder, preexec_fn=preparation,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, user=user, group=user,
                                extra_groups=[] if user else None)

    def finish(self, process, text=None):
        try:
            out, error = process.communicate(text, timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Wrong('no end within 20 s') from None
        return Result(process.returncode, out, error)

    def run(self, *arguments, status=0, **words):
        result = self.finish(self.start(*arguments, **words))
        check(status is None or result.status == status,
              f'{" ".join(arguments)}: status {result.status} instead of {status}: {(result.out + result.error)[-400:]}')
        return result

    def run_warm(self, *arguments, **words):
        result = self.run(*arguments, **words)
        check(result.made <= FEW, f'{" ".join(arguments)}: {result.made} units were translated again')
        return result

    def run_cold(self, *arguments, **words):
        result = self.run(*arguments, **words)
        check(result.figure('units of earlier processes') == 0 and result.made > FEW,
              f'{" ".join(arguments)}: units of an earlier process were taken')
        return result

    def files(self, name='cache'):
        folder = os.path.join(self.folder, name)
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def the_file(self, name='cache'):
        names = self.files(name)
        check(len(names) == 1, f'{len(names)} files instead of one: {names}')
        return os.path.join(self.folder, name, names[0])

    def copy(self, source, name):
        path = self.path(name)
        shutil.copy(source, path)
        return path


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data, mode=0o600):
    with open(path, 'wb') as file:
        file.write(data)
    os.chmod(path, mode)
