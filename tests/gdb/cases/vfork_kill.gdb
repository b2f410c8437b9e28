# kill while a child of vfork waits for gdb: neither is left.
# program: processes
# arguments: vfork
# status: 137
catch vfork
#= Catchpoint 1 \(vforked process \d+\)
continue
#= \[Inferior 1 \(process \d+\) killed\]
kill
#= ^left: 0$
shell sleep 0.2; echo left: $(cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" " " | grep -c "[-]g $KAGE_PLACE")
