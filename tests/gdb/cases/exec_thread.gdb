# execve by a thread that is not the first: the others are gone, the session goes on.
# program: mixed
# arguments: exec
# status: 10
break work
#= process \d+ is executing new program
#= Breakpoint 1, work \(rounds=5\)
continue
#= ^\* 1 +Thread (\d+)\.\1 .*work \(rounds=5\)
#! ^  \d +Thread
info threads
#= exited with code 012
continue
