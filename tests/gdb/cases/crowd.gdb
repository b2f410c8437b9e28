# Every hit of a breakpoint that 24 threads run through is seen once.
# program: crowd
# status: 0
set $hits = 0
break hit if i == 150
commands
silent
set $hits = $hits + 1
continue
end
#= ^total 4800$
#= exited normally
continue
#= ^hits: 24$
printf "hits: %d\n", $hits
