# SPDX-License-Identifier: GPL-2.0-or-later
"""The second set: programs of a Debian userland of the guest, on inputs that are made here by rule.

A row of PROGRAMS names the program by its path in the userland, its arguments, and the sentence on what it shows. In arguments,
{inputs} is the folder of generated inputs, {real} the folder real/ beside this file; in the environment's values {engine} is the
guest's name, or 'native'.
The native figure is that of this machine's program at the same path. Its version may differ from the guest's: where that may
show in the output, a row says same_output=False, and only the emulators' outputs are compared with each other.
"""
import glob
import os
import shutil
import subprocess

from measuring import ENVIRONMENT, Job

HERE = os.path.dirname(os.path.abspath(__file__))
REAL = os.path.join(HERE, 'real')
PYTHON = {'PYTHONHASHSEED': '0', 'PYTHONPYCACHEPREFIX': '{inputs}/pycache-{engine}'}  # a cache for each python
GIT = {'GIT_CONFIG_NOSYSTEM': '1', 'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_PAGER': 'cat', 'GIT_OPTIONAL_LOCKS': '0'}
PRIME = '7' + 'f' * 550  # 2^2203 - 1

PROGRAMS = {
    'true': dict(kind='start', path='usr/bin/true', arguments=[], repeat=60,
                 isolates='the start of a dynamic program, which is what most processes of a build consist of'),
    'bash_start': dict(kind='start', path='usr/bin/bash', arguments=['-c', ':'], repeat=25, isolates='the start of a shell'),
    'perl_start': dict(kind='start', path='usr/bin/perl', arguments=['-e', '1'], repeat=25, isolates='the start of perl'),
    'python_start': dict(kind='start', path='usr/bin/python3', arguments=['-c', 'import json, re'], repeat=4, environment=PYTHON,
                         warm=True, isolates='the start of a large interpreter: much code that runs once'),
    'python': dict(kind='real', path='usr/bin/python3', arguments=['{real}/work.py'], environment=PYTHON, warm=True,
                   isolates='JSON, regular expressions, dictionaries and sorting in an interpreter with threaded code'),
    'perl': dict(kind='real', path='usr/bin/perl', arguments=['{real}/work.pl'], stdin='{inputs}/half',
                 isolates='hashes, regular expressions and formatting over a text'),
    'bash': dict(kind='real', path='usr/bin/bash', arguments=['{real}/work.bash'], stdin='{inputs}/text',
                 isolates='a tree-walking interpreter with many small allocations; builtins only'),
    'cc1': dict(kind='real', path='cc1', arguments=['-fpreprocessed', '-quiet', '-O2', '{inputs}/compiled.i', '-o', '-'],
                guest_arguments={'riscv64': ['-march=rv64gc', '-mabi=lp64d']}, same_output=False,
                isolates='a compiler: much code, each piece run a few times'),
    'sqlite3': dict(kind='real', path='usr/bin/sqlite3', arguments=[':memory:'], stdin='{real}/work.sql',
                    isolates='inserts, an index, joins and groups in a byte-code machine'),
    'gzip': dict(kind='real', path='usr/bin/gzip', arguments=['-nc6'], stdin='{inputs}/text', same_output=False,
                 isolates='deflate: hash chains over bytes'),
    'xz': dict(kind='real', path='usr/bin/xz', arguments=['-zc', '-T1', '-3'], stdin='{inputs}/half', same_output=False,
               isolates='LZMA: range coder bit by bit, large tables'),
    'zstd': dict(kind='real', path='usr/bin/zstd', arguments=['-qc', '--single-thread', '-9'], stdin='{inputs}/text',
                 same_output=False, isolates='a modern compressor: wide loads, few branches'),
    'openssl_sha256': dict(kind='real', path='usr/bin/openssl', arguments=['dgst', '-sha256', '{inputs}/bytes'],
                   environment={'OPENSSL_armcap': '0', 'OPENSSL_riscvcap': 'rv64gc', 'OPENSSL_ia32cap': '0:0'},
                   isolates="openssl's SHA-256 without the instructions made for it"),
    'openssl_prime': dict(kind='real', path='usr/bin/openssl', arguments=['prime', '-hex', PRIME], same_output=False,
                  isolates="openssl's arithmetic on long numbers, as RSA has it: 64-bit multiplications with carries"),
    'awk': dict(kind='real', path='usr/bin/mawk', arguments=['-f', '{real}/work.awk', '{inputs}/text'],
                isolates='fields and associative arrays'),
    'sed': dict(kind='real', path='usr/bin/sed', arguments=['-n', '-E', '-f', '{real}/work.sed', '{inputs}/half'],
                isolates="libc's regular expressions"),
    'sort': dict(kind='real', path='usr/bin/sort', arguments=['--parallel=1', '-k3,3', '-k1,1nr', '{inputs}/text'],
                 repeat=4, isolates='comparing and moving lines'),
    'git': dict(kind='real', path='usr/bin/git', arguments=['--no-pager', '--git-dir={inputs}/repository', 'log', '-p', '--stat',
                                                            '--no-color', 'main'], environment=GIT, same_output=False,
                isolates='inflating, hashing and comparing files'),
    'ls': dict(kind='real', path='usr/bin/ls', arguments=['-lR', '{inputs}/tree'], repeat=4, isolates='system calls on many small files'),
}


class Lcg:
    """Numbers by rule, the same in all versions of Python."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, below):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
        return (self.state >> 33) % below


def make_words(number, count):
    parts = ('ta', 'ne', 'so', 'ri', 'lo', 'ka', 'me', 'di', 'pu', 'ge', 'an', 'er', 'is', 'ou', 'st', 'ch')
    return [''.join(parts[number(16)] for _ in range(1 + number(4))) for _ in range(count)]


def make_text(lines):
    """Lines of a number and a few words, frequent ones more often."""
    number, text = Lcg(11), []
    words = make_words(number, 4000)
    for _ in range(lines):
        line = [str(number(100000))]
        for _ in range(4 + number(9)):
            line.append(words[number(number(4000) + 1)])
        text.append(' '.join(line))
    return ('\n'.join(text) + '\n').encode()


def make_tree(folder):
    number = Lcg(5)
    words = make_words(number, 300)
    for directory in range(60):
        path = os.path.join(folder, f'{words[directory]}-{directory}')
        os.makedirs(path)
        for file in range(100):
            name = os.path.join(path, f'{words[number(300)]}.{file}')
            with open(name, 'wb') as out:
                out.write(b'x' * number(200))
            os.chmod(name, 0o644 if file % 3 else 0o755)
            os.utime(name, (1600000000, 1600000000 + number(1000000)))
        os.chmod(path, 0o755)
        os.utime(path, (1600000000, 1600000000 + directory))
    os.utime(folder, (1600000000, 1600000000))


def make_repository(folder, text):
    """A bare repository of 250 commits, by git's own import format."""
    number, lines, stream = Lcg(23), text.splitlines(True)[:4000], []
    files = [lines[400 * i:400 * i + 400] for i in range(10)]
    for commit in range(250):
        message = b'change %d\n\n' % commit + lines[number(4000)]
        stream.append(b'commit refs/heads/main\nmark :%d\ncommitter A B <a@b> %d +0000\ndata %d\n%s' %
                      (commit + 1, 1600000000 + commit * 1000, len(message), message))
        for index in range(10) if commit == 0 else [number(10), number(10)]:
            file = files[index]
            for _ in range(3):
                at = number(len(file))
                file[at:at + number(3)] = [lines[number(4000)]]
            content = b''.join(file)
            stream.append(b'M 100644 inline folder%d/file%d\ndata %d\n%s\n' % (index % 3, index, len(content), content))
    environment = dict(ENVIRONMENT, **GIT)
    subprocess.run(['git', 'init', '-q', '--bare', '-b', 'main', folder], check=True, env=environment)
    subprocess.run(['git', '--git-dir=' + folder, 'fast-import', '--quiet'], input=b''.join(stream), check=True, env=environment)


def make_inputs(folder):
    """All inputs, once; the stamp says which rules made them."""
    stamp, rules = os.path.join(folder, 'stamp'), str(os.path.getmtime(__file__))
    if os.path.exists(stamp) and open(stamp, encoding='utf-8').read() == rules:
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    text = make_text(44000)
    number = Lcg(3)
    pattern = bytes(number(256) for _ in range(65536))
    for name, content in {'text': text, 'half': text[:len(text) // 2], 'bytes': pattern * 800}.items():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(content)
    subprocess.run(['gcc', '-E', '-P', '-o', os.path.join(folder, 'compiled.i'), os.path.join(REAL, 'compiled.c')], check=True)
    make_tree(os.path.join(folder, 'tree'))
    if shutil.which('git'):
        make_repository(os.path.join(folder, 'repository'), text)
    with open(stamp, 'w', encoding='utf-8') as file:
        file.write(rules)


def find_program(root, path):
    """Full path of a program of a userland, or of this machine where root is '/'; None if it is not there."""
    if path == 'cc1':
        found = sorted(glob.glob(os.path.join(root, 'usr/lib*/gcc/*/*/cc1')))
        own = f'/{os.uname().machine}-'
        return next((name for name in found if root != '/' or own in name), None)
    name = os.path.join(root, path)
    return name if os.path.exists(name) else None


def make_job(name, root, inputs, guest, emulators):
    """The job of one row; None where the userland lacks the program. `emulators`: engine -> command that takes -L."""
    row = PROGRAMS[name]
    program, native = find_program(root, row['path']), find_program('/', row['path'])
    if program is None:
        return None

    def fill(text, engine=None):
        return text.format(inputs=inputs, real=REAL, engine=engine)
    arguments = [fill(argument) for argument in row['arguments']]
    commands = {'native': [native] + arguments} if native else {}
    for engine, command in emulators.items():
        commands[engine] = command + ['-L', root, program] + arguments + row.get('guest_arguments', {}).get(guest, [])
    environments = {engine: {key: fill(value, 'native' if engine == 'native' else guest)
                             for key, value in row.get('environment', {}).items()} for engine in commands}
    stdin = fill(row['stdin']) if 'stdin' in row else None
    return Job(name, commands, repeat=row.get('repeat', 1), stdin=stdin, environments=environments,
               same_output=row.get('same_output', True))
