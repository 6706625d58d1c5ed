#!/usr/bin/python3
"""compile_commands.py OUT FILE... -- COMPILER ARGUMENTS...: how each file is compiled, for clangd and its
like."""
import json
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
border = sys.argv.index("--")
files, compiler = sys.argv[2:border], sys.argv[border + 1:]
top = str(pathlib.Path.cwd())
rows = [{"directory": top, "file": name, "arguments": [*compiler, "-c", name]} for name in files]
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps(rows, indent=1) + "\n")
print(f"{out}: {len(rows)} files")
