"""Runs the validation, parser and lexer cases of graphql-js, as graphql-core ports them.

The source distribution of graphql-core, a port of graphql-js to Python, carries its test suite. This
script downloads a pinned version into a temporary folder, runs those tests, and records each schema and
document that they validate or parse. Nothing of it is kept in this repository.

    python3 reference_cases.py > cases.jsonl
    python3 reference_cases.py --compare -- cargo run -q -p query-guard --example verdicts

Without --compare it prints one JSON object a line:

    {"suite": ..., "test": ..., "sdl": ..., "document": ..., "valid": ...}

`sdl` is null for a document that is only to be parsed. With --compare the command gets those lines on
its standard input and prints `{"test": ..., "verdict": "accepted" | "rejected"}` for each; the exit code is 1
when a verdict differs and EXCEPTIONS does not say why.

A test of the suite asserts one rule at a time. `valid` is the verdict of all rules of the specification,
computed with graphql-core itself. Where a document has fragments and no operation, so that it is rejected
regardless of the fragments, a second case (`+operation`) adds an operation that spreads them.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

VERSION = "3.2.14"
TOOLS = ["pytest==8.4.2", "pytest-describe==2.2.1"]
SUITES = ["tests/validation", "tests/language/test_parser.py", "tests/language/test_lexer.py"]
RECORD = "REFERENCE_CASES_RECORD"

# Cases in which graphql-core deviates from the specification of September 2025, or in which a limit of
# query-guard applies: the section or the limit, with the reason, by name of the test.
NESTING = "MAX_NESTING: 100 levels of brackets, which the specification leaves to the service"
DEEP = "language/test_parser.py::describe_too_deeply_nested_sources::"
EXCEPTIONS: dict[str, str] = {
    "validation/test_validation.py::describe_validate_aborts_on_too_deeply_nested_fragments::"
    "does_not_add_up_the_nesting_of_sibling_selections": NESTING,
    DEEP + "parses_up_to_the_maximum_nesting_depth[selections]": NESTING,
    DEEP + "parses_up_to_the_maximum_nesting_depth[list literal]": NESTING,
    DEEP + "parses_up_to_the_maximum_nesting_depth[object literal]": NESTING,
    DEEP + "parses_up_to_the_maximum_nesting_depth[list type]": NESTING,
    DEEP + "counts_only_the_current_nesting_depth": NESTING,
    "language/test_lexer.py::describe_lexer::lex_reports_useful_string_errors#72":
    "2.10.4 String Value: an escape in braces has any number of digits, graphql-core reads eight",
}

# Reasons to skip a recorded case.
OTHER_RULE = "a rule that is not in the specification"
EDITED = "the syntax tree was edited, or parsed with an extension of the syntax"
CODE = "the verdict depends on code of the schema, which SDL cannot express"
LIMIT = "a limit of graphql-core decides"
SURROGATE = "the text has half of a character of UTF-16, which JSON cannot carry"
NOT_EXECUTABLE = "a type system document, parsed alone"
MAX_LENGTH = 10_000


# --- The recorder: a plugin of pytest, in the process that runs the tests. ---


class Recorder:
    """Records the documents that the tests validate and parse, and computes the verdicts afterwards."""

    def __init__(self):
        self.validated, self.parsed = [], []

    def install(self):
        import graphql
        import graphql.language
        import graphql.validation

        self.core = graphql
        module = sys.modules["graphql.validation.validate"]
        validate = module.validate

        def recording_validate(schema, document, *args, **options):
            rules = args[0] if args else options.get("rules")
            if hasattr(document, "definitions"):
                self.validated.append((current_test(), schema, document, rules))
            return validate(schema, document, *args, **options)

        module.validate = graphql.validation.validate = graphql.validate = recording_validate
        self.validate = validate

        # Templates that turn the parsed text into a document.
        frames = {
            "parse": ["{}"],
            "parse_value": ["{{ f(a: {}\n) }}"],
            "parse_const_value": ["query($a: T = {}\n) {{ f }}"],
            "parse_type": ["query($a: {}\n) {{ f }}"],
        }
        self.parse = graphql.language.parse
        for name, wraps in frames.items():
            original = getattr(graphql.language, name)
            setattr(graphql.language, name, self.recording_parse(original, wraps))
        lexer, lexed = graphql.language.Lexer, self.parsed
        tokens = ["{}", "{{ {}\n }}", "{{ f(a: {}\n) }}"]

        class RecordingLexer(lexer):
            def __init__(self, source):
                super().__init__(source)
                lexed.append((current_test(), source.body, tokens))

        graphql.language.Lexer = RecordingLexer

    def recording_parse(self, original, wraps):
        def recording(source, *args, **options):
            if not args and not options:
                text = source if isinstance(source, str) else getattr(source, "body", None)
                if isinstance(text, str):
                    self.parsed.append((current_test(), text, wraps))
            return original(source, *args, **options)

        return recording

    # Verdicts.

    def rules(self):
        from graphql.validation import specified_rules

        return [rule for rule in specified_rules if rule.__name__ != "MaxIntrospectionDepthRule"]

    def errors(self, schema, document):
        """All errors of a document, and 5.2.1.1 Operation Type Existence, which graphql-core does not validate."""
        try:
            errors = [error.message for error in self.validate(schema, document, self.rules())]
        except self.core.GraphQLError as error:
            errors = [error.message]
        for definition in document.definitions:
            if definition.kind == "operation_definition":
                if schema.get_root_type(definition.operation) is None:
                    errors.append("The root type of the operation does not exist.")
        return errors

    def cases(self):
        """Every case, or the reason why it is skipped."""
        counts, seen = collections.Counter(), set()

        def named(test, suffix=""):
            counts[test + suffix] += 1
            number = counts[test + suffix]
            return test + suffix + (f"#{number}" if number > 1 else "")

        for test, schema, document, rules in self.validated:
            for suffix, case in self.validation_cases(schema, document, rules):
                key = (case.get("sdl"), case.get("document"))
                if "skipped" not in case and key in seen:
                    continue
                seen.add(key)
                yield {"suite": "validation", "test": named(test, suffix), **case}
        for test, text, wraps in self.parsed:
            if not test.startswith("language/"):
                continue
            for wrap in wraps:
                case = self.syntax_case(wrap.format(text))
                key = case.get("document")
                if "skipped" not in case and key in seen:
                    continue
                seen.add(key)
                yield {"suite": "language", "test": named(test), **case}

    def validation_cases(self, schema, document, rules):
        from graphql.language import print_ast
        from graphql.utilities import build_schema, print_schema

        skipped = lambda reason: [("", {"skipped": reason})]
        if any(rule not in self.rules() for rule in rules or []):
            return skipped(OTHER_RULE)
        text = document.loc.source.body if getattr(document, "loc", None) else None
        if text is None:
            return skipped(EDITED)
        if len(text) > MAX_LENGTH:
            return skipped(LIMIT)
        try:
            if print_ast(self.parse(text)) != print_ast(document):
                return skipped(EDITED)
        except self.core.GraphQLSyntaxError:
            return skipped(EDITED)
        try:
            sdl = print_schema(schema)
            rebuilt = build_schema(sdl)
        except (TypeError, self.core.GraphQLError):
            return skipped(CODE)

        found = []
        completed = self.with_operation(schema, document)
        for suffix, each in [("", text)] + ([("+operation", completed)] if completed else []):
            try:
                parsed = self.parse(each)
                errors = self.errors(schema, parsed)
                again = self.errors(rebuilt, parsed)
            except self.core.GraphQLSyntaxError:
                found.append((suffix, {"skipped": EDITED}))
                continue
            if bool(errors) != bool(again):
                case = {"skipped": CODE}
            elif any("aborted" in error.lower() for error in errors):
                case = {"skipped": LIMIT}
            elif not encodable(each):
                case = {"skipped": SURROGATE}
            else:
                case = {"sdl": sdl, "document": each, "valid": not errors}
            found.append((suffix, case))
        return found

    def with_operation(self, schema, document):
        """The document with an operation that spreads its fragments and declares their variables."""
        from graphql.language import Visitor, print_ast, visit
        from graphql.type import is_composite_type, is_required_argument, get_named_type
        from graphql.utilities import TypeInfo, type_from_ast
        from graphql.validation.validation_context import TypeInfoVisitor

        query = schema.query_type
        kinds = {definition.kind for definition in document.definitions}
        if kinds != {"fragment_definition"} or query is None:
            return None
        spread = {node.name.value for node in spreads(document)}
        parts, variables = [], {}
        for fragment in document.definitions:
            if fragment.name.value in spread:
                continue
            on = type_from_ast(schema, fragment.type_condition)
            if not is_composite_type(on):
                return None
            if on is query:
                parts.append(f"...{fragment.name.value}")
                continue
            for name, field in query.fields.items():
                inner = get_named_type(field.type)
                required = any(map(is_required_argument, field.args.values()))
                if required or not is_composite_type(inner):
                    continue
                of = lambda type_: {t.name for t in possible(schema, type_)}
                if of(inner) & of(on):
                    alias = f"added{len(parts)}: "
                    parts.append(f"{alias}{name} {{ ...{fragment.name.value} }}")
                    break
            else:
                return None
        if not parts:
            return None

        info = TypeInfo(schema)

        class Variables(Visitor):
            def enter_variable(self, node, *_args):
                variables.setdefault(node.name.value, info.get_input_type())

        visit(document, TypeInfoVisitor(info, Variables()))
        if any(type_ is None for type_ in variables.values()):
            return None
        declared = ", ".join(f"${name}: {type_}" for name, type_ in variables.items())
        header = f"query Added({declared})" if declared else "query Added"
        return f"{header} {{ {' '.join(parts)} }}\n{document.loc.source.body}"

    def syntax_case(self, text):
        if not encodable(text):
            return {"skipped": SURROGATE}
        if len(text) > MAX_LENGTH:
            return {"skipped": LIMIT}
        try:
            document = self.parse(text)
        except self.core.GraphQLSyntaxError as error:
            if "nested" in error.message:
                return {"skipped": LIMIT}
            return {"sdl": None, "document": text, "valid": False}
        executable = {"operation_definition", "fragment_definition"}
        if any(definition.kind not in executable for definition in document.definitions):
            return {"skipped": NOT_EXECUTABLE}
        return {"sdl": None, "document": text, "valid": True}


def spreads(document):
    from graphql.language import Visitor, visit

    found = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, node, *_args):
            found.append(node)

    visit(document, Spreads())
    return found


def possible(schema, type_):
    from graphql.type import is_abstract_type

    return schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]


def encodable(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def current_test():
    """The name of the test that runs, without the stage that pytest adds."""
    name = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
    return name.removeprefix("tests/")[:160]


def pytest_configure(config):
    if RECORD in os.environ:
        config.reference_cases = Recorder()
        config.reference_cases.install()


def pytest_sessionfinish(session):
    if RECORD in os.environ:
        with open(os.environ[RECORD], "w", encoding="utf-8") as file:
            for case in session.config.reference_cases.cases():
                file.write(json.dumps(case) + "\n")


# --- The script. ---


def record(folder):
    """Downloads the tests, runs them, and returns what they recorded."""
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    requirement = f"graphql-core=={VERSION}"
    download = ["download", "--no-binary", ":all:", "--no-deps", "--dest", folder, requirement]
    subprocess.run([*pip, *download], check=True, stdout=sys.stderr)
    subprocess.run([*pip, "install", "--target", f"{folder}/tools", *TOOLS], check=True, stdout=sys.stderr)
    archive = next(pathlib.Path(folder).glob("*.tar.gz"))
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
    root = archive.parent / archive.name.removesuffix(".tar.gz")

    lines = pathlib.Path(folder) / "cases.jsonl"
    path = [root / "src", f"{folder}/tools", pathlib.Path(__file__).resolve().parent]
    environment = {
        **os.environ,
        RECORD: str(lines),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # The package's own settings of pytest need plugins that nothing here needs.
    (root / "reference.ini").write_text("[pytest]\npython_functions = test_*\n")
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-c", "reference.ini"]
    command += ["-p", "reference_cases", "-p", "no:cacheprovider", *SUITES]
    # Tests that count references to a document fail, as it is kept here; cases are what counts.
    subprocess.run(command, cwd=root, env=environment, stdout=sys.stderr, check=False)
    return [json.loads(line) for line in lines.read_text("utf-8").splitlines()]


def compare(cases, command):
    """Runs the command on the cases; returns the differences that no exception explains."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    run = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    verdicts = {}
    for line in run.stdout.decode().splitlines():
        verdict = json.loads(line)
        verdicts[verdict["test"]] = verdict["verdict"]
    differences = []
    for case in cases:
        expected = "accepted" if case["valid"] else "rejected"
        got = verdicts.get(case["test"], "none")
        differs, excepted = got != expected, case["test"] in EXCEPTIONS
        if differs and not excepted:
            differences.append(f"{case['test']}: expected {expected}, got {got}\n{case['document']}")
        if excepted and not differs:
            differences.append(f"{case['test']}: the exception is no longer needed")
    known = {case["test"] for case in cases}
    differences += [f"{test}: an exception for no case" for test in EXCEPTIONS if test not in known]
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--compare", action="store_true", help="compare with the verdicts of a command")
    parser.add_argument("--skipped", action="store_true", help="list the skipped tests")
    parser.add_argument("command", nargs="*", help="the command, after --")
    arguments = parser.parse_args()
    if arguments.compare != bool(arguments.command):
        parser.error("--compare needs a command after --, and a command needs --compare")

    with tempfile.TemporaryDirectory() as folder:
        recorded = record(folder)
    cases = [case for case in recorded if "skipped" not in case]
    skipped = [case for case in recorded if "skipped" in case]
    for reason, count in collections.Counter(case["skipped"] for case in skipped).most_common():
        print(f"skipped: {count}, {reason}", file=sys.stderr)
    if arguments.skipped:
        for case in skipped:
            print(f"skipped: {case['test']}: {case['skipped']}", file=sys.stderr)
    for (suite, valid), count in sorted(
        collections.Counter((case["suite"], case["valid"]) for case in cases).items()
    ):
        print(f"{suite}: {count} {'valid' if valid else 'invalid'}", file=sys.stderr)

    if not arguments.compare:
        for case in cases:
            print(json.dumps(case))
        return 0
    differences = compare(cases, arguments.command)
    for difference in differences:
        print(difference, file=sys.stderr)
    print(f"{len(cases)} cases, {len(differences)} differences", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
