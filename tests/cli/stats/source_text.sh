# Source text is read from disk, relative to the recorded folder.
mkdir src
printf 'int a;\n\tnode = malloc(size);  \n' >src/a.c
touch -d 2001-01-01 src/a.c
mkfifo src/b.c
cat >lines.txt <<EOF
process pid=1 exe=$PWD/app cwd=$PWD time=1500000000 clock=2
module 1 $PWD/app start=0x400000 size=0x1000 main
thread 1 1
frame a 0x400010 1 $PWD/app $PWD/src/a.c:2 f
frame b 0x400020 1 $PWD/app $PWD/src/a.c:3 f
frame c 0x400030 1 $PWD/app $PWD/src/b.c:1 g
alloc 0x1000 30 a b
alloc 0x2000 20 b a
alloc 0x3000 10 c a
EOF
"$MAKE_TRACE" lines.txt lines.tmz
COLUMNS=90 "$TMTRACE" stats lines.tmz
COLUMNS=70 "$TMTRACE" stats lines.tmz -n 1
"$TMTRACE" stats lines.tmz -g traceback -n 1
touch -d 2020-01-01 src/a.c
"$TMTRACE" stats lines.tmz
: >app
touch -d 2021-01-01 app
"$TMTRACE" stats lines.tmz -n 1
"$TMTRACE" stats lines.tmz -n 1 --sysroot /nowhere
