# vfork: gdb goes with the child and through its execve.
# program: processes
# arguments: vfork
# status: 6
set follow-fork-mode child
catch exec
break in_final
#= is executing new program: .*processes
#= hit Catchpoint 1 \(exec'd .*processes
continue
#= hit Breakpoint 2, in_final \(from=0x[0-9a-f]+ "vfork"\)
continue
#= \[Inferior 2 \(process \d+\) exited with code 027\]
continue
