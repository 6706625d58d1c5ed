/* text_marks.c -- counting marks in a row, one code point after the other. */
#include "base/text_marks.h"

#include <unicode/uchar.h>

int mq_marks_fit(int *run, int c)
{
    enum { FIRST_MARK = 0x300, SOFT_HYPHEN = 0xad, VOICED = 0xff9e, HALF_VOICED = 0xff9f };

    if (c < FIRST_MARK) {
        *run = c == SOFT_HYPHEN ? *run : 0;
        return 1;
    }
    if (u_getIntPropertyValue(c, UCHAR_LEAD_CANONICAL_COMBINING_CLASS) != 0 || c == VOICED ||
        c == HALF_VOICED) {
        return ++*run <= MQ_TEXT_MARKS_MOST;
    }
    if (!u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
        *run = 0;
    }
    return 1;
}
