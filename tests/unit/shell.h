// SPDX-License-Identifier: MIT
#ifndef TESTS_UNIT_SHELL_H
#define TESTS_UNIT_SHELL_H

/* Runs a command, printf's arguments; as system(3). */
__attribute__((format(printf, 1, 2))) int shell(const char *format, ...);

#endif
