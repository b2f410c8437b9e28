# handle: signals that are only passed, frames of handlers, a signal that gdb adds.
# program: signals
# arguments: terminate
# status: 140
handle SIGUSR1 nostop noprint pass
handle SIGSEGV nostop print pass
#! received signal SIGUSR1
break handler
#= Breakpoint 1, handler \(signal=10\)
continue
#= ^#1  <signal handler called>
bt 2
delete
#= Program received signal SIGSEGV
#= handled 3 faults 1
#= Program received signal SIGTERM
continue
#! survived
#= Program terminated with signal SIGUSR2
signal SIGUSR2
