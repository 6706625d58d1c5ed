/* text.h -- people's text: valid UTF-8, NFC, clean lines and blocks, and the keys by which names
 * are compared and searched. All Unicode knowledge is ICU's. Thread-safe; ASCII never enters ICU.
 * Unless said otherwise a text is NUL-terminated valid UTF-8, and results come from pool or are
 * the argument itself where nothing had to change. */
#ifndef MQ_BASE_TEXT_H
#define MQ_BASE_TEXT_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/status.h"
#include "base/text_marks.h"

/** @return whether the bytes are UTF-8 without overlong forms, surrogates or code points beyond
 * U+10FFFF. A NUL is a character like others: whoever wants a C string looks for it. */
int mq_text_is_utf8(const char *bytes, apr_size_t length);

/** @return whether a valid text has at most MQ_TEXT_MARKS_MOST combining marks in a row, which no
 * language needs: the stream-safe text format (UAX #15, section 13). All other functions take time
 * in proportion to a text's length, whatever it is, and normalise only what is stream-safe. */
int mq_text_is_stream_safe(const char *text);

/** @return the text in Unicode normalisation form C; as it is, if it is not stream-safe */
const char *mq_text_nfc(const char *text, apr_pool_t *pool);

/**
 * Clean a text of one line, such as a name: NFC; Unicode white space trimmed, inside folded to
 * single blanks; soft hyphens and zero-width spaces dropped. An empty result is no error.
 * @param line_out valid only with APR_SUCCESS
 * @return MQ_EINVALID not UTF-8, not stream-safe, line breaks or control characters inside the text
 * (a tab is a blank), or marks that override the writing direction (U+202A-E, U+2066-9), with which
 * one patient's name could look like another's
 */
apr_status_t mq_text_clean_line(const char **line_out, const char *text, apr_pool_t *pool);

/**
 * Clean a text of many lines, such as a note: NFC, CR LF and CR become LF; blanks are kept.
 * @return MQ_EINVALID not UTF-8, not stream-safe, or control characters other than tab and line
 *         breaks
 */
apr_status_t mq_text_clean_block(const char **block_out, const char *text, apr_pool_t *pool);

/** @return the number of code points, by which lengths are limited */
apr_size_t mq_text_count(const char *text);

/** @return the key by which organisations' names and e-mail addresses are compared: NFC, full case
 * folding, white space trimmed and folded, invisible characters left out. Equal keys are the same
 * name, whatever the text looks like on the screen. A text that is not stream-safe, as no stored
 * name is, is its own key. */
const char *mq_text_name_key(const char *text, apr_pool_t *pool);

/** @return whether nobody sees anything of a text: blanks of every kind, and what has no width */
int mq_text_is_unseen(const char *text);

/** @return how many characters of a text somebody sees, by which it is judged whether it says
 * enough: marks go with the letter that they stand on; a run of blanks between two counts once */
apr_size_t mq_text_count_seen(const char *text);

/**
 * The key by which organisations' names are told apart by eye: letters that look alike are one
 * (UTS #39), case is folded, and blanks, dashes, apostrophes, full stops and what is not seen are
 * left out. People type it as they remember it.
 * @param key_out empty where nothing is left
 * @return MQ_EINVALID not stream-safe; MQ_EBUG ICU failed
 */
apr_status_t mq_text_look_key(const char **key_out, const char *text, apr_pool_t *pool);

/**
 * The same of letters as they stand, capitals of other scripts above all: a Cyrillic En is an H,
 * and its small form is no h. Names are told apart only if both keys differ.
 */
apr_status_t mq_text_sight_key(const char **key_out, const char *text, apr_pool_t *pool);

/** What ICU knows of searching names, read once; constant and shared by all threads. */
typedef struct mq_text_t mq_text_t;

/**
 * Load the search folding; takes some milliseconds. Do it once at start-up.
 * @param text_out lives as long as pool
 * @return MQ_EBUG ICU's data is missing
 */
apr_status_t mq_text_make(const mq_text_t **text_out, apr_pool_t *pool);

/**
 * The key by which people are searched: compatibility forms and accents removed, Latin letters to
 * ASCII (ł l, ß ss, đ d, ø o, æ ae), Arabic vowel signs and tatweel removed, case folded,
 * punctuation to blanks, single blanks. An apostrophe is a blank as well: "o brien".
 * @return may be empty: "…" has no words, nor has a text that is not stream-safe
 */
const char *mq_text_search_key(const mq_text_t *folding, const char *text, apr_pool_t *pool);

enum { MQ_TEXT_WORDS_MAX = 32 /* nobody's name has more; a hostile search may */ };

/** @return the first MQ_TEXT_WORDS_MAX different words (const char *) of a search key */
apr_array_header_t *mq_text_words(const char *search_key, apr_pool_t *pool);

/** @return whether a word of a search key is of a script that writes names without blanks: Han,
 * kana, Hangul */
int mq_text_is_unspaced(const char *word);

/** @return the ends of such a word (const char *), each from a later character on, at most
 * MQ_TEXT_ENDS_MAX: the given name follows the family name without a blank. Empty for others. */
apr_array_header_t *mq_text_unspaced_ends(const char *word, apr_pool_t *pool);

enum { MQ_TEXT_ENDS_MAX = 3 };

/** @return the decimal digits of a text, those of other scripts as ASCII too; the rest is dropped.
 * For telephone numbers. */
const char *mq_text_digits(const char *text, apr_pool_t *pool);

/** @return the text with the decimal digits of other scripts (٣, ३) as ASCII, and without the marks
 * of direction that come along when a date is copied from a page; all else stays. For dates and
 * numbers that people type. A text that is not UTF-8 is returned as it is. */
const char *mq_text_plain_digits(const char *text, apr_pool_t *pool);

/**
 * Decode an uploaded text file: with a byte order mark or without it UTF-8 when it is valid, else
 * windows-1252.
 * @param text_out UTF-8 without the mark, from pool
 * @return MQ_EINVALID a NUL (UTF-16 has them), a mark but no UTF-8, or bytes that windows-1252 does
 *         not have
 */
apr_status_t mq_text_decode(const char **text_out, const char *bytes, apr_size_t length,
                            apr_pool_t *pool);

/** Decode some bytes as windows-1252, for who has seen before that a file is not UTF-8. @return
 * MQ_EINVALID a NUL, or bytes that windows-1252 does not have */
apr_status_t mq_text_decode_windows(const char **text_out, const char *bytes, apr_size_t length,
                                    apr_pool_t *pool);

/**
 * Decode a piece of UTF-16.
 * @param text_out UTF-8, from pool
 * @param used_out the bytes of whole characters; the others belong before the next piece, at most 3
 * @return MQ_EINVALID a NUL, or half a surrogate pair
 */
apr_status_t mq_text_decode_utf16(const char **text_out, apr_size_t *used_out, const char *bytes,
                                  apr_size_t length, int big_endian, apr_pool_t *pool);

/** @return whether a clean line has the form of an e-mail address: one @, something on both sides,
 * no blank (RFC 5321 allows nearly everything else) */
int mq_text_is_email(const char *line);

/** @return the name of a language in itself, such as "français" for "fr", from pool; the tag where
 * nobody knows */
const char *mq_text_language_name(const char *tag, apr_pool_t *pool);

#endif
