"""What a delivered file really is, by its first bytes.

Here: kinds of files in a clerk's words, in English and in Chinese. Not here: reading any of them.
"""

from __future__ import annotations

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
TEXT, UNKNOWN = "a text file", "no zip package"

IN_CHINESE = {
    "an empty file of 0 bytes": "0 字节的空文件",
    "an old .xls file or another OLE document": "旧版 .xls 或其他 OLE 文档",
    "a web page (often a portal's error page)": "网页(常为系统报错页面)",
    "a zip package (a workbook or an archive)": "压缩包(工作簿或归档文件)",
    "a RAR archive": "RAR 压缩包",
    "a 7z archive": "7z 压缩包",
    "a PDF document": "PDF 文档",
    UNKNOWN: "不是压缩包的二进制文件",
    TEXT: "文本文件",
}


def what_it_is(head: bytes) -> str:
    """What a file really is by its first bytes, in a clerk's words (a key of `IN_CHINESE`)."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    if not head:
        return "an empty file of 0 bytes"
    if head.startswith(OLE):
        return "an old .xls file or another OLE document"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (often a portal's error page)"
    if head.startswith(b"PK\x03\x04"):
        return "a zip package (a workbook or an archive)"
    if head.startswith(b"Rar!\x1a\x07"):
        return "a RAR archive"
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return "a 7z archive"
    if head.startswith(b"%PDF"):
        return "a PDF document"
    return UNKNOWN if b"\x00" in head[:1024] else TEXT
