# SPDX-License-Identifier: GPL-2.0-or-later
"""What may lie in the place of an image."""
import os
import resource
import shutil
import subprocess

from harness import FEW, check, read, write

STEP = 37 * 1024 + 11


def is_mended(place, what, made_anew=True):
    """A run that is right, and another that finds a good image again."""
    result = place.run('compute')
    check(result.lines == [], f'{what}: {result.lines}')
    check(not made_anew or result.made > FEW, f'{what}: units were taken')
    place.run_warm('compute')


def damaged_files(place):
    first = place.run_cold('compute')
    path = place.the_file()
    good = read(path)
    middle = len(good) // 2
    sizes = {0, 1, 7, 100, 4095, 4096, 4097, 8192, middle, len(good) - 4096, len(good) - 1}
    damaged = {f'cut to {size}': good[:size] for size in sorted(sizes)}
    damaged.update({f'byte {at} changed': good[:at] + bytes([good[at] ^ 0x40]) + good[at + 1:]
                    for at in (0, 8, 12, 30, 60, 100, 4096, 4096 + 500, middle, *range(20000, len(good) - 4096, max(STEP, len(good) // 4)))
                    if good[at]})
    damaged.update({'longer': good + b'\0' * 4096, 'zeros': bytes(len(good)), 'text': b'text\n' * 5000, 'only a header': good[:4096] + b'\0' * 4096,
                    'sections swapped': good[:4096] + good[middle & ~4095:] + good[4096:middle & ~4095]})
    for what, data in damaged.items():
        write(path, data)
        result = place.run('compute')
        check(result.out == first.out and result.lines == [], f'{what}: {result.out} {result.lines}')
        check(result.made > FEW, f'{what}: it was taken')
        check(read(path) == good, f'{what}: the file was not made anew as it was')
    place.run_warm('compute')


def other_things_in_its_place(place):
    place.run_cold('compute')
    path = place.the_file()
    good = read(path)
    write(place.path('elsewhere'), good)

    def put(make):
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        else:
            os.unlink(path)
        make()

    for mode in (0o666, 0o620, 0o602):
        os.chmod(path, mode)
        is_mended(place, f'mode {mode:o}')
    put(lambda: os.symlink(place.path('elsewhere'), path))
    is_mended(place, 'a link')
    check(read(place.path('elsewhere')) == good, 'it wrote through the link')
    put(lambda: os.mkfifo(path, 0o600))
    is_mended(place, 'a FIFO')
    put(lambda: os.symlink(path, path))
    is_mended(place, 'a loop of links')
    put(lambda: os.symlink('/dev/zero', path))
    is_mended(place, 'a device')
    put(lambda: os.mkdir(path))
    for _ in range(2):
        place.run_cold('compute')
    check(place.files() == [os.path.basename(path)], f'{place.files()} are left')
    put(lambda: None)
    is_mended(place, 'a directory')


def the_directory_goes(place):
    """While the program runs."""
    process = place.start('wait')
    line = process.stdout.readline()
    shutil.rmtree(place.cache)
    result = place.finish(process, b'go on\n')
    check(line and result.status == 0 and result.out.startswith('go on') and result.lines == [], f'{result.out} {result.lines}')
    check(not os.path.exists(place.cache), 'it is there again')
    place.run_cold('wait', status=99)


def the_file_goes(place):
    """While the program runs: removed, then replaced."""
    place.run_cold('compute')
    for replacement in (None, b'something else'):
        process = place.start('wait')
        line = process.stdout.readline()
        path = place.the_file()
        os.unlink(path)
        if replacement:
            write(path, replacement)
        result = place.finish(process, b'go on\n')
        check(line and result.status == 0 and result.out.startswith('go on') and result.lines == [], f'{result.out} {result.lines}')
        place.run('compute')
        place.run('compute')


def limits(place):
    cases = [(resource.RLIMIT_FSIZE, 100000), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 8), (resource.RLIMIT_NOFILE, 20),
             (resource.RLIMIT_AS, 64 << 20), (resource.RLIMIT_DATA, 64 << 20)]
    for kind, value in cases:
        name = f'cache-{kind}-{value}'
        for _ in range(2):
            result = place.run('limit', str(kind), str(value), cache=name)
            check(result.lines == [], f'{name}: {result.lines}')
        check(not [file for file in place.files(name) if file.startswith('.')], f'{name}: {place.files(name)}')
        other = name + '-outside'
        outside = max(value, 8 << 30) if kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA) else value
        for _ in range(2):
            result = place.run('compute', cache=other, preparation=lambda: resource.setrlimit(kind, (outside, outside)))
            check(result.lines == [], f'{other}: {result.lines}')
    place.run_cold('limit', str(resource.RLIMIT_FSIZE), '0', cache='small')
    check(place.files('small') == [], 'written in spite of RLIMIT_FSIZE')


def other_builds_of_kage(place):
    place.run_cold('compute')
    path = place.the_file()
    other = place.path('kage')
    data = bytearray(read(place.kage))
    note = data.find(b'\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0')
    check(note > 0, 'kage has no build id')
    data[note + 20] ^= 1
    write(other, data, 0o755)
    place.run_cold('compute', kage=other)
    check(len(place.files()) == 2, f'{place.files()}')
    names = set(place.files())
    mine = (names - {os.path.basename(path)}).pop()
    for one, another, kage in ((path, os.path.join(place.cache, mine), other), (os.path.join(place.cache, mine), path, place.kage)):
        kept = read(another)
        shutil.copy(one, another)
        place.run_cold('compute', kage=kage)
        check(read(another) == kept, 'the file was not made anew as it was')
    subprocess.run(['objcopy', '--remove-section=.note.gnu.build-id', place.kage, other], check=True)
    check(place.run_cold('compute', kage=other, cache='none').lines == [] and place.files('none') == [], 'kept without a build id')


CASES = (damaged_files, other_things_in_its_place, the_directory_goes, the_file_goes, limits, other_builds_of_kage)
