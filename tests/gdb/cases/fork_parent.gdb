# fork: gdb stays with the parent, the child runs by itself.
# program: processes
# arguments: fork
# status: 5
break in_child
break in_parent
catch fork
#= Catchpoint 3 \(forked process \d+\)
continue
#= Detaching after fork from child
#= Breakpoint 2, in_parent \(status=2816\)
continue
#= ^shared: 1$
printf "shared: %d\n", shared
#= parent: child ended with 11, shared 1
#= exited with code 05
continue
