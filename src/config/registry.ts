import type { AnyChannel } from "../model/alert.ts";
import type { AnyKind } from "../model/kind.ts";
import type { AnyRemedy } from "../model/remedy.ts";

/** What a config may name: the schema of the file is composed from these. */
export interface Registries {
  readonly kinds: readonly AnyKind[];
  readonly remedies: readonly AnyRemedy[];
  readonly channels: readonly AnyChannel[];
}

/** The same by name. */
export interface Named {
  readonly kinds: ReadonlyMap<string, AnyKind>;
  readonly remedies: ReadonlyMap<string, AnyRemedy>;
  readonly channels: ReadonlyMap<string, AnyChannel>;
}

/** Makes the registries searchable by name. */
export function byName(registries: Registries): Named {
  return {
    kinds: new Map(registries.kinds.map((kind) => [kind.kind, kind])),
    remedies: new Map(registries.remedies.map((remedy) => [remedy.remedy, remedy])),
    channels: new Map(registries.channels.map((channel) => [channel.channel, channel])),
  };
}
