# catch syscall: entry and return.
# program: basics
# guests: aarch64
# status: 7
catch syscall write
#= call to syscall write
continue
#= returned from syscall write
continue
delete
#= exited with code 07
continue
