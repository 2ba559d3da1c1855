// SPDX-License-Identifier: MIT
/*
 * Whether LD_PRELOAD can reach the malloc of a program, told before the program is started.
 */
#ifndef ANALYZER_ELF_CHECK_H
#define ANALYZER_ELF_CHECK_H

/*
 * Why nothing would be recorded of the program at PATH, as what follows its name in a sentence
 * ("is statically linked: ..."), for the caller to free; NULL when there is no such reason. Looks at
 * the interpreter of a script. What is no program at all is left for exec to refuse.
 */
char *elf_check(const char *path);

#endif
