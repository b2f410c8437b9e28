# Steps while a timer's signals come do not end in their handler; a watchpoint finds the handler's writes.
# program: mixed
# arguments: timer
# status: 0
handle SIGALRM nostop noprint pass
break work
continue
delete
#! tick \(signal=14\) at mixed\.c:17
next
next
next
next
watch ticks
#= Hardware watchpoint \d: ticks\n\nOld value = \d+\nNew value = \d+\n(?:0x\w+ in )?tick \(signal=14\)
continue
delete
#= ticks 1
#= exited normally
continue
