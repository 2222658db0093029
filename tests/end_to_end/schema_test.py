"""The schemas of the JSON reports: each member is described, and each promises what a change of number means."""

import json

import jsonschema

import harness

FOLDER = harness.ROOT / "data/schema"


def members(schema, path):
    """Every member that a schema names, with its own schema."""
    if not isinstance(schema, dict):
        return
    for name, member in schema.get("properties", {}).items():
        yield f"{path}.{name}", member
        yield from members(member, f"{path}.{name}")
    for name, definition in schema.get("$defs", {}).items():
        yield from members(definition, f"{path}#{name}")
    for key in ("items", "additionalProperties"):
        yield from members(schema.get(key), path + "[]")
    for key in ("oneOf", "anyOf", "allOf"):
        for number, alternative in enumerate(schema.get(key, [])):
            yield from members(alternative, f"{path}|{number}")


def definition(file, reference):
    """What a reference leads to; files refer to each other by name."""
    name, _, pointer = reference.partition("#")
    found = json.loads((FOLDER / name.rsplit("/", 1)[-1]).read_text()) if name else file
    for part in pointer.split("/")[1:]:
        found = found[part]
    return found


def main():
    harness.arguments()
    checks = harness.Checks()
    files = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
    checks.check("the schemas", len(files) >= 3, sorted(files))
    for name, schema in files.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        count = 0
        for path, member in members(schema, ""):
            count += 1
            described = member.get("description") or ("$ref" in member and definition(schema, member["$ref"]).get("description"))
            checks.check(f"{name}{path} is described", described, member)
        checks.check(f"{name}: has members", count > 10, count)
        kind = schema["properties"]["schema"]["const"]
        checks.check(f"{name}: names the format with a number", kind.startswith("chaintier.") and kind.rsplit("/", 1)[1].isdigit(), kind)
        checks.check(f"{name}: says what its number promises", "Within one number of the format" in schema["description"])
        checks.check(f"README and {name} agree", f"`{kind}`" in (harness.ROOT / "README.md").read_text(), kind)
    checks.finish()


if __name__ == "__main__":
    main()
