"""Joins what `cov` says of every test program: a line is reached when any of them reached it. Lines of tests do not count."""
import json, pathlib, re, subprocess, sys

counts, root, target = map(pathlib.Path, sys.argv[1:])
LINE = re.compile(r"^\s*(\d+)\|\s*(\d*)\|")


def programs():
    for line in (counts / "built.json").read_text().splitlines():
        artifact = json.loads(line)
        if artifact.get("profile", {}).get("test") and artifact.get("executable"):
            yield artifact["executable"]


def reached(program):
    """The lines of src/ with their counts, by file, as one program saw them."""
    profiles = [part for file in sorted(counts.glob("*.profraw")) for part in ("--instr-profile", str(file))]
    shown = subprocess.run(["cov", "show", *profiles, "--object", program], capture_output=True, text=True, check=True).stdout
    file = None
    for line in shown.splitlines():
        if found := LINE.match(line):
            if file and found[2]:
                yield file, int(found[1]), int(found[2])
        elif line.endswith(".rs"):
            path = pathlib.Path(line)
            path = path if path.is_absolute() else root / path
            file = path.relative_to(root) if path.is_relative_to(root / "src") else None


def is_test(file, number, ends={}):
    """Whether the line is part of the unit tests, which stand at the end of a file or in one of their own."""
    if file not in ends:
        source = (root / file).read_text().splitlines()
        starts = [at for at, line in enumerate(source, 1) if line == "#[cfg(test)]" and source[at].endswith("{")]
        ends[file] = 0 if "tests" in file.with_suffix("").parts else starts[0] if starts else len(source)
    return number > ends[file]


lines = {}
for program in programs():
    for file, number, count in reached(program):
        if is_test(file, number):
            continue
        of_file = lines.setdefault(str(file), {})
        of_file[number] = max(count, of_file.get(number, 0))

table, missed, total, hit = [], [], 0, 0
for file, counted in sorted(lines.items()):
    seen = sum(count > 0 for count in counted.values())
    table.append(f"{100 * seen / len(counted):6.1f} % {seen:5} of {len(counted):5}  {file}")
    missed += [f"{file}:{number}" for number, count in sorted(counted.items()) if count == 0]
    total, hit = total + len(counted), hit + seen
target.joinpath("lines.txt").write_text("\n".join(table) + "\n")
target.joinpath("missed.txt").write_text("\n".join(missed) + "\n")
print(f"{hit} of {total} lines of src/ are reached by tests: {100 * hit / total:.1f} %")
