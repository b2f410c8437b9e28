# A system call that waits is not disturbed by a stop, nor by a function that gdb calls meanwhile.
# program: endless
# arguments: sleep
# status: 3
shell (sleep 1; kill -INT $PPID) &
#= received signal SIGINT
continue
#= in main \(argc=2
bt
#= ^called: 1005$
printf "called: %d\n", helper(5)
#= slept, rest 0
#= exited with code 03
continue
