#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Records ../data anew: builds the two guest programs with cross compilers and runs them under the peer.
set -e
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
aarch64-linux-gnu-gcc -O1 -static -march=armv8.6-a+fp16+bf16 -o "$out/aarch64" aarch64.c
qemu-aarch64-static -cpu max "$out/aarch64" > ../data/aarch64.bin
riscv64-linux-gnu-gcc -O1 -static -o "$out/riscv64" riscv64.c
qemu-riscv64-static -cpu rv64,Zfh=true "$out/riscv64" > ../data/riscv64.bin
ls -l ../data
