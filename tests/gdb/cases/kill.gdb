# kill: the program is gone.
# program: endless
# status: 137
shell (sleep 0.5; kill -INT $PPID) &
continue
#= \[Inferior 1 \(process \d+\) killed\]
kill
