/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/kind.h"

#include <string.h>

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t n, at; /* where they stand */
    record_kind kind;
} kinds[] = {
    {BYTES("\x1f\x8b"), 0, {"a file packed by gzip", "unpack it with gzip -d"}},
    {BYTES("\xfd"
           "7zXZ"),
     0,
     {"a file packed by xz", "unpack it with xz -d"}},
    {BYTES("\x28\xb5\x2f\xfd"), 0, {"a file packed by zstd", "unpack it with zstd -d"}},
    {BYTES("BZh"), 0, {"a file packed by bzip2", "unpack it with bzip2 -d"}},
    {BYTES("\x04\x22\x4d\x18"), 0, {"a file packed by lz4", "unpack it with lz4 -d"}},
    {BYTES("7z\xbc\xaf"), 0, {"an archive of 7-Zip", "unpack it with 7z x"}},
    {BYTES("PK\x03\x04"),
     0,
     {"a ZIP archive or a spreadsheet", "unpack it with unzip, or save the sheet as CSV"}},
    {BYTES("\xd0\xcf\x11\xe0"), 0, {"an old spreadsheet (xls)", "save it as CSV"}},
    {BYTES("ustar"), 257, {"a tar archive", "unpack it with tar -x"}},
    {BYTES("\x34\xcd\xb2\xa1"),
     0,
     {"a capture in the form of a patched libpcap (0xa1b2cd34)",
      "convert it with editcap -F pcap"}},
    {BYTES("\xa1\xb2\xcd\x34"),
     0,
     {"a capture in the form of a patched libpcap (0xa1b2cd34)",
      "convert it with editcap -F pcap"}},
    {BYTES("snoop\0\0\0"), 0, {"a capture of snoop", "convert it with editcap -F pcap"}},
    {BYTES("%PDF-"), 0, {"a PDF", "give the log itself"}},
    {BYTES("SQLite format 3"),
     0,
     {"an SQLite database", "write the table as CSV with sqlite3 -header -csv"}},
    {BYTES("LPKSHHRH"),
     0,
     {"a journal of systemd", "write it as text with journalctl --file FILE -o short-unix"}},
    {BYTES("ElfFile"), 0, {"an event log of Windows (evtx)", "export it as CSV"}},
    {BYTES("PAR1"), 0, {"a Parquet file", "export it as CSV"}},
    {BYTES("Obj\x01"), 0, {"an Avro file", "export it as JSON lines with avro-tools tojson"}},
    {BYTES("\xff\xfe\0\0"), 0, {"UTF-32 text", "convert it with iconv -f UTF-32 -t UTF-8"}},
    {BYTES("\0\0\xfe\xff"), 0, {"UTF-32 text", "convert it with iconv -f UTF-32 -t UTF-8"}},
    {BYTES("\xff\xfe"), 0, {"UTF-16 text", "convert it with iconv -f UTF-16 -t UTF-8"}},
    {BYTES("\xfe\xff"), 0, {"UTF-16 text", "convert it with iconv -f UTF-16 -t UTF-8"}},
};

static const record_kind without_mark = {
    "UTF-16 text", "convert it with iconv -f UTF-16LE -t UTF-8 (or UTF-16BE)"};

/* Without a mark in front: every other byte is 0, and those between are not. */
static bool is_wide(const unsigned char *head, size_t n) {
    size_t zeros[2] = {0, 0};
    if (n > RECORD_KIND_BYTES) n = RECORD_KIND_BYTES;
    n -= n % 2;
    for (size_t i = 0; i < n; i++) zeros[i % 2] += head[i] == 0;
    return n >= 8 && ((zeros[0] == 0 && zeros[1] == n / 2) || (zeros[1] == 0 && zeros[0] == n / 2));
}

const record_kind *record_kind_of(const void *head, size_t n) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].at + kinds[i].n &&
            memcmp((const char *)head + kinds[i].at, kinds[i].bytes, kinds[i].n) == 0)
            return &kinds[i].kind;
    return is_wide(head, n) ? &without_mark : NULL;
}

bool record_kind_is_gzip(const void *head, size_t n) {
    return record_kind_of(head, n) == &kinds[0].kind;
}
