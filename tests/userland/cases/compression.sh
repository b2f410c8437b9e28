# SPDX-License-Identifier: GPL-2.0-or-later
# xz, zstd, gzip, bzip2: round trips, several levels and threads, damaged input.
set -u
seq 1 60000 >f; head -c 300000 /dev/zero >>f; openssl enc -aes-128-ctr -nosalt -pass pass:x -md sha256 <f 2>/dev/null | head -c 200000 >>f; cksum f
for level in 0 3 6; do xz -T1 -$level -c f | xz -dc | cksum; done; xz -T2 -1 -c f | xz -dc | cksum; xz --format=lzma -1 -c f | xz --format=lzma -dc | cksum
for level in 1 3 9 15; do zstd -q -$level -c f | zstd -dc | cksum; done; zstd -q -T2 -5 -c f | zstd -dc | cksum; zstd -q --long -c f | zstd -dc | cksum
for level in 1 6 9; do gzip -n -$level -c f | gzip -dc | cksum; done; bzip2 -c f | bzip2 -dc | cksum
xz -kf f; xz -t f.xz; echo $?; zstd -qkf f; zstd -qt f.zst; echo $?
for name in f.xz f.zst; do head -c 1000 $name >damaged.${name#f.}; done; xz -dc damaged.xz >/dev/null 2>&1; echo $?; zstd -dc damaged.zst >/dev/null 2>&1; echo $?
