# execve: the session goes on with the new program, breakpoints included.
# program: processes
# arguments: exec
# status: 23
break in_final
#= process \d+ is executing new program
#= Breakpoint 1, in_final \(from=0x[0-9a-f]+ "exec"\)
continue
#= Value returned is \$\d+ = 23
finish
#= final program of exec
#= exited with code 027
continue
