# step, next, stepi, nexti, until, advance, and a step over a function that stops at a breakpoint inside.
# program: basics
# status: 7
break main
continue
#= ^40\s
next
#= ^41\s
next
#= ^square \(x=0\) at basics\.c:19
step
#= ^20\s+return y;
step
#= ^21\s
step
#= ^main \(.*\) at basics\.c:42
step
set $before = $pc
stepi
#= ^moved: 1$
printf "moved: %d\n", $pc != $before
nexti
#= ^main \(.*\) at basics\.c:44
advance 44
#= ^45\s
until
break square
#! Breakpoint \d, square \(x=1\)
clear square
break factorial if n == 3
#= Breakpoint \d, factorial \(n=3\)
next
delete
#= exited with code 07
continue
