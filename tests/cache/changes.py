# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs, libraries and code that become others."""
import os
import shutil

from harness import check, read, write


def same_three_times(place, expected, *arguments, **words):
    for turn in range(3):
        result = place.run(*arguments, **words)
        check(result.out == expected, f'{" ".join(arguments)}, run {turn + 1}: {result.out!r} instead of {expected!r}')
        check(not [name for name in place.files() if name.startswith('.')], f'{place.files()} are left')


def another_program_at_the_path(place):
    """Same name, size and first page."""
    program = place.copy(place.programs.static, 'program')
    first = place.run_cold('patch', program=program)
    check(first.out == '12121\n', first.out)
    data = bytearray(read(program))
    one, two = ((0x52800020, 0x52800040) if place.programs.name == 'aarch64' else (0x00100513, 0x00200513))
    end = 0xd65f03c0 if place.programs.name == 'aarch64' else 0x00008067
    at = data.find(bytes.fromhex('dec0d05a') * 2 + one.to_bytes(4, 'little') + end.to_bytes(4, 'little')) + 8
    check(at > 4096, 'the function is not there')
    data[at:at + 4] = two.to_bytes(4, 'little')
    write(program, data, 0o755)
    for _ in range(2):
        second = place.run('patch', program=program)
        check(second.out == '22122\n', f'the old code runs: {second.out}')
    shutil.copy(place.programs.static, program)
    check(place.run('patch', program=program).out == first.out, 'the old program again')
    other = place.copy(place.programs.dynamic, 'program')
    check(place.run('compute', program=other).out == place.run('compute', cache='off').out, 'another program')


def another_library_at_the_path(place):
    library = place.path('libanswer.so')
    values = []
    for build in (0, 0, 1, 1, 0):
        if os.path.exists(library):
            os.unlink(library)
        shutil.copy(place.programs.libraries[build], library)
        values.append(place.run('answer', 'libanswer.so', more={'LD_LIBRARY_PATH': place.folder}).out)
    check(values == ['720\n', '720\n', '810\n', '810\n', '720\n'], f'{values}')
    place.run('answer', 'libanswer.so', more={'LD_LIBRARY_PATH': place.folder})
    place.run_warm('answer', 'libanswer.so', more={'LD_LIBRARY_PATH': place.folder})


def a_library_written_over(place):
    """In place, while a program runs it: that one's translations are not the new code's."""
    for program, start in ((place.programs.dynamic, 0), (place.programs.dynamic, 1)):
        library, other = place.copy(place.programs.libraries[start], 'lib.so'), place.programs.libraries[1 - start]
        first = place.run('overwrite', library, other, program=program)
        check(first.out == ('720\n', '810\n')[start], first.out)
        check(read(library) == read(other), 'it was not written over')
        for _ in range(2):
            second = place.run('answer', library, program=program)
            check(second.out == ('810\n', '720\n')[start], f'the old code runs: {second.out}')


def a_library_cut_off(place):
    """Its pages are gone when the process ends."""
    for _ in range(2):
        library = place.copy(place.programs.libraries[0], 'lib.so')
        result = place.run('truncate', library, status=7)
        check(result.out == '720\n' and result.lines == [], f'{result.out} {result.lines}')


def libraries_in_turns(place):
    same_three_times(place, '720\n810\n' * 3 + 'one place\n', 'turns', *place.programs.libraries)
    for build in (0, 1, 0, 1):
        check(place.run('answer', place.programs.libraries[build]).out == ('720\n', '810\n')[build], 'one library')
    same_three_times(place, '810\n720\n' * 3 + 'one place\n', 'turns', *reversed(place.programs.libraries))


def code_that_changes(place):
    for program in (place.programs.static, place.programs.dynamic):
        name = os.path.basename(program)
        for _ in range(2):
            same_three_times(place, '12121\n', 'patch', program=program, cache=name)
            same_three_times(place, '12121\n', 'poke', program=program, cache=name)
            same_three_times(place, '2121\n', 'poke', 'first', program=program, cache=name)
        same_three_times(place, '12211221\n', 'own_file', program, program=program, cache=name)
        same_three_times(place, '121212\n', 'files', place.folder, program=program, cache=name)
        same_three_times(place, '121\n', 'shared_segment', place.folder, program=program, cache=name)
        same_three_times(place, '2931788256\n', 'jit', program=program, cache=name)
        same_three_times(place, '795365349 0.333333\n', 'compute', program=program, cache=name)
        same_three_times(place, '12121\n', 'patch', program=program, cache=name)


CASES = (another_program_at_the_path, another_library_at_the_path, a_library_written_over, a_library_cut_off, libraries_in_turns,
         code_that_changes)
