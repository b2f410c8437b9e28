# Only the current thread runs while the scheduler is locked; a breakpoint of one thread does not stop the others.
# program: crowd
# status: 0
break hit if id == 3 && i == 20
#= Breakpoint 1, hit \(id=3, i=20\)
continue
delete
set scheduler-locking on
set $before = total
#= in run \(a=0x3\)
finish
#= ^alone: 1$
printf "alone: %d\n", total - $before
set scheduler-locking off
break hit if $_thread == 2
#= Breakpoint \d, hit \(id=
continue
delete
#= ^total 4800$
continue
