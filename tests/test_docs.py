"""The Markdown pages: links between them lead somewhere, and the modules that they name exist."""

import ast
import re

import pytest

#: `vfgan.data.schema` or `pipelines.cli`, perhaps with a name of the module behind it.
DOTTED = re.compile(r"\b(vfgan|tfrecords_builder|pipelines)((?:\.\w+)+)(?![\w./-])")
#: vfgan/data/schema.py, also of a test or a benchmark
FILES = re.compile(r"(?<![\w./-])((?:vfgan|tfrecords_builder|pipelines|tests|benchmarks)/[\w/]*\w\.py)\b")
LINKS = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def pages(root):
    """README.md, the pages of docs/, and those beside what they tell of."""
    return sorted(path for path in [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("*/README.md")])


def without_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text):
    """Names of a page's headings as GitHub makes them."""
    titles = re.findall(r"^#+ +(.*?) *$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def names_of(path):
    """What a module or a package defines at its top."""
    text = path.read_text(encoding="utf-8")
    found = set(re.findall(r'^    "(\w+)": "vfgan\.', text, re.MULTILINE))  # the lazy names of vfgan itself
    for node in ast.parse(text).body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        found |= {getattr(node, "name", ""), *(getattr(target, "id", "") for target in targets)}
    return found


def is_there(root, part, names):
    """Whether part.name.name… is a package, a module, or a name in one of them."""
    place = root / part
    for index, name in enumerate(names):
        if (place / name).is_dir():
            place = place / name
            continue
        module = place / f"{name}.py"
        if module.is_file():
            return len(names) == index + 1 or names[index + 1] in names_of(module)
        return name in names_of(place / "__init__.py")
    return True


def test_the_finder_finds(root):
    text = "see `vfgan.data.schema.VERSION`, vfgan/data/schema.py and [that](a.md#one) or `vfgan.yaml/x`"
    assert DOTTED.findall(text) == [("vfgan", ".data.schema.VERSION")]
    assert FILES.findall(text) == ["vfgan/data/schema.py"]
    assert LINKS.findall(text) == ["a.md#one"]
    assert anchors("# One `two`, three\n```\n# no\n```\n## Four\n") == {"one-two-three", "four"}
    for names, there in ((["data", "schema", "VERSION"], True), (["VoiceFace"], True), (["data", "nothing"], False)):
        assert is_there(root, "vfgan", names) is there


def test_links_lead_somewhere(root):
    for page in pages(root):
        for link in LINKS.findall(without_code(page.read_text(encoding="utf-8"))):
            name, _, anchor = link.partition("#")
            if re.match(r"\w+:", link):  # elsewhere
                continue
            target = page.parent / name if name else page
            assert target.exists(), f"{page.relative_to(root)} links to {link}"
            if anchor and target.suffix == ".md":
                assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page.relative_to(root)}: {link}"


@pytest.mark.parametrize("kind", ["dotted", "file"])
def test_modules_that_pages_name_exist(root, kind):
    missing = []
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        if kind == "dotted":
            found = [f"{part}{names}" for part, names in DOTTED.findall(text)
                     if not is_there(root, part, names[1:].split("."))]  # fmt: skip
        else:
            found = [name for name in FILES.findall(text) if not (root / name).is_file()]
        missing += [f"{page.relative_to(root)}: {name}" for name in found]
    assert not missing, "\n".join(missing)
