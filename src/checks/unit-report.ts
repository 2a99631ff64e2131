import type { Finding } from "../model/finding.ts";
import type { Probe } from "./process-probes.ts";

/** What a manager says of a unit, in one vocabulary for all of them. Times in milliseconds since the epoch. */
export type UnitReport =
  /** It runs. Without a pid it has no main process, or none that can be seen from here. */
  | {
      readonly is: "up";
      readonly pid?: number;
      readonly since?: number;
      /** The pid is of a machine or namespace that may be another one: it is believed only when it started about then. */
      readonly startedAbout?: number;
      readonly said?: string;
      readonly findings?: readonly Finding[];
      readonly probes?: readonly Probe[];
      /** How many more of the same name run. */
      readonly others?: number;
    }
  /** The manager is about to start or stop it. */
  | { readonly is: "changing"; readonly why: string; readonly since?: number; readonly to: "up" | "down" }
  | {
      readonly is: "down";
      readonly message: string;
      /** `failed`: there was nothing that could end. */
      readonly state: "crashed" | "failed";
      /** It ended as it should, by what the manager calls a success; undefined when the exit code is to be compared. */
      readonly success?: boolean;
      readonly exitCode?: number;
      /** The manager would have started it again if nobody had stopped it. */
      readonly stopped: boolean;
      readonly evidence: Finding["evidence"];
    }
  /** It cannot be told. */
  | { readonly is: "unclear"; readonly why: string };

/** A unit that the manager does not have. */
export function noSuchUnit(message: string): UnitReport {
  return { is: "down", message, state: "failed", success: false, stopped: false, evidence: {} };
}
