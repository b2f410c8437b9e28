# Without a program of its own, gdb reads the program and its libraries through the connection.
# program: basics
# variants: dynamic
# files: remote
# status: 7
break main
#= Breakpoint 1, main \(argc=1
continue
#= Yes.*libc\.so\.6
info sharedlibrary
#= exited with code 07
continue
