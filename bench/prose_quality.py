"""False reservations in ordinary prose: documents that reserve nothing, in the languages of Debian's manuals.

    bench/prose_quality.py [--folder DIR] [--megabytes N] [--show N]

The text is downloaded with apt-get (nothing is installed) into DIR, kept there for the next run, and cut into
documents of 200 to 2,000 words. Whoever doubts a finding reads it with `--show`: a manual may quote a licence.
Without apt-get, put packages (.deb) into DIR.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from rightscheck import read_notices
from rightscheck.syntax.html import HtmlDocument

PACKAGES = (
    "debian-handbook",
    "installation-guide-amd64",
    *(
        f"libreoffice-help-{code}"
        for code in "hi el vi tr ru pl ko ja zh-cn zh-tw it nl sv da fi cs hu sl et".split()
    ),
    *(f"debian-reference-{code}" for code in "id fr es de pt".split()),
)
LANGUAGE_FOLDERS = (
    "ar bg bn ca cs da de el es et fa fi fr he hi hr hu id it ja ko lt nb nl no pl pt pt-br ro ru sk sl"
)
KNOWN = {*LANGUAGE_FOLDERS.split(), *"sr sv ta th tr uk vi zh zh-cn zh-tw ar-ma pt-pt zh-hans".split()}
UNSPACED = {"ja", "zh", "zh-cn", "zh-tw", "zh-hans", "th"}
WORDS = (200, 2_000)


def download(folder: Path) -> None:
    """Fetch what is not there yet, and unpack all."""
    missing = [name for name in PACKAGES if not list(folder.glob(f"{name}_*.deb"))]
    for name in missing:
        command = ["apt-get", "download", "-q", name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    for archive in sorted(folder.glob("*.deb")):
        target = folder / archive.name.partition("_")[0]
        if not target.is_dir():
            subprocess.run(["dpkg-deb", "-x", str(archive), str(target)], check=True)


def documents(folder: Path, most: int) -> Iterator[tuple[str, str, str]]:
    """Language, place and text of each document, at most so many bytes a language."""
    taken: Counter[str] = Counter()
    seen: set[bytes] = set()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or not path.name.endswith((".html", ".txt", ".txt.gz", ".html.gz")):
            continue
        language = _language(path.relative_to(folder))
        if taken[language] >= most:
            continue
        for text in cut(_text(path), 8 if language in UNSPACED else 1):
            key = sha256(text.encode("utf-8", "replace")).digest()
            if key not in seen:
                seen.add(key)
                taken[language] += len(text.encode("utf-8", "replace"))
                yield language, str(path.relative_to(folder)), text


def _language(path: Path) -> str:
    parts = [part.lower().replace("_", "-") for part in path.parts]
    names = [
        *parts,
        *(part.rpartition(".")[2] for part in parts),
        *(part.rpartition("-")[2] for part in parts[:1]),
    ]
    ends = [piece for part in parts[-1:] for piece in part.split(".")]
    return next((name for name in [*names, *ends] if name in KNOWN), "en")


def _text(path: Path) -> str:
    body = path.read_bytes() if path.suffix != ".gz" else gzip.decompress(path.read_bytes())
    if ".html" in path.name:
        return HtmlDocument(body).visible_text()
    return body.decode("utf-8", "replace")


def cut(text: str, words_a_space: int) -> Iterator[str]:
    """Pieces of 200 to 2,000 words at paragraph ends; in unspaced scripts a "word" counts for several."""
    piece: list[str] = []
    count = 0
    for line in text.splitlines(keepends=True):
        length = len(line) // 5 if words_a_space > 1 else len(line.split())
        if count + length > WORDS[1] and count >= WORDS[0]:
            yield "".join(piece)
            piece, count = [], 0
        piece.append(line)
        count += length
    if count >= WORDS[0]:
        yield "".join(piece)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--megabytes", type=float, default=1.5, help="at most so much text a language")
    parser.add_argument("--show", type=int, default=20, help="so many findings are shown")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        download(folder)
        return report(documents(folder, int(arguments.megabytes * 1e6)), arguments.show)


def report(found: Iterator[tuple[str, str, str]], show: int) -> int:
    """Print how many documents are read as reserved, and where."""
    read: Counter[str] = Counter()
    size: Counter[str] = Counter()
    reserved: Counter[str] = Counter()
    for language, place, text in found:
        read[language] += 1
        size[language] += len(text.encode("utf-8", "replace"))
        answer = read_notices(text)
        if answer["reservation"]:
            reserved[language] += 1
            if reserved.total() <= show:
                quotes = [text[s["start"] : s["end"]] for s in answer["spans"] if s["kind"] == "reservation"]
                print(f"{language} {place} {answer['denied']}\n    " + "\n    ".join(map(repr, quotes)))
    print(f"\n{'language':10}{'documents':>10}{'MB':>8}{'reserved':>10}")
    for language in sorted(read):
        print(f"{language:10}{read[language]:10,}{size[language] / 1e6:8.1f}{reserved[language]:10}")
    total = read.total()
    print(f"{'all':10}{total:10,}{size.total() / 1e6:8.1f}{reserved.total():10}")
    print(f"{10_000 * reserved.total() / max(total, 1):.1f} in 10,000 documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
