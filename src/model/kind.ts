import type * as z from "zod";
import type { Look } from "./observation.ts";
import type { CallView, CheckMemory, FileView, ProcessView, SharedWork } from "./ports.ts";
import type { Target } from "./target.ts";

/** What a check may reach; everything else it must not touch. */
export interface CheckContext {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Aborts at the target's timeout; a check must then return or reject promptly. */
  readonly signal: AbortSignal;
  readonly processes: ProcessView;
  readonly files: FileView;
  /** Absent where no calls can be known of: without Redis. */
  readonly calls?: CallView;
  /** This target's own; empty at the first look. */
  readonly memory: CheckMemory;
  /** Work that the targets of one tick share: one scan of /proc, one `tmux` call. */
  readonly shared: SharedWork;
}

/** A remedy named by a kind's default ladder, as a person would write it in `heal`. */
export type LadderEntry = string | Readonly<Record<string, unknown>>;

/** A default ladder: one for all symptoms, or one per symptom, and `any` for those that it does not name. */
export type DefaultLadder = readonly LadderEntry[] | Readonly<Record<string, readonly LadderEntry[]>>;

/** One kind of target: one file in `src/checks/`, one line in its registry. */
export interface KindDefinition<Spec> {
  readonly kind: string;
  /** One line for tables and docs. */
  readonly summary: string;
  /** The kind's own fields, each with a `.describe()`; a strict object. Fields that all kinds have are the config's. */
  readonly schema: z.ZodType<Spec> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  /** Each symptom it can find, with what it means. */
  readonly symptoms: Readonly<Record<string, string>>;
  /** The symptoms that a target's own fields add to those: what a person named there. */
  ownSymptoms?(spec: Spec): Readonly<Record<string, string>>;
  /** True if it looks over the network, so that `on: any` makes sense. */
  readonly network: boolean;
  /** The names of other targets its fields refer to (`producer`, `target`), for cross-checking and the map. */
  references(spec: Spec): readonly string[];
  defaultLadder(spec: Spec): DefaultLadder;
  /** What a field may not be together with others; each problem names its field's path inside the target. */
  problems?(spec: Spec): readonly { readonly path: readonly (string | number)[]; readonly message: string }[];
  /** One look. Changes nothing. Never throws for a fault of the target: that is a finding; `unknown` if it cannot tell. */
  observe(target: Target<Spec>, context: CheckContext): Promise<Look> | Look;
}

/** Any kind, as the registry holds it. */
export type AnyKind = KindDefinition<unknown>;

/** Every symptom that this target can have: those of its kind, and those of its own. */
export function symptomsWith(kind: AnyKind, spec: unknown): Readonly<Record<string, string>> {
  return { ...kind.symptoms, ...kind.ownSymptoms?.(spec) };
}

/** Registers a kind. */
export function defineKind<Spec>(definition: KindDefinition<Spec>): AnyKind {
  // The registry hands a kind only what its own schema parsed, so its parameter type is known to hold.
  return definition as unknown as AnyKind;
}
