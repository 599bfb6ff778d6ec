"""The form a URL must have before anything is asked (RFC 3986, WHATWG URL, UTS 46)."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.errors import UsageError
from rightscheck.fetch import check_url_form
from rightscheck.syntax.urls import resolve_target

NORMAL = {
    "http://example.org": "http://example.org/",
    "HTTPS://Example.ORG/A?b=C": "https://example.org/A?b=C",
    "https://example.org:443/": "https://example.org/",
    "http://example.org:80/": "http://example.org/",
    "http://example.org:443/": "http://example.org:443/",
    "http://example.org:/": "http://example.org/",
    "http://example.org:8080/x": "http://example.org:8080/x",
    "https://example.org/a#part": "https://example.org/a",
    "https://example.org?q": "https://example.org/?q",
    "https://example.org/?": "https://example.org/",
    "  https://example.org/a\n": "https://example.org/a",
    "https://example.org./a": "https://example.org/a",
    "https://sub_domain.example.org/": "https://sub_domain.example.org/",
    "https://example.org/a b": "https://example.org/a%20b",
    "https://example.org/100%": "https://example.org/100%25",
    "https://example.org/%e2%82%ac/%41": "https://example.org/%e2%82%ac/%41",
    "https://example.org/日本?q=é": "https://example.org/%E6%97%A5%E6%9C%AC?q=%C3%A9",
    # What robots.txt is asked about must be what is fetched.
    "https://example.org/public/../private": "https://example.org/private",
    "https://example.org/public/%2E%2e/private": "https://example.org/private",
    "https://example.org/../../x": "https://example.org/x",
    "https://example.org/a/./b/.": "https://example.org/a/b/",
    "https://example.org/a/..": "https://example.org/",
    "https://example.org//a//b": "https://example.org//a//b",
    # International names.
    "https://Bücher.example/": "https://xn--bcher-kva.example/",
    "https://straße.example/": "https://xn--strae-oqa.example/",
    "https://例え。テスト/": "https://xn--r8jz45g.xn--zckzah/",
    "https://XN--BCHER-KVA.example/": "https://xn--bcher-kva.example/",
    "https://ｅｘａｍｐｌｅ.org/": "https://example.org/",
    # Numeric hosts in every notation.
    "http://2130706433/": "http://127.0.0.1/",
    "http://0x7f000001/": "http://127.0.0.1/",
    "http://017700000001/": "http://127.0.0.1/",
    "http://0177.0.0.1/": "http://127.0.0.1/",
    "http://0x7f.1/": "http://127.0.0.1/",
    "http://127.1/": "http://127.0.0.1/",
    "http://127.0.0.1./": "http://127.0.0.1/",
    "http://１２７.０.０.１/": "http://127.0.0.1/",
    "http://127。0。0。1/": "http://127.0.0.1/",
    "http://0/": "http://0.0.0.0/",
    "http://0x/": "http://0.0.0.0/",
    "http://[::1]:8080/": "http://[::1]:8080/",
    "http://[0:0:0:0:0:FFFF:7F00:0001]/": "http://[::ffff:7f00:1]/",
    "http://[::ffff:127.0.0.1]/": "http://[::ffff:7f00:1]/",
}

WRONG = {
    "": "empty",
    "   ": "empty",
    "example.org": "no scheme",
    "//example.org/": "no scheme",
    "/path": "no scheme",
    "example.org:8080/x": "no scheme",
    "mailto:a@example.org": "no scheme",
    "ftp://example.org/": "scheme `ftp`",
    "file:///etc/passwd": "scheme `file`",
    "http://": "no host",
    "http:///path": "no host",
    "http://:80/": "no host",
    "https:\\\\example.org": "no host",
    "http://user@example.org/": "user name or password",
    "http://user:word@example.org/": "user name or password",
    "http://good.example\\@evil.example/": "user name or password",
    "http://good.example\\evil/": "invalid host",
    "http://exa mple.org/": "invalid host",
    "http://a..b/": "invalid host",
    "http://.example.org/": "invalid host",
    "http://%31%32%37.0.0.1/": "invalid host",
    "http://" + "a" * 64 + ".example/": "invalid host",
    "http://" + "a." * 130 + "example/": "invalid host",
    "http://xn--\u00fc.example/": "invalid host",
    "http://xn--bcher-kv\u00e4.example/": "invalid host",
    "http://xn--.example/": "invalid host",
    "http://a\u200bb\u2028.example/": "invalid host",
    "http://☃\ufffd.example/": "invalid host",
    "http://1.2.3.4.5/": "invalid host",
    "http://256.1.1.1/": "invalid host",
    "http://4294967296/": "invalid host",
    "http://0x1ffffffff/": "invalid host",
    "http://09.1.1.1/": "invalid host",
    "http://example.0x7f/": "invalid host",
    "http://[::1/": "not a URL to fetch",
    "http://[fe80::1%25eth0]/": "not a URL to fetch",
    "http://[fe80::1%eth0]/": "not a URL to fetch",
    "http://[1.2.3.4]/": "not a URL to fetch",
    "http://example.org:65536/": "impossible port",
    "http://example.org:x/": "impossible port",
    "http://example.org:-1/": "impossible port",
    "http://example.org:0/": "port 0",
    "http://example.org:22/": "port 22",
    "http://example.org:25/": "port 25",
    "http://example.org:6379/": "port 6379",
    "http://example.org/\x00": "control character",
    "http://exam\tple.org/": "control character",
    "http://example.org/a\r\nHost: evil": "control character",
    "http://example.org/\ud800": "not valid Unicode",
    "http://example.org/" + "a" * 17_000: "longer than",
}


@pytest.mark.parametrize("url", NORMAL)
def test_normal_form(url: str) -> None:
    assert check_url_form(url) == NORMAL[url]


@pytest.mark.parametrize("url", WRONG)
def test_wrong_form(url: str) -> None:
    with pytest.raises(UsageError, match=WRONG[url]) as caught:
        check_url_form(url)
    assert "\n" not in caught.value.message
    assert caught.value.message.isascii()
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("url", NORMAL.values())
def test_the_form_is_what_the_client_sends(url: str) -> None:
    assert check_url_form(url) == url
    assert str(httpx.URL(url)) == url


HOSTS = st.sampled_from(["example.org", "b\u00fccher.example", "127.1", "[::1]", "a_b.example"])
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(HOSTS, TEXT, TEXT)
def test_no_text_makes_the_client_send_another(host: str, path: str, query: str) -> None:
    normal = check_url_form(f"http://{host}/{path}?{query}")
    assert check_url_form(normal) == normal
    sent = httpx.URL(normal)
    assert sent.raw_path.decode() == "/" + normal.split("/", 3)[3]
    assert sent.raw_host.decode() == urlsplit(normal).hostname


@given(st.text(max_size=80))
def test_any_text_is_normal_or_a_usage_error(text: str) -> None:
    for candidate in (text, "http://" + text, "https://example.org/" + text):
        try:
            normal = check_url_form(candidate)
        except UsageError:
            continue
        assert check_url_form(normal) == normal
        assert normal.isascii()


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://example.org/b"),
        ("b", "https://example.org/dir/b"),
        ("../b", "https://example.org/b"),
        ("?q", "https://example.org/dir/page?q"),
        ("//other.example/x", "https://other.example/x"),
        (" http://other.example/x#y ", "http://other.example/x"),
        ("/\\evil.example", "https://example.org/\\evil.example"),
        ("\\\\evil.example", "https://example.org/dir/\\\\evil.example"),
    ],
)
def test_redirect_targets(location: str, target: str) -> None:
    assert resolve_target("https://example.org/dir/page", location) == target
