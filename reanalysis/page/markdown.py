"""Markdown of the book's own files as HTML; a tag in it is text."""

from functools import cache

from markdown_it import MarkdownIt


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def html(text: str) -> str:
    """Write Markdown as HTML, in paragraphs and lists."""
    return str(_reader().render(text))


def inline_html(text: str) -> str:
    """Write Markdown as HTML without a paragraph around it."""
    return str(_reader().renderInline(text))
