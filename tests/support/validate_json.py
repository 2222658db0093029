#!/usr/bin/python3
"""validate_json.py SCHEMA FILE...: checks JSON and JSON Lines (.jsonl) files against a schema.

References to other schemas are looked up in the schema's own folder, by their "$id"; nothing is fetched.
Exit code 1 when something does not fit, or when there was nothing to check.
"""
import json
import pathlib
import sys

import jsonschema


def load_validator(schema_path):
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(schema_path.parent.glob("*.schema.json"))]
    store = {schema["$id"]: schema for schema in schemas}
    schema = json.loads(schema_path.read_text("utf-8"))
    validator_class = jsonschema.validators.validator_for(schema)
    validator_class.check_schema(schema)
    return validator_class(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=store))


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a member occurs twice: " + ", ".join(sorted({n for n in names if names.count(n) > 1})))
    return dict(pairs)


def documents(path):
    text = path.read_bytes().decode("utf-8", errors="strict")
    if path.suffix != ".jsonl":
        yield "", json.loads(text, object_pairs_hook=no_duplicates)
        return
    for number, line in enumerate(text.splitlines(), 1):
        yield ":%d" % number, json.loads(line, object_pairs_hook=no_duplicates)


def fingerprints_in(value):
    """Everything in the report that looks like a fingerprint and is not the key of the table itself."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("certificates", "facts"):
                continue
            if name in ("path", "served", "should_send") and isinstance(member, list):
                yield from (item for item in member if isinstance(item, str))
            elif name == "certificate" and isinstance(member, str):
                yield member
            else:
                yield from fingerprints_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from fingerprints_in(member)


def main():
    validator = load_validator(pathlib.Path(sys.argv[1]))
    checked, failures = 0, 0
    for name in sys.argv[2:]:
        for where, document in documents(pathlib.Path(name)):
            checked += 1
            for error in sorted(validator.iter_errors(document), key=str):
                failures += 1
                place = "/".join(str(part) for part in error.absolute_path)
                print("%s%s: %s: %s" % (name, where, place, error.message[:400]), file=sys.stderr)
            missing = set(fingerprints_in(document)) - set(document.get("certificates", {}))
            for fingerprint in sorted(missing):
                failures += 1
                print("%s%s: no certificate %s in the table" % (name, where, fingerprint), file=sys.stderr)
    if checked == 0:
        print("nothing to check", file=sys.stderr)
    return 1 if failures or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
