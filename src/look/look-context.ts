import type { CheckContext } from "../model/kind.ts";
import type { CheckMemory, SharedWork } from "../model/ports.ts";

type Ports = Pick<CheckContext, "now" | "processes" | "files" | "calls">;

/** What is one look's own. */
interface OwnOfLook {
  /** Gives the controller of this look's signal; called at most once. */
  readonly abort: () => AbortSignal;
  readonly shared: SharedWork;
  readonly memory: CheckMemory;
}

/** The context of one look. Its signal is made when it is first asked for: most looks never do, and one costs more than a stat. */
export class LookContext implements CheckContext {
  readonly now: Ports["now"];
  readonly processes: Ports["processes"];
  readonly files: Ports["files"];
  readonly calls?: NonNullable<Ports["calls"]>;
  readonly shared: SharedWork;
  readonly memory: CheckMemory;
  readonly #abort: OwnOfLook["abort"];

  constructor({ now, processes, files, calls }: Ports, { abort, shared, memory }: OwnOfLook) {
    this.now = now;
    this.processes = processes;
    this.files = files;
    if (calls !== undefined) this.calls = calls;
    this.shared = shared;
    this.memory = memory;
    this.#abort = abort;
  }

  get signal(): AbortSignal {
    return this.#abort();
  }
}
