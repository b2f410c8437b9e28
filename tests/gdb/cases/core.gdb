# A core file that gdb writes of the program holds its memory.
# program: basics
# status: 137
break factorial if n == 1
continue
#= Saved corefile
python gdb.execute('gcore ' + gdb.parse_and_eval('$folder').string() + '/core')
#! Memory read failed
kill
shell gdb-multiarch -batch -nx -ex "core-file $KAGE_FOLDER/core" -ex 'info files' 2>&1 | grep -c load
#= ^[5-9]$|^\d\d$
