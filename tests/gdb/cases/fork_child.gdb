# fork: gdb goes with the child, the parent runs by itself.
# program: processes
# arguments: fork
# status: 5
set follow-fork-mode child
break in_child
break in_parent
#= \[Detaching after fork from parent process \d+\]
#= hit Breakpoint 1, in_child \(\)
continue
#= ^shared: 1$
printf "shared: %d\n", shared
next
#= ^shared: 2$
printf "shared: %d\n", shared
watch shared
delete
#= \[Inferior 2 \(process \d+\) exited with code 013\]
continue
