# Signals are reported before they are delivered; gdb drops one and looks at a fault's address.
# program: signals
# arguments: abort
# status: 134
#= Program received signal SIGUSR1
continue
#= ^number: 10$
printf "number: %d\n", $_siginfo.si_signo
#= Program received signal SIGUSR1
signal 0
#= Program received signal SIGSEGV
#= signals\.c:38
continue
#= 0x1230$
print $_siginfo._sifields._sigfault.si_addr
#= ^handled: 1$
printf "handled: %d\n", handled
#= handled 2 faults 1
#= Program received signal SIGABRT
continue
#= Program terminated with signal SIGABRT
continue
