# detach: the program goes on by itself, and another gdb finds it.
# program: endless
# status: 4
break helper
shell (sleep 0.5; kill -INT $PPID) &
continue
#= \[Inferior 1 \(process \d+\) detached\]
detach
#= ^rounds: 1$
#= ^stopped
#= exited with code 04
shell gdb-multiarch -batch -nx -ex "target remote $KAGE_PLACE" -ex 'printf "rounds: %d\n", rounds > 1000' -ex 'set var go_on = 0' -ex continue 2>&1
