#!/usr/bin/env python3
"""packs.py ROOT: holds every packs/*/pack.yaml and packs/*/datasets/*.yaml against its schema. Exits with 77 (skipped)
where PyYAML or jsonschema is missing."""

import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def main():
    root = pathlib.Path(sys.argv[1])
    failed = count = 0
    for schema_name, pattern in (("pack", "*/pack.yaml"), ("dataset", "*/datasets/*.yaml")):
        schema = json.loads((root / "schemas" / f"{schema_name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sorted((root / "packs").glob(pattern)):
            count += 1
            for error in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8"))):
                failed += 1
                print(f"{path.relative_to(root)}: {'.'.join(map(str, error.path))}: {error.message[:200]}")
    print(f"{count} files were held against their schemas")
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
