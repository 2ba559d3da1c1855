# shellcheck shell=sh
# More threads at once than blocks can be had: the rest records into the late stream.
recorded crowd "$PROGRAMS/crowd" 1200
expect "no order conflict" equal "$(info "$(echo trace.*.tmz)" quality.order_conflicts)" 0
expect "every thread is known" equal "$(info "$(echo trace.*.tmz)" threads)" 1201
