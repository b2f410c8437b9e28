# fork by a thread that is not the first: gdb goes with the child, which has that thread alone.
# program: mixed
# arguments: fork
# status: 9
set follow-fork-mode child
break in_child
#= hit Breakpoint 1, in_child \(\)
continue
#= make_child
bt 2
#= ^\* 2\.1 +Thread (\d+)\.\1 .*in_child \(\)
info threads
#= ^spins: 0$
next
next
printf "spins: %d\n", spins
#= \[Inferior 2 \(process \d+\) exited with code 03\]
#= ^status 3
continue
