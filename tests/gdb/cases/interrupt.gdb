# An endless loop is interrupted, inspected, changed and ended.
# program: endless
# status: 4
shell (sleep 1; kill -INT $PPID) &
#= received signal SIGINT
continue
#= ^#0  main \(.*\) at endless\.c:2[12]
bt
#= ^called: 1005$
printf "called: %d\n", helper(5)
set var go_on = 0
watch rounds
#= Hardware watchpoint \d: rounds
#= Old value
continue
delete
#= ^stopped
#= exited with code 04
continue
