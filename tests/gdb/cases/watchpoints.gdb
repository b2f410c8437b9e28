# What is written, read or both, by plain, paired, atomic and vector accesses; neighbours do not count.
# program: watched
# status: 0
break main
continue
watch watched
rwatch only_read
awatch counted
watch pair.second
#= Hardware watchpoint 2: watched\n\nOld value = 1\nNew value = 10
continue
#= Old value = 10\nNew value = 11
continue
#= Hardware read watchpoint 3: only_read\n\nValue = 3
continue
#= Hardware read watchpoint 3: only_read\n\nValue = 3
continue
#= Hardware watchpoint 5: pair.second\n\nOld value = 0\nNew value = 40
continue
#= Hardware access \(read/write\) watchpoint 4: counted\n\nOld value = 4\nNew value = 10
continue
delete
watch area[5]
#= Hardware watchpoint 6: area\[5\]\n\nOld value = 0 '\\000'\nNew value = 53 '5'
continue
delete
break local_sum
continue
watch total if total > 3
#= Old value = 3\nNew value = 6
continue
#= Old value = 6\nNew value = 10
continue
#= Watchpoint \d+ deleted because the program has left the block
continue
#= exited normally
continue
