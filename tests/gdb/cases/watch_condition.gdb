# Millions of accesses that are not watched run at translated speed; the one that is, is found.
# program: watched
# status: 0
watch watched if watched > 50
#= Old value = 11\nNew value = 99
continue
#= ^#0 .*main \(\) at watched\.c:50
bt
#= watched 99 seen 6 second 40 counted 11 area 0123456789 sum 10
#= exited normally
continue
