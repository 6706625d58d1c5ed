/* sql_tokens.c -- one statement as words, literals, parameters and punctuation, and what the place
 * of a word says about it. */
#include "sql_tokens.h"

#include <ctype.h>
#include <string.h>

#include "sql_files.h"

enum { TOKENS_MOST = 2048 };

typedef struct {
    char text[96];
    int line;
    int depth; /* of parentheses */
} token_t;

static token_t tokens[TOKENS_MOST];
static int count;

int is_word(const char *token, const char *word)
{
    for (; *token && *word; token++, word++) {
        if (tolower((unsigned char)*token) != tolower((unsigned char)*word)) {
            return 0;
        }
    }
    return *token == *word;
}

const char *token_at(int i)
{
    return i >= 0 && i < count ? tokens[i].text : "";
}

int token_is(int i, const char *word)
{
    return is_word(token_at(i), word);
}

int token_count(void)
{
    return count;
}

int token_line(int i)
{
    return tokens[i].line;
}

int token_depth(int i)
{
    return tokens[i].depth;
}

static int is_name(int c)
{
    return isalnum(c) || c == '_';
}

/* @param s behind the first quote */
static const char *literal_end(const char *s, int line)
{
    for (; *s && !(*s == '\'' && s[1] != '\''); s += *s == '\'' ? 2 : 1) {
    }
    if (!*s) {
        fault(line, "unclosed text literal");
    }
    return s + 1;
}

static const char *parameter_end(const char *s, int line)
{
    static const char *const kinds[] = {"%lld", "%pDb", "%s", "%d", "%%"};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (strncmp(s, kinds[k], strlen(kinds[k])) == 0) {
            return s + strlen(kinds[k]);
        }
    }
    fault(line, "unknown parameter: use %%s, %%d, %%lld, %%pDb or %%%%");
    return s;
}

static const char *punctuation_end(const char *s, int line)
{
    static const char *const pairs[] = {"<=", ">=", "<>", "||"};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        if (strncmp(s, pairs[k], 2) == 0) {
            return s + 2;
        }
    }
    if (!strchr("(),.=<>+-*/", *s)) {
        fault(line, "'%c' is not used in our SQL", *s);
    }
    return s + 1;
}

/* @return where the token that begins here has ended */
static const char *token_end(const char *s, int line)
{
    int is_scope = *s == ':' && is_name((unsigned char)s[1]);
    if (is_scope || is_name((unsigned char)*s)) {
        for (s += is_scope; is_name((unsigned char)*s); s++) {
        }
        return s;
    }
    return *s == '\''  ? literal_end(s + 1, line)
           : *s == '%' ? parameter_end(s, line)
                       : punctuation_end(s, line);
}

/* Split one statement into words, literals, parameters and punctuation. */
void tokens_read(const char *sql, int line)
{
    int depth = 0;
    count = 0;
    for (const char *s = sql; *s;) {
        const char *start = s;
        line += *s == '\n';
        if (isspace((unsigned char)*s)) {
            s++;
            continue;
        }
        s = token_end(s, line);
        if (count == TOKENS_MOST || (size_t)(s - start) >= sizeof tokens->text) {
            fault(line, "statement too long");
        }
        depth -= *start == ')';
        tokens[count].line = line;
        tokens[count].depth = depth;
        (void)snprintf(tokens[count].text, sizeof tokens->text, "%.*s", (int)(s - start), start);
        depth += *start == '(';
        count++;
    }
}

/* A name stands in the place of a table after these words. */
int is_table_place(int i)
{
    return token_is(i - 1, "from") || token_is(i - 1, "join") || token_is(i - 1, "into") ||
           (token_is(i - 1, "update") && i == 1);
}

int is_write_target(int i)
{
    return (i == 2 && token_is(0, "insert") && token_is(1, "into")) ||
           (i == 1 && token_is(0, "update")) ||
           (i == 2 && token_is(0, "delete") && token_is(1, "from"));
}
