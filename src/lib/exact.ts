/** A type whose optional keys hold no `undefined`: absent is absent. */
export type Exact<T> = T extends readonly (infer Item)[]
  ? Exact<Item>[]
  : T extends object
    ? { [Key in keyof T]: undefined extends T[Key] ? Exact<Exclude<T[Key], undefined>> : Exact<T[Key]> }
    : T;

/**
 * What a schema parsed out of JSON, in the terms of `exactOptionalPropertyTypes`: zod types an absent key as `undefined`, which JSON
 * cannot hold. The value is the same; not for values that were not JSON.
 */
export function exact<T>(parsed: T): Exact<T> {
  // JSON has no `undefined`, so a key that is there has a value.
  return parsed as Exact<T>;
}
