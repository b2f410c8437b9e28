# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that end, multiply, execute others and hide from them."""
import os
import shutil
import signal
import subprocess
import time

from directories import needs_root
from harness import FEW, Wrong, check

COMPUTED = '795365349 0.333333\n'


def wait_for_writers(place):
    """Children may live longer than the process."""
    for _ in range(100):
        if not [name for name in place.files() if name.startswith('.')]:
            break
        time.sleep(0.02)
    check(len(place.files()) <= 2, f'{place.files()} are left')


def threads_while_it_ends(place):
    for program in (place.programs.static, place.programs.dynamic):
        for turn in range(8):
            if turn % 4 == 0:
                shutil.rmtree(place.cache, ignore_errors=True)
            result = place.run('threads', program=program, status=5, options=())
            check(result.out == '4074917861\n' and result.lines == [], f'{result.out} {result.lines}')
        wait_for_writers(place)


def a_process_stopped_in_the_same_memory(place):
    process = place.start('stopped', options=())
    line = process.stdout.readline()
    try:
        check(process.wait(timeout=10) == 0, 'status')
    except subprocess.TimeoutExpired:
        process.kill()
        raise Wrong('no end within 10 s') from None
    finally:
        os.kill(int(line), signal.SIGKILL)


def end_by_signal(place):
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGABRT, signal.SIGSEGV):
        for _ in range(2):
            result = place.run('raise', str(int(number)), status=-number, options=())
            check(result.out == '4074917861\n', result.out)
    check(not [name for name in place.files() if name.startswith('.')], f'{place.files()} are left')


def many_at_once(place):
    for count in (20, 20, 10):
        running = [place.start('compute') for _ in range(count)]
        for process in running:
            result = place.finish(process)
            check(result.status == 0 and result.out == COMPUTED and result.lines == [], f'{result.status} {result.out} {result.lines}')
    check(len(place.files()) == 1, f'{place.files()} are left')
    writers = [place.start('fork', cache='cache') for _ in range(5)]
    for _ in range(10):
        place.run_warm('compute')
    for process in writers:
        check(place.finish(process).out == '3\n', 'fork')
    check(len(place.files()) == 1, f'{place.files()} are left')
    place.run_warm('compute')


def children(place):
    program = place.programs.dynamic
    for _ in range(3):
        check(place.run('fork').out == '3\n', 'fork')
        check(place.run('vfork', program, 'compute', options=()).out == COMPUTED + '0\n', 'vfork')
        check(place.run('exec', program, 'exec', place.programs.static, 'compute', options=()).out == COMPUTED, 'exec')
        check(place.run('failing_exec').out == '2400217761\n' * 3, 'failing exec')
    check(len(place.files()) == 2, f'{place.files()}')
    check(place.run('fork').made < 200, 'fork')  # the child's, in part: fewer than a sixteenth of all
    place.run_warm('failing_exec')
    check(place.run_warm('exec', place.programs.static, 'compute').out == COMPUTED, 'exec')  # the statistics are the second program's
    place.run_warm('compute', program=place.programs.static)


def off_is_handed_on(place):
    os.mkdir(os.path.join(place.home, '.cache'))
    for words in ({'cache': 'off'}, {'options': ('--stats', '--randomize')}):
        check(place.run('exec', place.programs.static, 'compute', **words).out == COMPUTED, 'exec')
        check(place.run('vfork', place.programs.static, 'compute', **words).out == COMPUTED + '0\n', 'vfork')
    check(place.files('home/.cache') == [] and place.files() == [], 'something was kept')


def another_user_later(place):
    """Who was handed a directory of somebody else's does not use it."""
    needs_root()
    os.mkdir(place.cache, 0o777)
    program = place.programs.static
    for turn in range(2):
        check(place.run('set_user', '65534', program, 'compute').out == COMPUTED, f'run {turn + 1}')
    place.run('set_user', '0', program, 'compute')
    place.run_warm('set_user', '0', program, 'compute')
    check(place.run('set_user', '65534', program, 'compute').made > FEW, 'what is for root only was taken')
    os.chmod(place.cache, 0o755)
    os.chown(place.cache, 65534, 65534)
    before = place.files()
    result = place.run('set_user', '0', program, 'compute')
    check(len(result.lines) == 1 and place.files() == before, f'{result.lines} {place.files()}')


def a_chroot_later(place):
    needs_root()
    root = place.path('root')
    os.mkdir(root)
    shutil.copy(place.programs.static, root)
    for turn in range(2):
        run = place.run_warm if turn else place.run
        check(run('chroot', root, '/static', 'compute').out == COMPUTED, 'chroot')
    check(os.listdir(root) == ['static'], 'something was kept in the new root')
    check(len(place.files()) == 2, f'{place.files()}')


def descriptors_are_not_seen(place):
    program = place.programs.dynamic
    without = place.run('descriptors', cache='off').out
    for _ in range(2):
        result = place.run('descriptors', program, 'exec', place.programs.static, 'descriptors')
        before, after, *later = result.out.splitlines()
        check([before, after] == without.splitlines(), f'{result.out} instead of {without}')
        check(later == [after, after], f'after execve: {later}')
    place.run_warm('descriptors', program=place.programs.static)
    check(len(place.files()) == 2, f'{place.files()}')


def a_debugger_goes_without(place):
    place.run_cold('compute')
    inode = os.stat(place.the_file()).st_ino
    process = place.start('compute', options=('--stats', '-g', place.path('socket')))
    try:
        check(process.poll() is None, 'it does not wait')
    finally:
        process.kill()
        process.communicate()
    check(os.stat(place.the_file()).st_ino == inode, 'the file was written anew')


CASES = (threads_while_it_ends, a_process_stopped_in_the_same_memory, end_by_signal, many_at_once, children, off_is_handed_on,
         another_user_later, a_chroot_later, descriptors_are_not_seen, a_debugger_goes_without)
