# What gdb learns of the process: mappings, auxiliary vector, the monitor's commands.
# program: basics
# status: 7
#= monitor help
monitor help
#= no such command
monitor nonsense
break main
continue
#= 0x[0-9a-f]+ .* r-xp .*basics
#= \[stack\]
#! 0x7[0-9a-f]{11} .*kage
info proc mappings
#= AT_PAGESZ .* 4096
#= AT_ENTRY
info auxv
#= ^\* 1 .*Thread \d+\.\d+ "basics.*main \(
info threads
#= exited with code 07
continue
