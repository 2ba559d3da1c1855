# shellcheck shell=sh
# gcc, g++ and clang with all that they start; what they write is the same to the last byte.
needs="gcc g++ clang clang++ make ar" over="jemalloc tcmalloc mimalloc" least=100000
scenario() {
	cp /tmp/data/containers.cc .
	printf '#include <stdio.h>\nint twice(int);\nint main(void) { printf("%%d\\n", twice(21)); return 0; }\n' >main.c
	printf 'int twice(int n) { return n * 2; }\n' >twice.c
	printf 'int f( { return undeclared; }\n' >wrong.c
	printf '#include <map>\ntemplate<class T> struct s { typename T::x y; };\nint main() { s<int> a; std::map<int, int> m = "x"; }\n' >wrong.cc
	printf '#include <iostream>\n#include <map>\n#include <string>\nint main() { std::map<std::string, int> m; m["a"] = 5; std::cout << m["a"] << std::endl; }\n' >program.cc
	record g++ -c containers.cc -o containers.o
	for compiler in g++ clang++; do
		record "$compiler" -O2 -g -c program.cc -o "$compiler.o"
		record "$compiler" "$compiler.o" -o "$compiler.out"
		record "$compiler" -fsyntax-only wrong.cc
		record "./$compiler.out"
		digest "$compiler.o" "$compiler.out"
	done
	record gcc -O2 -flto -ffat-lto-objects main.c twice.c -o lto
	record ./lto
	record gcc -save-temps -O2 -g3 main.c twice.c -o temps
	record clang -O2 -g main.c twice.c -o clang
	record ./clang
	record gcc wrong.c
	record clang wrong.c
	printf 'all: program\nprogram: main.o libtwice.a\n\t$(CC) -o $@ $^\nlibtwice.a: twice.o\n\t$(AR) rcD $@ $^\n' >Makefile
	record make -s -j 3
	record ./program
	record strip -o stripped program
	record nm -n program >names
	digest containers.o lto temps clang program libtwice.a stripped names temps-main.s main.o
}
