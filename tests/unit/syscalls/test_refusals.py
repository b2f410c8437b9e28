# SPDX-License-Identifier: GPL-2.0-or-later
"""Each of these mistakes in a table must be refused by the generators, with a message that says what is wrong.

    test_refusals.py SYSCALLS_DIRECTORY"""
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(sys.argv[1], "generate"))
from tables import TableError, Tables  # noqa: E402

# (file, text that is there, text instead, what the message must say)
MISTAKES = [
    ("calls.def", "CALL(close, pass_through, ARGS(fd)", "CALL(close, pass_through, ARGS(fdd)", "unknown argument kind fdd"),
    ("calls.def", "CALL(close, pass_through, ARGS(fd)", "CALL(close, pass_through, ARGS(fd(3))", "takes no parameter"),
    ("calls.def", "ARGS(fd, out(statfs))", "ARGS(fd, out(statfz))", "no layout is named statfz"),
    ("calls.def", "ARGS(fd, flags(flock))", "ARGS(fd, flags(flocks))", "no set of constants is named flocks"),
    ("calls.def", "ARGS(fd, flags(flock))", "ARGS(fd, flags)", "takes a parameter"),
    ("calls.def", "out_bytes(2), size, off64)", "out_bytes(7), size, off64)", "names an argument that is not there"),
    ("calls.def", "ARGS(fd, flags(flock)), RETURNS(int), FULL", "ARGS(fd, flags(flock)), RETURNS(int), DONE", "expected: CALL"),
    ("calls.def", "ARGS(fd, flags(flock)), RETURNS(int)", "ARGS(fd, flags(flock)), RETURNS(what)", "unknown kind of result"),
    ("calls.def", "CALL(flock, pass_through_blocking", "CALL(flock, none", "belong together"),
    ("calls.def", "CALL(flock, ", "CALL(fsync, ", "fsync is there twice"),
    ("calls.def", "CALL(dup3, ", "CALL(aaaa, ", "sections are sorted by name"),
    ("calls.def", "CALL(dup3, ", "CALL(dup30, ", "which calls.def lacks"),
    ("calls.def", "ARGS(fd, flags(flock))", "ARGS(fd, fd, fd, fd, fd, fd, fd)", "more than six arguments"),
    ("argument_kinds.def", "KIND(uint, ", "KIND(int, ", "kind int is there twice"),
    ("numbers/generic.table", "63 both read\n", "64 both read\n", "number 64 is read already"),
    ("numbers/generic.table", "63 both read\n", "63 both write\n", "write has two numbers"),
    ("numbers/generic.table", "63 both read\n", "63 some read\n", "expected: number both|32|64 name"),
    ("numbers/riscv.table", "remove renameat\n", "remove rename\n", "no number that could be removed"),
    ("constants/errno.table", "enum errno", "enum signal", "set signal is there twice"),
    ("constants/errno.table", "EPERM ", "ENOENT ", "ENOENT is there twice"),
    ("constants/file.table", "override aarch64", "override arm65", "no ABI is named arm65"),
    ("constants/file.table", "O_CREAT      0100", "O_CREAT      ten", "ten is no number"),
    ("constants/file.table", "flags open\n", "", "expected: flags NAME or enum NAME"),
    ("layouts/time.layout", "    long tv_nsec", "    lang tv_nsec", "unknown type lang"),
    ("layouts/time.layout", "    long tv_nsec", "    long tv_sec", "field tv_sec is there twice"),
    ("layouts/time.layout", "struct timeval\n", "struct timespec\n", "struct timespec is there twice"),
    ("layouts/time.layout", "flags:adjtime", "flags:nothing", "no set of constants is named nothing"),
    ("layouts/time.layout", "flags:adjtime", "flogs:adjtime", "unknown format"),
    ("layouts/time.layout", "    timespec it_interval", "    itimerspec it_interval", "contains itself"),
    ("layouts/file.layout", "variant x86_64", "variant x86_65", "no ABI is named x86_65"),
    ("abis.table", "64 little 8   riscv64", "48 little 8   riscv64", "bits are 32 or 64"),
    ("abis.table", "riscv64  64", "aarch64  64", "aarch64 is there twice"),
]


def refusal(directory):
    """What every generator says first of all; None: it goes on."""
    try:
        Tables(directory)
    except TableError as error:
        return str(error)
    return None


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as place:
        copy = os.path.join(place, "syscalls")
        shutil.copytree(sys.argv[1], copy)
        if refusal(copy):
            sys.exit("the tables as they are are refused")
        for file, old, new, wanted in MISTAKES:
            path = os.path.join(copy, file)
            with open(path, encoding="utf-8") as handle:
                text = handle.read()
            if old not in text:
                print(f"{file}: nothing to spoil: {old!r}")
                failures += 1
                continue
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text.replace(old, new, 1))
            said = refusal(copy)
            if said is None or wanted not in said:
                print(f"{file}: {old!r} to {new!r}: wanted {wanted!r}, got: {said or 'accepted'}")
                failures += 1
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
