/* text_marks.h -- how many combining marks may follow each other: the stream-safe text format (UAX
 * #15, section 13). Normalisation sorts each row of marks, in time that grows with the square of
 * its length; no language has a row of more than some. */
#ifndef MQ_BASE_TEXT_MARKS_H
#define MQ_BASE_TEXT_MARKS_H

enum { MQ_TEXT_MARKS_MOST = 30 };

/**
 * Count marks as any form will see them: by what a code point decomposes to (U+0F73 is a starter by
 * itself), as compatibility forms have it (U+FF9E is a mark there), across characters that a form
 * or a clean line leaves out.
 * @param run how many there have been; 0 at first
 * @param c   the next code point
 * @return whether they are at most MQ_TEXT_MARKS_MOST
 */
int mq_marks_fit(int *run, int c);

#endif
