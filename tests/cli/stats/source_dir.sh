# Source text comes from where --source-dir says; the paths shown and filtered are the recorded ones.
mkdir -p moved/src special old/src
printf 'one\nnode = malloc(size);\n' >moved/src/a.c
printf 'another tree\nanother line\n' >old/src/a.c
touch -d 2001-01-01 old/src/a.c
mkfifo special/a.c
ln -s /dev/zero special/b.c
mkdir special/c.c
head -c 100000 /dev/zero | tr '\0' x >moved/src/long.c
cat >lines.txt <<END
process pid=1 exe=/home/me/work/app cwd=/home/me/work time=1500000000 clock=2
module 1 /home/me/work/app start=0x400000 size=0x1000 main
thread 1 1
frame a 0x400010 1 /home/me/work/app /home/me/work/src/a.c:2 f
frame b 0x400020 1 /home/me/work/app src/b.c:1 f
frame c 0x400030 1 /home/me/work/app src/c.c:1 g
frame d 0x400040 1 /home/me/work/app src/long.c:1 h
alloc 0x1000 30 a b
alloc 0x2000 20 b a
alloc 0x3000 10 c a
alloc 0x4000 5 d
END
"$MAKE_TRACE" lines.txt lines.tmz
"$TMTRACE" stats lines.tmz -n 3
"$TMTRACE" stats lines.tmz -n 3 --source-dir "/home/me/work=$PWD/moved"
"$TMTRACE" stats lines.tmz -n 3 --source-dir /home/me/work=moved --source-dir /home=nowhere
"$TMTRACE" stats lines.tmz -n 3 --source-dir /home/me/work=moved --source-dir /home/me/work/src/=old/src
"$TMTRACE" stats lines.tmz -n 3 --source-dir /home/me/work/sr=moved/src
echo "no pipe, device or folder is opened:"
"$TMTRACE" stats lines.tmz -n 3 --source-dir /home/me/work/src=special
"$TMTRACE" stats lines.tmz --source-dir /home/me/work=moved --format traceback --filter 'include,pattern=/home/me/work/src/a.c'
"$TMTRACE" object lines.tmz 0x1000 --source-dir /home/me/work=moved --format traceback
echo "a line has an end: $("$TMTRACE" stats lines.tmz --source-dir src=moved/src --format traceback | grep -c xxxx), $("$TMTRACE" stats lines.tmz --source-dir src=moved/src --format traceback | grep xxxx | wc -c)"
echo "links lead there:"
"$TMTRACE" stats lines.tmz -n 2 --source-dir "/home/me/work/src=$PWD/moved/src" --hyperlink --color always | grep -a -o 'file://[^;]*:2' | tr '\033' '|' | sed 's/|.*/|/'
"$TMTRACE" stats lines.tmz --source-dir foo
