/* sql_files.h -- what the build tool reads and writes, and how it says a fault. */
#ifndef SQLGEN_SQL_FILES_H
#define SQLGEN_SQL_FILES_H

#include <stdio.h>

/** Name the file that faults are about from here on. */
void fault_in(const char *folder, const char *name);

/** Say "file:line: sentence" and exit. */
void fault(int line, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/** The sorted names of a folder's files that end so; count_out of them. */
char **folder_read(const char *folder, const char *ending, int *count_out);

/** Open a file that is read, or exit. */
FILE *file_open(const char *folder, const char *name);

/** Begin a file of the output folder, under a name of its own until it is whole; the former one
 * stays till then. */
FILE *output_begin(const char *folder, const char *name);

/** Write a text as C has it. */
void text_write(FILE *out, const char *text);

/** Let the file take its name; one that says what it said before is left as it was, so that nobody
 * compiles it again. */
void output_end(FILE *out);

#endif
