# Where nothing will be recorded, no empty trace is left to be taken for one; what is no file is refused.
TMTRACE_START=0 "$TMTRACE" run -- /bin/true
TMTRACE_NFRAME=x "$TMTRACE" run -o bad.tmz -- /bin/true
echo "status $?"
mkdir folder bin
"$TMTRACE" run -o folder -- /bin/true
echo "status $?"
"$TMTRACE" run -o /dev/null -- /bin/true
echo "status $?"
echo text >bin/notes
PATH=$PWD/bin "$TMTRACE" run -- notes
echo "status $?"
ls
