/** A field to set: its names and list positions, and the value. */
export interface ConfigEdit {
  readonly names: readonly string[];
  readonly value: ConfigValue;
}

/** What a field may be set to. */
export type ConfigValue = string | number | boolean | readonly (string | number | boolean)[];
