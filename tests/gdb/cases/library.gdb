# Breakpoints in a library that is loaded later, and the way back out of it.
# program: basics
# variants: dynamic
# status: 7
break main
continue
break printf
#= Breakpoint 2, .*printf \(\) from .*libc\.so\.6
continue
#= ^#1 .*main \(argc=1
bt
delete
#= Run till exit|in main|main \(argc
finish
#= exited with code 07
continue
