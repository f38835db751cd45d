import {
  type Alias,
  type Document,
  isPair,
  isScalar,
  type Node,
  type Pair,
  type Scalar,
  visit,
} from "yaml";

type Ancestors = readonly (Document | Node | Pair)[];

/**
 * Refuses YAML whose value is not the written one, or differs from the value that the Pulumi CLI reads.
 * @throws Error for the first fault
 */
export function refuseFaults(document: Document): void {
  // Also on warnings of the package, such as an unknown tag: they change the value, too.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault?.code === "MULTIPLE_DOCS") {
    throw new Error("the file holds several YAML documents. Keep one");
  }
  if (fault !== undefined) throw fault;
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key)) throw new Error(`${String(key).trim()} is not the name of a setting`);
    },
    Alias(_, alias, ancestors) {
      refuseMergedAncestor(document, alias, ancestors);
    },
    Scalar(_, scalar) {
      refuseNotation(scalar);
    },
  });
}

/** Refuses a merge of an ancestor. An alias without a merge key is refused later, with its setting's name. */
function refuseMergedAncestor(document: Document, alias: Alias, ancestors: Ancestors): void {
  const target = alias.resolve(document);
  const merges = ancestors.some((each) => isPair(each) && isMergeKey(each.key));
  if (!merges || target === undefined || !ancestors.includes(target)) return;
  const { source } = alias;
  throw new Error(
    `<<: *${source} is inside &${source}, which would contain itself. Write the values out`,
  );
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.source === "<<";
}

function refuseNotation({ type, source = "", tag, value }: Scalar): void {
  if (type !== "PLAIN" || tag === "tag:yaml.org,2002:str") return;
  const number = numberOfCli(source);
  if (number === undefined || number === value) return;
  const here = typeof value === "number" ? String(value) : `the text ${String(value)}`;
  throw new Error(
    `${source} is ${number} to the Pulumi CLI and ${here} to this engine: write the number in plain digits, or in quotes`,
  );
}

const NUMBER = /^([-+]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?)$/i;

/** The number as Go's yaml.v3 reads it: without underscores, and octal after a leading zero. */
function numberOfCli(source: string): number | undefined {
  if (!/^[-+.\d]/.test(source)) return undefined;
  const [, sign, digits] = NUMBER.exec(source.replaceAll("_", "")) ?? [];
  if (digits === undefined) return undefined;
  const size = Number(digits.toLowerCase().replace(/^0(?=[0-7]+$)/, "0o"));
  return sign === "-" ? -size : size;
}
