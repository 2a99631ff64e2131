import type { Path } from "./problem.ts";

/** A value of the file with where it stands: made once from the YAML, after which nothing of YAML is needed. */
export interface Tree {
  readonly value: unknown;
  /** Offset of the value in the text. */
  readonly at: number;
  /** Of a map by key, of a list by position. */
  readonly children?: ReadonlyMap<string, Branch>;
}

/** What hangs under a key. */
export interface Branch {
  /** Offset of the key; of the value itself in a list. */
  readonly keyAt: number;
  readonly tree: Tree;
}

/** One spot of the config: its path, its value, and where to point at when it is wrong. */
export class Place {
  readonly path: Path;
  /** Offset of its key. */
  readonly keyAt: number;
  readonly tree: Tree;

  constructor(path: Path, branch: Branch) {
    this.path = path;
    this.keyAt = branch.keyAt;
    this.tree = branch.tree;
  }

  get value(): unknown {
    return this.tree.value;
  }

  /** Offset of its value. */
  get at(): number {
    return this.tree.at;
  }

  get isMap(): boolean {
    return this.tree.children !== undefined && !Array.isArray(this.tree.value);
  }

  get isList(): boolean {
    return Array.isArray(this.tree.value);
  }

  /** What stands under a key or list position, if it is there. */
  child(key: PropertyKey): Place | undefined {
    const branch = this.tree.children?.get(String(key));
    return branch === undefined ? undefined : new Place([...this.path, key], branch);
  }

  /** All that stands directly under it, in the order of the file. */
  children(): Place[] {
    const list = this.isList;
    return [...(this.tree.children ?? [])].map(
      ([key, branch]) => new Place([...this.path, list ? Number(key) : key], branch),
    );
  }

  /** The keys of a map; empty for anything else. */
  keys(): string[] {
    return this.isMap ? [...(this.tree.children?.keys() ?? [])] : [];
  }

  /** Follows a path as far as it goes; `found` says whether that is to its end. */
  follow(path: Path): { place: Place; found: boolean } {
    let place: Place = this;
    for (const segment of path) {
      const next = place.child(segment);
      if (next === undefined) return { place, found: false };
      place = next;
    }
    return { place, found: true };
  }
}

/** The whole of a tree. */
export function placeOf(tree: Tree): Place {
  return new Place([], { keyAt: tree.at, tree });
}

/** The entries of a map by key, in the order of the file; empty for anything else. */
export function fieldsOf(place: Place | undefined): Map<string, Place> {
  if (place === undefined || !place.isMap) return new Map();
  return new Map(place.children().map((child) => [String(child.path.at(-1)), child]));
}
