import type { Healq } from "./healq.ts";
import type { Patient, World } from "./world.ts";

/** What a scenario may reach. */
export interface Stage {
  readonly world: World;
  readonly healq: Healq;
  readonly urls: { readonly quotes: string };
  /** Signals the process of a target, and says so: "kill -9 4711". */
  kill(target: Patient, signal: "SIGKILL" | "SIGSTOP"): string;
}

/** What was done to the world. */
export interface Act {
  /** In the words of a shell, where there are some. */
  readonly said: string;
  /** What goes on while it is already watched what comes of it. */
  readonly alongside?: Promise<void>;
}

/** How a scenario must end; all that healq does beside it is a fault too. */
export type Expectation =
  | {
      readonly end: "healed";
      /** What the incident must be about; absent where the fault was there before. */
      readonly symptom?: string;
      /** The remedy, applied exactly once to each patient. */
      readonly cure: string;
      /** The target that the remedy acts on, when it is not the patient: it is restarted once. */
      readonly through?: Patient;
      /** Each patient must be well before the next one is touched. */
      readonly inOrder?: true;
    }
  | {
      readonly end: "gave-up";
      readonly symptom: string;
      readonly cure: string;
      /** So many applications, and not one more. */
      readonly applications: number;
    }
  | { readonly end: "held back" /** What it needs and is dead. */; readonly needs: Patient };

/** One thing that goes wrong, and what healq must make of it. */
export interface Scenario {
  /** For the table: "a worker is killed". */
  readonly name: string;
  /** The targets that it hurts. */
  readonly patients: readonly Patient[];
  readonly expect: Expectation;
  /** It begins while what the one before has left is still broken. */
  readonly goesOn?: true;
  /** Breaks it in the real world. */
  break(stage: Stage): Act | Promise<Act>;
}
