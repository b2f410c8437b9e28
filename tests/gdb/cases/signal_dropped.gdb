# A fatal signal that gdb does not let through.
# program: signals
# arguments: terminate
# status: 3
handle SIGTERM stop print nopass
handle SIGUSR1 SIGSEGV nostop noprint pass
#= Program received signal SIGTERM
continue
#= ^survived
#= exited with code 03
continue
