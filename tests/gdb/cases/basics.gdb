# Breakpoints with conditions, frames, values, changes of variables and registers, calls, the exit code.
# program: basics
# variants: static dynamic
# status: 7
#= Breakpoint 1, square \(x=3\) at basics\.c:19
break square if x == 3
continue
#= ^#0 .*square \(x=3\) at basics\.c:19$
#= ^#1 .*in main \(argc=1, argv=0x[0-9a-f]+\) at basics\.c:41$
bt
#= ^x = 3$
info args
#= Value returned is \$1 = 9
finish
#= = 8$
print counter
#= = \{x = 1, y = 2, weight = 0\.5, name = "origin\\000"\}
print origin
#= = "a text"$
printf "= \"%s\"\n", text
#= ^42\s+counter\+\+;
next
#= ^i = 3$
#= ^sum = 14$
info locals
set var sum = 1000
set var counter = 100
delete
tbreak factorial if n == 1
#= Temporary breakpoint 2, factorial \(n=1\)
continue
#= ^#4 .*factorial \(n=5\)
#= ^#5 .*in main
bt
#= ^factorial: 120$
printf "factorial: %d\n", factorial(5)
#= ^#0 .*factorial \(n=1\) at
frame function factorial
return 10
#= ^#0 .*factorial \(n=2\)
bt 1
#= Breakpoint \d, scale \(value=1\.5, factor=2\)
break scale
continue
#= ^value = 1\.5$
#= ^factor = 2$
info args
#= Value returned is \$\d+ = 3
finish
#= ^sum 1271 counter 107
#= ^product 1200 scaled 3 byte 1 text a text
#= \[Inferior 1 \(process \d+\) exited with code 07\]
continue
