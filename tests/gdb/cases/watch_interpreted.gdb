# The same in the other engine.
# program: watched
# options: --engine=interpreter
# status: 0
break main
continue
watch watched
#= Old value = 1\nNew value = 10
continue
#= Old value = 10\nNew value = 11
continue
delete
#= exited normally
continue
