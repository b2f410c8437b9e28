# SPDX-License-Identifier: GPL-2.0-or-later
"""Where translations are kept, and whom kage trusts."""
import os
import stat

from harness import FEW, Skipped, check, write

NOBODY = 65534


def needs_root():
    if os.geteuid() != 0:
        raise Skipped('not root')


def nothing_is_translated_twice(place):
    for program in (place.programs.static, place.programs.dynamic):
        cold = place.run_cold('compute', program=program, cache=os.path.basename(program))
        warm = place.run_warm('compute', program=program, cache=os.path.basename(program))
        check(cold.out == warm.out, f'{cold.out} then {warm.out}')
        status = os.stat(place.the_file(os.path.basename(program)))
        check(stat.S_IMODE(status.st_mode) == 0o600, 'mode of the file')
        place.run_warm('compute', program=program, cache=os.path.basename(program), options=('--stats', '-strace'))


def two_runs_write_the_same(place):
    for program in (place.programs.static, place.programs.dynamic):
        images = []
        for name in ('one', 'two'):
            place.run_cold('compute', program=program, cache=name)
            with open(place.the_file(name), 'rb') as file:
                images.append(file.read())
            os.unlink(place.the_file(name))
        check(images[0] == images[1], f'{os.path.basename(program)}: {len(images[0])} and {len(images[1])} bytes differ')


def default_places(place):
    kept = os.path.join(place.home, '.cache', 'kage')
    place.run_cold('compute', cache=None)
    check(not os.path.exists(os.path.join(place.home, '.cache')), '~/.cache was made')
    os.mkdir(os.path.join(place.home, '.cache'))
    place.run_cold('compute', cache=None)
    check(stat.S_IMODE(os.stat(kept).st_mode) == 0o700, 'mode of ~/.cache/kage')
    place.run_warm('compute', cache=None)
    place.run_cold('compute', cache=None, more={'HOME': None})
    place.run_cold('compute', cache=None, more={'HOME': ''})
    place.run_cold('compute', cache=None, more={'HOME': 'home'})
    other = place.path('other')
    place.run_cold('compute', cache=None, more={'XDG_CACHE_HOME': other})
    check(not os.path.exists(other), '$XDG_CACHE_HOME was made')
    os.mkdir(other)
    place.run_cold('compute', cache=None, more={'XDG_CACHE_HOME': other})
    place.run_warm('compute', cache=None, more={'XDG_CACHE_HOME': other, 'HOME': None})
    place.run_warm('compute', cache=None, more={'XDG_CACHE_HOME': 'other'})  # relative: as if it were not set
    place.run_warm('compute', cache=None, more={'XDG_CACHE_HOME': ''})
    place.run_cold('compute', cache=None, more={'XDG_CACHE_HOME': '/' + 'x' * 5000})


def it_can_be_turned_off(place):
    os.mkdir(os.path.join(place.home, '.cache'))
    place.run_cold('compute', cache='off')
    place.run_cold('compute', cache=None, more={'KAGE_CACHE': 'off'})
    check(place.files('home/.cache') == [], 'something was kept')
    place.run_cold('compute', cache=None, more={'KAGE_CACHE': place.cache})
    place.run_warm('compute', cache=None, more={'KAGE_CACHE': place.cache})
    place.run_cold('compute', cache='off', more={'KAGE_CACHE': place.cache})
    place.run_warm('compute', more={'KAGE_CACHE': 'off'})  # the command line wins
    place.run_cold('compute', cache='fresh', more={'KAGE_CACHE': 'off'})
    place.run_warm('compute', cache='fresh')
    place.run_warm('compute', options=('--stats', '--cache', 'fresh'), cache='off')
    place.run_cold('compute', options=('--stats', '--cache', 'off'), cache='fresh')
    place.run_cold('compute', cache='unwanted', options=('--stats', '--cache', 'off'))
    check(place.files('unwanted') == [], 'something was kept')
    result = place.run('compute', cache=None, options=('--stats', '--cache', ''), status=None)
    check(result.status != 0 and len(result.lines) == 1, f'an empty name: status {result.status}, {result.lines}')


def check_refused(place, path):
    result = place.run_cold('compute', cache=path)
    check(len(result.lines) == 1 and '--cache' in result.lines[0], f'{path}: lines {result.lines}')


def others_could_write_there(place):
    os.mkdir(os.path.join(place.home, '.cache'))
    kept = os.path.join(place.home, '.cache', 'kage')
    os.mkdir(kept)
    for mode in (0o777, 0o1777, 0o720, 0o702):
        os.chmod(kept, mode)
        check_refused(place, kept)
        check(place.run_cold('compute', cache=None).lines == [], 'the default directory is refused silently')
    check(os.listdir(kept) == [], 'something was kept')
    os.chmod(kept, 0o755)
    place.run_cold('compute', cache=None)
    place.run_warm('compute', cache=None)


def directories_that_are_none(place):
    write(place.path('file'), b'text')
    os.symlink('nowhere', place.path('dangling'))
    for name in ('file', 'dangling', 'no/such/place', 'file/below', 'x' * 300):
        check_refused(place, name)
    os.mkdir(place.path('real'), 0o700)
    os.symlink('real', place.path('link'))
    place.run_cold('compute', cache='link')
    place.run_warm('compute', cache='real')


def another_owner(place):
    needs_root()
    os.mkdir(place.cache, 0o700)
    place.run_cold('compute')
    os.chown(place.cache, NOBODY, NOBODY)
    check_refused(place, 'cache')
    os.chown(place.cache, 0, 0)
    os.chown(place.the_file(), NOBODY, NOBODY)
    check(place.run_cold('compute').lines == [], 'a file of another owner is ignored silently')
    place.run_warm('compute')
    check(os.stat(place.the_file()).st_uid == 0, 'the file was not made anew')


def what_root_made_may_be_used(place):
    needs_root()
    os.mkdir(place.cache, 0o755)
    place.run_cold('compute')
    os.chmod(place.the_file(), 0o644)
    place.run_warm('compute', user=NOBODY)
    os.chmod(place.the_file(), 0o600)
    place.run_cold('compute', user=NOBODY)
    os.chmod(place.cache, 0o700)
    place.run_cold('compute', user=NOBODY)


def a_set_user_id_program_keeps_nothing(place):
    needs_root()
    os.chmod(place.home, 0o777)
    os.makedirs(os.path.join(place.home, '.cache'), mode=0o777)
    os.chmod(os.path.join(place.home, '.cache'), 0o777)
    kage = place.copy(place.kage, 'kage')
    os.chmod(kage, 0o4755)
    os.mkdir(place.cache, 0o700)
    place.run_cold('compute', kage=kage, user=NOBODY, cache=None)
    place.run_cold('compute', kage=kage, user=NOBODY, cache=None, more={'KAGE_CACHE': place.cache})
    place.run_cold('compute', kage=kage, user=NOBODY)
    place.run_cold('compute', kage=kage, user=NOBODY, cache='off', options=('--stats', '--cache', place.cache))
    place.run('compute')
    place.run_cold('compute', kage=kage, user=NOBODY)
    os.unlink(place.the_file())
    check(place.files('home/.cache') == [] and place.files() == [], 'something was kept')


def a_read_only_directory(place):
    place.run_cold('compute')
    os.chmod(place.cache, 0o500)
    place.run_warm('compute')
    os.mkdir(place.path('empty'), 0o500)
    user = NOBODY if os.geteuid() == 0 else None
    if user:
        os.chown(place.path('empty'), user, user)
    place.run_cold('compute', cache='empty', user=user)
    check(place.files('empty') == [], 'something was kept')


def make_large(path, mebibytes):
    try:
        with open(path, 'wb') as file:
            os.posix_fallocate(file.fileno(), 0, mebibytes << 20)
    except OSError as error:
        raise Skipped(f'no room: {error}') from None


def files_of_others_stay(place):
    """A directory that holds other things, old and large ones among them, loses nothing."""
    os.mkdir(place.cache)
    names = ('.profile', '.kag', '.1-2', 'notes', 'data-0123456789abcdef', 'x' * 200)
    for name in names:
        path = os.path.join(place.cache, name)
        write(path, b'x')
        os.utime(path, (1e9, 1e9))
    large = os.path.join(place.cache, 'large')
    make_large(large, 513)
    os.utime(large, (1e9, 1e9))
    place.run_cold('compute')
    check(len(place.files()) == len(names) + 2, f'only {place.files()} are left')


def old_files_go(place):
    """Of 512 MiB of images the oldest, and unfinished ones."""
    os.mkdir(place.cache)
    for number in range(3):
        path = os.path.join(place.cache, f'program-{number:032x}')
        make_large(path, 200)
        os.utime(path, (1e9 + number, 1e9 + number))
    for name in ('.kage-1-1', '.kage-2-2'):
        write(os.path.join(place.cache, name), b'x')
    os.utime(os.path.join(place.cache, '.kage-1-1'), (1e9, 1e9))
    place.run_cold('compute')
    names = place.files()
    check('.kage-2-2' in names and '.kage-1-1' not in names, f'unfinished files: {names}')
    check([name for name in names if name.startswith('program')] == [f'program-{number:032x}' for number in (1, 2)], f'{names}')
    place.run_warm('compute')


def a_full_disk(place):
    needs_root()
    os.mkdir(place.cache, 0o700)
    if os.system(f'mount -t tmpfs -o size=64k,mode=700 none {place.cache} 2>/dev/null') != 0:
        raise Skipped('no mounting')
    try:
        for _ in range(2):
            check(place.run_cold('compute').lines == [], 'it spoke')
            check(place.files() == [], f'{place.files()} are left')
    finally:
        os.system(f'umount {place.cache}')


def options_that_go_without(place):
    place.run_cold('compute')
    before = os.stat(place.the_file())
    for option in (('--verify',), ('--one-insn-per-tb',), ('--engine=interpreter',), ('--randomize',), ('--log=host', '-D', '/dev/null'),
                   ('--log=ir', '-D', '/dev/null'), ('--jitdump',)):
        place.run('raise', '0', options=option)
    place.run_cold('compute', options=('--stats', '--randomize'))
    perf_map = place.start('raise', '0', options=('--perfmap',))
    check(place.finish(perf_map).status == 0, '--perfmap')
    os.unlink(f'/tmp/perf-{perf_map.pid}.map')
    check(os.stat(place.the_file()).st_ino == before.st_ino, 'the file was written anew')
    check(place.run_warm('compute', options=('--stats', '-strace')).figure('units of earlier') > FEW, 'nothing was at hand')
    for size in ('1M', '8M', '512M'):
        place.run('compute', options=('--stats', '-s', size))
        place.run_warm('compute', options=('--stats', '-s', size))


CASES = (nothing_is_translated_twice, two_runs_write_the_same, default_places, it_can_be_turned_off, others_could_write_there,
         directories_that_are_none, another_owner, what_root_made_may_be_used, a_set_user_id_program_keeps_nothing, a_read_only_directory,
         files_of_others_stay, old_files_go, a_full_disk, options_that_go_without)
