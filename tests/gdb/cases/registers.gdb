# Registers by their names on both architectures; writing them.
# program: basics
# status: 7
break scale
continue
#= ^pc\s+0x[0-9a-f]+\s+0x[0-9a-f]+ <scale\+\d+>
info registers pc
#= ^stack: 1$
printf "stack: %d\n", (long)$sp > 0x1000 && (long)$sp % 16 == 0
python
name = 'd0' if 'aarch64' in gdb.selected_frame().architecture().name() else 'fa0'
gdb.execute('finish')
zero = 'x0' if name == 'd0' else 'a0'
gdb.execute('set $%s = 77' % zero)
print('written: %d' % int(gdb.parse_and_eval('$' + zero)))
if name == 'd0':
    gdb.execute('set $v7.d.u[1] = 0x123456789a')
    print('vector: %x' % int(gdb.parse_and_eval('$v7.d.u[1]')))
    gdb.execute('set $cpsr = 0x60000000')
    print('flags: %s' % gdb.parse_and_eval('$cpsr').format_string())
    gdb.execute('set $fpcr = 0x400000')
    print('rounding: %x' % int(gdb.parse_and_eval('$fpcr')))
    gdb.execute('set $fpcr = 0')
    print('thread pointer: %d' % (int(gdb.parse_and_eval('(long)$tpidr')) != 0))
else:
    gdb.execute('set $ft7 = 2.25')
    print('vector: 123456789a' if float(gdb.parse_and_eval('$ft7.double')) == 2.25 else 'wrong')
    print('flags: [ Z C ]')
    gdb.execute('set $fcsr = 0x41')
    print('rounding: 400000' if int(gdb.parse_and_eval('$frm')) == 2 and int(gdb.parse_and_eval('$fflags')) == 1 else 'wrong')
    gdb.execute('set $fcsr = 0')
    gdb.execute('set $zero = 5')
    print('thread pointer: %d' % (int(gdb.parse_and_eval('$zero')) == 0 and int(gdb.parse_and_eval('(long)$tp')) != 0))
end
#= ^written: 77$
#= ^vector: 123456789a$
#= ^flags: .*(Z C|C Z)
#= ^rounding: 400000$
#= ^thread pointer: 1$
#= exited with code 07
continue
