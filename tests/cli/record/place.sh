# Where the command itself is, and programs of another machine.
library=$(dirname "$TMTRACE")/libtmtrace.so
mkdir "with blank" plain
cp "$TMTRACE" "$library" "with blank"
cp "$TMTRACE" "$library" plain
printf 'int main(void) { return 3; }\n' >main.c
cc main.c -o program
"with blank/tmtrace" run -o blank.tmz ./program
echo $?
plain/tmtrace run -o plain.tmz ./program
echo $?
# Without PATH the usual places are looked through.
env -u PATH plain/tmtrace run -o path.tmz true 2>/dev/null
echo $?
cp program other
printf '\003' | dd of=other bs=1 seek=18 conv=notrunc 2>/dev/null
plain/tmtrace run -o other.tmz ./other
echo $?
ls ./*.tmz
