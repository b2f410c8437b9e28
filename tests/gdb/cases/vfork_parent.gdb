# vfork: gdb stays with the parent and goes on when the child has executed.
# program: processes
# arguments: vfork
# status: 6
break in_parent
catch vfork
#= Catchpoint 2 \(vforked process \d+\)
continue
#= final program of vfork
#= Breakpoint 1, in_parent \(status=5888\)
continue
#= parent: child ended with 23, shared 1
#= exited with code 06
continue
