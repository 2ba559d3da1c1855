# Who allocated the block that holds an address.
"$TMTRACE" object "$TRACES/small.tmz" 0x250
"$TMTRACE" object "$TRACES/small.tmz" 512 --format json
"$TMTRACE" object "$TRACES/small.tmz@peak" 0x400 --format traceback --frames 2
"$TMTRACE" object "$TRACES/app.tmz" 0x7e001000
"$TMTRACE" object "$TRACES/small.tmz" 0x264
echo $?
"$TMTRACE" object "$TRACES/small.tmz" pointer
echo $?
"$TMTRACE" object "$TRACES/mapped.tmz" 0x14010
"$TMTRACE" object "$TRACES/mapped.tmz" 0x12010
echo $?
"$TMTRACE" object "$TRACES/mapped.tmz" 0x180000
echo $?
