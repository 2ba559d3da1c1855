# A traceback that was cut keeps its true depth, in traces and by way of snapshots; groups have none.
cat >in.jsonl <<'END'
{"domain":0,"size":8,"traceback":[["a.c",1],["b.c",2]],"total_nframe":65535}
{"domain":0,"size":8,"traceback":[["a.c",1],["b.c",2]],"total_nframe":3}
{"domain":0,"size":8,"traceback":[["a.c",1],["b.c",2]]}
END
"$TMTRACE" import in.jsonl -o in.tmz
"$TMTRACE" snapshot in.tmz -o out.tmz
"$TMTRACE" export out.tmz
"$TMTRACE" stats out.tmz -g traceback --format json
"$TMTRACE" info out.tmz
