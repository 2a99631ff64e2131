import { openSupervisor, type SupervisorLine } from "../src/cli/supervisor.ts";
import { HealqError } from "../src/model/errors.ts";
import type { Observation } from "../src/model/observation.ts";
import { recorded } from "./looked.ts";

/** How long the supervisor may take to record what it was handed, in milliseconds. */
const recordedWithin = 30_000;
/** At most so much is said in one line. Characters. */
const longestLine = 512 * 1024;

/** Hands over what a process beside the supervisor has seen. */
export interface HandOver {
  /** Resolves when it is recorded and decided on; rejects with the reason why not. */
  record(observations: readonly Observation[]): Promise<void>;
  close(): void;
}

type Waiting = Map<number, { done(): void; failed(error: Error): void }>;

/**
 * One decides: what is seen beside the supervisor goes to it over its socket, as though it had looked itself. So its board,
 * and the blast radius by it, knows all that is seen on the node, and no look is judged by half of what is known.
 */
export function createHandOver({ stateDir, node }: { stateDir: string; node: string }): HandOver {
  const waiting: Waiting = new Map();
  let line: Promise<SupervisorLine> | undefined;
  let last = 0;

  const open = async (): Promise<SupervisorLine> => {
    const opened = await openSupervisor(stateDir);
    if (opened === undefined) {
      line = undefined;
      throw new HealqError(
        "no-supervisor",
        `no supervisor of ${node} runs here: what was seen is not recorded`,
      );
    }
    hear(opened, waiting).finally(() => {
      line = undefined;
      opened.close();
    });
    return opened;
  };
  const send = async (observations: readonly Observation[]): Promise<void> => {
    line ??= open();
    const supervisor = await line;
    last += 1;
    const number = last;
    const slow = () =>
      waiting.get(number)?.failed(gone(`does not answer within ${recordedWithin / 1_000} s`));
    const timer = setTimeout(slow, recordedWithin);
    try {
      await new Promise<void>((done, failed) => {
        waiting.set(number, { done, failed });
        supervisor.say({ looked: number, observations });
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(number);
    }
  };
  return {
    record: async (observations) => {
      await Promise.all(inLines(observations).map(send));
    },
    close: () => {
      line?.then((opened) => opened.close()).catch(() => undefined);
    },
  };
}

/** Takes the answers until the supervisor is gone. */
async function hear(supervisor: SupervisorLine, waiting: Waiting): Promise<void> {
  try {
    for await (const message of supervisor.heard()) {
      const answer = recorded.safeParse(message).data;
      if (answer === undefined) continue;
      const one = waiting.get(answer.recorded);
      if (answer.failed === undefined) one?.done();
      else one?.failed(new HealqError("not-recorded", answer.failed));
    }
  } finally {
    for (const { failed } of [...waiting.values()]) failed(gone("has ended"));
  }
}

function gone(how: string): HealqError {
  return new HealqError("no-supervisor", `the supervisor ${how}: what was seen is not recorded`);
}

/** Batches that fit into a line; what one observation alone has too much of is its evidence. */
function inLines(observations: readonly Observation[]): Observation[][] {
  if (JSON.stringify(observations).length <= longestLine) return [[...observations]];
  const [first] = observations;
  if (observations.length === 1 && first !== undefined)
    return [[{ ...first, findings: first.findings.map((finding) => ({ ...finding, evidence: {} })) }]];
  const half = Math.ceil(observations.length / 2);
  return [...inLines(observations.slice(0, half)), ...inLines(observations.slice(half))];
}
