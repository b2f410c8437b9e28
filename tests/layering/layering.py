#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may import whom, how long things may be, and what no file may contain.

The table below is ARCHITECTURE's: a unit is a folder (or a family of folders), `allow` names the units whose headers its
files may include and whose symbols its library may use. With --build the include paths of compile_commands.json resolve
each #include, and the static libraries' symbols are checked too.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from collections import defaultdict

FUNCTION_LIMIT, FILE_LIMIT, HEADER_LIMIT = 120, 1000, 300
SOURCE_SUFFIXES = ('.c', '.h', '.cc', '.S')
SPDX = 'SPDX-License-Identifier: GPL-2.0-or-later'

# unit: units it may import besides itself. '<isa>' stands for one and the same name on both sides of a rule.
ALLOW = {
    'translator/base': [],
    'translator/ir': ['translator/base', 'translator/guest/shared'],
    'translator/guest/shared': ['translator/base'],
    'translator/guest': ['translator/base', 'translator/ir', 'translator/guest/shared', 'translator/embedder.h'],
    'translator/guest/<isa>': ['translator/base', 'translator/ir', 'translator/guest', 'translator/guest/shared',
                               'translator/embedder.h', 'translator/generate'],
    'translator/generate': ['translator/base'],
    'translator/host': ['translator/base', 'translator/ir', 'translator/guest/shared', 'translator/embedder.h'],
    'translator/host/<isa>': ['translator/base', 'translator/ir', 'translator/host', 'translator/guest/shared',
                              'translator/embedder.h'],
    'translator/fast': ['translator/base', 'translator/ir', 'translator/guest', 'translator/host',
                        'translator/guest/shared', 'translator/embedder.h'],
    'translator/region': ['translator/base', 'translator/ir', 'translator/guest', 'translator/host',
                          'translator/guest/shared', 'translator/embedder.h'],
    'translator': ['translator/base', 'translator/ir', 'translator/guest', 'translator/guest/shared', 'translator/host',
                   'translator/embedder.h'],
    'translator/runtime': ['translator*'],
    'translator/debug': ['translator*'],
    'syscalls': ['translator/base', 'translator/guest'],
    'hw': ['translator/base'],
    'linux-user': ['translator/base', 'translator', 'translator/guest', 'translator/guest/shared', 'translator/embedder.h',
                   'syscalls'],
    'linux-user/guest/<isa>': ['translator/base', 'translator', 'translator/guest', 'translator/guest/shared',
                               'translator/embedder.h', 'translator/guest/<isa>', 'syscalls', 'linux-user'],
    'softmmu': ['translator/base', 'translator', 'translator/guest', 'translator/guest/shared', 'translator/embedder.h', 'hw'],
    'binfmt': ['translator/base', 'translator/guest'],
}
# Where a header may reach across the table because it names a guest's state, which is data for the program above.
STATE_HEADER = re.compile(r'^translator/guest/\w+/.*state.*\.h$')
SKIP_FOLDERS = ('build', '.git', '.cache', '__pycache__')
NO_SPDX_SUFFIXES = ('.cases', '.md', '.ir', '.txt', '.json', '.expected', '.svg', '.gz', '.xz', '.bin', '.elf')
NO_SPDX_NAMES = ('LICENSE', '.clang-format', '.gitignore', 'README.md')
TABLE_FILE = re.compile(r'(table|\.def$|\.decode$|/generated/)')
# A path of one machine or the name of a package host makes the tree depend on where it was written.
PRIVATE_TEXT = re.compile(r'(?<![\w.$}/-])/(?:work|root|home)/\w|/tmp/(?:wt|rootfs|land|brief)\b'
                          r'|\b(?:deb|security|ftp|snapshot)\.debian\.org|\bpypi\.org|registry\.npmjs')
GUEST_CONDITION = re.compile(r'^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b(?:GUEST_|TARGET_|KAGE_GUEST)\w*')
GUARD = re.compile(r'^\s*#\s*ifndef\s+\w+_H_?\s*$')
HOST_CONDITION = re.compile(r'^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b__(?:aarch64|arm|riscv|x86_64|i386|powerpc|s390x)\w*')


def tracked_files(top):
    """Every file git knows or could know, relative to the top."""
    done = subprocess.run(['git', '-C', top, 'ls-files', '-co', '--exclude-standard'], capture_output=True, text=True)
    if done.returncode == 0 and done.stdout:
        names = done.stdout.splitlines()
    else:
        names = [os.path.relpath(os.path.join(folder, name), top)
                 for folder, _, files in os.walk(top) for name in files]
    return sorted(n for n in set(names) if n.split('/')[0] not in SKIP_FOLDERS
                  and not n.startswith('build-') and os.path.isfile(os.path.join(top, n)))


def unit_of(path):
    """The unit a file belongs to, with its ISA when the unit is a family; None outside the table (tests)."""
    if path == 'translator/embedder.h':
        return 'translator/embedder.h', None
    parts = path.split('/')
    if parts[0] == 'translator':
        if len(parts) == 2:
            return 'translator', None
        if parts[1] in ('guest', 'host') and len(parts) > 3:
            if parts[2] == 'shared':
                return 'translator/guest/shared', None
            return f'translator/{parts[1]}/<isa>', parts[2]
        return f'translator/{parts[1]}', None
    if parts[0] == 'linux-user' and len(parts) > 3 and parts[1] == 'guest' and parts[2] != 'generic':
        return 'linux-user/guest/<isa>', parts[2]
    if parts[0] in ('syscalls', 'hw', 'linux-user', 'softmmu', 'binfmt'):
        return parts[0], None
    return None, None


def may_import(importer, imported):
    """Whether the file or folder `importer` may use what `imported` declares."""
    (unit, isa), (other, other_isa) = unit_of(importer), unit_of(imported)
    if unit is None or other is None:
        return other is not None or not imported.startswith('tests/') or unit is None
    if unit == other:
        return isa == other_isa
    if unit == 'translator/embedder.h':
        unit = 'translator'
    allowed = ALLOW.get(unit, [])
    if other in allowed:
        return other_isa is None or unit.endswith('<isa>') and isa == other_isa
    return 'translator*' in allowed and other.startswith('translator')


class Report:
    def __init__(self):
        self.failures, self.checks = [], 0

    def check(self, good, text):
        self.checks += 1
        if not good:
            self.failures.append(text)


def strip_code(text):
    """Comments, strings and character constants blanked out, line structure kept."""
    def blank(match):
        found = match.group(0)
        return '\n' * found.count('\n') if found.startswith('/') else '""' + '\n' * found.count('\n')
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def functions_of(text):
    """(name, first line, length) of each function body; macros are skipped because their lines end in a backslash."""
    lines = strip_code(text).split('\n')
    depth, start, name, head, continued = 0, 0, '', '', False
    for number, line in enumerate(lines, 1):
        if continued or line.lstrip().startswith('#'):
            continued = line.endswith('\\')
            continue
        if depth == 0:
            head += ' ' + line.split('{')[0]
        for character in line:
            if character == '{':
                if depth == 0:
                    match = re.search(r'(\w+)\s*\([^=]*\)[^=;]*$', head)
                    name, start = (match.group(1) if match else ''), number
                depth += 1
            elif character == '}':
                depth -= 1
                if depth == 0:
                    if name:
                        yield name, start, number - start + 1
                    head, name = '', ''
            elif character == ';' and depth == 0:
                head = ''


def check_sizes(report, path, text):
    lines = text.count('\n')
    if path.endswith('.h'):
        limit = HEADER_LIMIT
    else:
        limit = FILE_LIMIT
    if path.endswith(('.c', '.h', '.cc', '.py')) and not TABLE_FILE.search(path):
        report.check(lines <= limit, f'{path}: {lines} lines, at most {limit}')
    if path.endswith(('.c', '.h', '.cc')):
        for name, start, length in functions_of(text):
            report.check(length <= FUNCTION_LIMIT,
                         f'{path}:{start}: function {name} has {length} lines, at most {FUNCTION_LIMIT}')


def check_text(report, path, text):
    name = os.path.basename(path)
    data = path.startswith('tests/') and not path.endswith(SOURCE_SUFFIXES + ('.py', '.build'))
    if name not in NO_SPDX_NAMES and not path.endswith(NO_SPDX_SUFFIXES) and text and not data:
        report.check(any(SPDX in line for line in text.split('\n')[:3]), f'{path}: no SPDX line at the top')
    if not path.startswith('tests/layering/'):
        for number, line in enumerate(text.split('\n'), 1):
            if PRIVATE_TEXT.search(line):
                report.check(False, f'{path}:{number}: names a machine path or a package host: {line.strip()[:80]}')
        report.checks += 1
    if path.endswith(SOURCE_SUFFIXES) and not path.startswith('tests/'):
        for number, line in enumerate(text.split('\n'), 1):
            if GUEST_CONDITION.search(line) and not GUARD.match(line):
                report.check(False, f'{path}:{number}: #if on a guest: {line.strip()}')
            if HOST_CONDITION.search(line) and not path.startswith(('translator/base/', 'translator/host/',
                                                                    'linux-user/host/')):
                report.check(False, f'{path}:{number}: conditional on an architecture outside base/ and host/')


def include_paths(build, top):
    """source file -> list of include folders, as absolute paths, from compile_commands.json."""
    database = os.path.join(build or '', 'compile_commands.json')
    if not build or not os.path.exists(database):
        return {}
    paths = {}
    for entry in json.load(open(database, encoding='utf-8')):
        words = shlex.split(entry['command'])
        source = os.path.relpath(os.path.normpath(os.path.join(entry['directory'], entry['file'])), top)
        folders = [word[2:] for word in words if word.startswith('-I') and len(word) > 2]
        paths[source] = [os.path.normpath(os.path.join(entry['directory'], folder)) for folder in folders]
    return paths


def source_place(path, top, build):
    """Relative path in the source tree of a file or folder that may be in the build tree; None if outside both."""
    for base in filter(None, (build, top)):
        relative = os.path.relpath(path, base)
        if not relative.startswith('..'):
            return re.sub(r'/[^/]+\.p(/|$)', r'\1', relative)
    return None


def resolve(include, path, folders, by_name, top):
    """Candidate files, relative to the top, that an #include "..." can mean."""
    here = os.path.join(top, os.path.dirname(path))
    found = [os.path.normpath(os.path.join(folder, include)) for folder in [here] + folders]
    found = [name for name in dict.fromkeys(found) if os.path.exists(name)]
    if found and found[0].startswith(here):
        return found[:1]
    if folders:
        return found
    return [os.path.join(top, name) for name in by_name.get(os.path.basename(include), [])
            if name.endswith(include)]


def check_imports(report, top, build, texts):
    folders_of = include_paths(build, top)
    by_name = defaultdict(list)
    for path in texts:
        by_name[os.path.basename(path)].append(path)
    folder_union = defaultdict(list)
    for source, folders in folders_of.items():
        folder_union[os.path.dirname(source)] += folders
    for path, text in texts.items():
        if not path.endswith(SOURCE_SUFFIXES) or unit_of(path)[0] is None:
            continue
        folders = folders_of.get(path) or folder_union.get(os.path.dirname(path)) or []
        for number, line in enumerate(text.split('\n'), 1):
            match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if not match:
                continue
            found = [source_place(name, top, build) for name in resolve(match[1], path, folders, by_name, top)]
            good = not found or any(name is None or may_import(path, name) or state_allowed(path, name)
                                    for name in found)
            report.check(good, f'{path}:{number}: may not include {match[1]} ({", ".join(map(str, found))})')
    check_include_paths(report, top, build, folders_of)


def state_allowed(path, name):
    return bool(STATE_HEADER.match(name)) and path.startswith(('linux-user/', 'softmmu/', 'translator/debug/'))


def check_include_paths(report, top, build, folders_of):
    """A library below the programs may not even have a forbidden folder on its include path."""
    seen = set()
    for source, folders in folders_of.items():
        unit = unit_of(source)[0]
        if unit is None or unit in ('linux-user', 'linux-user/guest/<isa>', 'softmmu'):
            continue
        for folder in folders:
            place = source_place(folder, top, build)
            if place in (None, '.', '') or place.startswith(('build', 'tests')) or (unit, place) in seen:
                continue
            seen.add((unit, place))
            good = may_import(source, place + '/x.h') or place == 'translator'
            report.check(good, f'{source}: include path {place} is not for {unit}')


def library_symbols(archive):
    defined, undefined = set(), set()
    text = subprocess.run(['nm', '-g', archive], capture_output=True, text=True, check=False).stdout
    for line in text.split('\n'):
        words = line.split()
        if len(words) == 2 and words[0] in 'Uw':
            undefined.add(words[1])
        elif len(words) == 3 and words[1] not in 'Uw':
            defined.add(words[2])
    return defined, undefined - defined


def declared_for(library, symbol, headers):
    """Whether a header that the library may include declares the symbol: an interface that something above implements."""
    word = re.compile(rf'\b{symbol}\b')
    return any(may_import(library, path) and word.search(text) for path, text in headers.items())


def check_symbols(report, build, headers):
    libraries = {}
    for folder, _, files in os.walk(build):
        for name in files:
            if name.endswith('.a'):
                place = os.path.relpath(folder, build)
                if unit_of(place + '/x.h')[0]:
                    libraries[os.path.join(place, name)] = library_symbols(os.path.join(folder, name))
    owner = {symbol: library for library, (defined, _) in libraries.items() for symbol in defined}
    for library, (_, undefined) in sorted(libraries.items()):
        for symbol in sorted(undefined):
            other = owner.get(symbol)
            if other:
                lists_guests = bool(re.match(r'(translator/(guest|host)|linux-user)/lib', library)) and \
                    symbol.startswith(('guest_', 'host_', 'user_guest_'))
                of_libc = not any(symbol in text for text in headers.values())
                good = may_import(library, other) or lists_guests or of_libc or declared_for(library, symbol, headers)
                report.check(good, f'{library}: uses {symbol} of {other}')


def check_folders(report, top, files):
    for folder in sorted({path.split('/')[0] for path in files if '/' in path}):
        if not folder.startswith('.'):
            report.check(os.path.exists(os.path.join(top, folder, 'README.md')), f'{folder}/: no README.md')


def self_test():
    """The checks must refuse what they are there to refuse."""
    assert not may_import('translator/ir/x.c', 'translator/host/host.h')
    assert not may_import('translator/guest/aarch64/x.c', 'translator/guest/riscv/y.h')
    assert may_import('linux-user/guest/riscv/x.c', 'translator/guest/riscv/y.h')
    assert not may_import('linux-user/guest/riscv/x.c', 'translator/guest/aarch64/y.h')
    assert not may_import('syscalls/x.c', 'linux-user/y.h')
    assert may_import('translator/runtime/x.c', 'translator/fast/y.h')
    assert not may_import('translator/fast/x.c', 'translator/host/x86_64/y.h')
    body = 'int f(int a)\n{\n    if (a) {\n' + '    a++;\n' * 130 + '    }\n    return a;\n}\nint g(void) { return 0; }\n'
    found = list(functions_of(body))
    assert [(name, length > FUNCTION_LIMIT) for name, _, length in found] == [('f', True), ('g', False)], found
    assert PRIVATE_TEXT.search('see /wo' 'rk/x') and not PRIVATE_TEXT.search('framework/x')
    assert GUEST_CONDITION.search('#ifdef TARGET_ARM') and not GUEST_CONDITION.search('#ifdef __GLIBC__')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--top', default=os.path.normpath(os.path.join(os.path.dirname(__file__), '..', '..')))
    parser.add_argument('--build', help='build folder: resolves includes exactly and checks symbols')
    options = parser.parse_args()
    self_test()
    top = os.path.abspath(options.top)
    build = os.path.abspath(options.build) if options.build else None
    report, texts = Report(), {}
    files = tracked_files(top)
    for path in files:
        try:
            with open(os.path.join(top, path), encoding='utf-8') as file:
                texts[path] = file.read()
        except UnicodeDecodeError:
            continue
    for path, text in texts.items():
        check_sizes(report, path, text)
        check_text(report, path, text)
    check_folders(report, top, files)
    check_imports(report, top, build, texts)
    if build:
        check_symbols(report, build, {path: text for path, text in texts.items() if path.endswith('.h')})
    for failure in report.failures:
        print(failure)
    print(f'layering: {report.checks} checks, {len(report.failures)} failures')
    return 1 if report.failures else 0


if __name__ == '__main__':
    sys.exit(main())
