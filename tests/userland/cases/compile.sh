# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# gcc and g++ compile, assemble, archive and link C and C++, and what they made runs.
set -e
cat >a.c <<'END'
#include <stdio.h>
#include <math.h>
int square(int);
int main(int argc, char **argv) { printf("%d %.6f %d %s\n", square(12), sqrt(2.0 * argc), __STDC_VERSION__ >= 201112L, argv[argc - 1]); return 3; }
END
echo 'int square(int x) { return x * x; }' >b.c
cat >c.cc <<'END'
#include <iostream>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>
template <int N> struct Factorial { static constexpr long value = N * Factorial<N - 1>::value; };
template <> struct Factorial<0> { static constexpr long value = 1; };
int main() {
    std::map<std::string, std::vector<int>> m{{"x", {1, 2}}, {"y", {3}}};
    for (auto &[k, v] : m) std::cout << k << v.size() << " ";
    std::thread([] { std::cout << "thread "; }).join();
    try { throw std::runtime_error("caught"); } catch (std::exception &e) { std::cout << e.what() << " " << Factorial<15>::value << "\n"; }
}
END
gcc -O2 -Wall -c a.c b.c; ar rcs libb.a b.o; gcc -o a a.o -L. -lb -lm; set +e; ./a argument; echo $?; set -e
gcc -shared -fPIC -o libs.so b.c; gcc -o d a.c -L. -ls -lm -Wl,-rpath,"$PWD"; set +e; ./d dynamic; echo $?; set -e
gcc -static -O1 -o e a.c b.c -lm; set +e; ./e static; echo $?; set -e
g++ -O1 -o c c.cc -pthread; ./c; nm -C a | grep -c ' T '  >/dev/null; strip a; size a >/dev/null; objdump -d b.o | grep -q square; readelf -h a | grep -c Class
gcc -E -dM - </dev/null | grep -c __LP64__; echo 'int x = ;' | gcc -xc -c - 2>/dev/null || echo "refused $?"
printf 'all: one two\n\techo done\none two: %%: a.c\n\t@echo making $@\n\t@gcc -O0 -o $@ a.c b.c -lm\n' >Makefile; make -s -j2 | sort; ls one two
