# A template name of 10 KB is shortened in tables on terminals alone.
arguments=$(i=0; while [ $i -lt 270 ]; do printf 'std::vector<int,\\sstd::allocator<int>\\s>,\\s'; i=$((i + 1)); done)
cat >names.txt <<END
process pid=1 exe=/home/me/app cwd=/home/me time=1500000000 clock=2
module 1 /home/me/app start=0x400000 size=0x1000 main
thread 1 1
frame a 0x400010 1 /home/me/app /home/me/a.cc:2 app::run<${arguments}int>(int)
frame b 0x400020 1 /home/me/app /home/me/b.cc:3 main
alloc 0x1000 30 a b
alloc 0x2000 20 b
END
"$MAKE_TRACE" names.txt names.tmz
COLUMNS=80 "$TMTRACE" stats names.tmz -g function
COLUMNS=80 "$TMTRACE" stats names.tmz -g traceback
COLUMNS=80 "$TMTRACE" diff names.tmz@start names.tmz -g function
echo "not fitted to a width, the other rows are not padded to it:"
"$TMTRACE" stats names.tmz -g function | grep -v run
"$TMTRACE" stats names.tmz -g traceback | grep -v run
whole() { # WHAT: names of how many bytes are in its input
	printf '%s: ' "$1"
	LC_ALL=C grep -a -o 'app::run<.*int>(int)' | head -n 1 | wc -c
}
"$TMTRACE" stats names.tmz -g function | whole "table, piped"
COLUMNS=80 "$TMTRACE" stats names.tmz -g function --full-names | whole "table, --full-names"
for format in plain traceback json csv; do
	COLUMNS=80 "$TMTRACE" stats names.tmz -g function --format $format | whole $format
	COLUMNS=80 "$TMTRACE" diff names.tmz@start names.tmz -g function --format $format | whole "diff as $format"
done
