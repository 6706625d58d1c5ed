/* csv.c -- writing CSV that opens in a spreadsheet as what it is: text. The reader is in
 * csv_reader.c. */
#include "base/csv.h"

#include <string.h>

/** @return whether a spreadsheet would run the text as a formula (OWASP, "CSV injection") */
static int is_formula(const char *text)
{
    static const char *const full_width[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                             "\xef\xbc\xa0"}; /* = + - @ */

    if (*text != '\0' && strchr("=+-@\t\r\n", *text) != NULL) {
        return 1;
    }
    for (size_t i = 0; i < sizeof full_width / sizeof full_width[0]; i++) {
        if (strncmp(text, full_width[i], 3) == 0) {
            return 1;
        }
    }
    return 0;
}

/** @return the text behind its leading apostrophes */
static const char *behind_apostrophes(const char *text)
{
    return text + strspn(text, "'");
}

const char *mq_csv_plain(const char *cell)
{
    return *cell == '\'' && is_formula(behind_apostrophes(cell)) ? cell + 1 : cell;
}

/** @return whether a reader with any of the delimiters needs quotes to get the text back */
static int needs_quotes(const char *text, apr_size_t length)
{
    return length > 0 && (text[strcspn(text, ",;\t|\"\r\n")] != '\0' || text[0] == ' ' ||
                          text[length - 1] == ' ');
}

static void quoted_add(mq_buffer_t *out, const char *text)
{
    while (*text != '\0') {
        apr_size_t plain = strcspn(text, "\"");

        mq_buffer_add(out, text, plain);
        text += plain;
        if (*text == '"') {
            mq_buffer_add(out, "\"\"", 2);
            text++;
        }
    }
}

void mq_csv_add(mq_csv_writer_t *writer, const char *text)
{
    const char *safe = text != NULL ? text : "";
    apr_size_t length = strlen(safe);
    int formula = is_formula(behind_apostrophes(safe)); /* or mq_csv_plain took one off too many */
    int quotes = formula || needs_quotes(safe, length);

    if (writer->fields++ > 0) {
        mq_buffer_add(writer->out, ",", 1);
    }
    if (!quotes) {
        mq_buffer_add(writer->out, safe, length);
        return;
    }
    mq_buffer_add(writer->out, "\"'", formula ? 2 : 1);
    quoted_add(writer->out, safe);
    mq_buffer_add(writer->out, "\"", 1);
}

void mq_csv_row_end(mq_csv_writer_t *writer)
{
    mq_buffer_add(writer->out, "\r\n", 2);
    writer->fields = 0;
}
