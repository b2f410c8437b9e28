# SPDX-License-Identifier: GPL-2.0-or-later
# Every program of coreutils at least once.
set -u
umask 022
seq 1 20 >n; printf 'one\ntwo\nthree\ntwo\n' >w; printf 'b 2\na 1\nc 3\n' >x; printf 'a x\nc y\n' >y
for sum in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum; do $sum n; done
sha256sum n w >sums; sha256sum -c sums
base64 n | base64 -d | cmp - n; base32 w; base64 -w 20 w; basenc --base16 w; basenc --z85 -d </dev/null
basename /a/b/c.txt .txt; dirname /a/b/c.txt; pathchk ok; realpath -m --relative-to=/a/b /a/c/../d; readlink -f n | sed 's,.*/,,'
cat -A w; tac w; nl w; head -n 3 n; tail -n 3 n; head -c 5 n; tail -c +45 n
sort x; sort -r -k2n x; sort -u w; sort -n -r n | head -2; uniq -c w; sort w | uniq -d; shuf --random-source=n -i 1-5 >/dev/null; echo $?
cut -d' ' -f2 x; cut -c1-2 w; paste w x; paste -sd+ n; join <(sort x) y; comm <(sort -u w) <(printf 'four\none\n')
tr a-z A-Z <w; tr -d o <w; tr -s o <<<foooo; expand <<<$'a\tb'; unexpand -a <<<'a       b'; fold -w 7 <<<'a long line of text'
fmt -w 20 <<<'some words that should be filled to twenty columns'; pr -t -2 -l 10 n; ptx <<<'hello world' | head -3
wc n w; wc -l <n; expr 6 \* 7; expr abc : 'a\(.\)c'; factor 360 1234567890123456789 18446744073709551557; numfmt --to=iec 1048576 5000000
seq -w 8 11; seq 1 0.5 3; printf '%s %d %x %5.2f\n' text 42 255 3.14159; echo -e 'tab\tnewline'; yes | head -2; yes no | head -n 1
mkdir -p d/e; rmdir d/e; touch -d '2020-01-02 03:04:05' d/f; stat -c '%n %s %a %Y %F' d/f; ls -l --time-style=+%F d | awk '{ print $1, $6, $7 }'
cp n d/n; cp -r d d2; mv d2 d3; ln n d/hard; ln -s ../n d/soft; link n d/linked; unlink d/linked; ls d d3; dir d; vdir -d d >/dev/null; readlink d/soft
install -m 640 n d/installed; stat -c %a d/installed; chmod u=rwx,g=r,o= d/n; stat -c %A d/n; chown "$(id -u):$(id -g)" d/n; chgrp "$(id -g)" d/n
rm -r d3; test -d d3; echo $?; [ -f n ]; echo $?; truncate -s 1000 t; stat -c %s t; shred -u t; test -e t; echo $?
dd if=n of=o bs=10 count=2 skip=1 2>/dev/null; cat o; od -An -tx1 o; od -c o | head -2; split -l 7 n part.; ls part.*; csplit -s n 5 10; wc -l xx*
mkfifo f; (echo through a fifo >f &) ; cat f; mknod g p; stat -c %F g; tee copy <w | wc -l; mktemp -d kage.XXXXXX >/dev/null; mktemp -u >/dev/null; echo $?
date -u -d '2000-02-29 12:34:56 +1 year' '+%F %T %j'; date -u -d @1234567890 --rfc-3339=seconds; date +%s >/dev/null; sleep 0.01; timeout 0.1 sleep 5; echo $?
env -i A=1 env; printenv HOME >/dev/null; echo $?; nice -n 0 true; nice >/dev/null; nohup true >/dev/null 2>&1; echo $?; stdbuf -oL cat w; true; false; echo $?
[ "$(id -u)" = "$(stat -c %u /proc/self)" ]; echo $?; id >/dev/null; whoami >/dev/null; groups >/dev/null; logname >/dev/null 2>&1; users >/dev/null; who >/dev/null; pinky >/dev/null 2>&1; hostid >/dev/null; echo $?
uname -s; uname -a >/dev/null; arch >/dev/null; nproc >/dev/null; pwd >/dev/null; tty; stty </dev/null 2>/dev/null; echo $?; df . >/dev/null; echo $?; du -s d >/dev/null; echo $?; sync n; echo $?
tsort <<<'a b
b c
a c'; dircolors -b >/dev/null; echo $?; chroot --version | sed -n 's/ .*//p' | head -1; runcon --version | head -c 6; chcon --version | head -c 5; echo
cat /no/such/file; echo $?
ls /no/such/file; echo $?
