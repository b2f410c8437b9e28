# SPDX-License-Identifier: GPL-2.0-or-later
# grep, sed, awk, find, xargs, tar, gzip, bzip2, diff, cmp, bc.
set -u
seq 1 2000 | sed 's/\([0-9]\)$/\1 item-\1/' >f
grep -c 7 f; grep -E '^(1|2)[0-9]9 ' f | head -3; grep -o 'item-[0-3]' f | sort | uniq -c; grep -rl 'item-9' . ; grep -P '(?<=item-)5' f | tail -1; grep -n -A1 -B1 '^777' f
grep -F nothing f; echo $?; fgrep 1999 f 2>/dev/null; grep -iw ITEM f | wc -l
sed -n '3,5p;$p' f; sed -e '/^1[0-9]*5 /d' -e 's/item/thing/g;y/abc/xyz/' f | cksum; sed 'N;s/\n/ + /' f | head -2; echo abc | sed -E 's/(a)(b)(c)/\3\2\1/'; cp f g; sed -i 2d g; wc -l <g
awk '{ sum += $1; count[$2]++ } END { print sum; n = asort_(count); for (k in count) print k, count[k] | "sort" } function asort_(a) { return length(a) }' f
awk 'BEGIN { for (i = 0; i < 5; i++) printf "%d %.4f %s\n", i, sin(i), substr("abcdefgh", i, 3); split("a:b:c", p, ":"); print p[3], length("text"), index("hello", "l"), toupper("x"), 2^20, 7 % 3 }'
mkdir -p a/b/c; touch a/1 a/b/2 a/b/c/3; find a | sort; find a -type f -name '[12]' | sort; find a -newer f -type f | sort | xargs -n 1 echo arg; find a -type f -exec basename {} \; | sort; find a -depth -type d -print0 | xargs -0 -P 2 -I{} echo dir {} | sort
tar -cf t.tar a f; tar -tf t.tar | sort; mkdir o; tar -xf t.tar -C o; diff -r a o/a; echo $?; tar -czf t.tgz f; tar -xzOf t.tgz | cmp - f; echo $?; tar -cjf t.tbz f && tar -tjf t.tbz; tar -cJf t.txz f && tar -tJf t.txz
gzip -9 -c f | gzip -dc | cmp - f; bzip2 -c f | bzip2 -dc | cmp - f; gzip -kf f; gzip -l f.gz | awk 'NR == 2 { print $2, $4 }'; zcat f.gz | cksum; gzip -t f.gz; echo $?; echo damage | gzip -dc 2>/dev/null; echo $?
diff f g; diff -u <(seq 5) <(seq 2 6) | tail -n +3; cmp f g; echo $?; diff3 <(seq 3) <(seq 4) <(seq 2); sdiff -w 30 <(seq 3) <(seq 2 4)
echo 'scale=40; 4*a(1)' | bc -l; echo '2^200 % 1000007' | bc
file f | sed 's/.*: //;s/,.*//'; less -F f </dev/null | tail -1
