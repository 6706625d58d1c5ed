/* sql_tokens.h -- the statement that was split last, word by word. */
#ifndef SQLGEN_SQL_TOKENS_H
#define SQLGEN_SQL_TOKENS_H

/** Split a statement; line is that on which it begins. */
void tokens_read(const char *sql, int line);
int token_count(void);

/** @return the word at place i, "" before the first and after the last */
const char *token_at(int i);

/** @return whether that is what stands there, in large or small letters */
int token_is(int i, const char *word);
int token_line(int i);

/** @return how many parentheses are open around it */
int token_depth(int i);

/** The same for any two words. */
int is_word(const char *token, const char *word);

/** @return whether a name at place i is a table's: it stands after FROM, JOIN, INTO, UPDATE */
int is_table_place(int i);

/** @return whether that table is the one that the statement changes */
int is_write_target(int i);

#endif
