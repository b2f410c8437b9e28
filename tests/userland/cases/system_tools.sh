# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that look at the system: ldconfig (many times), ps, free, uptime, env, hostname, ldd's loader, getent, locale, time.
fails=0
for i in $(seq 30); do ldconfig -C "$PWD/cache" -f /dev/null -N -X 2>/dev/null >/dev/null || /sbin/ldconfig -C "$PWD/cache" -f /dev/null 2>/dev/null || fails=$((fails + 1)); done; echo "ldconfig fails $fails"
ps -o pid= -p $$ | tr -d ' ' | grep -cx $$; ps -o comm= -p $$; free -b | awk 'NR == 2 { print ($2 > 1000000) }'; uptime >/dev/null; echo $?; hostname >/dev/null; echo $?
cat /proc/self/cmdline | tr '\0' ' '; echo; readlink /proc/self/exe | sed 's,.*/,,'; grep -c '^Name:' /proc/self/status; ls /proc/self/fd | wc -l; head -c 0 /proc/cpuinfo; echo $?
getent passwd root | cut -d: -f1,3; getent ahosts 127.0.0.1 | awk 'NR == 1 { print $1 }'; locale -a | grep -x C; getconf PAGE_SIZE; getconf LONG_BIT; getconf _POSIX_VERSION; iconv -f latin1 -t utf-8 <<<$'\xe4' | od -An -tx1; iconv -f utf-16 -t ascii <<<x >/dev/null 2>&1; echo $?
kill -l 9; sh -c 'kill -9 $$'; echo $?; sh -c 'kill -SEGV $$' 2>/dev/null; echo $?; (ulimit -v 100; true); echo limits
