import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  Scalar,
  type ScalarTag,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Branch, Tree } from "./place.ts";
import type { Path, Problems } from "./problem.ts";
import { fillIn, hasVariables } from "./variables.ts";

/** Values that aliases may stand for in all: 10,000 targets with fifty shared fields each. More are aliases of aliases. */
const mostAliased = 500_000;
const deepest = 100;

/** What the reading of one document carries along. */
interface Reading {
  readonly document: Document.Parsed;
  readonly env: NodeJS.ProcessEnv;
  readonly problems: Problems;
  /** What each anchor so far stands for; `open` while it is being read: an alias to it would have no end. */
  readonly anchors: Map<string, "open" | { readonly tree: Tree; readonly values: number }>;
  values: number;
  aliased: number;
}

/**
 * Turns a YAML document into values with their places. Environment variables are filled in; a map entry whose plain
 * value becomes empty by that counts as not given. Keys are unique text; `<<` merges. Faults go to `problems`.
 */
export function readTree(document: Document.Parsed, env: NodeJS.ProcessEnv, problems: Problems): Tree {
  const reading: Reading = { document, env, problems, anchors: new Map(), values: 0, aliased: 0 };
  return readNode(reading, document.contents, [], 0);
}

/** One value. `fallback` is the offset to use where YAML has no node: an empty value. */
function readNode(reading: Reading, node: unknown, path: Path, fallback: number): Tree {
  reading.values += 1;
  if (isAlias(node)) return readAlias(reading, node, path);
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor === undefined) return readPlainNode(reading, node, path, fallback);
  const before = reading.values;
  reading.anchors.set(anchor, "open");
  const tree = readPlainNode(reading, node, path, fallback);
  reading.anchors.set(anchor, { tree, values: reading.values - before });
  return tree;
}

/** One value that is no alias. */
function readPlainNode(reading: Reading, node: unknown, path: Path, fallback: number): Tree {
  const at = offsetOf(node) ?? fallback;
  if (isScalar(node)) return { value: readScalar(reading, node, path, at), at };
  if (!isMap(node) && !isSeq(node)) return { value: null, at };
  if (path.length >= deepest) {
    reading.problems.add(at, path.slice(0, 4), `is nested more than ${deepest} deep`);
    return { value: null, at };
  }
  return isMap(node) ? readMap(reading, node, path, at) : readList(reading, node, path, at);
}

/** The value that an alias stands for, shared; the values in it are counted again, so that a bomb is noticed unexploded. */
function readAlias(reading: Reading, node: Alias, path: Path): Tree {
  const at = offsetOf(node) ?? 0;
  const refuse = (message: string): Tree => {
    reading.problems.add(at, path, message);
    return { value: unset, at };
  };
  const known = reading.anchors.get(node.source);
  if (known === undefined) return refuse(`there is no anchor &${node.source} before this`);
  if (known === "open") return refuse(`*${node.source} contains itself`);
  const before = reading.aliased;
  reading.values += known.values;
  reading.aliased += known.values;
  if (before > mostAliased) return { value: unset, at };
  if (reading.aliased > mostAliased)
    return refuse(`*${node.source} makes the config too large: aliases of aliases`);
  return known.tree;
}

/** A scalar's value. A plain one that held a variable is typed again as YAML would; a quoted one stays text. */
function readScalar(reading: Reading, node: Scalar, path: Path, at: number): unknown {
  if (typeof node.value !== "string" || !hasVariables(node.value)) return node.value;
  const filled = fillIn(node.value, reading.env);
  if (!filled.ok) {
    reading.problems.add(at, path, filled.message);
    return unset;
  }
  return node.type === Scalar.PLAIN ? typed(reading.document, filled.text.trim()) : filled.text;
}

/** What a plain scalar with this text would be: null, a boolean, a number or text. */
function typed(document: Document.Parsed, text: string): unknown {
  for (const tag of document.schema.tags) {
    if (!isScalarTag(tag) || tag.default !== true || tag.test?.test(text) !== true) continue;
    const value = tag.resolve(text, () => undefined, document.options);
    const plain: unknown = isScalar(value) ? value.value : value;
    return plain === null ? unset : plain;
  }
  return text === "" ? unset : text;
}

function isScalarTag(tag: Document["schema"]["tags"][number]): tag is ScalarTag {
  return tag.collection === undefined;
}

/** Stands for a value that a variable left empty, or that has been complained about: its map entry is left out. */
const unset = Symbol("unset");

function readList(reading: Reading, node: YAMLSeq, path: Path, at: number): Tree {
  const children = new Map<string, Branch>();
  const value: unknown[] = [];
  node.items.forEach((item, index) => {
    const tree = readNode(reading, item, [...path, index], at);
    value.push(tree.value === unset ? null : tree.value);
    children.set(String(index), { keyAt: tree.at, tree });
  });
  return { value, at, children };
}

function readMap(reading: Reading, node: YAMLMap, path: Path, at: number): Tree {
  const children = new Map<string, Branch>();
  const merged: Tree[] = [];
  for (const pair of node.items) {
    const keyAt = offsetOf(pair.key) ?? at;
    const key = keyOf(pair);
    if (key === undefined || key === "__proto__") {
      reading.problems.add(
        keyAt,
        path,
        key === undefined ? "a key must be plain text" : `"${key}" may not be used as a key`,
      );
      continue;
    }
    const first = children.get(key);
    if (first !== undefined) {
      reading.problems.add(
        keyAt,
        [...path, key],
        `is given twice: first in ${reading.problems.say(first.keyAt)}`,
      );
      continue;
    }
    const tree = readNode(reading, pair.value, [...path, key], keyAt);
    if (key === "<<") merged.push(tree);
    else children.set(key, { keyAt, tree });
  }
  for (const tree of merged) merge(reading, children, tree, path);
  return finish(children, at);
}

/** Entries without those that are unset, and the plain object they make. */
function finish(children: Map<string, Branch>, at: number): Tree {
  const value: Record<string, unknown> = {};
  for (const [key, branch] of children) {
    if (branch.tree.value === unset) children.delete(key);
    else value[key] = branch.tree.value;
  }
  return { value, at, children };
}

/** YAML's merge key: what is not there yet is taken over. Source: yaml.org/type/merge.html. */
function merge(reading: Reading, children: Map<string, Branch>, from: Tree, path: Path): void {
  if (Array.isArray(from.value)) {
    for (const [, branch] of from.children ?? []) merge(reading, children, branch.tree, path);
    return;
  }
  if (from.children === undefined) {
    reading.problems.add(from.at, [...path, "<<"], "must be an alias of a map, or a list of them");
    return;
  }
  for (const [key, branch] of from.children) if (!children.has(key)) children.set(key, branch);
}

/** A key as it is written: `1.10` stays `1.10`. */
function keyOf(pair: Pair): string | undefined {
  if (!isScalar(pair.key)) return undefined;
  return pair.key.type === Scalar.PLAIN
    ? (pair.key.source ?? String(pair.key.value))
    : String(pair.key.value);
}

/** Offset of a node in the text. */
function offsetOf(node: unknown): number | undefined {
  const ranged = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  return ranged ? node.range?.[0] : undefined;
}
