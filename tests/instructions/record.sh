#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# record.sh GUEST [-d]: lines "code | inputs" on standard input, the same with " => outputs" on standard output, as the peer
# (qemu-GUEST-static with the options in GUEST/peer_options, or $PEER) executes them; with -d a digest of each row's cases instead
# ("# NAME" begins a row). Needs a cross compiler.
set -e
guest=$1
compiler=$(echo "$guest" | sed 's/^riscv$/riscv64/')
here=$(dirname "$0")
program=$(mktemp)
trap 'rm -f "$program"' EXIT
"$compiler-linux-gnu-gcc" -std=gnu17 -D_GNU_SOURCE -O1 -static -fno-stack-protector -Wl,--no-relax -w -I"$here" \
    "$here/recorder.c" "$here/case_format.c" "$here/$guest/registers.c" "$here/$guest/recorder_registers.c" -o "$program"
# The options are words.
# shellcheck disable=SC2046
${PEER:-qemu-$compiler-static $(cat "$here/$guest/peer_options" 2>/dev/null)} "$program" $2
