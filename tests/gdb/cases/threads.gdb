# Threads that run, spin and wait in a system call, each with its frames; breakpoints and steps in one of them.
# program: threads
# status: 0
break work
continue
#= ^\* \d\s+Thread .*work \(number=1\)
#= ^Thread 4 \(Thread
#= (?s)spin|pthread_barrier_wait
#= wait_for_byte|pthread_barrier_wait
#= ^Thread 2 \(Thread
#= calculate \(argument=0x1\)
info threads
thread apply all bt
#= ^17\s+results
next
#= ^18\s
next
#= ^stored: 100$
printf "stored: %d\n", results[1]
delete
#= results 100 65
#= exited normally
continue
