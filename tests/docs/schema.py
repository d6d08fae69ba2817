#!/usr/bin/env python3
"""schema.py SCHEMA.json DOCUMENT.md [NAME]: holds the document's configurations against the schema, or those of one
name. Each '```yaml file=NAME' is valid, but for wrong.yaml. Exits with 77 (skipped) where PyYAML or jsonschema is missing."""

import json
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

INVALID = {"wrong.yaml"}


class Texts(yaml.SafeLoader):
    """Days stay texts, as the program reads them."""


Texts.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:timestamp"]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        examples = re.findall(r"^```yaml file=(\S+)\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE)
    if len(sys.argv) > 3:
        examples = [example for example in examples if example[0] == sys.argv[3]]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = not examples
    for name, text in examples:
        errors = [f"{'.'.join(map(str, e.path))}: {e.message[:200]}" for e in validator.iter_errors(yaml.load(text, Texts))]
        if bool(errors) != (name in INVALID):
            failed = True
            print(f"{name} should be {'invalid' if name in INVALID else 'valid'}", *errors, sep="\n  ")
    print(f"{len(examples)} configurations were held against the schema")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
