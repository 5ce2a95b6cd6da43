// 2 Language: the syntax of documents.

import { collect } from './templates.mjs';

const state = (code) => `{ state(code: ${code}) { code } }`;
const first = (value) => `{ states(first: ${value}) { totalCount } }`;

function source() {
  const { cases, valid, invalid } = collect('2.1 Source Text');
  valid('a byte order mark at the start', '\uFEFF{ __typename }');
  valid('a byte order mark between tokens', '{\uFEFF__typename }');
  valid('a comment at the start', '# A comment.\n{ __typename }');
  valid('a comment at the end', '{ __typename } # A comment.');
  valid('a comment that ends with a carriage return', '{ __typename # A comment.\r}');
  valid('an empty comment', '{ __typename #\n}');
  valid('quotes and braces in a comment', '{ __typename # " { """ }\n}');
  valid('characters beyond ASCII in a comment', '{ __typename # Жогорку Кеңеш 🏛\n}');
  valid('a control character in a comment', '{ __typename # \u0007\n}');
  valid('a string inside a comment', '# "\n{ __typename }');
  valid('commas anywhere', ',{,__typename,,},');
  valid('commas between arguments', '{ states(,first: 1,,after: null,) { totalCount } }');
  valid('no commas between arguments', '{ states(first: 1 after: null) { totalCount } }');
  valid('tabs, carriage returns and line feeds', '{\t__typename\r\n\r}\n');
  valid('no white space', '{__typename}');
  valid('white space around colons', '{ a : __typename }');
  valid('white space around an ellipsis', '{ ... on Query{__typename} }');
  valid('an ellipsis without white space', '{...on Query{__typename}}');
  valid(
    'white space around a dollar sign',
    'query($ a : Int) { states(first: $ a) { totalCount } }',
  );
  valid('white space around an at sign', '{ __typename @ include ( if : true ) }');
  invalid('an empty document', '');
  invalid('white space alone', ' \n\t, ');
  invalid('a comment alone', '# A comment.');
  invalid('a byte order mark alone', '\uFEFF');
  invalid('a no-break space', '{\u00A0__typename }');
  invalid('a form feed', '{\f__typename }');
  invalid('a vertical tab', '{\u000B__typename }');
  invalid('a NUL', '{\u0000__typename }');
  invalid('a line separator between tokens', '{\u2028__typename }');
  invalid('a letter beyond ASCII', '{ название }');
  invalid('a full stop', '{ state.code }');
  invalid('two full stops', '{ .. on Query { __typename } }');
  invalid('a semicolon', '{ __typename; }');
  invalid('a question mark', '{ __typename? }');
  invalid('a percent sign', '% { __typename }');
  invalid('a slash comment', '{ __typename } // A comment.');
  invalid('a single-quoted string', "{ state(code: 'KG') { code } }");
  invalid('a backquoted string', '{ state(code: `KG`) { code } }');
  return cases;
}

function documentsOf() {
  const { cases, valid, invalid } = collect('2.3 Document to 2.9 Fragments');
  valid('the keyword query without a name', 'query{__typename}');
  valid('nested aliases', '{ a: state(code: "KG") { b: code c: code } }');
  for (const word of [
    'query',
    'mutation',
    'subscription',
    'fragment',
    'on',
    'true',
    'false',
    'null',
    'type',
    'input',
    'extend',
    'schema',
    'repeatable',
    'implements',
    '_',
    '__a',
    'a1',
    'trueish',
    'nullable',
    'falsey',
    'fragments',
    'onwards',
  ]) {
    valid(`an operation of the name ${word}`, `query ${word} { __typename }`);
    valid(`an alias ${word}`, `{ ${word}: __typename }`);
    valid(`a variable $${word}`, `query($${word}: Int) { states(first: $${word}) { totalCount } }`);
    (word === 'on' ? invalid : valid)(
      `a fragment of the name ${word}`,
      `{ ...${word} } fragment ${word} on Query { __typename }`,
    );
  }
  invalid('an unclosed selection set', '{ __typename');
  invalid('an unclosed nested selection set', '{ state(code: "KG") { code }');
  invalid('one brace too many', '{ __typename } }');
  invalid('an empty selection set', '{ }');
  invalid('an empty selection set of a query', 'query Q { }');
  invalid('an empty selection set of a fragment', '{ ...F } fragment F on Query { }');
  invalid('no selection set', 'query Q');
  invalid('a field outside', '__typename');
  invalid('two names', 'query A B { __typename }');
  invalid('an unknown keyword', 'select { __typename }');
  invalid('the keyword query in capitals', 'QUERY { __typename }');
  invalid('empty arguments', '{ states() { totalCount } }');
  invalid('an argument without a value', '{ states(first:) { totalCount } }');
  invalid('an argument without a colon', '{ states(first 1) { totalCount } }');
  invalid('an unclosed argument list', '{ states(first: 1 { totalCount } }');
  invalid('empty variables', 'query() { __typename }');
  invalid('a variable without a type', 'query($a) { states(first: $a) { totalCount } }');
  invalid('a variable without a dollar sign', 'query(a: Int) { states(first: $a) { totalCount } }');
  invalid('a variable of a short query', '($a: Int) { states(first: $a) { totalCount } }');
  invalid('a variable without a name', 'query($: Int) { __typename }');
  invalid('an alias without a field', '{ a: }');
  invalid('two aliases', '{ a: b: __typename }');
  invalid('an alias of a fragment', '{ a: ...F } fragment F on Query { __typename }');
  invalid('a fragment without a type', '{ ...F } fragment F { __typename }');
  invalid('a fragment without a name', '{ __typename } fragment on Query { __typename }');
  invalid(
    'a fragment with variables',
    '{ ...F } fragment F($a: Int = 1) on Query { states(first: $a) { totalCount } }',
  );
  invalid('a spread with arguments', '{ ...F(a: 1) } fragment F on Query { __typename }');
  invalid('a spread of the name on', '{ ...on }');
  invalid('an ellipsis alone', '{ ... }');
  invalid('a directive without a name', '{ __typename @ }');
  invalid('a directive before the field', '{ @include(if: true) __typename }');
  invalid('a directive with empty arguments', '{ __typename @include() }');
  invalid('a name that begins with a digit', '{ 1a: __typename }');
  invalid('a name with a hyphen', '{ a-b: __typename }');
  invalid('a string as a field', '{ "name" }');
  invalid('an integer as a field', '{ 1 }');
  return cases;
}

function descriptions() {
  const { cases, valid, invalid } = collect('2.2 Descriptions');
  valid('of a query', '"A query." query { __typename }');
  valid('of a named query', '"A query." query Q { __typename }');
  valid('of a query, in a block', '"""\nA query.\n"""\nquery Q { __typename }');
  valid('of a query, empty', '"" query Q { __typename }');
  valid('of a fragment', '{ ...F } "A fragment." fragment F on Query { __typename }');
  valid(
    'of a fragment, in a block',
    '{ ...F } """A fragment.""" fragment F on Query { __typename }',
  );
  valid(
    'of a fragment before the query',
    '"A fragment." fragment F on Query { __typename } query { ...F }',
  );
  valid('of a variable', 'query("A number." $a: Int) { states(first: $a) { totalCount } }');
  valid(
    'of a variable, in a block',
    'query("""A number.""" $a: Int = 1) { states(first: $a) { totalCount } }',
  );
  valid(
    'of two variables',
    'query("One." $a: Int, "Two." $b: String) { states(first: $a, after: $b) { totalCount } }',
  );
  valid(
    'of the second variable',
    'query($a: Int "Two." $b: String) { states(first: $a, after: $b) { totalCount } }',
  );
  valid(
    'of everything',
    '"Q" query Q("a" $a: Int) { ...F } "F" fragment F on Query { states(first: $a) { totalCount } }',
  );
  valid('of two operations', '"A" query A { __typename } "B" query B { __typename }', {
    operationName: 'A',
  });
  valid('with a comment after it', '"A query." # A comment.\nquery { __typename }');
  valid('with quotes in a block', '"""A "query" with \\""" in it.""" query { __typename }');
  invalid('of a query in short', '"A query." { __typename }');
  invalid('of a query in short, in a block', '"""A query.""" { __typename }');
  invalid('of nothing', '{ __typename } "Nothing."');
  invalid('alone', '"Nothing."');
  invalid('twice', '"One." "Two." query { __typename }');
  invalid('of a field', '{ "A field." __typename }');
  invalid('of a spread', '{ "A spread." ...F } fragment F on Query { __typename }');
  invalid('of an argument', '{ states("An argument." first: 1) { totalCount } }');
  invalid('of a directive', '{ __typename "A directive." @include(if: true) }');
  invalid(
    'of a variable, behind it',
    'query($a: Int "A number.") { states(first: $a) { totalCount } }',
  );
  invalid('of a variable, without a variable', 'query("A number.") { __typename }');
  invalid('between keyword and name', 'query "A query." Q { __typename }');
  invalid('of a mutation', '"A mutation." mutation { __typename }');
  invalid('unclosed', '"A query. query { __typename }');
  invalid('unclosed, in a block', '"""A query. query { __typename }');
  return cases;
}

function numbers() {
  const { cases, valid, invalid } = collect('2.10.1 Int Value, 2.10.2 Float Value');
  for (const value of ['0', '-0', '1', '-1', '10', '2147483647', '-2147483648']) {
    valid(`${value} for Int`, first(value));
  }
  for (const value of [
    '00',
    '01',
    '-01',
    '+1',
    '1_000',
    '1a',
    '1e',
    '1e+',
    '1.',
    '.5',
    '1.e5',
    '1.5.5',
    '0x1',
    '0b1',
    '--1',
    '- 1',
    '-',
    '1x',
    '1.5e',
    '1.5x',
    '1.5_',
    '1__typename',
    '1e5.5',
    '1.0f',
    'NaN',
    'Infinity',
    '-Infinity',
    '2147483648',
    '-2147483649',
    '9007199254740993',
    '12345678901234567890123456789012345678901',
    '-12345678901234567890123456789012345678901',
    '1.0',
    '-0.0',
    '0.0',
    '1e1',
    '1E1',
    '1e+1',
    '1e-1',
    '1.5e3',
    '1e400',
    '-1e400',
    '1e-400',
  ]) {
    invalid(`${value} for Int`, first(value));
  }
  for (const value of [
    '0',
    '-0',
    '1',
    '-4',
    '2147483648',
    '12345678901234567890123456789012345678901',
  ]) {
    valid(`${value} for ID`, `{ node(id: ${value}) { id } }`);
  }
  for (const value of ['4.0', '1e1', '00', '1e400', '-0.0']) {
    invalid(`${value} for ID`, `{ node(id: ${value}) { id } }`);
  }
  valid('an integer before a comma', '{ states(first: 1,after: null) { totalCount } }');
  valid('an integer before a comment', '{ states(first: 1# One.\n) { totalCount } }');
  invalid('an integer before a name', '{ states(first: 1after: null) { totalCount } }');
  valid(
    'a list of integers that commas part',
    '{ memberships(first: 1, filter: {term: {in: [1,2,3]}}) { totalCount } }',
  );
  valid(
    'a list of integers that spaces part',
    '{ memberships(first: 1, filter: {term: {in: [1 2 -3]}}) { totalCount } }',
  );
  valid(
    'a list of integers that a sign parts',
    '{ memberships(first: 1, filter: {term: {in: [1-2]}}) { totalCount } }',
  );
  return cases;
}

function strings() {
  const { cases, valid, invalid } = collect('2.10.4 String Value');
  const values = {
    valid: {
      'an empty string': '""',
      'each escape': '"\\" \\\\ \\/ \\b \\f \\n \\r \\t"',
      'an escape of four digits': '"\\u041A"',
      'an escape of four digits in small letters': '"\\u041a"',
      'an escape of NUL': '"\\u0000"',
      'an escape of variable length': '"\\u{4B}G"',
      'an escape of variable length with zeros': '"\\u{00004B}G"',
      'an escape of one digit': '"\\u{9}"',
      'an escape of variable length beyond the basic plane': '"\\u{1F3DB}"',
      'the largest code point': '"\\u{10FFFF}"',
      'a surrogate pair': '"\\uD83C\\uDFDB"',
      'a surrogate pair in small letters': '"\\ud83c\\udfdb"',
      'a character beyond the basic plane': '"🏛"',
      'Cyrillic letters': '"Кыргызстан"',
      'a tab': '"a\tb"',
      'a control character': '"a\u0007b"',
      'a no-break space': '"a\u00A0b"',
      'a line separator': '"a\u2028b"',
      'a byte order mark': '"a\uFEFFb"',
      'a number sign': '"# no comment"',
      'a dollar sign and braces': '"$a {b} [c]"',
      'a quoted quote': '"\\""',
      'a solidus': '"a/b"',
    },
    invalid: {
      'an unclosed string': '"KG',
      'a line feed': '"K\nG"',
      'a carriage return': '"K\rG"',
      'a backslash at the end': '"KG\\"',
      'an unknown escape': '"\\x4B"',
      'an escaped single quote': '"\\\'"',
      'an escape in capitals': '"\\N"',
      'an escaped zero': '"\\0"',
      'an escape of three digits': '"\\u04B"',
      'an escape of four letters': '"\\u00GG"',
      'an escape with a sign': '"\\u+04B"',
      'an escape in capitals with digits': '"\\U004B"',
      'an empty escape': '"\\u{}"',
      'an escape of variable length that is not closed': '"\\u{4B"',
      'an escape of variable length with a letter': '"\\u{4G}"',
      'an escape of variable length with a space': '"\\u{ 4B}"',
      'an escape beyond the largest code point': '"\\u{110000}"',
      'an escape of variable length that is too large': '"\\u{FFFFFFFFF}"',
      'a leading surrogate alone': '"\\uD83C"',
      'a leading surrogate before a letter': '"\\uD83CKG"',
      'a leading surrogate before another escape': '"\\uD83C\\n"',
      'a trailing surrogate alone': '"\\uDFDB"',
      'a surrogate pair in the wrong order': '"\\uDFDB\\uD83C"',
      'two leading surrogates': '"\\uD83C\\uD83C"',
      'a surrogate of variable length': '"\\u{D83C}"',
      'a surrogate pair of variable length': '"\\u{D83C}\\u{DFDB}"',
      'a surrogate pair of mixed forms': '"\\uD83C\\u{DFDB}"',
      'two strings': '"K" "G"',
      'four quotes': '""""',
    },
  };
  for (const [name, value] of Object.entries(values.valid)) valid(name, state(value));
  for (const [name, value] of Object.entries(values.invalid)) invalid(name, state(value));
  // It cannot be written into a file, nor hashed as UTF-8.
  invalid('half of a character of UTF-16', state('"\uD83C"'), { onlyByPost: true });

  const blocks = collect('2.10.4 String Value: block strings');
  const blockValues = {
    valid: {
      empty: '""""""',
      'one line': '"""KG"""',
      'several lines': '"""\n  K\n    G\n"""',
      'carriage returns': '"""\r\n  K\r\n  G\r\n"""',
      'quotes inside': '"""a "quoted" word"""',
      'two quotes inside': '"""a ""quoted"" word"""',
      'an escaped delimiter': '"""a \\""" b"""',
      'escapes that are none': '"""\\n \\u \\x \\u{} \\uD83C"""',
      'a backslash at the end': '"""a\\ """',
      'a number sign': '"""# no comment"""',
      'characters beyond ASCII': '"""Жогорку Кеңеш 🏛"""',
      'a control character': '"""a\u0007b"""',
      'white space alone': '"""\n   \n"""',
      'a quote at the start': '""""a"""',
    },
    invalid: {
      unclosed: '"""KG',
      'closed by two quotes': '"""KG""',
      'closed by an escaped delimiter': '"""KG\\"""',
      'closed by four quotes': '"""KG""""',
      'opened by two quotes': '""KG"""',
      'opened by five quotes': '"""""KG',
    },
  };
  for (const [name, value] of Object.entries(blockValues.valid)) blocks.valid(name, state(value));
  for (const [name, value] of Object.entries(blockValues.invalid))
    blocks.invalid(name, state(value));
  return [...cases, ...blocks.cases];
}

function composites() {
  const { cases, valid, invalid } = collect(
    '2.10.6 Enum Value, 2.10.7 List Value, 2.10.8 Input Object Values',
  );
  const roles = (value) =>
    `{ memberships(first: 1, filter: {role: {in: ${value}}}) { totalCount } }`;
  valid('a list with commas', roles('[CHAIR, HEAD]'));
  valid('a list with spaces', roles('[ CHAIR HEAD ]'));
  valid('a list with a comma at the end', roles('[CHAIR,]'));
  valid('an empty list', roles('[]'));
  valid('a list of commas alone', roles('[,,]'));
  valid('an empty list with white space', roles('[ ]'));
  invalid('an unclosed list', roles('[CHAIR'));
  invalid('a list that a brace closes', roles('[CHAIR}'));
  invalid('a list with a colon', roles('[a: CHAIR]'));
  valid(
    'an object without commas',
    '{ states(filter: {code: {eq: "KG"} slug: {eq: "x"}}) { totalCount } }',
  );
  valid(
    'an object with a comma at the end',
    '{ states(filter: {code: {eq: "KG"},}) { totalCount } }',
  );
  valid('an empty object', '{ states(filter: { }) { totalCount } }');
  invalid('an unclosed object', '{ states(filter: {code: {eq: "KG"}) { totalCount } }');
  invalid('an object without a value', '{ states(filter: {code}) { totalCount } }');
  invalid('an object with an equals sign', '{ states(filter: {code = null}) { totalCount } }');
  invalid('an object with a string as a key', '{ states(filter: {"code": null}) { totalCount } }');
  invalid('an object with a spread', '{ states(filter: {...code}) { totalCount } }');
  // Each is one unknown enum value, not a list of literals.
  for (const value of [
    'trueish',
    'falsey',
    'nullable',
    'true1',
    'null_',
    'False',
    'TRUE',
    'Null',
  ]) {
    invalid(`the enum value ${value}`, roles(`[${value}]`));
    invalid(
      `the enum value ${value} for Boolean`,
      `{ memberships(history: ${value}) { totalCount } }`,
    );
  }
  invalid(
    'the list [nullable falsey] for Boolean',
    '{ memberships(history: [nullable falsey]) { totalCount } }',
  );
  invalid('the list [nullable falsey] of an enum', roles('[nullable falsey]'));
  invalid('true for an enum', roles('true'));
  invalid('null in a list of an enum', roles('[null]'));
  valid('null for an enum', '{ memberships(first: 1, filter: {role: {eq: null}}) { totalCount } }');
  invalid('an enum value with a full stop', roles('[Role.CHAIR]'));
  return cases;
}

function variableTypes() {
  const { cases, valid, invalid } = collect('2.11 Variables, 2.12 Type References');
  const typed = (type, value = ['x']) => [
    `query($a: ${type}) { nodes(ids: $a) { id } }`,
    { variables: { a: value } },
  ];
  for (const type of ['[ID!]!', '[ ID ! ] !', '[\nID!\n]!', '[,ID!,]!', '[ID!]!,', '[ID!]! ']) {
    valid(`the type ${JSON.stringify(type)}`, ...typed(type));
  }
  for (const type of [
    '[ID!',
    'ID!]',
    '[]',
    '[ID! String]',
    '[ID!]!!',
    'ID!!',
    '![ID!]',
    '(ID!)',
    '"ID"',
    '$ID',
    '[ID!]?',
    'ID | String',
    '[[ID!]',
    '1',
  ]) {
    invalid(`the type ${JSON.stringify(type)}`, ...typed(type));
  }
  valid(
    'a list of an integer with white space',
    'query($a: [ Int! ]) { memberships(first: 1, filter: {term: {in: $a}}) { totalCount } }',
  );
  valid('a default without white space', 'query($a:Int=1){states(first:$a){totalCount}}');
  valid(
    'variables without commas',
    'query($a: Int $b: String) { states(first: $a, after: $b) { totalCount } }',
  );
  invalid('a default without a value', 'query($a: Int =) { states(first: $a) { totalCount } }');
  invalid('a default before the type', 'query($a = 1: Int) { states(first: $a) { totalCount } }');
  invalid('two defaults', 'query($a: Int = 1 = 2) { states(first: $a) { totalCount } }');
  invalid('a variable without a name as a value', '{ states(first: $) { totalCount } }');
  invalid(
    'a variable with a digit as a name',
    'query($1: Int) { states(first: $1) { totalCount } }',
  );
  invalid('a variable as a field', 'query($a: Int) { $a }');
  return cases;
}

export const documents = () => [
  ...source(),
  ...documentsOf(),
  ...descriptions(),
  ...numbers(),
  ...strings(),
  ...composites(),
  ...variableTypes(),
];
